"""`cchc rejects import`: the rows that people corrected, landed as a batch of their own that is linked to their rejects.

An answer is read by the parser of the profiles and held against the contract. A row is landed when all that is asked about it
is answered and valid; no answer of any other row is kept, or told other than by its form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from cchc.period import Period
from cchc.settings import Settings
from ingest.batch import write_rows
from ingest.http.pace import Clock
from ingest.profile import Export, load_exports
from ingest.rejects.answers import Refusal, read_answers
from ingest.rejects.questions import Faulty, blank_required, counts, faulty_rows, value_at, with_answers
from ingest.rejects.returned import Answer, Returned, WorkbookRefused, read_workbook
from ingest.rejects.standing import Row, Standing, equal_rows, identity
from ingest.rejects.words import column_label
from ingest.rejects.workbook import file_name, stand
from ingest.store import FileRead, Receipt, Store

Progress = Callable[[str], None]
_GONE = "hệ thống nguồn đã sửa hoặc đã thay bản ghi này, không cần sửa ở đây nữa"
_AT_THE_SOURCE = "bản ghi này không sửa được trong tệp, hãy sửa trên phần mềm nguồn"


@dataclass(frozen=True)
class NotLanded:
    """An answered row that was not landed: its line in the workbook, and why, in Vietnamese and without what was written."""

    export: str
    line: int
    row_key: str | None
    reason: str


@dataclass
class Imported:
    """What came of a workbook. Counts are rows; `unanswered` are those that nobody wrote anything about."""

    period: str
    accepted: int = 0
    exact_duplicates: int = 0
    replaced: int = 0
    unanswered_lines: int = 0
    missing_lines: int = 0
    receipts: list[Receipt] = field(default_factory=list)
    not_landed: list[NotLanded] = field(default_factory=list)


def import_workbook(path: Path, settings: Settings, progress: Progress, clock: Clock | None = None) -> Imported:
    """Lands what people corrected in a workbook of `cchc rejects export`; one receipt for each export they corrected.

    Importing a workbook again changes nothing but the receipts. Raises WorkbookRefused when it is none of ours or anything
    but the answers was changed, and ProfileError; nothing is landed then.
    """
    returned = read_workbook(path, settings)
    exports, store = load_exports(settings.profiles), Store(settings.raw)
    by_export: dict[str, list[Answer]] = {}
    for answer in returned.answers:
        by_export.setdefault(answer.export, []).append(answer)
    for name, answers in by_export.items():
        _check_known(path.name, store, exports, returned, name, answers)
    done = Imported(returned.cover.period, missing_lines=returned.missing)
    done.unanswered_lines = returned.lines - len(returned.answers)
    for name, answers in by_export.items():
        with store.landing(name, returned.period, progress):
            _land(exports[name], store, returned, answers, done, clock or Clock())
    return done


def _check_known(
    file: str, store: Store, exports: Mapping[str, Export], returned: Returned, name: str, answers: list[Answer]
) -> None:
    """Raises WorkbookRefused when the workbook is of another deployment, or names rejects that its batch never had."""
    batch = returned.cover.batches.get(name, "")
    if name not in exports or not batch or not store.rejects_path(name, returned.period, batch).exists():
        raise WorkbookRefused(
            f"{file} is not taken: it is of a batch of {name} that this deployment does not have. "
            "(Không tiếp nhận tệp: tệp thuộc hệ thống khác.)"
        )
    known = set(store.rejects(name, returned.period, batch).column("reject_id").to_pylist())
    for answer in answers:
        if answer.reject_id not in known:
            raise WorkbookRefused(
                f"{file} is not taken: line {answer.line} names a reject that its batch does not have. "
                f"(Không tiếp nhận tệp: dòng {answer.line} không có trong danh sách đã gửi.)"
            )
    stand(exports[name], store, returned.period)


def _land(
    export: Export, store: Store, returned: Returned, answers: list[Answer], done: Imported, clock: Clock
) -> None:
    """Lands the corrected rows of one export; its landing lock is held."""
    started_at, period = clock.now(), returned.period
    state = stand(export, store, period)
    assert state is not None  # it has the batch that the workbook is of, and reads are never taken back
    by_reject: dict[str, dict[str, Answer]] = {}
    for answer in answers:
        by_reject.setdefault(answer.reject_id, {})[answer.column] = answer
    rows, refused = _rows(export, store, period, state, by_reject)
    equal = _duplicates(store, export, period, state, rows)
    batch_id = _write(export, store, period, rows)
    replaced = sum(
        name in state.corrected and identity(state.corrected[name].row) != identity(row) for name, row in rows.items()
    )
    name = file_name(period, returned.cover.agency)
    receipt = store.save_receipt(
        period,
        Receipt(
            export=export.name, entity=export.map.entity, source=export.profile.source, profile=export.profile.profile,
            calendar=period.calendar, period=str(period), kind="correction", status="landed", started_at=started_at,
            finished_at=clock.now(), batch_id=batch_id, base_batch_id=state.receipt.batch_id,
            fingerprint=export.fingerprint(), rows_read=len(by_reject), accepted=len(rows) - equal,
            rejected=len(refused), exact_duplicates=equal,
            rows_by_agency={returned.cover.agency: len(by_reject)} if returned.cover.agency else {},
            files=[FileRead(name=name, bytes=returned.bytes, sha256=returned.sha256)],
        ),
    )  # fmt: skip
    done.accepted += receipt.accepted
    done.exact_duplicates += equal
    done.replaced += replaced
    done.receipts.append(receipt)
    done.not_landed += refused


def _rows(
    export: Export, store: Store, period: Period, state: Standing, by_reject: Mapping[str, Mapping[str, Answer]]
) -> tuple[dict[str, Row], list[NotLanded]]:
    """The rows that are whole and valid now, by reject, and the others with the reason."""
    faulty = {row.reject.reject_id: row for row in faulty_rows(store, export, period, state, by_reject)}
    texts = {name: {a.column: a.text for a in answers.values()} for name, answers in by_reject.items()}
    can = {name: row for name, row in faulty.items() if row.can_be_corrected}
    values, refusals = read_answers(export, {name: texts[name] for name in can}, can)
    rows, refused = {}, []
    for name, answers in by_reject.items():
        reason = _GONE if name not in faulty else _AT_THE_SOURCE if name not in can else None
        if reason is None:
            reason = (
                _told(refusals[name], answers) if name in refusals else _open(export, can[name], values[name], answers)
            )
        if reason is None:
            rows[name] = with_answers(can[name].held, values[name])
        else:
            line = min(answer.line for answer in answers.values())
            key = faulty[name].reject.row_key if name in faulty else None
            refused.append(NotLanded(export.name, line, key, reason))
    schema = export.map.contract.schema()
    as_kept = pa.Table.from_pylist(list(rows.values()), schema=schema).to_pylist()
    return dict(zip(rows, as_kept, strict=True)), sorted(refused, key=lambda one: one.line)


def _open(export: Export, row: Faulty, values: Mapping[str, Any], answers: Mapping[str, Answer]) -> str | None:
    """What is still to be answered about a row, or contradicts itself; None when it is whole."""
    known = {q.column: values[q.column] if q.column in values else value_at(row.held, q.column) for q in row.questions}
    missing = []
    for question in row.questions:
        label = column_label(question.column)
        if question.only_if and not counts(export, question, known):
            if values.get(question.column) is not None:
                others = " và ".join(f"“{column_label(name)}”" for name in question.only_if)
                line = answers[question.column].line
                return f"dòng {line}: “{label}” không dùng với giá trị đã ghi ở {others}, hãy để trống"
        elif question.column not in values:
            missing.append(label)
    if missing:
        return f"chưa sửa hết, còn: {'; '.join(missing)}"
    blank = blank_required(export, with_answers(row.held, values))
    return f"bắt buộc phải có: {'; '.join(column_label(path) for path in blank)}" if blank else None


def _told(refusals: list[Refusal], answers: Mapping[str, Answer]) -> str:
    return "; ".join(
        f"dòng {answers[r.column].line}, {column_label(r.column)}: “{r.found}” không hợp lệ. {r.valid}"
        for r in refusals
    )


def _duplicates(store: Store, export: Export, period: Period, state: Standing, rows: Mapping[str, Row]) -> int:
    """How many rows are there already: accepted by the read, corrected before, or twice in the workbook."""
    there = equal_rows(store, export.name, period, state.receipt, list(rows.values()))
    there |= {identity(one.row) for name, one in state.corrected.items() if name not in rows or one.row == rows[name]}
    count = 0
    for row in rows.values():
        count += identity(row) in there
        there.add(identity(row))
    return count


def _write(export: Export, store: Store, period: Period, rows: Mapping[str, Row]) -> str:
    """Writes the batch, be it empty: the contract's columns and the reject each row corrects. Equal rows, equal batch."""
    schema = export.map.contract.schema().insert(0, pa.field("reject_id", pa.string()))
    table = pa.Table.from_pylist([{"reject_id": name, **rows[name]} for name in sorted(rows)], schema=schema)
    with store.draft(export.name, period) as draft:
        _, digest = write_rows(draft / "rows.parquet", schema, [table])
        batch_id = hashlib.sha256(f"correction\n{export.fingerprint()}\n{digest}".encode()).hexdigest()[:16]
        store.save_batch(draft, batch_id)
    return batch_id

"""A workbook that came back: whether it is ours and nothing but the answers was changed, and what was answered."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from cchc.period import Period, PeriodError
from cchc.settings import Settings
from ingest.errors import SourceError
from ingest.files.archives import Archive
from ingest.files.options import Limits
from ingest.files.sheets import measure, member_of
from ingest.files.workbook import cell_text
from ingest.rejects.lines import HEADINGS, HIDDEN, Cover, fingerprint, head_mark
from ingest.rejects.workbook import ANSWER, HEAD_ROWS, KIND, NOTE, SHEET

_LIMITS = Limits(file_mb=50, unpacked_mb=200, members=200, ratio=200, cells=5_000_000)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


class WorkbookRefused(ValueError):
    """A workbook is not taken; the message says why in English and, for whoever filled it in, in Vietnamese."""


@dataclass(frozen=True)
class Answer:
    """What somebody wrote on a line, as the cell shows it. Never to be told or kept before it met the contract."""

    line: int  # as Excel counts
    export: str
    reject_id: str
    column: str
    text: str


@dataclass(frozen=True)
class Returned:
    """A workbook that is ours. `missing` lines were taken out, which leaves their rejects as they are."""

    cover: Cover
    period: Period
    answers: tuple[Answer, ...]
    lines: int
    missing: int
    bytes: int
    sha256: str


def read_workbook(path: Path, settings: Settings) -> Returned:
    """Reads a workbook that `export_workbooks` wrote and somebody filled in. Raises WorkbookRefused."""
    try:
        if path.stat().st_size > _LIMITS.file_mb * 1_000_000:
            raise _refused(path.name, f"it is larger than {_LIMITS.file_mb} MB", "tệp quá lớn")
        data = path.read_bytes()
    except OSError as error:
        raise WorkbookRefused(f"{path} cannot be read: {error.strerror}") from error
    note, cells = _sheets(path.name, data)
    cover, count, head = _cover(path.name, note)
    if cover.calendar != settings.calendar:
        raise _refused(path.name, f"it was written under the calendar {cover.calendar}", "tệp thuộc lịch báo cáo khác")
    period = settings.period(cover.period)
    _check_head(path.name, cells[:HEAD_ROWS], head)
    answers, lines, seen = [], 0, set()
    for number, row in enumerate(cells[HEAD_ROWS:], HEAD_ROWS + 1):
        if not any(row):
            continue
        answer = _answer(path.name, cover, number, row)
        if (one := (answer.export, answer.reject_id, answer.column)) in seen:
            raise _refused(path.name, f"line {number} is there twice", f"dòng {number} bị lặp lại")
        seen.add(one)
        lines += 1
        if answer.text:
            answers.append(answer)
    return Returned(cover, period, tuple(answers), lines, count - lines, len(data), hashlib.sha256(data).hexdigest())


def _refused(name: str, why: str, vietnamese: str) -> WorkbookRefused:
    return WorkbookRefused(
        f"{name} is not taken: {why}. (Không tiếp nhận tệp: {vietnamese}; hãy dùng lại tệp gốc đã được gửi.)"
    )


def _sheets(name: str, data: bytes) -> tuple[list[list[str]], list[list[str]]]:
    """The texts of the hidden note and of the sheet; refuses a file with a formula anywhere in it."""
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise _refused(
            name, "it is protected by a password or an old .xls", "tệp có mật khẩu hoặc là .xls, cần lưu dạng .xlsx"
        )
    try:
        archive = Archive(name, "the workbook", io.BytesIO(data), _LIMITS)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if not {NOTE, SHEET} <= set(book.sheet_names):
            raise _refused(name, "it is no workbook of `cchc rejects export`", "đây không phải tệp danh sách cần sửa")
        for sheet in book.sheet_names:
            member = member_of(name, archive, sheet)
            measure(name, archive, member, _LIMITS.cells)
            if _FORMULA.search(b"".join(archive.unpack(member))):
                raise _refused(name, f"there is a formula on the sheet {sheet}", "có ô chứa công thức, chỉ ghi giá trị")
        for member in archive.members:
            for _ in archive.unpack(member) if member.startswith("xl/") else ():
                pass  # only to see that it is as large as it says: the reader of cells does not look
        return _texts(book, NOTE), _texts(book, SHEET)
    except (SourceError, CalamineError) as error:
        raise _refused(name, f"it is no .xlsx that can be read ({error})", "tệp hỏng hoặc không phải .xlsx") from None


def _texts(book: CalamineWorkbook, sheet: str) -> list[list[str]]:
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: Any) -> str:
    return (cell_text(value) or "").strip()


def _cover(name: str, note: list[list[str]]) -> tuple[Cover, int, str]:
    facts = {row[0]: row[1] for row in note if len(row) > 1}
    try:
        if facts["kind"] != KIND:
            raise KeyError("kind")
        batches = {key.removeprefix("batch "): value for key, value in facts.items() if key.startswith("batch ")}
        Period.parse(facts["period"])
        return Cover(facts["period"], facts["calendar"], facts["agency"], batches), int(facts["lines"]), facts["head"]
    except (KeyError, ValueError, PeriodError):
        raise _refused(name, "its hidden sheet was changed", "trang tính ẩn đã bị thay đổi") from None


def _check_head(name: str, rows: list[list[str]], mark: str) -> None:
    above = [row[0] for row in rows[:-1] if not any(row[1:])]
    if len(rows) != HEAD_ROWS or head_mark(above) != mark or rows[-1][: len(HEADINGS)] != list(HEADINGS):
        raise _refused(name, "the lines above the table or its headings were changed", "phần đầu bảng đã bị thay đổi")
    if any(rows[-1][len(HEADINGS) :]):
        raise _refused(name, "there are other columns beside the table", "có cột được thêm vào")


def _answer(name: str, cover: Cover, number: int, row: list[str]) -> Answer:
    width = len(HEADINGS) + len(HIDDEN)
    row = row + [""] * (width - len(row))
    count, *locked = row[:ANSWER]
    export, reject_id, column, mark = row[ANSWER + 1 : width]
    if not mark:
        raise _refused(name, f"line {number} was added", f"dòng {number} được thêm vào")
    if any(row[width:]) or fingerprint(cover, count, export, reject_id, column, tuple(locked)) != mark:
        raise _refused(
            name, f"on line {number} more than the answer was changed", f"dòng {number} bị sửa ngoài cột “Sửa lại”"
        )
    return Answer(number, export, reject_id, column, row[ANSWER])

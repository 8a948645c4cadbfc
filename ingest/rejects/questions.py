"""What people are asked about a rejected row: its faulty columns, and the columns that could not be read because of them.

A profile may read a column only in rows where another field says so (`finished_at` when the status is 9 or 10). While that
field is faulty nobody knows whether the column counts, so it was not kept; it is asked for together with the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cchc.period import Period
from ingest.contracts import Column
from ingest.fields import FieldMap
from ingest.profile import Export
from ingest.rejects.forms import column_at, place_of
from ingest.rejects.standing import Row, Standing
from ingest.store import Reject, Store

ASKED = "asked"


@dataclass(frozen=True)
class Question:
    """One column of a rejected row. `only_if` is, for a column that hangs on faulty others, the source values it counts for."""

    column: str
    code: str
    found: str
    only_if: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Faulty:
    """A rejected row: what is wrong with it, what is good of it, and all that has to be answered before it can be landed."""

    reject: Reject
    held: Row
    questions: tuple[Question, ...]
    can_be_corrected: bool


def faulty_rows(store: Store, export: Export, period: Period, state: Standing, ids: Iterable[str]) -> list[Faulty]:
    """The rejected rows of these ids, in the order of the source."""
    wanted = pa.array(sorted(set(ids)), pa.string())
    path = store.held_path(export.name, period, state.receipt.batch_id or "")
    held = {row.pop("reject_id"): row for row in pq.read_table(path).to_pylist()} if len(wanted) else {}
    rows: dict[str, list[Reject]] = {}
    for values in state.rejects.to_pylist():
        if values["reject_id"] in held:
            rows.setdefault(values["reject_id"], []).append(Reject.model_validate(values))
    chosen = set(wanted.to_pylist())
    found = [_faulty(export, rejects, held[name]) for name, rejects in rows.items() if name in chosen]
    return sorted(found, key=lambda f: (f.reject.file or "", f.reject.row_number, f.reject.reject_id))


def _faulty(export: Export, rejects: list[Reject], held: Row) -> Faulty:
    questions = {r.column_name: Question(r.column_name, r.code, r.found) for r in rejects}
    possible = all(column_at(export.map.contract, name) is not None for name in questions)
    if possible:
        for name, only_if in _hanging(export, list(questions)).items():
            if name not in questions and value_at(held, name) is None:
                questions[name] = Question(name, ASKED, "", only_if)
    return Faulty(rejects[0], held, tuple(questions.values()), possible)


def _hanging(export: Export, faulty: list[str]) -> dict[str, dict[str, frozenset[str]]]:
    """Columns that are read only for some values of a faulty one, with those values by faulty column."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for name in faulty:
        fields, prefix, own = _neighbours(export, name)
        read = {leaf.path for leaf in fields[own].leaves() if leaf.path} if own in fields else set()
        for other, spec in fields.items():
            whens = [part.when for part in _parts(spec) if part.when and part.when.field in read]
            if whens and other != own:
                values = frozenset(value for when in whens for value in when.values)
                found.setdefault(prefix + other, {})[name] = values
    return found


def _neighbours(export: Export, name: str) -> tuple[Mapping[str, FieldMap], str, str]:
    """The fields of the same row or list element, what stands before their names in a path, and the own name."""
    place = place_of(name)
    if place is None:
        return export.map.fields, "", name
    child, number, own = place
    return export.map.children[child].fields, f"{child}[{number}].", own


def _parts(spec: FieldMap) -> Iterator[FieldMap]:
    yield spec
    for part in spec.first or ():
        yield from _parts(part)


def counts(export: Export, question: Question, answers: Mapping[str, Any]) -> bool:
    """Whether a column that hangs on others is read at all, by what those others are now said to be."""
    for name, values in question.only_if.items():
        fields, _, own = _neighbours(export, name)
        if _written(fields[own], answers.get(name)) & values:
            return True
    return False


def _written(spec: FieldMap, value: Any) -> set[str]:
    """How the source would have written the value."""
    if value is None:
        return {""}
    codes = [(code, meant) for leaf in spec.leaves() for code, meant in (leaf.codes or {}).items()]
    return {code for code, meant in codes if meant == value} if codes else {str(value)}


def meant(export: Export, name: str, values: frozenset[str]) -> list[Any]:
    """The values of the contract that the source writes so, in the contract's order."""
    fields, _, own = _neighbours(export, name)
    codes = {code: value for leaf in fields[own].leaves() for code, value in (leaf.codes or {}).items()}
    words = {str(value): value for value in column_of(export, name).allowed}
    found = [codes.get(value, words.get(value, value)) for value in sorted(values)]
    order = list(words.values())
    return sorted(dict.fromkeys(found), key=lambda value: order.index(value) if value in order else len(order))


def value_at(row: Row, path: str) -> Any:
    """The value at a path of a row of the contract; a list element that is not there is None."""
    place = place_of(path)
    if place is None:
        return row.get(path)
    child, number, name = place
    elements = row.get(child) or []
    return elements[number][name] if number < len(elements) else None


def with_answers(row: Row, answers: Mapping[str, Any]) -> Row:
    """The row with these values at their paths."""
    copy = {name: [dict(e) for e in value] if isinstance(value, list) else value for name, value in row.items()}
    for path, value in answers.items():
        place = place_of(path)
        if place is None:
            copy[path] = value
        else:
            child, number, name = place
            copy[child][number][name] = value
    return copy


def blank_required(export: Export, row: Row) -> list[str]:
    """Paths of the required columns that have no value."""
    contract = export.map.contract
    blank = [column.name for column in contract.columns if column.required and row[column.name] is None]
    for child in contract.children:
        for number, element in enumerate(row[child.name] or []):
            blank += [
                f"{child.name}[{number}].{c.name}" for c in child.columns if c.required and element[c.name] is None
            ]
    return blank


def column_of(export: Export, path: str) -> Column:
    column = column_at(export.map.contract, path)
    assert column is not None, path
    return column

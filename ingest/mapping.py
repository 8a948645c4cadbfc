"""One source row to one row of the contract, or to faults that a person can act on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ingest.contracts import Column
from ingest.formats import parse_local
from ingest.profile import ExportMap, FieldMap, Over

Row = Mapping[str, Any]
Value = str | int | bool | date | datetime | None
_DATE_LIKE = re.compile(r"^(\d{1,8}|\d{14}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}(:\d{1,2}){1,2})?)$")


@dataclass(frozen=True)
class Fault:
    """One faulty column of a row. `found` is a shape unless it is a code, a number or a date."""

    column: str
    code: str
    found: str
    expected: str


class _Bad(Exception):
    def __init__(self, code: str, found: Any, expected: str) -> None:
        self.code, self.found, self.expected = code, found, expected


def shape(found: Any) -> str:
    """What was found, safe to keep: dates, short numbers and short codes as they are, everything else as `Aaaa 99999`."""
    text = text_of(found) or ""
    if _DATE_LIKE.match(text) or re.fullmatch(r"[A-Z0-9_]{1,6}", text):
        return text
    masked = re.sub(r"[^\W\d_]", lambda letter: "A" if letter[0].isupper() else "a", text)
    return re.sub(r"\d", "9", masked)[:60]


def text_of(value: Any) -> str | None:
    """The value as trimmed NFC text; blank is None. Nested values have no text."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    return unicodedata.normalize("NFC", str(value)).strip() or None


def at(row: Any, path: str) -> Any:
    """The value at a dotted path; None where a step is missing."""
    for step in path.split("."):
        if not isinstance(row, Mapping):
            return None
        row = row.get(step)
    return row


def map_row(export: ExportMap, row: Row, params: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The contract's columns of one source row, and its faults; a row with faults is a reject.

    Instants come back in UTC, dates as local dates. Columns that the profile does not map are None.
    """
    contract = export.contract
    values, faults = _map_columns(contract.columns, export.fields, row, params)
    for child in contract.children:
        spec, items = export.children.get(child.name), []
        for index, element in enumerate(_elements(row, spec.list_path) if spec else ()):
            assert spec is not None
            item, found = _map_columns(child.columns, spec.fields, element, params)
            items.append(item)
            faults += [Fault(f"{child.name}[{index}].{f.column}", f.code, f.found, f.expected) for f in found]
        values[child.name] = items
    return values, faults


def _map_columns(
    columns: tuple[Column, ...], fields: Mapping[str, FieldMap], row: Row, params: Mapping[str, str]
) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column in columns:
        values[column.name] = None
        try:
            spec = fields.get(column.name)
            value = None if spec is None else _read(spec, row, params, column)
            if value is None and column.required:
                raise _Bad("required_blank", None, "a value")
            values[column.name] = value
        except _Bad as bad:
            faults.append(Fault(column.name, bad.code, shape(bad.found), bad.expected))
    return values, faults


def _read(spec: FieldMap, row: Row, params: Mapping[str, str], column: Column) -> Value:
    if spec.when is not None and text_of(at(row, spec.when.field)) not in spec.when.values:
        return None
    if spec.first is not None:
        return next((v for f in spec.first if (v := _read(f, row, params, column)) is not None), None)
    if spec.any is not None:
        return any(_chosen(row, spec.any))
    if spec.count is not None:
        return sum(_chosen(row, spec.count))
    if spec.sum is not None:
        return _sum(row, spec.sum)
    if spec.const is not None:
        return spec.const
    raw = params.get(spec.param) if spec.param is not None else at(row, spec.path or "")
    if isinstance(raw, (dict, list)):
        raise _Bad("nested_value", "", "one value")
    text = text_of(raw)
    if text is None:
        return None
    if spec.codes is not None:
        if text not in spec.codes:
            raise _Bad("not_allowed", text, f"one of {', '.join(spec.codes)}")
        coded = spec.codes[text]
        return _checked(coded, column) if coded is not None else None
    return _checked(_typed(text, spec, column), column)


def _typed(text: str, spec: FieldMap, column: Column) -> Value:
    if column.type in ("date", "instant"):
        moment = parse_local(text, spec.formats)
        if moment is None:
            raise _Bad("bad_date", text, f"a date written {' or '.join(spec.formats)}")
        return moment.date() if column.type == "date" else moment.astimezone(UTC)
    if column.type == "integer":
        if not re.fullmatch(r"-?[0-9]{1,15}", text):
            raise _Bad("bad_number", text, "a whole number in digits")
        return int(text)
    if column.type == "boolean":
        raise _Bad("not_allowed", text, "codes in the profile for true and false")
    return text


def _checked(value: Value, column: Column) -> Value:
    if column.allowed and value not in column.allowed:
        raise _Bad("not_allowed", value, f"one of {', '.join(map(str, column.allowed))}")
    if column.pattern and not re.fullmatch(column.pattern, str(value)):
        raise _Bad("bad_code", value, f"text of the form {column.pattern}")
    return value


def _elements(row: Row, path: str) -> list[Row]:
    found = at(row, path)
    return [e for e in found if isinstance(e, Mapping)] if isinstance(found, list) else []


def _chosen(row: Row, over: Over) -> Iterator[bool]:
    for element in _elements(row, over.list_path):
        filled = all(text_of(at(element, path)) is not None for path in over.present)
        yield filled and (over.path is None or text_of(at(element, over.path)) in over.values)


def _sum(row: Row, over: Over) -> int | None:
    texts = [text_of(at(e, over.path or "")) for e in _elements(row, over.list_path)]
    amounts = [t for t in texts if t is not None]
    for amount in amounts:
        if not re.fullmatch(r"[0-9]{1,15}", amount):
            raise _Bad("bad_number", amount, "a whole number in digits")
    return sum(map(int, amounts)) if amounts else None

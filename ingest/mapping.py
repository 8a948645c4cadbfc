"""One source row to one row of the contract, or to faults that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from ingest.contracts import Child, Column
from ingest.fields import ChildMap, FieldMap, Over
from ingest.formats import parse_local
from ingest.profile import ExportMap
from ingest.values import Bad, Row, Value, at, checked, elements, shape, text_of


@dataclass(frozen=True)
class Fault:
    """One faulty column of a row. `found` is a shape unless it is a code, a short number or a date."""

    column: str
    code: str
    found: str
    expected: str


def map_row(export: ExportMap, row: Row, params: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The contract's columns of one source row, and its faults; a row with faults is a reject.

    Instants come back in UTC, dates as local dates. Columns that the profile does not map are None.
    """
    values, faults = _map_columns(export.contract.columns, export.fields, row, params)
    for child in export.contract.children:
        spec = export.children.get(child.name)
        items, found = _map_child(child, spec, row, params) if spec else ([], [])
        values[child.name] = items
        faults += found
    return values, faults


def _map_child(
    child: Child, spec: ChildMap, row: Row, params: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[Fault]]:
    items: list[dict[str, Any]] = []
    faults: list[Fault] = []
    try:
        nested = elements(row, spec.list_path)
    except Bad as bad:
        return [], [Fault(child.name, bad.code, shape(bad.found), bad.expected)]
    for index, element in enumerate(nested):
        item, found = _map_columns(child.columns, spec.fields, element, params)
        items.append(item)
        faults += [Fault(f"{child.name}[{index}].{f.column}", f.code, f.found, f.expected) for f in found]
    return items, faults


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
                raise Bad("required_blank", None, "a value")
            values[column.name] = value
        except Bad as bad:
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
    return _single(params.get(spec.param) if spec.param is not None else at(row, spec.path or ""), spec, column)


def _single(raw: Any, spec: FieldMap, column: Column) -> Value:
    if isinstance(raw, (dict, list)):
        raise Bad("nested_value", "", "one value")
    text = text_of(raw)
    if text is None:
        return None
    if spec.codes is not None:
        if text not in spec.codes:
            raise Bad("not_allowed", text, f"one of {', '.join(spec.codes)}")
        coded = spec.codes[text]
        return checked(coded, column) if coded is not None else None
    if column.type == "integer":
        return checked(_whole(raw, r"-?[0-9]{1,15}"), column)
    return checked(_typed(text, spec, column), column)


def _typed(text: str, spec: FieldMap, column: Column) -> Value:
    if column.type in ("date", "instant"):
        moment = parse_local(text, spec.formats)
        if moment is None:
            raise Bad("bad_date", text, f"a date written {' or '.join(spec.formats)}")
        return moment.date() if column.type == "date" else moment.astimezone(UTC)
    if column.type == "boolean":
        raise Bad("not_allowed", text, "codes in the profile for true and false")
    return text


def _whole(raw: Any, form: str) -> int:
    """A whole number. JSON's true is not 1: a source that sends it means something else than a number."""
    text = text_of(raw) or ""
    if isinstance(raw, bool) or not re.fullmatch(form, text):
        raise Bad("bad_number", text, "a whole number in digits")
    return int(text)


def _chosen(row: Row, over: Over) -> Iterator[bool]:
    for element in elements(row, over.list_path):
        filled = all(text_of(at(element, path)) is not None for path in over.present)
        yield filled and (over.path is None or text_of(at(element, over.path)) in over.values)


def _sum(row: Row, over: Over) -> int | None:
    amounts = [at(e, over.path or "") for e in elements(row, over.list_path)]
    filled = [_whole(amount, r"[0-9]{1,15}") for amount in amounts if text_of(amount) is not None]
    return sum(filled) if filled else None

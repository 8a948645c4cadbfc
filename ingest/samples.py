"""What each column of a contract is read from on a page: an example before and after, and how many rows it fills."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from cchc.period import LOCAL
from ingest.columns import Columns
from ingest.contracts import Column
from ingest.fields import FieldMap, Over
from ingest.headings import without_numbers
from ingest.mapping import Mapped
from ingest.profile import ExportMap
from ingest.values import shape


@dataclass(frozen=True)
class ColumnTried:
    """One column. `source` is null where the profile does not map it; `example` and `parsed` are of one row that fits.

    `filled`, `blank` and `rejected` count rows, or the elements of a nested list; `codes` are the reasons of rejection.
    """

    column: str
    type: str
    required: bool
    source: str | None
    example: str | None = None
    parsed: str | None = None
    filled: int = 0
    blank: int = 0
    rejected: int = 0
    codes: dict[str, int] = field(default_factory=dict)


def columns_tried(export: ExportMap, columns: Columns, mapped: Mapped, params: Mapping[str, str]) -> list[ColumnTried]:
    """All columns of the contract in its order, those of nested lists as `supplements.requested_at`."""
    faults: dict[str, list[tuple[int, str]]] = {}
    for fault in mapped.faults:
        faults.setdefault(without_numbers(fault.column), []).append((_index(fault.column, fault.row), fault.code))
    found = []
    for column in export.contract.columns:
        values = mapped.table.column(column.name).combine_chunks()
        found.append(_tried(column.name, column, export.fields.get(column.name), columns, values, faults, params))
    for child in export.contract.children:
        spec = export.children.get(child.name)
        inner = columns.lists[spec.list_path].columns if spec else columns
        items = mapped.table.column(child.name).combine_chunks().flatten()
        for column in child.columns:
            values = items.field(column.name) if spec else pa.nulls(0)
            mapping = spec.fields.get(column.name) if spec else None
            found.append(_tried(f"{child.name}.{column.name}", column, mapping, inner, values, faults, params))
    return found


def _index(column: str, row: int) -> int:
    """The row of a fault; for elements of a list only that they are told apart."""
    inside = re.search(r"\[(\d+)\]", column)
    return row if inside is None else -1 - row * 100_000 - int(inside[1])


def _tried(
    name: str,
    column: Column,
    spec: FieldMap | None,
    columns: Columns,
    values: Any,
    faults: Mapping[str, list[tuple[int, str]]],
    params: Mapping[str, str],
) -> ColumnTried:
    if spec is None:
        return ColumnTried(name, column.type, column.required, None)
    mine = faults.get(name, [])
    faulty = {row for row, _ in mine}
    filled = [int(row) for row in np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False)) if row not in faulty]
    example = parsed = None
    if filled:
        parsed = _shown(values[filled[0]].as_py(), column)
        example = _example(spec, column, columns, filled[0], params)
    return ColumnTried(
        name, column.type, column.required, source_of(spec), example, parsed,
        filled=len(filled), blank=len(values) - len(filled) - len(faulty), rejected=len(faulty),
        codes=dict(Counter(code for _, code in mine)),
    )  # fmt: skip


def source_of(spec: FieldMap) -> str:
    """Where a column comes from, for people."""
    if spec.first is not None:
        return ", else ".join(source_of(part) for part in spec.first) + _when(spec)
    if over := spec.any or spec.count or spec.sum:
        kind = "any" if spec.any else "count" if spec.count else "sum"
        return f"{kind} of {_over(over)}{_when(spec)}"
    if spec.const is not None:
        return f"always {_shown_plainly(spec.const)}{_when(spec)}"
    return (f"parameter {spec.param}" if spec.param is not None else spec.path or "") + _when(spec)


def _over(over: Over) -> str:
    named = f"{over.list_path}.{over.path}" if over.path else over.list_path
    chosen = f" = {' or '.join(over.values)}" if over.values else ""
    return named + chosen + (f" with {' and '.join(over.present)}" if over.present else "")


def _when(spec: FieldMap) -> str:
    return f" if {spec.when.field} = {' or '.join(v or 'blank' for v in spec.when.values)}" if spec.when else ""


def _example(spec: FieldMap, column: Column, columns: Columns, row: int, params: Mapping[str, str]) -> str | None:
    """What stands in the source where a value of this column was read that fits the contract."""
    for leaf in _that_count(spec, columns, row):
        if over := leaf.any or leaf.count or leaf.sum:
            elements = int((columns.lists[over.list_path].parents == row).sum())
            return f"{elements} element{'s' * (elements != 1)}"
        if leaf.param is not None:
            return params.get(leaf.param)
        if leaf.path is not None and (text := columns.text(leaf.path)[row].as_py()) is not None:
            # What a code list took is one of its words. What a format took is a date or a number, and nobody's name.
            return str(text) if leaf.codes and text in leaf.codes else _shown(text, column)
        if leaf.const is not None:
            return None
    return None


def _that_count(spec: FieldMap, columns: Columns, row: int) -> Iterator[FieldMap]:
    if spec.when and (columns.text(spec.when.field)[row].as_py() or "") not in spec.when.values:
        return
    for part in spec.first or ():
        yield from _that_count(part, columns, row)
    if spec.first is None:
        yield spec


def _shown(value: Any, column: Column) -> str:
    """A value of the contract, or the text that it was read from, where these cannot be a person's.

    Words without a digit that no list names could be a name, and long numbers an identity or telephone number, also where
    the contract takes them; they are told by their shape.
    """
    if isinstance(value, str) and column.type == "text":
        return value if column.allowed or re.search(r"\d", value) else shape(value)
    text = _shown_plainly(value)
    long = r"0[0-9]{8,11}" if column.type in ("date", "instant") else r"\D*([0-9]\D*){9,}"
    return shape(text) if re.fullmatch(long, text) else text


def _shown_plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)

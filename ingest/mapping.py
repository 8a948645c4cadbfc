"""Source columns to the columns of a contract, and the faults that a person can act on. A page at a time, no row loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.cells import Fault, Mask, bounded, coded, faults_of, is_in, mask_of, masked, typed
from ingest.columns import Columns, Indices, Nested, Words
from ingest.contracts import Child, Column
from ingest.fields import ChildMap, FieldMap, Over, When
from ingest.formats import parse_instants, parse_integers
from ingest.profile import ExportMap


@dataclass(frozen=True)
class Mapped:
    """The contract's columns of all rows, faulty cells null, and the faults by row."""

    table: pa.Table
    faults: tuple[Fault, ...]

    @property
    def faulty(self) -> Mask:
        """Which rows have a fault."""
        mask = np.zeros(len(self.table), bool)
        mask[[fault.row for fault in self.faults]] = True
        return mask


def map_columns(export: ExportMap, columns: Columns, params: Mapping[str, str]) -> Mapped:
    """The contract's columns of a page; columns that the profile does not map are null. Instants are UTC."""
    faults: list[Fault] = [
        Fault(misfit.row, "row", misfit.code, "", misfit.expected) for misfit in columns.misfits if not misfit.path
    ]
    arrays = _map(export.contract.columns, export.fields, columns, params, faults)
    for child in export.contract.children:
        arrays.append(_children(child, export.children.get(child.name), columns, params, faults))
    table = pa.Table.from_arrays(arrays, schema=export.contract.schema())
    misshapen = {misfit.row for misfit in columns.misfits if not misfit.path}
    kept = (f for f in faults if f.row not in misshapen or f.column == "row")
    return Mapped(table, tuple(sorted(kept, key=lambda f: f.row)))


def withheld(export: ExportMap, columns: Columns) -> Mask:
    """Which rows must not leave the extractor."""
    rule = export.withhold
    return np.zeros(columns.rows, bool) if rule is None else ~_says(columns, rule.path, rule.unless)


def _map(
    contract: tuple[Column, ...], fields: Mapping[str, FieldMap], columns: Columns, params: Mapping[str, str],
    faults: list[Fault],
) -> list[pa.Array]:  # fmt: skip
    arrays = []
    for column in contract:
        spec = fields.get(column.name)
        if spec is None:
            arrays.append(pa.nulls(columns.rows, column.arrow_type))
            continue
        values, found = _read(spec, columns, params, column)
        if column.required:
            found += _blank(values, found, column)
        faults += found
        arrays.append(values)
    return arrays


def _blank(values: pa.Array, faults: list[Fault], column: Column) -> list[Fault]:
    if not values.null_count:
        return []
    known = {fault.row for fault in faults}
    rows = np.flatnonzero(mask_of(values.is_null()))
    return [Fault(int(row), column.name, "required_blank", "", "a value") for row in rows if row not in known]


def _children(
    child: Child, spec: ChildMap | None, columns: Columns, params: Mapping[str, str], faults: list[Fault]
) -> pa.Array:
    struct = pa.struct([pa.field(c.name, c.arrow_type) for c in child.columns])
    if spec is None:
        return pa.ListArray.from_arrays(pa.array(np.zeros(columns.rows + 1, np.int32)), pa.array([], struct))
    nested, found = columns.lists[spec.list_path], list[Fault]()
    arrays = _map(child.columns, spec.fields, nested.columns, params, found)
    starts = _starts(nested, columns.rows)
    for fault in found:
        row = int(nested.parents[fault.row])
        faults.append(replace(fault, row=row, column=f"{child.name}[{fault.row - starts[row]}].{fault.column}"))
    faults += [
        Fault(misfit.row, child.name, misfit.code, "", misfit.expected)
        for misfit in columns.misfits
        if misfit.path == spec.list_path
    ]
    items = pa.StructArray.from_arrays(arrays, fields=list(struct))
    return pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), items)


def _starts(nested: Nested, rows: int) -> Indices:
    """Where the elements of each row begin, and after the last one where they end."""
    return np.searchsorted(nested.parents, np.arange(rows + 1))


def _read(spec: FieldMap, columns: Columns, params: Mapping[str, str], column: Column) -> tuple[pa.Array, list[Fault]]:
    if spec.first is not None:
        values, faults = _first(spec.first, columns, params, column)
    elif over := spec.any or spec.count or spec.sum:
        values, faults = _aggregate(spec, over, columns, column)
    elif spec.const is not None:
        values, faults = pa.array([spec.const] * columns.rows, column.arrow_type), []
    elif spec.param is not None:
        one = Columns(1, {"": pa.array([params.get(spec.param)], pa.string())})
        single, found = _single("", replace_path(spec), one, column)
        values = pa.array(single.to_pylist() * columns.rows, column.arrow_type)
        faults = [replace(fault, row=row) for fault in found for row in range(columns.rows)]
    else:
        values, faults = _single(spec.path or "", spec, columns, column)
    return (values, faults) if spec.when is None else _only(spec.when, columns, values, faults)


def replace_path(spec: FieldMap) -> FieldMap:
    """The same reading of a value that comes from elsewhere than a row."""
    return spec.model_copy(update={"param": None, "path": ""})


def _says(columns: Columns, path: str, values: tuple[str, ...]) -> Mask:
    """Where the text at `path` is one of `values`."""
    words = columns.words(path)
    if words.places is None or words.places.null_count:
        return is_in(columns.text(path), values)
    counts: Mask = is_in(words.texts, values)[np.asarray(words.places)]
    return counts


def _only(when: When, columns: Columns, values: pa.Array, faults: list[Fault]) -> tuple[pa.Array, list[Fault]]:
    counts = _says(columns, when.field, when.values)
    return masked(values, counts), [fault for fault in faults if counts[fault.row]]


def _first(
    alternatives: tuple[FieldMap, ...], columns: Columns, params: Mapping[str, str], column: Column
) -> tuple[pa.Array, list[Fault]]:
    """The first alternative that says something; a fault says something too: nothing passes over it."""
    values, faults = pa.nulls(columns.rows, column.arrow_type), list[Fault]()
    open_ = np.ones(columns.rows, bool)
    for alternative in alternatives:
        found, faulty = _read(alternative, columns, params, column)
        values = pc.if_else(pa.array(open_), found, values)
        faults += [fault for fault in faulty if open_[fault.row]]
        open_ &= mask_of(found.is_null())
        open_[[fault.row for fault in faulty]] = False
    return values, faults


def _single(path: str, spec: FieldMap, columns: Columns, column: Column) -> tuple[pa.Array, list[Fault]]:
    words = columns.words(path)
    if spec.codes is not None:
        values, faults = coded(words.texts, spec, column)
    else:
        values, faults = typed(
            words.texts, spec, column,
            lambda: columns.once((path, spec.formats), lambda: parse_instants(words.texts, spec.formats)),
        )  # fmt: skip
    faults = _of_rows(faults, words)
    faults += [Fault(m.row, column.name, m.code, "", m.expected) for m in columns.misfits if path and m.path == path]
    return words.spread(values), faults


def _of_rows(faults: list[Fault], words: Words) -> list[Fault]:
    """The faults of some texts as those of the rows that hold them, code by code."""
    if words.places is None or not faults:
        return faults
    places = np.asarray(pc.fill_null(words.places, len(words.texts)))
    spread = []
    for code in dict.fromkeys(fault.code for fault in faults):
        faulty = {fault.row: fault for fault in faults if fault.code == code}
        wanted = np.zeros(len(words.texts) + 1, bool)
        wanted[list(faulty)] = True
        spread += [replace(faulty[int(places[row])], row=int(row)) for row in np.flatnonzero(wanted[places])]
    return spread


def _aggregate(spec: FieldMap, over: Over, columns: Columns, column: Column) -> tuple[pa.Array, list[Fault]]:
    nested = columns.lists[over.list_path]
    faults = [Fault(m.row, column.name, m.code, "", m.expected) for m in columns.misfits if m.path == over.list_path]
    if spec.sum is not None:
        values, bad = _sum(nested, over.path or "", columns.rows, column)
        values, outside = bounded(values, values.cast(pa.string()), column)
        return values, faults + bad + outside
    chosen = np.ones(nested.columns.rows, bool)
    for path in over.present:
        chosen &= mask_of(nested.columns.text(path).is_valid())
    if over.path is not None:
        chosen &= is_in(nested.columns.text(over.path), over.values)
    counts = np.bincount(nested.parents[chosen], minlength=columns.rows)
    unread = np.zeros(columns.rows, bool)
    unread[[fault.row for fault in faults]] = True
    return pa.array(counts > 0 if spec.any is not None else counts, column.arrow_type, mask=unread), faults


def _sum(nested: Nested, path: str, rows: int, column: Column) -> tuple[pa.Array, list[Fault]]:
    texts = nested.columns.text(path)
    amounts = parse_integers(texts, "0|[1-9][0-9]{0,14}")
    bad = mask_of(texts.is_valid()) & mask_of(amounts.is_null())
    found = faults_of(texts, bad, column, "bad_number", "a whole number in digits")
    first = {int(nested.parents[fault.row]): fault for fault in reversed(found)}
    faults = [replace(fault, row=row) for row, fault in first.items()]
    filled = mask_of(amounts.is_valid())
    sums = np.zeros(rows, np.int64)
    np.add.at(sums, nested.parents[filled], np.asarray(pc.fill_null(amounts, 0))[filled])
    empty = np.bincount(nested.parents[filled], minlength=rows) == 0
    empty[list(first)] = True
    return pa.array(sums, mask=empty), faults

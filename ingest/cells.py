"""One column of texts to the values of a contract's column, and the faults of those that have none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.contracts import Column
from ingest.fields import FieldMap
from ingest.formats import local_dates, parse_instants, parse_integers, parse_numbers
from ingest.values import MOJIBAKE, fault_of, shape

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """One faulty column of row `row` (index in the page). `found` is a shape unless it is a code, a short number or a date."""

    row: int
    column: str
    code: str
    found: str
    expected: str


def coded(texts: pa.Array, spec: FieldMap, column: Column) -> tuple[pa.Array, list[Fault]]:
    codes = spec.codes or {}
    place = pc.index_in(texts, pa.array(list(codes), pa.string()))
    values = pa.array([_native(v, column) for v in codes.values()], column.arrow_type).take(place)
    other = mask_of(texts.is_valid()) & mask_of(place.is_null())
    if not other.any():
        return values, []
    if spec.formats:
        rest_texts = masked(texts, other)
        rest, faults = typed(rest_texts, spec, column, lambda: parse_instants(rest_texts, spec.formats))
        return pc.if_else(pa.array(other), rest, values), faults
    return values, faults_of(texts, other, column, "not_allowed", f"one of {', '.join(codes)}")


def _native(value: Any, column: Column) -> Any:
    return round(value, 6) if isinstance(value, float) and column.type == "decimal" else value


def typed(
    texts: pa.Array, spec: FieldMap, column: Column, instants: Callable[[], pa.Array]
) -> tuple[pa.Array, list[Fault]]:
    code, expected = "bad_number", "a whole number in digits"
    if column.type in ("date", "instant"):
        code, expected = "bad_date", f"a date written {' or '.join(spec.formats)}"
        values = instants()
        values = local_dates(values) if column.type == "date" else values
    elif column.type == "decimal" or (column.type == "integer" and spec.formats):
        expected = f"a number written {' or '.join(spec.formats)}"
        values = parse_numbers(texts, spec.formats)
        values = _whole(values) if column.type == "integer" else values
    elif column.type == "integer":
        values = parse_integers(texts)
    elif column.type == "boolean":
        values, code, expected = (
            pa.nulls(len(texts), pa.bool_()),
            "not_allowed",
            "codes in the profile for true and false",
        )
    else:
        return bounded(texts, texts, column)
    bad = mask_of(texts.is_valid()) & mask_of(values.is_null())
    faults = faults_of(texts, bad, column, code, expected)
    values, found = bounded(values, texts, column)
    return values, faults + found


def _whole(values: pa.Array) -> pa.Array:
    floor = pc.floor(values)
    return pc.if_else(pc.equal(values, floor), floor, pa.scalar(None, values.type)).cast(pa.int64())


def bounded(values: pa.Array, texts: pa.Array, column: Column) -> tuple[pa.Array, list[Fault]]:
    """Values within the column's bounds, the others null and faulty; text that was decoded wrongly is a fault too."""
    faults = []
    if column.type == "text":
        garbled = _garbled(texts)
        faults += faults_of(
            texts, garbled, column, "mojibake", "Vietnamese text in the encoding that the profile declares"
        )
    else:
        garbled = np.zeros(len(texts), bool)
    bad = ~garbled & mask_of(values.is_valid()) & _outside(values, column)
    if bad.any():
        code, expected = fault_of("\n", replace(column, required=False)) or ("not_allowed", "")
        faults += faults_of(texts, bad, column, code, expected)
    spoilt = bad | garbled
    return (masked(values, ~spoilt), faults) if spoilt.any() else (values, faults)


def _garbled(texts: pa.Array) -> Mask:
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return np.zeros(len(texts), bool)
    return mask_of(pc.match_substring_regex(texts, MOJIBAKE))


def _outside(values: pa.Array, column: Column) -> Mask:
    if column.allowed:
        return ~mask_of(pc.is_in(values, pa.array(column.allowed, column.arrow_type)))
    if column.most is not None:
        return mask_of(pc.or_(pc.less(values, 0), pc.greater(values, column.most)))
    if column.pattern is None or column.type != "text":
        return np.zeros(len(values), bool)
    usual = pc.match_substring_regex(values, column.usual) if column.usual else pa.nulls(len(values), pa.bool_())
    open_ = ~mask_of(usual)
    pattern = re.compile(column.pattern)
    distinct = pc.unique(values.filter(pa.array(open_)).drop_null())
    fits = [text for text in distinct.to_pylist() if pattern.fullmatch(text)]
    return open_ & ~mask_of(pc.is_in(values, pa.array(fits, pa.string())))


def faults_of(texts: pa.Array, bad: Mask, column: Column, code: str, expected: str) -> list[Fault]:
    if not bad.any():
        return []
    rows = np.flatnonzero(bad)
    found = texts.take(pa.array(rows)).to_pylist()
    return [Fault(int(r), column.name, code, shape(text), expected) for r, text in zip(rows, found, strict=True)]


def is_in(texts: pa.Array, values: tuple[str, ...]) -> Mask:
    """Where the text is one of `values`; "" among them is a blank."""
    found = pc.is_in(texts, pa.array([value or None for value in values], pa.string()))
    return mask_of(found)


def masked(values: pa.Array, keep: Mask) -> pa.Array:
    return pc.if_else(pa.array(keep), values, pa.scalar(None, values.type))


def mask_of(booleans: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(booleans, False).to_numpy(zero_copy_only=False)).astype(bool)

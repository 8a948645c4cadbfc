"""What people wrote in the cells, read by the declared forms and held against the contract: by `ingest.mapping`, as any field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pyarrow as pa

from ingest.columns import Columns
from ingest.contracts import Contract
from ingest.fields import FieldMap
from ingest.mapping import map_columns
from ingest.profile import Export, ExportMap
from ingest.rejects.forms import field_of, is_blank, rule, worded
from ingest.rejects.questions import Faulty, column_of
from ingest.values import shape


@dataclass(frozen=True)
class _Alone:
    """One column as an export of its own, as far as the mapping looks at it."""

    contract: Contract
    fields: Mapping[str, FieldMap]
    children: Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """An answer that does not meet the contract: its form, and what a valid one looks like."""

    column: str
    found: str
    valid: str


def read_answers(
    export: Export, texts: Mapping[str, Mapping[str, str]], rows: Mapping[str, Faulty]
) -> tuple[dict[str, dict[str, Any]], dict[str, list[Refusal]]]:
    """The values of the answers of each reject by column, and the answers that are not valid.

    A column that nobody asked about is not valid either.
    """
    values: dict[str, dict[str, Any]] = {name: {} for name in texts}
    refused: dict[str, list[Refusal]] = {}
    written: dict[str, dict[str, str]] = {}  # by the column of the contract, the texts of `reject\ncolumn`
    for name, answers in texts.items():
        asked = {question.column for question in rows[name].questions}
        for path, text in answers.items():
            column = column_of(export, path) if path in asked else None
            if column is None:
                refused.setdefault(name, []).append(Refusal(path, shape(text), "Trường này không cần sửa"))
            elif is_blank(text):
                values[name][path] = None
                if column.required:
                    refused.setdefault(name, []).append(Refusal(path, "(để trống)", rule(column)))
            else:
                written.setdefault(path, {})[name] = worded(column, text)
    for path, given in written.items():
        for name, value in zip(given, _parsed(export, path, list(given.values())), strict=True):
            if value is None:
                found = shape(texts[name][path])
                refused.setdefault(name, []).append(Refusal(path, found, rule(column_of(export, path))))
            else:
                values[name][path] = value
    return values, refused


def _parsed(export: Export, path: str, texts: list[str]) -> list[Any]:
    """The values of these texts in the column at `path`; None for each that does not meet the contract."""
    column = replace(column_of(export, path), required=False)
    alone = _Alone(Contract("answers", (), (column,)), {column.name: field_of("cell", column)}, {})
    mapped = map_columns(cast(ExportMap, alone), Columns(len(texts), {"cell": pa.array(texts, pa.string())}), {})
    good = ~mapped.faulty
    values = mapped.table.column(column.name).to_pylist()
    return [value if fits else None for value, fits in zip(values, good, strict=True)]

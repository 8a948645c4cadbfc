"""A build file from a few hand-written rows, and what dbt made of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cchc.period import LOCAL, Period
from cchc.working_calendar import OFFICE_HOURS, SWAPPED_DAYS
from ingest.contracts import CONTRACTS

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
Rows = list[dict[str, Any]]

_INSTANT = pa.timestamp("us", tz="UTC")
_SCHEMAS = {
    "period": pa.schema(
        [
            ("period_month", pa.date32()),
            ("reporting_calendar", pa.string()),
            ("starts_at", _INSTANT),
            ("ends_at", _INSTANT),
            ("first_date", pa.date32()),
            ("last_date", pa.date32()),
            ("previous_month", pa.date32()),
        ]
    ),
    "year_months": pa.schema([("period_month", pa.date32()), ("revision", pa.int32())]),
    "exports": pa.schema([("export", pa.string()), ("entity", pa.string()), ("source", pa.string())]),
    "local_agencies": pa.schema(
        [
            ("agency_code", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("name_vi", pa.string()),
            ("level", pa.string()),
            ("parent_code", pa.string()),
            ("identity_code", pa.string()),
            ("reports_from", pa.date32()),
            ("reports_to", pa.date32()),
        ]
    ),
    "local_successions": pa.schema(
        [
            ("from_code", pa.string()),
            ("from_valid_from", pa.date32()),
            ("to_code", pa.string()),
            ("to_valid_from", pa.date32()),
            ("event_date", pa.date32()),
            ("kind", pa.string()),
            ("weight", pa.decimal128(9, 8)),
            ("legal_act", pa.string()),
        ]
    ),
    "reporting_provinces": pa.schema([("agency_code", pa.string())]),
    "local_swapped_days": SWAPPED_DAYS,
    "local_office_hours": OFFICE_HOURS,
    "withheld_cells": pa.schema([(name, pa.string()) for name in ("scope", "agency_code", "indicator_code")]),
}
_CELLS_B06 = [
    (name, pa.int64())
    for name in (
        "c3_taken_on", "c4_received_online", "c5_received_otherwise", "c6_carried_over", "c7_ended", "c8_ended_early",
        "c9_ended_on_time", "c10_ended_late", "c11_pending", "c12_pending_in_time", "c13_pending_overdue",
    )
]  # fmt: skip
_PUBLISHED = {
    "indicator_values": pa.schema(
        [
            ("period_month", pa.date32()),
            ("agency_code", pa.string()),
            ("indicator_code", pa.string()),
            ("numerator", pa.int64()),
            ("denominator", pa.int64()),
            ("state", pa.string()),
        ]
    ),
    "unallocated_values": pa.schema(
        [
            ("period_month", pa.date32()),
            ("agency_code", pa.string()),
            ("agency_valid_from", pa.date32()),
            ("indicator_code", pa.string()),
            ("numerator", pa.int64()),
            ("denominator", pa.int64()),
        ]
    ),
    "form_b06": pa.schema(
        [("period_month", pa.date32())]
        + [(name, pa.string()) for name in ("agency_code", "field_code", "field_name", "row_kind")]
        + _CELLS_B06
    ),
    "form_b06_unallocated": pa.schema(
        [("period_month", pa.date32()), ("agency_valid_from", pa.date32())]
        + [(name, pa.string()) for name in ("agency_code", "field_code", "field_name")]
        + _CELLS_B06
    ),
    "dossiers": pa.schema(
        [
            ("period_month", pa.date32()),
            ("agency_code", pa.string()),
            ("agency_valid_from", pa.date32()),
            ("dossier_code", pa.string()),
            ("procedure_code", pa.string()),
            ("is_carried_over", pa.bool_()),
            ("is_pending", pa.bool_()),
            ("tokens", pa.list_(pa.string())),
        ]
    ),
}


def local(text: str) -> datetime:
    """`2023-01-05` or `2023-01-05 08:00` in Asia/Ho_Chi_Minh."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def _typed(rows: Rows, schema: pa.Schema) -> pa.Table:
    def cell(value: Any, kind: pa.DataType) -> Any:
        if isinstance(value, str) and pa.types.is_timestamp(kind):
            return local(value)
        if isinstance(value, str) and pa.types.is_date(kind):
            return date.fromisoformat(value)
        if isinstance(value, list) and pa.types.is_struct(kind.value_type):
            return [{f.name: cell(item.get(f.name), f.type) for f in kind.value_type} for item in value]
        return value

    for row in rows:
        assert set(row) <= set(schema.names), f"{set(row) - set(schema.names)} are no columns"
    return pa.Table.from_pylist(
        [{f.name: cell(row.get(f.name), f.type) for f in schema} for row in rows], schema=schema
    )


def write_build_file(
    path: Path,
    period: Period,
    landing: dict[str, Rows],
    year_months: Rows | None = None,
    published: dict[str, Rows] | None = None,
) -> None:
    """Binds the rows as the close does. An entity that `landing` names is bound by an export, others have no source."""
    tables: dict[str, tuple[Rows, pa.Schema]] = {}
    for entity, contract in CONTRACTS.items():
        schema = contract.schema().append(pa.field("export", pa.string())).append(pa.field("batch_id", pa.string()))
        defaults = {"export": f"test_{entity}", "batch_id": "0" * 16}
        tables[f"landing.{entity}"] = ([defaults | row for row in landing.get(entity, [])], schema)
    tables["landing.period"] = (
        [
            {
                "period_month": period.first_of_month,
                "reporting_calendar": period.calendar,
                "starts_at": period.starts_at,
                "ends_at": period.ends_at,
                "first_date": period.first_date,
                "last_date": period.last_date,
                "previous_month": period.previous().first_of_month,
            }
        ],
        _SCHEMAS["period"],
    )
    tables["landing.year_months"] = (year_months or [], _SCHEMAS["year_months"])
    tables["landing.exports"] = (
        [{"export": f"test_{entity}", "entity": entity, "source": "test"} for entity in landing if entity in CONTRACTS],
        _SCHEMAS["exports"],
    )
    for name in [table for table in _SCHEMAS if table.startswith("local_")] + ["reporting_provinces", "withheld_cells"]:
        tables[f"landing.{name}"] = (landing.get(name, []), _SCHEMAS[name])
    for name, schema in _PUBLISHED.items():
        tables[f"published.{name}"] = ((published or {}).get(name, []), schema)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema landing")
        connection.execute("create schema published")
        for name, (rows, schema) in tables.items():
            connection.register("rows_of_it", _typed(rows, schema))
            connection.execute(f"create table {name} as select * from rows_of_it")
            connection.unregister("rows_of_it")


def figures(folder: Path) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """(scope, agency, indicator) to (numerator, denominator, value, state) of a built month."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select scope, agency_code, indicator_code, numerator, denominator, value, state from indicator_values"
        ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(sql).fetchall()


def published_rows(folder: Path) -> dict[str, Rows]:
    """What later months see of a built month once it is published."""
    filters = {
        "indicator_values": "indicator_values where scope = 'month'",
        "unallocated_values": "unallocated_values",
        "form_b06": "mart_form_b06 where scope = 'month'",
        "form_b06_unallocated": "mart_form_b06_unallocated",
        "dossiers": "fct_dossiers",
    }
    found = {}
    for name, schema in _PUBLISHED.items():
        rows = query(folder, f"select {', '.join(schema.names)} from {filters[name]}")
        found[name] = [dict(zip(schema.names, row, strict=True)) for row in rows]
    return found

"""Build: binds what was landed and what was published earlier to one file, then lets dbt fill it.

Each period has a build file of its own, made anew every time: nothing of another month can leak through it, a month
that restates to fewer rows leaves none behind, and a dbt that outlives its killed parent writes into a folder that
nobody looks at any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cchc.agencies import (
    AGENCY_COLUMNS,
    SUCCESSION_COLUMNS,
    Agency,
    Succession,
    agencies,
    local_agencies,
    local_successions,
    reporting_codes,
)
from cchc.build_files import new_build_file
from cchc.dbt import Progress, run_dbt_build
from cchc.history import bind_history
from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import parquet_rows
from cchc.working_calendar import office_hours, swapped_days
from ingest.contracts import CONTRACTS, Contract
from ingest.profile import load_exports
from ingest.rejects.counts import counts
from ingest.rejects.standing import Standing, standing
from ingest.store import REJECTS, Store
from snapshots.store import Manifest, SnapshotOutdated, current, table_rows

_RECEIPT_TEXTS = ("export", "entity", "source", "batch_id", "status")
_RECEIPT_COUNTS = ("sequence", "declared_rows", "rows_read", "accepted", "rejected", "exact_duplicates", "withheld")
_INDICATORS = dict.fromkeys(("agency_code", "indicator_code", "state"), "VARCHAR") | {
    "period_month": "DATE",
    "numerator": "BIGINT",
    "denominator": "BIGINT",
}
_UNALLOCATED = dict.fromkeys(("agency_code", "indicator_code"), "VARCHAR") | {
    "period_month": "DATE",
    "agency_valid_from": "DATE",
    "numerator": "BIGINT",
    "denominator": "BIGINT",
}
_DOSSIERS = dict.fromkeys(("agency_code", "dossier_code", "procedure_code"), "VARCHAR") | {
    "period_month": "DATE",
    "agency_valid_from": "DATE",
    "is_carried_over": "BOOLEAN",
    "is_pending": "BOOLEAN",
    "tokens": "VARCHAR[]",
}
_CELLS_B06 = dict.fromkeys(
    ("c3_taken_on", "c4_received_online", "c5_received_otherwise", "c6_carried_over", "c7_ended", "c8_ended_early",
     "c9_ended_on_time", "c10_ended_late", "c11_pending", "c12_pending_in_time", "c13_pending_overdue"),
    "BIGINT",
)  # fmt: skip
_FORM_B06 = (
    {"period_month": "DATE"}
    | dict.fromkeys(("agency_code", "field_code", "field_name", "row_kind"), "VARCHAR")
    | _CELLS_B06
)
_FORM_B06_UNALLOCATED = (
    {"period_month": "DATE", "agency_valid_from": "DATE"}
    | dict.fromkeys(("agency_code", "field_code", "field_name"), "VARCHAR")
    | _CELLS_B06
)
_WEIGHT = pa.decimal128(9, 8)
_AGENCIES = pa.schema(
    [(name, pa.date32() if name.endswith(("_from", "_to")) else pa.string()) for name in AGENCY_COLUMNS]
)
_SUCCESSIONS = pa.schema(
    [
        (name, _WEIGHT if name == "weight" else pa.date32() if name.endswith(("_from", "_date")) else pa.string())
        for name in SUCCESSION_COLUMNS
    ]
)
_TRAILING_MONTHS = 12


class NotLanded(RuntimeError):
    """The newest read of an export failed, or there was none."""


def build_month(period: Period, settings: Settings, progress: Progress) -> Path:
    """Builds the month's file and returns its path; the old one stays until the new one is whole.

    Raises NotLanded when an export's newest receipt is missing or failed, BuildFailed when dbt says no.
    """
    reads = _landed(period, settings)
    with new_build_file(period, settings) as draft:
        corrected = sum(len(read.corrected) for read in reads)
        rows = sum(counts(Store(settings.raw), period, read)["accepted"] for read in reads)
        progress(f"build {period}: binding {rows} rows of {len(reads)} exports, {corrected} corrected by people")
        _bind(draft, period, settings, reads)
        run_dbt_build(settings, draft, draft.parent / "target", progress)
    return settings.build_file(period)


def _landed(period: Period, settings: Settings) -> list[Standing]:
    store, reads, faults = Store(settings.raw), list[Standing](), []
    for name in load_exports(settings.profiles):
        receipt = store.newest(name, period)
        if receipt is None:
            faults.append(f"{name} was never read: cchc land {name} {period}")
        elif receipt.status != "landed":
            faults.append(f"the last read of {name} failed ({receipt.error}): cchc land {name} {period}")
        elif state := standing(store, name, period):
            reads.append(state)
    if faults:
        raise NotLanded(f"{period} cannot be built: " + "; ".join(faults))
    return reads


def _bind(path: Path, period: Period, settings: Settings, reads: list[Standing]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'; create schema landing; create schema published")
        _bind_period(connection, period)
        _bind_receipts(connection, period, settings, reads)
        _bind_rows(connection, period, settings, reads)
        bind_agencies(connection, settings)
        _table(connection, "landing.local_swapped_days", swapped_days(settings))
        _table(connection, "landing.local_office_hours", office_hours(settings))
        _bind_published(connection, period, settings)
        bind_history(connection, period, settings)
        connection.execute(
            "create table landing.withheld_cells (scope VARCHAR, agency_code VARCHAR, indicator_code VARCHAR)"
        )


def _bind_period(connection: duckdb.DuckDBPyConnection, period: Period) -> None:
    connection.execute(
        "create table landing.period as select $1::date as period_month, $2::varchar as reporting_calendar, "
        "$3::timestamptz as starts_at, $4::timestamptz as ends_at, $5::date as first_date, $6::date as last_date, "
        "$7::date as previous_month",
        [period.first_of_month, period.calendar, period.starts_at, period.ends_at, period.first_date, period.last_date,
         period.previous().first_of_month],
    )  # fmt: skip


def _bind_receipts(
    connection: duckdb.DuckDBPyConnection, period: Period, settings: Settings, reads: list[Standing]
) -> None:
    """What is in force of each export. Its `batch_id` names the corrections too, so that they change the month's fingerprint."""
    store, before = Store(settings.raw), period
    fields = [(name, pa.string()) for name in _RECEIPT_TEXTS] + [(name, pa.int64()) for name in _RECEIPT_COUNTS]
    rows = [
        read.receipt.model_dump(include={name for name, _ in fields})
        | counts(store, period, read)
        | {"batch_id": read.batch}
        for read in reads
    ]
    _table(connection, "landing.exports", pa.Table.from_pylist(rows, schema=pa.schema(fields)))
    # Beside, not inside: the fingerprint of a month holds no clock.
    connection.execute("create table landing.reads (export VARCHAR, started_at TIMESTAMPTZ)")
    for read in reads:
        started = [read.receipt.export, read.receipt.started_at]
        connection.execute("insert into landing.reads values (?, ?)", started)
    connection.execute("create table landing.history (export VARCHAR, period_month DATE, rows_read BIGINT)")
    for _ in range(_TRAILING_MONTHS):
        before = before.previous()
        for read in reads:
            newest = store.newest(read.receipt.export, before)
            earlier = standing(store, read.receipt.export, before) if newest and newest.status == "landed" else None
            if earlier:
                row = [read.receipt.export, before.first_of_month, counts(store, before, earlier)["rows_read"]]
                connection.execute("insert into landing.history values (?, ?, ?)", row)


def _bind_rows(
    connection: duckdb.DuckDBPyConnection, period: Period, settings: Settings, reads: list[Standing]
) -> None:
    store = Store(settings.raw)
    _table(connection, "landing.rejects", REJECTS.insert(0, pa.field("export", pa.string())).empty_table())
    for read in reads:
        names = pa.array([read.receipt.export] * len(read.open), pa.string())
        _table(connection, "landing.rejects", read.open.add_column(0, "export", names))
    connection.execute("create table landing.accepted_rows (entity VARCHAR, agency_code VARCHAR, accepted BIGINT)")
    for entity, contract in CONTRACTS.items():
        _bind_entity(connection, store, period, entity, contract, [r for r in reads if r.receipt.entity == entity])


def _bind_entity(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    period: Period,
    entity: str,
    contract: Contract,
    reads: list[Standing],
) -> None:
    """A view of the batches where they lie, and of rows that people corrected. Staging reads it, once; the gate never does."""
    schema = contract.schema().append(pa.field("export", pa.string())).append(pa.field("batch_id", pa.string()))
    parts = [f"from landing.corrected_{entity}"]
    _table(connection, f"landing.corrected_{entity}", schema.empty_table())
    types = connection.execute(f"describe landing.corrected_{entity}").fetchall()
    for read in reads:
        receipt, corrected = read.receipt, read.new_rows()
        batch = store.rows_path(receipt.export, period, receipt.batch_id or "")
        # Batches of earlier versions may lack a column, or have it in another type.
        held = {name: name for name in pq.read_schema(batch).names}
        held |= {"export": "'{}'".format(receipt.export.replace("'", "''")), "batch_id": f"'{receipt.batch_id}'"}
        columns = ", ".join(f"cast({held.get(name, 'null')} as {kind}) as {name}" for name, kind, *_ in types)
        parts.append(f"select {columns} from {parquet_rows(batch)}")
        names = pa.array([receipt.export] * len(corrected), pa.string())
        _table(connection, f"landing.corrected_{entity}", corrected.append_column("export", names))
    connection.execute(f"create view landing.{entity} as {' union all by name '.join(parts)}")
    if "agency_code" in schema.names:
        connection.execute(
            f"insert into landing.accepted_rows select '{entity}', agency_code, count(*) from landing.{entity} group by all"
        )


def bind_agencies(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What the deployment says of agencies beside the shipped seeds, and under which of them all report."""
    _table(connection, "landing.local_agencies", _typed(local_agencies(settings), _AGENCIES))
    _table(connection, "landing.local_successions", _typed(local_successions(settings), _SUCCESSIONS))
    codes = pa.array(sorted({*reporting_codes(settings, agencies(settings))}), pa.string())
    _table(connection, "landing.reporting_provinces", pa.table({"agency_code": codes}))


def _typed(rows: Sequence[Agency | Succession], schema: pa.Schema) -> pa.Table:
    """A table of the rows; a text that is blank becomes null, as it does in a seed."""
    columns = {f.name: [None if (v := getattr(row, f.name)) == "" else v for row in rows] for f in schema}
    return pa.table({f.name: pa.array(columns[f.name], f.type) for f in schema})


def _bind_published(connection: duckdb.DuckDBPyConnection, period: Period, settings: Settings) -> None:
    """The year's earlier months as published, and the month before the year for what it carried over."""
    year = period.earlier_in_year()
    before_year = (year or [period])[0].previous()
    manifests = {month: current(settings, month) for month in (before_year, *year)}
    connection.execute("create table landing.year_months (period_month DATE, revision INTEGER)")
    connection.execute("create table landing.ytd_basis (period_month DATE, revision INTEGER)")
    for month, manifest in manifests.items():
        row = [month.first_of_month, manifest.revision if manifest else None]
        connection.execute("insert into landing.ytd_basis values (?, ?)", row)
        if month in year:
            connection.execute("insert into landing.year_months values (?, ?)", row)
    published = [(month, manifest) for month, manifest in manifests.items() if manifest]
    in_year = [manifest for month, manifest in published if month in year]
    month_rows = "where scope = 'month'"
    for name, table, columns, where in (
        ("indicator_values", "indicator_values", _INDICATORS, month_rows),
        ("unallocated_values", "unallocated_values", _UNALLOCATED, ""),
        ("form_b06", "mart_form_b06", _FORM_B06, month_rows),
        ("form_b06_unallocated", "mart_form_b06_unallocated", _FORM_B06_UNALLOCATED, ""),
    ):
        # A month published before a table existed has none of its rows.
        rows = [table_rows(settings, manifest, table) for manifest in in_year if table in manifest.tables]
        _view(connection, f"published.{name}", columns, rows, where)
    # The month before the year is asked for what it left pending, and nothing else.
    dossiers = [_dossier_rows(connection, settings, manifest, month in year) for month, manifest in published]
    _view(connection, "published.dossiers", _DOSSIERS, dossiers, "")


def _dossier_rows(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest, is_in_year: bool
) -> str:
    """SQL for a month's published dossiers. Columns that it was published without are null before the year.

    Raises SnapshotOutdated when a month of the year lacks one.
    """
    rows = table_rows(settings, manifest, "fct_dossiers")
    found = {row[0] for row in connection.execute(f"describe from {rows}").fetchall()}
    missing = [column for column in _DOSSIERS if column not in found]
    if missing and is_in_year:
        raise SnapshotOutdated(
            f"{manifest.period} revision {manifest.revision} has no {', '.join(missing)} in fct_dossiers: an earlier version "
            f'published it; close it again first, cchc close {manifest.period} --reason "…"'
        )
    nulls = "".join(f", cast(null as {_DOSSIERS[column]}) as {column}" for column in missing)
    return f"(select *{nulls} from {rows})"


def _view(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], tables: list[str], where: str
) -> None:
    """A view of the columns over published tables; an empty table of the same columns where there are none."""
    if tables:
        rows = " union all ".join(f"select {', '.join(columns)} from {table} {where}" for table in tables)
        connection.execute(f"create view {name} as {rows}")
    else:
        connection.execute(f"create table {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Creates the table from Arrow, or appends to it when it is there."""
    connection.register("arrow_rows", rows)
    schema, table = name.split(".")
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchone()
    exists = bool(found and found[0])
    connection.execute(
        f"insert into {name} by name select * from arrow_rows"
        if exists
        else f"create table {name} as select * from arrow_rows"
    )
    connection.unregister("arrow_rows")

"""The analysts' file: every published month's current revision, swapped in whole by one rename.

A release is a copy of the old file with the months that changed replaced: but for the copying its cost follows the month.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pyarrow as pa

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED
from snapshots.comments import describe
from snapshots.copying import copy_large
from snapshots.store import Manifest, current, manifests, published_periods, table_rows

# Reference tables stand as the newest published month has them.
REFERENCE = ("dim_agencies", "agency_succession", "dim_indicators", "dim_working_days")
# Made in this order from what the file holds, once it holds these tables; they compute when they are read.
VIEWS = {
    ("agency_succession", "unallocated_values"): ("agency_shares_on", "indicator_values_on", "indicator_values_today"),
    ("mart_form_b06_unallocated",): ("mart_form_b06_on", "mart_form_b06_today"),
}
# Kept month by month, shown with one row per key: that of the newest published month that has it. With the flag that only
# the newest month can grant, and the token that says the same.
LATEST = {
    "dim_certificates": ("serial", "is_valid", "valid"),
    "dim_procedures": ("agency_code, procedure_code, valid_from", "is_in_force", "in_force"),
}

# What this file knows of a row beside the published columns.
_MORE = {"indicator_values": ", {revision}::integer as revision", "fct_dossiers": ", true as is_latest"}

# The books that are kept beside the published tables.
BOOKS = {
    "snapshots": """create table if not exists snapshots (
        period_month DATE, reporting_calendar VARCHAR, first_date DATE, last_date DATE, revision INTEGER,
        is_current BOOLEAN, published_at TIMESTAMPTZ, reason VARCHAR, ytd_basis JSON, verdict_run VARCHAR,
        warnings INTEGER, waivers INTEGER, withheld INTEGER, seal VARCHAR)""",
    "withheld_cells": """create table if not exists withheld_cells (
        period_month DATE, revision INTEGER, scope VARCHAR, agency_code VARCHAR, indicator_code VARCHAR, checks VARCHAR[])""",
    "quality_results": """create table if not exists quality_results (
        period_month DATE, run VARCHAR, evaluated_at TIMESTAMPTZ, check_id VARCHAR, severity VARCHAR, scope VARCHAR,
        outcome VARCHAR, rows_checked BIGINT, failed_rows BIGINT, bounds JSON, agency_codes VARCHAR[], sample_keys VARCHAR[],
        detail VARCHAR,
        waivers STRUCT(waiver VARCHAR, agency VARCHAR, "rows" BIGINT, rows_at_most BIGINT, reason VARCHAR, ground VARCHAR,
            requested_by VARCHAR, approved_by VARCHAR, approved_through VARCHAR, expires_at TIMESTAMPTZ)[],
        withheld_cells BIGINT)""",
    "alert_deliveries": """create table if not exists alert_deliveries (
        message_id VARCHAR, kind VARCHAR, period_month DATE, run VARCHAR, contact VARCHAR, title VARCHAR,
        written_at TIMESTAMPTZ, channel VARCHAR, outcome VARCHAR, tries INTEGER, tried_at TIMESTAMPTZ)""",
    "source_health": """create table if not exists source_health (
        export VARCHAR, source VARCHAR, period_month DATE, reads BIGINT, failed_reads BIGINT, batches BIGINT,
        last_status VARCHAR, last_error VARCHAR, last_read_at TIMESTAMPTZ, rows_read BIGINT, accepted BIGINT,
        rejected BIGINT, exact_duplicates BIGINT, withheld BIGINT, requests BIGINT, retries BIGINT, bytes BIGINT,
        kind VARCHAR, accepted_because VARCHAR, new_columns VARCHAR[], resumed_pages BIGINT,
        files STRUCT(name VARCHAR, bytes BIGINT, sha256 VARCHAR)[],
        requests_log STRUCT("at" TIMESTAMPTZ, what VARCHAR, status VARCHAR, bytes BIGINT, seconds DOUBLE, attempt INTEGER)[],
        open_rejects BIGINT, corrected_rejects BIGINT, repeat_offenders VARCHAR[], hours_to_repair DOUBLE)""",
    "source_requests": """create table if not exists source_requests (
        export VARCHAR, source VARCHAR, period_month DATE, read BIGINT, "at" TIMESTAMPTZ, what VARCHAR, status VARCHAR,
        bytes BIGINT, seconds DOUBLE, attempt INTEGER)""",
}


@dataclass(frozen=True)
class Held:
    """What the analysts' file has already: runs of the gate by month, and the number of reads by export and month."""

    runs: set[tuple[date, str]]
    reads: dict[tuple[str, date], int]


def is_outdated(settings: Settings) -> bool:
    """Whether an earlier version of this program made the file with other columns: then it is rebuilt."""
    if not settings.analysts_file.exists():
        return False
    with duckdb.connect() as expected, duckdb.connect(str(settings.analysts_file), read_only=True) as found:
        expected.execute(";".join(BOOKS.values()))
        dossiers = dict(_columns(found, "fct_dossiers"))
        return any(_columns(expected, table) != _columns(found, table) for table in BOOKS) or bool(
            dossiers and "is_latest" not in dossiers
        )


def _columns(connection: duckdb.DuckDBPyConnection, table: str, schema: str = "main") -> list[tuple[str, str]]:
    return connection.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ? and schema_name = ?", [table, schema]
    ).fetchall()


def held(settings: Settings) -> Held:
    """Lets a release bring only what is new. For a file that is there."""
    with duckdb.connect(str(settings.analysts_file), read_only=True) as connection:
        runs = connection.execute("select distinct period_month, run from quality_results").fetchall()
        reads = connection.execute("select export, period_month, reads from source_health").fetchall()
    return Held({(month, run) for month, run in runs}, {(export, month): count for export, month, count in reads})


@contextmanager
def copied(settings: Settings) -> Iterator[Future[Path] | None]:
    """A copy of the file for `release`, made beside what the block does: it takes longer the more months there are.

    None where there is no file. For the holder of the writer's lock.
    """
    if not settings.analysts_file.exists():
        yield None
        return
    draft = _draft(settings)
    try:
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(copy_large, settings.analysts_file, draft)
    finally:
        draft.unlink(missing_ok=True)


def _draft(settings: Settings) -> Path:
    """A name of its own each time: DuckDB keeps files that this process had open under their names."""
    final = settings.analysts_file
    final.parent.mkdir(parents=True, exist_ok=True)
    for leftover in final.parent.glob(".warehouse.*.duckdb*"):
        leftover.unlink()
    return final.with_name(f".warehouse.{uuid4().hex}.duckdb")


def release(
    copy: Future[Path] | None,
    settings: Settings,
    quality: list[dict[str, Any]],
    health: list[dict[str, Any]],
    requests: list[dict[str, Any]],
    deliveries: list[dict[str, Any]],
) -> bool:
    """Brings a copy of the file to every month's current revision and swaps it in; returns whether anything changed.

    `quality` holds the check results of runs that the file has not, `health` the new state of exports and months,
    `requests` those of reads that it has not, `deliveries` the whole ledger of alerts. Without a copy the
    file is made from the snapshots alone; give it everything then.
    """
    final = settings.analysts_file
    draft = copy.result() if copy else _draft(settings)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("set timezone = 'UTC'; create schema if not exists monthly")
        connection.execute(";".join(BOOKS.values()))
        stale = _stale(connection, settings)
        if not _replaces(connection, stale):
            # No row goes, so there is nothing to tidy up: to look for it takes longer the more months there are.
            connection.execute("set max_vacuum_tasks = 0")
        connection.execute("create temp table touched (dossier_code VARCHAR)")
        for manifest in stale:
            _replace_month(connection, settings, manifest)
        if stale:
            _replace_dossiers(connection)
            _replace_references(connection, settings)
        replace_views(connection)
        for row in health:
            connection.execute(
                "delete from source_health where export = ? and period_month = ?", [row["export"], row["period_month"]]
            )
        _insert(connection, "source_health", health)
        _insert(connection, "source_requests", requests)
        _insert(connection, "quality_results", quality)
        connection.execute("delete from alert_deliveries")
        _insert(connection, "alert_deliveries", deliveries)
        describe(connection, settings.dbt_project)
        connection.execute("checkpoint")
    if not (stale or quality or health) and final.exists():
        draft.unlink()
        return False
    draft.chmod(0o644)
    os.replace(draft, final)
    return True


def _stale(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Manifest]:
    """Current revisions that the file does not hold, oldest month first."""
    rows = connection.execute(
        "select strftime(period_month, '%Y-%m'), revision from snapshots where is_current"
    ).fetchall()
    in_file = dict(rows)
    newest = (current(settings, period) for period in published_periods(settings))
    return [m for m in newest if m and in_file.get(m.period) != m.revision]


def _replaces(connection: duckdb.DuckDBPyConnection, stale: list[Manifest]) -> bool:
    """Whether the file holds an older revision of one of the months."""
    known = {row[0] for row in connection.execute("select strftime(period_month, '%Y-%m') from snapshots").fetchall()}
    return any(manifest.period in known for manifest in stale)


def _replace_month(connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest) -> None:
    period = settings.period(manifest.period)
    month = period.first_of_month
    connection.execute("begin")
    for table in PUBLISHED:
        # A month published before a table existed has none of its rows.
        if table.name in REFERENCE or table.name not in manifest.tables:
            continue
        name = f"monthly.{table.name}" if table.name in LATEST else table.name
        more = _MORE.get(table.name, "").format(revision=manifest.revision)
        rows = f"select *{more} from {table_rows(settings, manifest, table.name)}"
        _make_room(connection, name, rows)
        if name == "fct_dossiers":
            _touch(connection, month, rows)
        connection.execute(f"delete from {name} where period_month = ?", [month])
        connection.execute(f"insert into {name} by name {rows}")
    connection.execute("delete from snapshots where period_month = ?", [month])
    for entry in manifests(settings, period):
        connection.execute(
            "insert into snapshots values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [month, entry.calendar, period.first_date, period.last_date, entry.revision,
             entry.revision == manifest.revision, entry.published_at,
             entry.reason, json.dumps(entry.ytd_basis), entry.verdict.get("run"), entry.verdict.get("warnings"),
             len(entry.waivers), len(entry.withheld), entry.seal],
        )  # fmt: skip
    _replace_withheld(connection, settings, period)
    connection.execute("commit")


def _replace_withheld(connection: duckdb.DuckDBPyConnection, settings: Settings, period: Period) -> None:
    """The cells without a figure of every revision of a month, each with the checks because of which it has none."""
    connection.execute("delete from withheld_cells where period_month = ?", [period.first_of_month])
    rows = [
        {"period_month": period.first_of_month, "revision": entry.revision, "agency_code": cell["agency"],
         "indicator_code": cell["indicator"]} | {name: cell[name] for name in ("scope", "checks")}
        for entry in manifests(settings, period) for cell in entry.withheld
    ]  # fmt: skip
    _insert(connection, "withheld_cells", rows)


def _make_room(connection: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    """Makes the table, or gives it the columns it lacks: months published before a column existed have nulls in it."""
    connection.execute(f"create table if not exists {name} as {rows} limit 0")
    known = {row[0] for row in connection.execute(f"describe {name}").fetchall()}
    for column, kind, *_ in connection.execute(f"describe {rows}").fetchall():
        if column not in known:
            connection.execute(f'alter table {name} add column "{column}" {kind}')


def _touch(connection: duckdb.DuckDBPyConnection, month: date, rows: str) -> None:
    """Notes the dossiers of the month as it was and as it will be: only their newest month can be another now."""
    connection.execute(
        f"insert into touched select dossier_code from ({rows}) "
        "union all select dossier_code from fct_dossiers where period_month = ?",
        [month],
    )


def _replace_dossiers(connection: duckdb.DuckDBPyConnection) -> None:
    """Of a dossier's rows that of its newest published month is the latest, for restated and late months alike."""
    connection.execute(
        "update fct_dossiers f set is_latest = n.is_latest from ("
        "select rowid as id, period_month = max(period_month) over (partition by dossier_code) as is_latest "
        "from fct_dossiers where dossier_code in (from touched)) n where f.rowid = n.id and f.is_latest <> n.is_latest"
    )
    connection.execute(
        "create or replace view dossiers as select * exclude (is_latest) from fct_dossiers where is_latest"
    )


def _replace_references(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    for name in REFERENCE:
        if newest := _newest_with(settings, name):
            connection.execute(f"create or replace table {name} as from {table_rows(settings, newest, name)}")
    for name, (key, flag, token) in LATEST.items():
        # What the agency's newest month no longer lists is kept for joins, but holds no longer.
        is_newest = "period_month = max(period_month) over (partition by agency_code)"
        held = f"{flag} and {is_newest} as {flag}"
        if "tokens" in {column for column, _ in _columns(connection, name, "monthly")}:
            held += (
                f", case when {is_newest} then tokens else list_filter(tokens, lambda t: t <> '{token}') end as tokens"
            )
        connection.execute(
            f"create or replace view {name} as select * replace ({held}) from monthly.{name} "
            f"qualify row_number() over (partition by {key} order by period_month desc) = 1"
        )


def replace_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the views over what the file holds anew; those whose tables no month has brought yet are left out."""
    tables_here = "select table_name from duckdb_tables() where database_name = current_database()"
    known = {row[0] for row in connection.execute(tables_here).fetchall()}
    for tables, views in VIEWS.items():
        if known.issuperset(tables):
            for name in views:
                connection.execute((Path(__file__).parent / "views" / f"{name}.sql").read_text(encoding="utf-8"))


def _newest_with(settings: Settings, table: str) -> Manifest | None:
    """The newest published month that has the table: those published before it existed have no file of it."""
    newest_first = (current(settings, period) for period in reversed(published_periods(settings)))
    return next((manifest for manifest in newest_first if manifest and table in manifest.tables), None)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        schema = connection.table(table).limit(0).to_arrow_table().schema
        connection.register("new_rows", pa.Table.from_pylist(rows, schema=schema))
        connection.execute(f"insert into {table} by name select * from new_rows")
        connection.unregister("new_rows")

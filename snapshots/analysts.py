"""The analysts' file: every published month's current revision, swapped in whole by one rename.

A release is a copy of the old file with the months that changed replaced, so its cost follows the month.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import duckdb
import pyarrow as pa

from cchc.settings import Settings
from cchc.tables import PUBLISHED
from snapshots.store import Manifest, current, manifests, published_periods, table_rows

# Reference tables stand as the newest published month has them.
REFERENCE = ("dim_agencies", "dim_indicators")
# Kept month by month, shown with one row per key: that of the newest published month that has it.
LATEST = {
    "dim_certificates": ("serial", "is_valid"),
    "dim_procedures": ("agency_code, procedure_code, valid_from", "is_in_force"),
}

# The books that are kept beside the published tables.
_BOOKS = {
    "snapshots": """create table if not exists snapshots (
        period_month DATE, reporting_calendar VARCHAR, first_date DATE, last_date DATE, revision INTEGER,
        is_current BOOLEAN, published_at TIMESTAMPTZ, reason VARCHAR, ytd_basis JSON, verdict_run VARCHAR,
        warnings INTEGER, waivers INTEGER, seal VARCHAR)""",
    "quality_results": """create table if not exists quality_results (
        period_month DATE, run VARCHAR, evaluated_at TIMESTAMPTZ, check_id VARCHAR, severity VARCHAR, scope VARCHAR,
        outcome VARCHAR, rows_checked BIGINT, failed_rows BIGINT, bounds JSON, agency_codes VARCHAR[], sample_keys VARCHAR[],
        detail VARCHAR,
        waivers STRUCT(waiver VARCHAR, agency VARCHAR, "rows" BIGINT, rows_at_most BIGINT, reason VARCHAR, ground VARCHAR,
            requested_by VARCHAR, approved_by VARCHAR, approved_through VARCHAR, expires_at TIMESTAMPTZ)[])""",
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
_COMMENTS = {
    "quality_results.bounds": "arguments of the check, and the bounds of the period that they name",
    "alert_deliveries.contact": "who was told, by the id in contacts.csv; addresses are kept nowhere",
    "alert_deliveries.channel": "kind of the channel and a hash of its address; none where no address is set",
    "alert_deliveries.outcome": "delivered, not_reached, no_address, or postponed to the next run",
    "snapshots.waivers": "how many waivers the revision rests on; quality_results names them",
    "quality_results.outcome": "held, failed, not_evaluated, or waived: failed, but all failing rows lie within waivers",
    "quality_results.waivers": "waivers that cover failing rows; a check that stays failed has more rows than they cover",
    "source_health.kind": "read: the whole month; changes: changed rows only; correction: rows that people corrected",
    "source_health.accepted_because": "why far fewer rows than usual were taken to be right; null when nobody said so",
    "source_health.new_columns": "columns of the source that the read before did not have; they are not read",
    "source_health.resumed_pages": "pages of the last read that an earlier, unfinished one had read",
    "source_health.requests_log": "every request of the last read; those of all reads are in source_requests",
    "source_health.open_rejects": "rows of the newest good read that stand rejected and nobody has corrected",
    "source_health.corrected_rejects": "rows of the newest good read that count as somebody corrected them",
    "source_health.repeat_offenders": "agency and column with rejects in this month and in the one before",
    "source_health.hours_to_repair": "median from the first read of a reject to its correction or to a read without it",
    "source_requests.read": "number of the read among those of its export and month",
    "source_requests.status": "the HTTP status, or what went wrong when there was no answer",
    "source_requests.bytes": "bytes of the body",
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
        expected.execute(";".join(_BOOKS.values()))
        return any(_columns(expected, table) != _columns(found, table) for table in _BOOKS)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ? and schema_name = 'main'", [table]
    ).fetchall()


def held(settings: Settings, rebuild: bool = False) -> Held:
    """Lets a release bring only what is new; nothing is held when the file is to be rebuilt."""
    if rebuild or not settings.analysts_file.exists():
        return Held(set(), {})
    with duckdb.connect(str(settings.analysts_file), read_only=True) as connection:
        runs = connection.execute("select distinct period_month, run from quality_results").fetchall()
        reads = connection.execute("select export, period_month, reads from source_health").fetchall()
    return Held({(month, run) for month, run in runs}, {(export, month): count for export, month, count in reads})


def release(
    settings: Settings,
    quality: list[dict[str, Any]],
    health: list[dict[str, Any]],
    requests: list[dict[str, Any]],
    deliveries: list[dict[str, Any]],
    rebuild: bool = False,
) -> bool:
    """Brings the analysts' file to every month's current revision and swaps it in; returns whether anything changed.

    `quality` holds the check results of runs that the file has not, `health` the new state of exports and months,
    `requests` those of reads that it has not, `deliveries` the whole ledger of alerts. With `rebuild` the
    file is made from the snapshots alone; give it everything then.
    """
    final = settings.analysts_file
    final.parent.mkdir(parents=True, exist_ok=True)
    for leftover in final.parent.glob(".warehouse.*.duckdb*"):
        leftover.unlink()
    # A name of its own each time: DuckDB keeps files that this process had open under their names.
    draft = final.with_name(f".warehouse.{uuid4().hex}.duckdb")
    if final.exists() and not rebuild:
        shutil.copyfile(final, draft)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("set timezone = 'UTC'; create schema if not exists monthly")
        connection.execute(";".join(_BOOKS.values()))
        for column, text in _COMMENTS.items():
            connection.execute(f"comment on column {column} is '{text}'")
        stale = _stale(connection, settings)
        for manifest in stale:
            _replace_month(connection, settings, manifest)
        if stale:
            _replace_references(connection, settings)
        for row in health:
            connection.execute(
                "delete from source_health where export = ? and period_month = ?", [row["export"], row["period_month"]]
            )
        _insert(connection, "source_health", health)
        _insert(connection, "source_requests", requests)
        _insert(connection, "quality_results", quality)
        connection.execute("delete from alert_deliveries")
        _insert(connection, "alert_deliveries", deliveries)
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


def _replace_month(connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest) -> None:
    period = settings.period(manifest.period)
    month = period.first_of_month
    connection.execute("begin")
    for table in PUBLISHED:
        if table.name in REFERENCE:
            continue
        name = f"monthly.{table.name}" if table.name in LATEST else table.name
        extra = f", {manifest.revision}::integer as revision" if table.name == "indicator_values" else ""
        rows = f"select *{extra} from {table_rows(settings, manifest, table.name)}"
        _make_room(connection, name, rows)
        if name == "fct_dossiers":
            _make_room(connection, "dossiers", rows)
            _touch(connection, month, rows)
        connection.execute(f"delete from {name} where period_month = ?", [month])
        connection.execute(f"insert into {name} by name {rows}")
    _replace_dossiers(connection)
    connection.execute("delete from snapshots where period_month = ?", [month])
    for entry in manifests(settings, period):
        connection.execute(
            "insert into snapshots values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [month, entry.calendar, period.first_date, period.last_date, entry.revision,
             entry.revision == manifest.revision, entry.published_at,
             entry.reason, json.dumps(entry.ytd_basis), entry.verdict.get("run"), entry.verdict.get("warnings"),
             len(entry.waivers), entry.seal],
        )  # fmt: skip
    connection.execute("commit")


def _make_room(connection: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    """Makes the table, or gives it the columns it lacks: months published before a column existed have nulls in it."""
    connection.execute(f"create table if not exists {name} as {rows} limit 0")
    known = {row[0] for row in connection.execute(f"describe {name}").fetchall()}
    for column, kind, *_ in connection.execute(f"describe {rows}").fetchall():
        if column not in known:
            connection.execute(f'alter table {name} add column "{column}" {kind}')


def _touch(connection: duckdb.DuckDBPyConnection, month: date, rows: str) -> None:
    """Notes the dossiers of the month as it was and as it will be: only theirs can change in `dossiers`."""
    connection.execute(
        f"create or replace temp table touched as select dossier_code from ({rows}) "
        "union select dossier_code from dossiers where period_month = ?",
        [month],
    )


def _replace_dossiers(connection: duckdb.DuckDBPyConnection) -> None:
    """One row per dossier, that of its newest published month, for restated and late months alike."""
    connection.execute("delete from dossiers where dossier_code in (from touched)")
    connection.execute(
        "insert into dossiers by name from fct_dossiers where dossier_code in (from touched) "
        "qualify row_number() over (partition by dossier_code order by period_month desc) = 1"
    )


def _replace_references(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    newest = current(settings, published_periods(settings)[-1])
    assert newest is not None
    for name in REFERENCE:
        connection.execute(f"create or replace table {name} as from {table_rows(settings, newest, name)}")
    for name, (key, flag) in LATEST.items():
        # What the agency's newest month no longer lists is kept for joins, but holds no longer.
        connection.execute(
            f"create or replace view {name} as select * replace "
            f"({flag} and period_month = max(period_month) over (partition by agency_code) as {flag}) from monthly.{name} "
            f"qualify row_number() over (partition by {key} order by period_month desc) = 1"
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        schema = connection.table(table).limit(0).to_arrow_table().schema
        connection.register("new_rows", pa.Table.from_pylist(rows, schema=schema))
        connection.execute(f"insert into {table} by name select * from new_rows")
        connection.unregister("new_rows")

"""What every table and column of the analysts' file means, kept in it as comments.

Published tables are described where they are declared, in the dbt project; the books and views beside them here. The file is
described anew at every release, so months published before a text was written or mended have it as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml

_MONTH = "First day of the month that names the reporting month."
_EXPORT = "Export of a profile, for example portal_dossiers."
_SOURCE = "Source system of the export: portal, dms, ca, …"

# What is kept beside the published tables, and what is made of them.
_TABLES = {
    "dossiers": "One row per dossier: that of its newest published month. Flags and states are those of the row's period_month.",
    "dim_procedures": "One row per agency, procedure and first day of validity, as the newest month that lists it has it; "
    "in force only where the agency's newest month says so. Every month's rows are in monthly.dim_procedures.",
    "dim_certificates": "One row per serial, as the newest month that lists it has it; valid only where the agency's newest "
    "month says so. Every month's rows are in monthly.dim_certificates.",
    "snapshots": "One row per published month and revision: the seal's own data. Figures come from the current revision.",
    "quality_results": "One row per month, run of the gate and check: what held, what failed, on which rows; failed months too.",
    "withheld_cells": "One row per month, revision and cell of indicator_values without a figure because checks failed.",
    "source_health": "One row per export and month: how often it was read, and what the newest read brought.",
    "source_requests": "One row per request of every read of a source.",
    "indicator_values_today": "indicator_values by the agencies of today, the last day of the newest published month; "
    "indicator_values_on(date) by those of a date.",
    "mart_form_b06_today": "mart_form_b06 by the agencies of today, the last day of the newest published month; "
    "mart_form_b06_on(date) by those of a date.",
    "alert_deliveries": "One row per try to tell a contact of something, through each channel.",
}
# What differs in views of another date from the table that they are made of.
_ON_A_DATE = {
    "agency_code": "Agency of that date; null where nobody can allocate the figure.",
    "level": "commune, district or province on that date; unallocated.",
    "district_code": "District on that date; null where there is none or the parts lie in several.",
    "province_code": "Province on that date; null where the parts lie in several.",
}
_COLUMNS: dict[str, dict[str, str]] = {
    "indicator_values_today": _ON_A_DATE
    | {
        "numerator": "Count; of a split with weights a decimal part of one.",
        "state": "ok, not_applicable, not_measured, withheld, incomplete or unallocated.",
        "coverage": "Share of the parts that were measured.",
    },
    "mart_form_b06_today": _ON_A_DATE | {"state": "ok, not_measured, withheld, incomplete or unallocated."},
    "indicator_values": {"revision": "Current revision of the month, from which the row comes."},
    "fct_dossiers": {
        "is_latest": "Whether the month is the newest published one that has the dossier: its row in dossiers."
    },
    "snapshots": {
        "period_month": _MONTH,
        "reporting_calendar": "nd09 (15th to 14th) or calendar.",
        "first_date": "First local day counted.",
        "last_date": "Last local day counted.",
        "revision": "Number of the revision, from 1.",
        "is_current": "Whether the other tables hold this revision.",
        "published_at": "Instant of publication.",
        "reason": "Why it was published.",
        "ytd_basis": "Earlier month to the revision of it that the year to date rests on; null where it was not published.",
        "verdict_run": "Run of the gate that let it through; with the month the key of its rows in quality_results.",
        "warnings": "Warnings that did not hold in that run.",
        "waivers": "How many waivers the revision rests on; quality_results names them.",
        "withheld": "How many cells of indicator_values the revision withholds; withheld_cells names them.",
        "seal": "sha256 of the manifest: cchc verify compares it.",
    },
    "quality_results": {
        "period_month": _MONTH,
        "run": "Number of the gate's run over the month.",
        "evaluated_at": "When the gate ran.",
        "check_id": "Name of the check: frame and rule.",
        "severity": "critical (cells, or the whole month, are not published) or warning (published, and told).",
        "scope": "cell: the failing rows spoil figures of the agencies they name; period: they put the month in doubt.",
        "outcome": "held, failed, not_evaluated; waived: failed, but all failing rows lie within waivers; withheld: failed, and "
        "published without the figures that rest on those rows.",
        "rows_checked": "Rows that were looked at.",
        "failed_rows": "Rows that did not hold.",
        "bounds": "Arguments of the check, and the bounds of the period that they name.",
        "agency_codes": "Agencies of those rows, the one with most rows first.",
        "sample_keys": "At most five keys of those rows.",
        "detail": "Why it was not evaluated; null otherwise.",
        "waivers": "Waivers that cover failing rows; a check that stays failed has more rows than they cover.",
        "withheld_cells": "How many cells are withheld because of it; null where none can be.",
    },
    "withheld_cells": {
        "period_month": _MONTH,
        "revision": "Revision that withholds the cell.",
        "scope": "month or ytd.",
        "agency_code": "Agency or roll-up whose figure it is.",
        "indicator_code": "Code of the indicator.",
        "checks": "Checks because of which it is withheld: quality_results has their rows.",
    },
    "alert_deliveries": {
        "message_id": "Digest of what was told and to whom: one message is told once.",
        "kind": "What it was about: a verdict, a failed step, new columns, waivers in use, or an escalation.",
        "period_month": _MONTH,
        "run": "Run of the gate; null when it was not about one.",
        "contact": "Who was told, by the id in contacts.csv; addresses are kept nowhere.",
        "title": "First line of the message.",
        "written_at": "When the message was written.",
        "channel": "Kind of the channel and a hash of its address; none where no address is set.",
        "outcome": "delivered, not_reached, no_address, or postponed to the next run.",
        "tries": "How often the channel was tried in that run.",
        "tried_at": "When it was tried.",
    },
    "source_health": {
        "export": _EXPORT,
        "source": _SOURCE,
        "period_month": _MONTH,
        "reads": "Reads of the month so far.",
        "failed_reads": "Those of them that failed.",
        "batches": "Different contents that were read.",
        "last_status": "landed or failed: the newest read.",
        "last_error": "Why it failed; null when it did not.",
        "last_read_at": "When it ended.",
        "rows_read": "Rows of the newest read = accepted + rejected + exact_duplicates + withheld.",
        "accepted": "Rows that met their contract.",
        "rejected": "Rows that did not.",
        "exact_duplicates": "Rows equal to another one in every column of the contract.",
        "withheld": "Secret documents: counted, never written.",
        "requests": "Requests of the newest read.",
        "retries": "Those of them that repeated another.",
        "bytes": "Bytes of the bodies.",
        "kind": "read: the whole month; changes: changed rows only; correction: rows that people corrected.",
        "accepted_because": "Why far fewer rows than usual were taken to be right; null when nobody said so.",
        "new_columns": "Columns of the source that the read before did not have; they are not read.",
        "resumed_pages": "Pages of the last read that an earlier, unfinished one had read.",
        "files": "Files of the newest read, of a source that is a folder.",
        "requests_log": "Every request of the last read; those of all reads are in source_requests.",
        "open_rejects": "Rows of the newest good read that stand rejected and nobody has corrected.",
        "corrected_rejects": "Rows of the newest good read that count as somebody corrected them.",
        "repeat_offenders": "Agency and column with rejects in this month and in the one before.",
        "hours_to_repair": "Median from the first read of a reject to its correction or to a read without it.",
    },
    "source_requests": {
        "export": _EXPORT,
        "source": _SOURCE,
        "period_month": _MONTH,
        "read": "Number of the read among those of its export and month.",
        "at": "When it was asked.",
        "what": "What was asked: method and path, without secrets.",
        "status": "The HTTP status, or what went wrong when there was no answer.",
        "bytes": "Bytes of the body.",
        "seconds": "How long the answer took.",
        "attempt": "1, or more for a repetition.",
    },
}
_OLD = "Of months that an earlier version of this program published; later ones do not have it."


def describe(connection: duckdb.DuckDBPyConnection, dbt_project: Path) -> None:
    """Sets the comment of every table, view and column that has another one or none.

    A column of a view that is described nowhere else means what the column of that name means in the tables it reads.
    """
    published, columns = _of_dbt(dbt_project)
    for name, texts in _COLUMNS.items():
        columns[name] = columns.get(name, {}) | texts
    statements = []
    for schema, name, kind, sql, comment in _relations(connection):
        text = (published if schema == "monthly" else published | _TABLES).get(name)
        if text and text != comment:
            statements.append(f"comment on {kind} {schema}.{name} is {_quoted(text)}")
        known = columns.get(name, {})
        if kind == "view":
            known = {c: t for table, texts in columns.items() if table in sql for c, t in texts.items()} | known
        for column, comment in _columns(connection, schema, name):
            text = known.get(column, _OLD if kind == "table" else None)
            if text and text != comment:
                statements.append(f'comment on column {schema}.{name}."{column}" is {_quoted(text)}')
    connection.execute("begin")
    for statement in statements:
        connection.execute(statement)
    connection.execute("commit")


def _of_dbt(project: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Descriptions of facts, dimensions and marts, and of their columns."""
    tables, columns = {}, {}
    for path in sorted(project.glob("models/[fm]*/*__models.yml")):
        models: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for model in models:
            tables[model["name"]] = model["description"]
            columns[model["name"]] = {column["name"]: column["description"] for column in model["columns"]}
    return tables, columns


def _relations(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str, str | None]]:
    """Schema, name, kind (as COMMENT ON has it), SQL of a view, comment."""
    return connection.execute(
        "select schema_name, table_name, 'table', '', comment from duckdb_tables() where not temporary union all "
        "select schema_name, view_name, 'view', sql, comment from duckdb_views() where not internal and not temporary"
    ).fetchall()


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> list[tuple[str, str | None]]:
    return connection.execute(
        "select column_name, comment from duckdb_columns() where schema_name = ? and table_name = ?", [schema, name]
    ).fetchall()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

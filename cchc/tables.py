"""The tables a snapshot holds, the order of their rows, and the hash of their content.

The audit seals the hash into its verdict and publishing compares it; both therefore take it from here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

# Types whose text never holds the separator of cells.
_WITHOUT_SEPARATOR = frozenset({"BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE"})


@dataclass(frozen=True)
class Table:
    """A published table. `key` identifies a row and orders the rows."""

    name: str
    key: tuple[str, ...]


PUBLISHED = (
    Table("indicator_values", ("period_month", "reporting_calendar", "scope", "agency_code", "indicator_code")),
    Table(
        "unallocated_values",
        ("period_month", "reporting_calendar", "agency_code", "agency_valid_from", "indicator_code"),
    ),
    Table("fct_dossiers", ("period_month", "dossier_code")),
    Table("fct_documents", ("period_month", "document_id", "agency_code", "direction")),
    Table("fct_signatures", ("period_month", "signature_id")),
    Table("dim_agencies", ("agency_code", "valid_from")),
    Table("agency_succession", ("from_code", "from_valid_from", "to_code", "to_valid_from")),
    Table("dim_procedures", ("period_month", "agency_code", "procedure_code", "valid_from")),
    Table("dim_indicators", ("indicator_code", "definition_version")),
    Table("dim_certificates", ("period_month", "serial")),
    Table("dim_working_days", ("schedule_code", "calendar_date")),
    Table("mart_form_b06", ("period_month", "reporting_calendar", "scope", "agency_code", "field_code")),
    Table(
        "mart_form_b06_unallocated",
        ("period_month", "reporting_calendar", "agency_code", "agency_valid_from", "field_code"),
    ),
    Table("mart_form_01b", ("period_month", "reporting_calendar", "scope", "agency_code", "row_code")),
    Table("mart_index_766", ("period_month", "reporting_calendar", "scope", "agency_code", "component_code")),
    Table("mart_par_index", ("period_month", "reporting_calendar", "agency_code", "criterion_code")),
)


def parquet_rows(path: Path) -> str:
    """SQL for the rows of a Parquet file, wherever it is run."""
    quoted = str(path.resolve()).replace("'", "''")
    return f"read_parquet('{quoted}', hive_partitioning = false)"


def content_hash(connection: duckdb.DuckDBPyConnection, relation: str, key: tuple[str, ...]) -> str:
    """sha256 over the rows of `relation` in the order of `key`: equal content, equal hash, whatever file it lies in.

    The session's time zone is set to UTC, since instants are hashed by their text.
    """
    connection.execute("set timezone = 'UTC'")
    columns = sorted((row[0], row[1]) for row in connection.execute(f"describe select * from {relation}").fetchall())
    # One concat, since a chain of || copies the text of a row anew for every column.
    cells = ", ".join(f"coalesce('=' || {_text(name, type_)}, '-'), '|'" for name, type_ in columns)
    ((row_hashes,),) = connection.execute(
        f"select coalesce(string_agg(sha256(concat({cells})), '' order by {', '.join(key)}), '') from {relation}"
    ).fetchall()
    header = ",".join(f"{name} {type_}" for name, type_ in columns)
    return hashlib.sha256(f"{header}\n{row_hashes}".encode()).hexdigest()


def _text(column: str, type_: str) -> str:
    """The text of a cell, with every separator in it doubled."""
    text = f'"{column}"::varchar'
    return text if type_ in _WITHOUT_SEPARATOR else f"replace({text}, '|', '||')"


def fingerprint(connection: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, str]]:
    """One hash over the content of every table to publish and over the reads it rests on; and the hash of each table."""
    content = {t.name: content_hash(connection, t.name, t.key) for t in PUBLISHED}
    reads = content_hash(connection, "landing.exports", ("export",))
    text = "\n".join(f"{name}={digest}" for name, digest in sorted({**content, "landing.exports": reads}.items()))
    return hashlib.sha256(text.encode()).hexdigest(), content


def month_content(connection: duckdb.DuckDBPyConnection, content: dict[str, str]) -> str:
    """What later months of the year rest on: this month's own figures, form and dossiers, without its year to date."""
    month = content_hash(connection, "(from indicator_values where scope = 'month')", PUBLISHED[0].key)
    (key,) = (table.key for table in PUBLISHED if table.name == "mart_form_b06")
    month += content_hash(connection, "(from mart_form_b06 where scope = 'month')", key)
    rest = [content[name] for name in ("unallocated_values", "mart_form_b06_unallocated", "fct_dossiers")]
    return hashlib.sha256("".join([month, *rest]).encode()).hexdigest()

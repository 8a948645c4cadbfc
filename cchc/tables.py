"""The tables a snapshot holds, the order of their rows, and the hash of their content.

The audit seals the hash into its verdict and publishing compares it; both therefore take it from here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Table:
    """A published table. `key` identifies a row and orders the rows."""

    name: str
    key: tuple[str, ...]


PUBLISHED = (
    Table("indicator_values", ("period_month", "reporting_calendar", "scope", "agency_code", "indicator_code")),
    Table("fct_dossiers", ("period_month", "dossier_code")),
    Table("fct_documents", ("period_month", "document_id", "agency_code", "direction")),
    Table("fct_signatures", ("period_month", "signature_id")),
    Table("dim_agencies", ("agency_code", "valid_from")),
    Table("dim_procedures", ("period_month", "agency_code", "procedure_code", "valid_from")),
    Table("dim_indicators", ("indicator_code", "definition_version")),
    Table("dim_certificates", ("period_month", "serial")),
)


def content_hash(connection: duckdb.DuckDBPyConnection, relation: str, key: tuple[str, ...]) -> str:
    """sha256 over the rows of `relation` in the order of `key`: equal content, equal hash, whatever file it lies in.

    The session's time zone is set to UTC, since instants are hashed by their text.
    """
    connection.execute("set timezone = 'UTC'")
    columns = [row[0] for row in connection.execute(f"describe select * from {relation}").fetchall()]
    cells = " || ".join(f"coalesce('=' || replace(\"{c}\"::varchar, '|', '||'), '-') || '|'" for c in sorted(columns))
    ((row_hashes,),) = connection.execute(
        f"select coalesce(string_agg(sha256({cells}), '' order by {', '.join(key)}), '') from {relation}"
    ).fetchall()
    return hashlib.sha256((",".join(sorted(columns)) + "\n" + row_hashes).encode()).hexdigest()


def fingerprint(connection: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, str]]:
    """One hash over the content of every table to publish, and the content hash of each."""
    content = {t.name: content_hash(connection, t.name, t.key) for t in PUBLISHED}
    text = "\n".join(f"{name}={digest}" for name, digest in sorted(content.items()))
    return hashlib.sha256(text.encode()).hexdigest(), content

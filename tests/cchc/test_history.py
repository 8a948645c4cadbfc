"""What the gate compares a month with: nineteen months at most, of whatever was published, as it was published last."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from cchc.history import bind_history
from cchc.period import Period
from cchc.settings import Settings
from snapshots.store import Manifest, SnapshotDamaged, TableFile, revision_folder

PERIOD = Period.parse("2024-02")


def publish(settings: Settings, period: Period, received: int, revision: int = 1) -> Path:
    """A revision of the two tables that are read: one commune's received, one figure that is not known, two signatures."""
    folder = revision_folder(settings, period, revision)
    folder.mkdir(parents=True)
    month = f"date '{period.first_of_month}' as period_month"
    queries = {
        "indicator_values": f"""
            select {month}, 'month' as scope, '11122' as agency_code, 'dossiers_received' as indicator_code,
                {received} as numerator, null::bigint as denominator, 'ok' as state
            union all select {month}, 'ytd', '11122', 'dossiers_received', 999, null, 'ok'
            union all select {month}, 'month', '11122', 'signed_share', null, null, 'withheld'""",
        "fct_signatures": f"select {month}, '11122' as agency_code from range(2) union all select {month}, null",
    }
    tables = {}
    for name, query in queries.items():
        path = folder / f"{name}.parquet"
        duckdb.sql(query).write_parquet(str(path))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        tables[name] = TableFile(file=path.name, rows=3, sha256=digest, content=digest)
    manifest = Manifest(
        period=str(period), calendar=period.calendar, revision=revision, reason="", published_at=datetime.now(UTC),
        tables=tables, receipts=[], month_content="", ytd_basis={}, versions={}, verdict={},
    ).sealed()  # fmt: skip
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return folder


def bound(settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema landing")
    bind_history(connection, PERIOD, settings)
    return connection


def test_cost_follows_the_month_and_not_the_history(tmp_path: Path):
    settings, month = Settings(home=tmp_path), PERIOD
    for _ in range(50):
        month = month.previous()
        publish(settings, month, received=month.year * 100 + month.month)

    found = bound(settings)

    distances = [row[0] for row in found.execute("select distance from landing.earlier_months order by 1").fetchall()]
    assert distances == [*range(1, 14), 23, 24, 25, 35, 36, 37]
    figures = found.execute(
        "select distance, agency_code, indicator_code, numerator from landing.earlier_figures natural join "
        "landing.earlier_months where distance in (1, 12, 37) order by 1"
    ).fetchall()
    assert figures == [
        (1, "11122", "dossiers_received", 202401),
        (12, "11122", "dossiers_received", 202302),
        (37, "11122", "dossiers_received", 202101),
    ]
    signatures = "select period_month::varchar, agency_code, signatures from landing.earlier_signatures order by 1"
    assert found.execute(signatures).fetchall() == [
        ("2023-11-01", "11122", 2), ("2023-12-01", "11122", 2), ("2024-01-01", "11122", 2),
    ]  # fmt: skip


def test_a_month_counts_as_it_was_published_last_and_one_that_was_not_does_not(tmp_path: Path):
    settings, month = Settings(home=tmp_path), PERIOD.previous()
    publish(settings, month, received=5)
    publish(settings, month, received=7, revision=2)

    found = bound(settings)

    assert found.execute("select numerator from landing.earlier_figures").fetchall() == [(7,)]
    assert found.execute("select first_date::varchar, last_date::varchar from landing.earlier_months").fetchall() == [
        ("2023-12-15", "2024-01-14")
    ]


def test_a_file_that_is_not_the_one_sealed_is_not_compared_with(tmp_path: Path):
    settings = Settings(home=tmp_path)
    folder = publish(settings, PERIOD.previous(), received=5)
    with (folder / "indicator_values.parquet").open("ab") as file:
        file.write(b"x")

    with pytest.raises(SnapshotDamaged):
        bound(settings)

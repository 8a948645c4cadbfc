"""Runs by_hand.sql: all figures of a month by one DuckDB script over the Parquet that the build reads."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.served import EXPORTS
from cchc.period import Period
from cchc.settings import Settings
from ingest.store import Store
from snapshots.store import current, revision_folder

Figure = tuple[str, str, str, int | None, int | None]


def figures_by_hand(settings: Settings, period: Period) -> list[Figure]:
    """(scope, agency, indicator, numerator, denominator) of the communes and of the province."""
    store = Store(settings.raw)
    paths = {
        entity: [str(store.rows_path(export, period, receipt.batch_id or ""))]
        for export, entity in EXPORTS.items()
        if (receipt := store.newest(export, period))
    }
    earlier = [
        revision_folder(settings, month, manifest.revision)
        for month in period.earlier_in_year()
        if (manifest := current(settings, month))
    ]
    paths["earlier_figures"] = [str(folder / "indicator_values.parquet") for folder in earlier]
    paths["earlier_dossiers"] = [str(folder / "fct_dossiers.parquet") for folder in earlier]
    values = {
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
        "first_date": period.first_date,
        "last_date": period.last_date,
        "rollup": "99",
    }
    script = (Path(__file__).parent / "by_hand.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        agencies = settings.home / "agencies.csv"
        connection.execute(f"create temp table agencies as from read_csv('{agencies}', all_varchar = true)")
        for name, files in paths.items():
            quoted = ", ".join(f"'{file}'" for file in files)
            connection.execute(f"set variable {name} = [{quoted}]")
        for statement in filter(str.strip, script.split(";\n")):
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used)
        return connection.sql("select scope, agency_code, code, n, d from figures").fetchall()

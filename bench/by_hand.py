"""Runs by_hand/*.sql: what a close publishes of a month by one DuckDB script, from the Parquet that the build reads.

`python -m bench.by_hand HOME PERIOD FILE` makes the tables in the new DuckDB file FILE, `--figures` the figures alone; it
prints what each part took, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from bench.served import EXPORTS
from bench.took import Took, timed
from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED
from ingest.store import Store
from snapshots.store import current, revision_folder

SCRIPTS = Path(__file__).parent / "by_hand"
PARTS = ("registers", "calendar", "documents", "lives", "clock", "dossiers", "figures", "form_b06")
SHOWN = 3  # rows told of a table that differs
FIGURES_ALONE = ("figures_alone", "figures")
TABLES = (
    "fct_dossiers", "fct_documents", "fct_signatures", "dim_procedures", "dim_certificates", "dim_working_days",
    "indicator_values", "mart_form_b06",
)  # fmt: skip
# What is read of the year's earlier published months: rows and columns of which table.
_EARLIER = {
    "earlier_figures": (
        "indicator_values where scope = 'month'",
        "period_month date, agency_code varchar, indicator_code varchar, numerator bigint, denominator bigint",
    ),
    "earlier_dossiers": (
        "fct_dossiers",
        "agency_code varchar, procedure_code varchar, channel varchar, is_received boolean",
    ),
    "earlier_forms": (
        "mart_form_b06 where scope = 'month' and row_kind = 'field'",
        "period_month date, agency_code varchar, field_code varchar, field_name varchar, c4_received_online bigint, "
        "c5_received_otherwise bigint, c6_carried_over bigint, c8_ended_early bigint, c9_ended_on_time bigint, "
        "c10_ended_late bigint",
    ),
}


def run(settings: Settings, period: Period, file: Path, parts: Sequence[str] = PARTS) -> dict[str, Took]:
    """Runs the parts in one connection on the new DuckDB file `file`; returns what each took, and `writing` the file's end."""
    spent = dict[str, Took]()
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        _bind_earlier(connection, settings, period)
        values = _values(settings, period)
        for part in parts:
            with timed() as spent[part]:
                for statement in (SCRIPTS / f"{part}.sql").read_text(encoding="utf-8").split(";\n"):
                    if statement.strip():
                        connection.execute(
                            statement, {name: v for name, v in values.items() if f"${name}" in statement}
                        )
        with timed() as spent["writing"]:
            connection.execute("checkpoint")
    return spent


def differences(file: Path, build_file: Path, tables: tuple[str, ...] = TABLES) -> list[str]:
    """What differs between the tables by hand and those of the build, in any row or column; empty when nothing does."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{file}' as hand (read_only); attach '{build_file}' as build (read_only)")
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        for table in tables:
            by_hand, ours = (_columns(connection, f"{side}.main.{table}") for side in ("hand", "build"))
            if by_hand != ours:
                found.append(
                    f"{table}: columns by hand {sorted(by_hand - ours)}, of the build {sorted(ours - by_hand)}"
                )
            else:
                found += _differing_rows(connection, table, [name for name, _ in sorted(ours)])
    return found


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in connection.execute(f"describe {table}").fetchall()}


def _differing_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> Iterator[str]:
    """How many rows of a side the other does not have (or not as often), and what differs in the first of them."""
    (key,) = (one.key for one in PUBLISHED if one.name == table)
    rows = {side: f"select {', '.join(columns)} from {side}.main.{table}" for side in ("hand", "build")}
    shown_key = f"concat_ws(' ', {', '.join(f'mine.{name}' for name in key)})"
    same_key = " and ".join(f"mine.{name} is not distinct from other.{name}" for name in key)
    cells = ", ".join(
        f"case when mine.{name} is distinct from other.{name} then '{name} ' || coalesce(mine.{name}::varchar, 'null') "
        f"|| ', there ' || coalesce(other.{name}::varchar, 'null') end"
        for name in columns
        if name not in key
    )
    for side, other in (("hand", "build"), ("build", "hand")):
        alone = f"({rows[side]} except all {rows[other]})"
        ((count,),) = connection.execute(f"select count(*) from {alone}").fetchall()
        if count:
            examples = connection.execute(
                f"select {shown_key} || ': ' || if(other is null, 'not there', concat_ws('; ', {cells})) "
                f"from {alone} as mine left join {other}.main.{table} as other on {same_key} order by all limit {SHOWN}"
            ).fetchall()
            found = [f"{table}: {count:,} rows of `{side}` are not those of `{other}`", *(text for (text,) in examples)]
            yield "\n  ".join(found)


def _bind_earlier(connection: duckdb.DuckDBPyConnection, settings: Settings, period: Period) -> None:
    """The year's earlier published months as views of their files; empty tables where there are none."""
    folders = [
        revision_folder(settings, month, manifest.revision)
        for month in period.earlier_in_year()
        if (manifest := current(settings, month))
    ]
    for name, (rows, columns) in _EARLIER.items():
        table, _, where = rows.partition(" ")
        names = ", ".join(column.split()[0] for column in columns.split(", "))
        files = [str(folder / f"{table}.parquet") for folder in folders]
        connection.execute(
            f"create temp view {name} as select {names} from read_parquet({files}) {where}"
            if files
            else f"create temp table {name} ({columns})"
        )


def _values(settings: Settings, period: Period) -> dict[str, Any]:
    """What the scripts know of the month: its days and bounds, and where the files lie."""
    store, seeds = Store(settings.raw), settings.dbt_project / "seeds"
    batches = {
        entity: str(store.rows_path(export, period, receipt.batch_id or ""))
        for export, entity in EXPORTS.items()
        if (receipt := store.newest(export, period))
    }
    calendar = {name: str(seeds / f"{name}.csv") for name in ("holidays", "swapped_days", "office_hours")}
    return batches | calendar | {
        "agencies": str(settings.home / "agencies.csv"),
        "period_month": period.first_of_month,
        "calendar": period.calendar,
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
        "first_date": period.first_date,
        "last_date": period.last_date,
    }  # fmt: skip


if __name__ == "__main__":
    home, month, target, *rest = sys.argv[1:]
    spent = run(
        Settings(home=Path(home)), Period.parse(month), Path(target), FIGURES_ALONE if "--figures" in rest else PARTS
    )
    sys.stdout.write(json.dumps({part: asdict(took) for part, took in spent.items()}))

"""The months of `agency_world` as the analysts' file holds them, and a slow reference for what an agency is on another date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from cchc.period import Period
from snapshots.analysts import BOOKS, replace_views
from tests.dbt_project.agency_world import MONTHS
from tests.dbt_project.histories import History, Key

MONTHLY = (
    "indicator_values", "unallocated_values", "mart_form_b06", "mart_form_b06_unallocated", "fct_dossiers", "fct_documents",
)  # fmt: skip
DIMENSIONS = ("dim_certificates", "dim_procedures")
REFERENCE = ("dim_agencies", "agency_succession", "dim_indicators")


@contextmanager
def agency_file(built: dict[Period, Path], path: Path | str = ":memory:") -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path)) as connection:
        connection.execute(";".join([*BOOKS.values(), "create schema monthly"]))
        for number, (month, folder) in enumerate(built.items()):
            connection.execute(f"attach '{folder / 'warehouse.duckdb'}' as built (read_only)")
            for table in (*MONTHLY, *DIMENSIONS):
                name = f"monthly.{table}" if table in DIMENSIONS else table
                if number == 0:
                    connection.execute(f"create table {name} as select *, 1 as revision from built.{table} limit 0")
                connection.execute(f"insert into {name} select *, 1 from built.{table}")
            for table in REFERENCE:
                connection.execute(f"create or replace table {table} as from built.{table}")
            connection.execute("detach built")
            basis = ", ".join(f'"{earlier}": 1' for earlier in MONTHS[:number])
            connection.execute(
                "insert into snapshots by name select $1 as period_month, $2 as reporting_calendar, $3 as first_date, "
                "$4 as last_date, 1 as revision, true as is_current, $4 as published_at, 'first publication' as reason, "
                "$5 as ytd_basis",
                [month.first_of_month, month.calendar, month.first_date, month.last_date, f"{{{basis}}}"],
            )
        replace_views(connection)
        yield connection


def paths(made: History, unit: Key, day: date, share: Fraction | None = Fraction(1)) -> Iterator[tuple[Key, Any]]:
    """Every way from an agency to what stands on `day`, with the share that goes it; None where nobody knows."""
    steps = [s for s in made.successions if s.before == unit and s.day <= day]
    for step in steps:
        if step.after is not None:
            known = None if share is None or step.weight is None else share * step.weight
            yield from paths(made, step.after, day, known)
    if not steps and made.stands(unit, day):
        yield unit, share


def shares(made: History, key: Key, month: Period, day: date) -> dict[Key, tuple[Fraction, bool]]:
    """What the agency of the month's last day is on `day`: the share of each part, and whether all of it is known."""
    bases = {key} if day >= month.last_date else made.earlier(key, month.last_date, day)
    found: dict[Key, tuple[Fraction, bool]] = {}
    for base in bases:
        for unit, share in paths(made, base, day):
            share = share if len(bases) == 1 else None
            had = found.get(unit, (Fraction(0), True))
            found[unit] = (had[0] + (share or 0), had[1] and share is not None)
    return found

"""The small province's months built by the real dbt, with sets of cells withheld one after the other, and what was read of each."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from cchc.dbt import run_dbt_build
from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED, content_hash
from cchc.withholding import withhold_cells
from expectations.reading import FRAMES
from tests.dbt_project.build_files import Rows, published_rows, query, write_build_file
from tests.dbt_project.withheld_months import (
    GONE,
    MONTHS,
    NEW,
    PARTS,
    PROVINCE,
    QUIET,
    ROLLUPS,
    STANDING,
    landing,
    reporting,
)
from tests.dbt_project.withheld_reference import MEASURED, Cell, Figure, World

JANUARY, FEBRUARY, MARCH = MONTHS
# Of each kind, plain counts and shares of each fact.
ONE_OF_EACH = (
    "dossiers_received", "online_share", "dossiers_carried_over", "dossiers_pending", "certificates_personal",
    "staff_with_certificate_share", "procedures_with_online_dossiers_share", "signed_share", "dossiers_resolved_late",
)  # fmt: skip
RANDOM_SIZES = (3, 40, 400)
SETS = ("agencies", "roll-ups", "years", "year of the province", *(f"random {size}" for size in RANDOM_SIZES))
FRAMES_READ = {
    "identities": "taken_on, accounted_for, resolved, resolved_by_timeliness, pending, pending_by_due_date, received, "
    "received_by_channel, parts_unanswered",
    "rollups": "total, parts_total",
    "indicator_year": "month_value, year_value",
    "indicator_grid": "rows_found",
    "reporting_agencies": "agency_code, received_or_carried_over",
}


def named_cells(codes: Iterable[str]) -> dict[str, list[Cell]]:
    """Sets of cells: every kind × scope × level, and random ones of all `codes`."""
    sets = {
        "agencies": [("month", agency, code) for code in ONE_OF_EACH for agency in ("W01", NEW, GONE)],
        "roll-ups": [("month", agency, code) for code in ONE_OF_EACH for agency in ("WD2", PROVINCE)],
        "years": [("ytd", agency, code) for code in ONE_OF_EACH for agency in ("W02", "WD2")],
        "year of the province": [("ytd", PROVINCE, code) for code in ONE_OF_EACH],
    }
    agencies = [*reporting(FEBRUARY), *ROLLUPS, GONE]
    for size in RANDOM_SIZES:
        rng = random.Random(size)
        scopes = [rng.choice(["month", "month", "ytd"]) for _ in range(size)]
        sets[f"random {size}"] = [(scope, rng.choice(agencies), rng.choice(sorted(codes))) for scope in scopes]
    return sets


@dataclass(frozen=True)
class Built:
    """What is read of a build file: figures by cell, rows of forms by key with their columns by name, hashes of tables."""

    figures: dict[Cell, Figure]
    left: dict[tuple[str, str], tuple[int | None, int | None]]
    forms: dict[str, dict[tuple[str, ...], dict[str, Any]]]
    hashes: dict[str, str]
    frames: dict[str, list[tuple[Any, ...]]]
    published: dict[str, Rows]


def read(folder: Path) -> Built:
    figures = query(
        folder,
        "select scope, agency_code, indicator_code, numerator, denominator, value, state, coverage from indicator_values",
    )
    left = query(folder, "select agency_code, indicator_code, numerator, denominator from unallocated_values")
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        hashes = {table.name: content_hash(connection, table.name, table.key) for table in PUBLISHED}
    return Built(
        {row[:3]: row[3:] for row in figures},
        {row[:2]: row[2:] for row in left},
        {table.name: _by_key(folder, table.name, table.key) for table in PUBLISHED if table.name.startswith("mart_")},
        hashes,
        {
            name: query(folder, f"select {columns} from ({(FRAMES / f'{name}.sql').read_text(encoding='utf-8')})")
            for name, columns in FRAMES_READ.items()
        },
        published_rows(folder),
    )


def _by_key(folder: Path, table: str, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, Any]]:
    columns = [name for name, *_ in query(folder, f"describe {table}")]
    rows = [dict(zip(columns, row, strict=True)) for row in query(folder, f"from {table}")]
    return {tuple(row[name] for name in key[2:]): row for row in rows}


class Withholding:
    """January; February upon it, sound and after each set of cells; March upon the one and upon the other.

    `withheld` is February after each set, all withheld from one and the same file; at the end none is. `opening` is January,
    with which the year begins, after the one set `opening_cells`.
    """

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.january = self._built(JANUARY, [])
        self.kinds: dict[str, str] = dict(
            query(self.folder(JANUARY), "select indicator_code, kind from int_indicators_in_force")
        )
        self.opening_cells: list[Cell] = [("month", agency, code) for code in ONE_OF_EACH for agency in ("W01", "WD2")]
        self.opening = self._after(JANUARY, self.opening_cells)
        self.february = self._built(FEBRUARY, [self.january.published])
        self.cells = named_cells(self.kinds)
        self.withheld = {name: self._after(FEBRUARY, cells) for name, cells in self.cells.items()}
        self.filled = self._after(FEBRUARY, [])
        self.march = self._built(MARCH, [self.january.published, self.february.published])
        self.march_after = self._built(MARCH, [self.january.published, self.withheld["agencies"].published])

    def folder(self, month: Period) -> Path:
        return self.settings.build_file(month).parent

    def world(self, month: Period = FEBRUARY) -> World:
        """Who was summed into whom, from what `withheld_months` says and not from what dbt made."""
        if month == JANUARY:
            everybody = reporting(JANUARY)
            began = frozenset(everybody)
            return World(self.kinds, everybody, months=dict.fromkeys(everybody, 1), opened=began, opening_now=began)
        return World(
            kinds=self.kinds,
            communes=reporting(FEBRUARY),
            gone={GONE: ("WD2", PROVINCE)},
            months=dict.fromkeys((*STANDING, *QUIET), 2) | dict.fromkeys((NEW, *PARTS, GONE), 1),
            opened=frozenset((*STANDING, *QUIET, NEW, GONE)),
            opening_now=frozenset([NEW]),
            left=frozenset(self.february.left),
            left_before=frozenset(
                (GONE, code)
                for (scope, agency, code), figure in self.january.figures.items()
                if (scope, agency) == ("month", GONE) and figure[3] in MEASURED
            ),
        )

    def _after(self, month: Period, cells: Iterable[Cell]) -> Built:
        return read(withhold_cells(month, self.settings, cells, lambda _: None).parent)

    def _built(self, month: Period, published: list[dict[str, Rows]]) -> Built:
        file = self.settings.build_file(month)
        shutil.rmtree(file.parent, ignore_errors=True)
        file.parent.mkdir(parents=True)
        earlier = [{"period_month": before.first_of_month, "revision": 1} for before in month.earlier_in_year()]
        rows = {name: [row for one in published for row in one[name]] for name in (published[0] if published else {})}
        write_build_file(file, month, landing(month), year_months=earlier, published=rows)
        run_dbt_build(self.settings, file, file.parent / "target", lambda _: None)
        return read(file.parent)

"""The year to date as on other dates: months that the real dbt built, seen by the analysts' views, against a slow reference."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.period import Period
from tests.dbt_project.agency_file import agency_file, shares
from tests.dbt_project.agency_world import HISTORIES, MONTHS
from tests.dbt_project.histories import History, Key

pytestmark = pytest.mark.slow

DATES = [date(2024, 7, 20), date(2024, 8, 1), *(month.last_date for month in MONTHS), date(2025, 3, 1)]
FLOWS = ("dossiers_received", "dossiers_resolved", "documents_outgoing")
OPENING, CLOSING, DISTINCT = "dossiers_carried_over", "dossiers_pending", "procedures_with_online_dossiers_share"
Figures = dict[tuple[str, Period], dict[Key, int]]


@pytest.fixture(scope="module")
def file(agency_months: dict[Period, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with agency_file(agency_months) as connection:
        yield connection


def published(file: duckdb.DuckDBPyConnection, made: History) -> Figures:
    """What each month published of each agency: the communes of its last day, and what agencies that are gone had left."""
    found: Figures = defaultdict(dict)
    for month in MONTHS:
        living = {code: (code, start) for code, start in made.communes_on(month.last_date)}
        for code, agency, numerator in file.execute(
            "select indicator_code, agency_code, numerator from indicator_values where scope = 'month' and period_month = $1",
            [month.first_of_month],
        ).fetchall():
            if agency in living:
                found[code, month][living[agency]] = numerator
        for code, agency, start, numerator in file.execute(
            "select indicator_code, agency_code, agency_valid_from, numerator from unallocated_values where period_month = $1",
            [month.first_of_month],
        ).fetchall():
            if (agency, start) in made.agencies:
                found[code, month][agency, start] = numerator
    return found


class Year:
    """The year to date of one history on `day`, by a commune's key on that day."""

    def __init__(self, made: History, seen: Figures, now: Period, day: date) -> None:
        self.months = [month for month in MONTHS if month <= now]
        self.amounts: dict[tuple[str, Period], Counter[Key]] = {}
        self.units: dict[Period, set[Key]] = defaultdict(set)
        self.sources: dict[Key, set[Key]] = defaultdict(set)
        self.doubtful: set[Key] = set()
        self.divided: set[Key] = set()
        self.inherited: set[Key] = set()  # who has what an agency that was gone had left
        for month in self.months:
            for code in (*FLOWS, OPENING, CLOSING):
                sums = self.amounts[code, month] = Counter()
                for key, amount in seen[code, month].items():
                    for unit, (share, _) in shares(made, key, month, day).items():
                        if share:
                            sums[unit] += share * amount  # type: ignore[assignment]
            for key in {key for (_, of_month), keys in seen.items() if of_month == month for key in keys}:
                for unit, (share, is_known) in shares(made, key, month, day).items():
                    self.sources[unit].add(key)
                    self.divided |= {unit} if share != 1 else set()
                    self.inherited |= set() if made.stands(key, month.last_date) else {unit}
                    if made.stands(key, month.last_date):
                        self.units[month] |= {unit} if share else set()
                        self.doubtful |= set() if is_known else {unit}
        for before, month in itertools.pairwise(self.months):
            for unit in self.units[before] & self.units[month]:
                if self.amounts[OPENING, month][unit] != self.amounts[CLOSING, before][unit]:
                    self.doubtful.add(unit)

    def total(self, code: str, unit: Key) -> Fraction:
        months = {OPENING: self.months[:1], CLOSING: self.months[-1:]}.get(code, self.months)
        return sum((Fraction(self.amounts[code, month][unit]) for month in months), Fraction(0))


def rows_on(file: duckdb.DuckDBPyConnection, day: date, now: Period, level: str) -> dict[tuple[str, str], Any]:
    rows = file.execute(
        "select agency_code, indicator_code, numerator, denominator, value, state, coverage from indicator_values_on($1) "
        "where scope = 'ytd' and period_month = $2 and level = $3",
        [day, now.first_of_month, level],
    ).fetchall()
    assert len(rows) == len({row[:2] for row in rows}), "one row per agency and indicator"
    return {row[:2]: row[2:] for row in rows}


def as_it_was(file: duckdb.DuckDBPyConnection, now: Period) -> dict[tuple[str, str], Any]:
    rows = file.execute(
        "select agency_code, indicator_code, numerator, denominator, value, state, coverage from indicator_values "
        "where scope = 'ytd' and period_month = $1",
        [now.first_of_month],
    ).fetchall()
    return {row[:2]: row[2:] for row in rows}


@pytest.mark.parametrize("now", MONTHS, ids=str)
def test_the_year_on_every_date_is_what_the_reference_says(file: duckdb.DuckDBPyConnection, now: Period) -> None:
    was = as_it_was(file, now)
    seen = {made.name: published(file, made) for made in HISTORIES}
    states: Counter[tuple[bool, str]] = Counter()
    for day in DATES:
        found = rows_on(file, day, now, "commune")
        stated = set[tuple[str, str]]()
        for made in HISTORIES:
            year = Year(made, seen[made.name], now, day)
            for code in (*FLOWS, OPENING, CLOSING):
                for unit in year.amounts[code, now]:
                    numerator, _, _, state, coverage = found[unit[0], code]
                    stated.add((unit[0], code))
                    if year.sources[unit] == {unit} and unit not in year.divided:
                        states[True, state] += 1
                        assert (numerator, state, coverage) == (was[unit[0], code][0], *was[unit[0], code][3:]), (
                            day,
                            unit,
                        )
                    elif unit in year.doubtful:
                        states[False, state] += 1
                        assert (numerator, state) == (None, "incomplete"), (day, unit, code)
                    else:
                        states[False, state] += 1
                        assert (Fraction(numerator), state) == (year.total(code, unit), "ok"), (day, unit, code)
        # A year that ends without the agency, or with what nobody can take apart for it, is told and not stated.
        for key, row in found.items():
            if key[0].startswith("r") and key[1] in (*FLOWS, OPENING, CLOSING) and key not in stated:
                assert (row[0], row[3]) == (None, "incomplete"), (day, key)
    assert states[True, "ok"] > 20
    if now != MONTHS[0]:
        assert states[False, "ok"] > 50 < states[False, "incomplete"]


@pytest.mark.parametrize("now", MONTHS, ids=str)
def test_totals_of_the_year_are_equal_in_every_view(file: duckdb.DuckDBPyConnection, now: Period) -> None:
    was = as_it_was(file, now)
    for day in DATES:
        found = rows_on(file, day, now, "province")
        for made in HISTORIES:
            for code in (*FLOWS, OPENING, CLOSING, "online_share"):
                assert was[f"{made.name}P", code][3] in ("ok", "not_applicable")
                assert found[f"{made.name}P", code] == was[f"{made.name}P", code], (day, made.name, code)


@pytest.mark.parametrize("now", MONTHS, ids=str)
def test_on_its_own_last_day_the_year_is_as_it_was_but_for_what_weights_divide(
    file: duckdb.DuckDBPyConnection, now: Period
) -> None:
    was, on_its_day = as_it_was(file, now), rows_on(file, now.last_date, now, "commune")
    for made in HISTORIES:
        year = Year(made, published(file, made), now, now.last_date)
        for unit in year.units[now] - year.divided:
            for (agency, code), row in on_its_day.items():
                if agency == unit[0] and not (code == DISTINCT and unit in year.inherited):
                    assert row == was[agency, code], (unit, code)


def test_a_distinct_count_of_a_year_is_nothing_that_anybody_could_add_up(file: duckdb.DuckDBPyConnection) -> None:
    for day in DATES:
        for (agency, code), (numerator, *_, state, _) in rows_on(file, day, MONTHS[-1], "province").items():
            if code == DISTINCT and agency.startswith("r"):
                was = as_it_was(file, MONTHS[-1])[agency, code]
                assert state == "incomplete" or (numerator, state) == (was[0], was[3])


def merged(now: Period, day: date) -> Iterator[tuple[History, Key, Key]]:
    """Agencies of `now` that are part of another one on `day`, which comes last."""
    for made in HISTORIES:
        for key in made.communes_on(now.last_date):
            for unit, (share, _) in shares(made, key, now, day).items():
                if share == 1 and unit != key:
                    yield made, key, unit


@pytest.mark.parametrize(
    ("change", "agency_says", "province_says"),
    [
        ("update indicator_values set state = 'withheld', numerator = null, denominator = null, value = null, coverage = 0 "
         "where scope = 'ytd' and period_month = $1 and agency_code = $2", "withheld", "ok"),
        ("update indicator_values set state = 'withheld', numerator = null, denominator = null, value = null, coverage = 0 "
         "where scope = 'month' and period_month = $1 - interval 1 month and $2 <> ''", "incomplete", "incomplete"),
        ("update indicator_values set state = 'withheld', numerator = null, denominator = null, value = null, coverage = 0 "
         "where scope = 'ytd' and period_month = $1 and agency_code = $3 and $2 <> ''", "ok", "withheld"),
        ("update snapshots set revision = 2 where period_month = $1 - interval 1 month and $2 <> ''", "incomplete", "incomplete"),
        ("delete from snapshots where period_month = $1 - interval 1 month and $2 <> ''", "incomplete", "incomplete"),
    ],
    ids=["a year withheld", "a month of it withheld", "a province's year withheld", "a month published again",
         "a month missing"],
)  # fmt: skip
def test_a_year_that_cannot_be_stated_cannot_on_another_date(
    file: duckdb.DuckDBPyConnection, change: str, agency_says: str, province_says: str
) -> None:
    now, day = MONTHS[1], DATES[-1]
    before = rows_on(file, day, now, "commune")
    made, key, heir = next(found for found in merged(now, day) if before[found[2][0], "dossiers_received"][3] == "ok")
    values = [now.first_of_month, key[0]] + ([f"{made.name}P"] if "$3" in change else [])
    file.execute("begin")
    file.execute(change, values)
    agency = rows_on(file, day, now, "commune")[heir[0], "dossiers_received"]
    province = rows_on(file, day, now, "province")[f"{made.name}P", "dossiers_received"]
    file.execute("rollback")
    for row, says in ((agency, agency_says), (province, province_says)):
        assert row[3] == says
        assert (row[0] is None) == (row[2] is None) == (says != "ok")
        assert (row[4] < 1) == (says != "ok") or "revision = 2" in change

"""The three views of the analysts' file over random histories, against a slow reference; and how long they take."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from snapshots.analysts import replace_views
from tests.dbt_project.histories import BEGINNING, History, Key, history

DAYS = [date(2022, 11, 20), date(2023, 2, 14), date(2023, 3, 1), date(2023, 5, 15)]
MONTHS = [date(2022, 11, 1), date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1), date(2023, 6, 1)]
DATES = [
    date(2022, 1, 1),
    date(2022, 11, 20),
    date(2023, 2, 13),
    date(2023, 2, 14),
    date(2023, 4, 1),
    date(2023, 6, 14),
]
HISTORIES = [history(f"h{number:03d}.", DAYS, seed=number) for number in range(100)]
TABLES = """
create table dim_agencies (agency_code varchar, valid_from date, valid_to date, name_vi varchar, level varchar,
    parent_code varchar, identity_code varchar, reports_from date, reports_to date);
create table agency_succession (from_code varchar, from_valid_from date, to_code varchar, to_valid_from date, event_date date,
    kind varchar, weight decimal(9, 8), legal_act varchar);
create table snapshots (period_month date, reporting_calendar varchar, last_date date, revision integer, is_current boolean,
    ytd_basis json);
create table dim_indicators (indicator_code varchar, kind varchar);
create table indicator_values (period_month date, reporting_calendar varchar, scope varchar, agency_code varchar,
    indicator_code varchar, numerator bigint, denominator bigint, value double, state varchar, coverage double,
    definition_version varchar, revision integer);
create table unallocated_values (period_month date, reporting_calendar varchar, agency_code varchar, agency_valid_from date,
    indicator_code varchar, numerator bigint, denominator bigint, definition_version varchar);
"""


def last_day(month: date) -> date:
    return month + timedelta(days=13)


def figures(made: History, seed: int) -> dict[tuple[date, Key], tuple[int, int]]:
    """Of every month: each commune of its last day, and what is left of agencies that are gone and not followed whole."""
    rng = random.Random(seed)
    found = {}
    for month in MONTHS:
        day = last_day(month)
        for key, agency in made.agencies.items():
            if agency["level"] != "commune" or key[1] > day:
                continue
            unit, exists = made.answering(key, day)
            if unit == key and (exists or rng.random() < 0.5):
                found[month, key] = (rng.randrange(50), rng.randrange(50, 100))
    return found


FIGURES = {made.name: figures(made, seed) for seed, made in enumerate(HISTORIES)}


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    connection.register("new_rows", pa.Table.from_pylist(rows))
    connection.execute(f"insert into {table} by name from new_rows")
    connection.unregister("new_rows")


@pytest.fixture(scope="module")
def file() -> Iterator[duckdb.DuckDBPyConnection]:
    agencies, successions, values, unallocated = [], [], [], []
    for made in HISTORIES:
        agencies += made.agency_rows()
        successions += made.succession_rows()
        for (month, (code, start)), (numerator, denominator) in FIGURES[made.name].items():
            row = {"period_month": month, "reporting_calendar": "nd09", "agency_code": code, "indicator_code": "online_share",
                   "numerator": numerator, "denominator": denominator, "definition_version": "date"}  # fmt: skip
            if made.stands((code, start), last_day(month)):
                share = numerator / denominator
                values.append(row | {"scope": "month", "value": share, "state": "ok", "coverage": 1.0, "revision": 2})
            else:
                unallocated.append(row | {"agency_valid_from": start})
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        insert(connection, "dim_agencies", agencies)
        insert(connection, "agency_succession", successions)
        insert(connection, "indicator_values", values)
        insert(connection, "unallocated_values", unallocated)
        months = [
            {
                "period_month": m,
                "reporting_calendar": "nd09",
                "last_date": last_day(m),
                "revision": 2,
                "is_current": True,
            }
            for m in MONTHS
        ]
        insert(connection, "snapshots", months)
        connection.execute("insert into dim_indicators values ('online_share', 'flow')")
        replace_views(connection)
        yield connection


def expected(
    made: History, day: date
) -> dict[tuple[date, str | None, str | None, str | None], tuple[Fraction, Fraction]]:
    """(month, agency, district, province) to numerator and denominator; the agency is None for what is unallocated."""
    sums: dict[tuple[date, str | None, str | None, str | None], tuple[Fraction, Fraction]] = {}

    def add(month: date, agency: str | None, place: tuple[str | None, str | None], share: Fraction, row: Any) -> None:
        if share:
            had = sums.get((month, agency, *place), (Fraction(0), Fraction(0)))
            sums[(month, agency, *place)] = (had[0] + share * row[0], had[1] + share * row[1])

    def place(key: Key) -> tuple[str | None, str | None]:
        parent = str(made.agencies[key]["parent_code"])
        return (None, parent) if parent.endswith("P") else (parent, f"{made.name}P")

    for (month, key), row in FIGURES[made.name].items():
        from_day = last_day(month)
        bases = {key} if day >= from_day else made.earlier(key, from_day, day)
        parts = [made.parts(base, day) for base in bases]
        shares = parts[0] if len(bases) == 1 else {}
        for unit, share in shares.items():
            add(month, unit[0], place(unit), share or Fraction(0), row)
        places = [place(unit) for part in parts for unit in part]
        common = (
            tuple(p[0] if len(set(p)) == 1 else None for p in zip(*places, strict=True)) if places else (None, None)
        )
        add(month, None, common, 1 - sum((s or Fraction(0) for s in shares.values()), Fraction(0)), row)  # type: ignore[arg-type]
    return sums


def exact(number: Decimal) -> Fraction:
    return Fraction(number)


@pytest.mark.parametrize("day", DATES)
def test_on_every_date_the_view_is_what_the_reference_says(file: duckdb.DuckDBPyConnection, day: date) -> None:
    rows = file.execute(
        "select period_month, agency_code, district_code, province_code, numerator, denominator "
        "from indicator_values_on($1) where scope = 'month' and level in ('commune', 'unallocated')",
        [day],
    ).fetchall()
    found = {tuple(row[:4]): (exact(row[4]), exact(row[5])) for row in rows}
    assert len(found) == len(rows), "one row per agency, and one per place for what is unallocated"
    wanted = {key: sums for made in HISTORIES for key, sums in expected(made, day).items()}
    assert found == wanted


@pytest.mark.parametrize("day", DATES)
def test_totals_are_equal_on_every_date_and_each_roll_up_is_the_sum_below_it(
    file: duckdb.DuckDBPyConnection, day: date
) -> None:
    published = file.execute(
        "select sum(numerator), sum(denominator) from (from indicator_values select numerator, denominator "
        "union all from unallocated_values select numerator, denominator)"
    ).fetchall()
    leaves = (
        "select sum(numerator), sum(denominator) from indicator_values_on($1) "
        "where scope = 'month' and level in ('commune', 'unallocated')"
    )
    assert file.execute(leaves, [day]).fetchall() == published
    for level in ("district", "province"):
        wrong = file.execute(
            f"""
            with rows as (from indicator_values_on($1) where scope = 'month')
            select * from (from rows where level = '{level}') as above
            full join (
                select period_month, {level}_code, sum(numerator) as numerator, sum(denominator) as denominator from rows
                where level in ('commune', 'unallocated') and {level}_code is not null group by all
            ) as below on above.period_month = below.period_month and above.agency_code = below.{level}_code
            where (above.numerator, above.denominator) is distinct from (below.numerator, below.denominator)
                or above.value is distinct from (below.numerator::double / below.denominator::double)
            """,
            [day],
        ).fetchall()
        assert wrong == []


def test_on_a_months_own_last_day_it_is_as_it_was_but_for_what_weights_divide(file: duckdb.DuckDBPyConnection) -> None:
    for month in MONTHS:
        day = last_day(month)
        divided = {
            unit[0]
            for made in HISTORIES
            for of_month, key in FIGURES[made.name]
            if of_month == month and not made.stands(key, day)
            for unit, share in made.parts(key, day).items()
            if share
        }
        as_it_was = file.execute(
            "select agency_code, numerator, value, state, coverage, revision from indicator_values where period_month = $1",
            [month],
        ).fetchall()
        on_that_day = file.execute(
            "select agency_code, numerator, value, state, coverage, revision from indicator_values_on($2) "
            "where scope = 'month' and period_month = $1 and level = 'commune'",
            [month, day],
        ).fetchall()
        assert {row for row in as_it_was if row[0] not in divided} == {
            row for row in on_that_day if row[0] not in divided
        }
        assert len(as_it_was) == len(on_that_day) > 3 * len(divided)


def test_today_is_the_last_day_of_the_newest_month(file: duckdb.DuckDBPyConnection) -> None:
    today = file.execute("select * from indicator_values_today order by all").fetchall()
    assert today
    assert (
        today == file.execute("select * from indicator_values_on($1) order by all", [last_day(MONTHS[-1])]).fetchall()
    )


def test_random_histories_hold_every_kind_of_change_and_codes_that_are_used_again() -> None:
    kinds = {s.kind for made in HISTORIES for s in made.successions}
    assert kinds == {"merge", "split", "rename", "recode", "level_abolished"}
    codes = [code for made in HISTORIES for code, _ in made.agencies]
    assert len(codes) > len(set(codes)) + 100
    assert any(
        not made.answering(key, DATES[-1])[1] for made in HISTORIES for key in made.agencies if key[1] == BEGINNING
    )


def test_a_part_that_was_not_measured_or_was_withheld_tells_on_the_whole(file: duckdb.DuckDBPyConnection) -> None:
    made, key, heir = next(
        (made, s.before, s.after)
        for made in HISTORIES
        for s in made.successions
        if s.kind == "merge" and s.day == DAYS[0] and s.after and made.stands(s.after, DATES[3])
        and made.stands(s.before, last_day(MONTHS[0]))
    )  # fmt: skip
    for state, shown in (("withheld", "withheld"), ("not_measured", "incomplete")):
        file.execute("begin")
        file.execute(
            "update indicator_values set state = $1, numerator = null, denominator = null, value = null, coverage = 0 "
            "where agency_code = $2 and period_month = $3",
            [state, key[0], MONTHS[0]],
        )
        rows = file.execute(
            "select state, numerator, value, coverage < 1 from indicator_values_on($1) "
            "where scope = 'month' and period_month = $2 and agency_code in ($3, $4) order by level",
            [DAYS[0], MONTHS[0], heir[0], f"{made.name}P"],
        ).fetchall()
        file.execute("rollback")
        assert rows == [(shown, None, None, True), ("incomplete", None, None, True)], state


def test_what_an_agency_left_and_a_roll_up_that_are_withheld_have_no_figure_on_any_date(
    file: duckdb.DuckDBPyConnection,
) -> None:
    file.execute("begin")
    file.execute(
        "update unallocated_values set numerator = null, denominator = null where period_month = $1", [MONTHS[2]]
    )
    file.execute(
        "insert into indicator_values select period_month, reporting_calendar, scope, $1, indicator_code, null, null, null, "
        "'withheld', 0, definition_version, revision from indicator_values where period_month = $2 limit 1",
        [f"{HISTORIES[0].name}P", MONTHS[2]],
    )
    ((left,),) = file.execute("select count(*) from unallocated_values where period_month = $1", [MONTHS[2]]).fetchall()
    found = {}
    for day in DATES:
        states = file.execute(
            "select level, state, count(*), count(numerator) from indicator_values_on($1) "
            "where scope = 'month' and period_month = $2 group by all",
            [day, MONTHS[2]],
        ).fetchall()
        found[day] = {row[:2]: row[2:] for row in states}
        own = (
            "select state, numerator, value from indicator_values_on($1) "
            "where scope = 'month' and period_month = $2 and agency_code = $3"
        )
        assert file.execute(own, [day, MONTHS[2], f"{HISTORIES[0].name}P"]).fetchall() == [("withheld", None, None)]
    file.execute("rollback")
    assert left > 5
    for day, states in found.items():
        assert all(shown == 0 for (_, state), (_, shown) in states.items() if state in ("withheld", "incomplete")), day
    assert found[DATES[-1]]["unallocated", "withheld"][0] > 0 < found[DATES[-1]]["province", "incomplete"][0]


@pytest.mark.slow
def test_three_years_of_two_hundred_communes_take_about_a_second_of_the_whole_country() -> None:
    """10,000 agencies with 10,000 successions on one day, 36 months × 200 communes × 33 codes."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(TABLES)
        connection.execute(
            """
            insert into dim_agencies select (10000 + i)::varchar, date '2004-07-08', date '2025-06-30', '', 'commune',
                (200 + i % 10)::varchar, null, date '2004-07-08', null from range(10000) t(i);
            insert into dim_agencies select (20000 + i)::varchar, date '2025-07-01', null, '', 'commune', '31', null,
                date '2025-07-01', null from range(3400) t(i);
            insert into dim_agencies select (200 + i)::varchar, date '2004-07-08', date '2025-06-30', '', 'district', '30',
                null, null, null from range(10) t(i);
            insert into dim_agencies values ('30', '2004-07-08', '2025-06-30', '', 'province', null, null, null, null),
                ('31', '2025-07-01', null, '', 'province', null, null, null, null);
            insert into agency_succession select (10000 + i)::varchar, date '2004-07-08', (20000 + i // 3)::varchar,
                date '2025-07-01', date '2025-07-01', 'merge', case when i % 20 = 7 then null else 1 end, ''
                from range(10000) t(i);
            insert into snapshots select m, 'nd09', m + 13, 1, true, '{}'
                from (select (date '2023-01-01' + to_months(i::integer))::date from range(36) t(i)) u(m);
            insert into dim_indicators select 'i' || k, 'flow' from range(33) u(k);
            insert into indicator_values select period_month, 'nd09', scope,
                (case when last_date < date '2025-07-01' then 10000 else 20000 end + a)::varchar, 'i' || k, 100 + a,
                case when k > 15 then 500 end, 1, 'ok', 1, 'date', 1
                from snapshots, range(200) t(a), range(33) u(k), (values ('month'), ('ytd')) v(scope)
            """
        )
        replace_views(connection)
        started = time.perf_counter()
        ((rows, total),) = connection.execute(
            "select count(*), sum(numerator) filter (where scope = 'month' and level in ('commune', 'unallocated')) "
            "from indicator_values_today"
        ).fetchall()
        took = time.perf_counter() - started
        assert rows > 36 * 33 * 67
        assert total == 36 * 33 * sum(range(100, 300))
        assert took < 5, f"{took:.1f} s"  # 1.3 s on two busy cores

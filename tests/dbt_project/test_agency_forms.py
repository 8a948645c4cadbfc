"""Biểu 06 as on other dates: months that the real dbt built, seen by the analysts' views, counted here dossier by dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.period import Period
from tests.dbt_project.agency_file import agency_file, shares
from tests.dbt_project.agency_world import DOSSIERS, FIELDS, HISTORIES, MONTHS, Dossier
from tests.dbt_project.histories import History, Key

pytestmark = pytest.mark.slow

DATES = [date(2024, 7, 20), *(month.last_date for month in MONTHS), date(2025, 3, 1)]
COLUMNS = (
    "c3_taken_on", "c4_received_online", "c5_received_otherwise", "c6_carried_over", "c7_ended", "c8_ended_early",
    "c9_ended_on_time", "c10_ended_late", "c11_pending", "c12_pending_in_time", "c13_pending_overdue",
)  # fmt: skip
Cells = tuple[Fraction, ...]
Form = dict[tuple[str, str], Cells]  # by agency and field


@pytest.fixture(scope="module")
def file(agency_months: dict[Period, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with agency_file(agency_months) as connection:
        yield connection


def cells(one: Dossier, month: Period, opens: bool = True, closes: bool = True) -> Cells:
    """What a dossier adds to the form of a month; of a year's middle month neither what it opened with nor what it left."""
    received, pending = one.received_in(month), one.pending_after(month)
    carried = one.carried_into(month) and opens
    online = received and one.channel == "online"
    early = not pending and one.due is not None and one.ended is not None and one.ended < one.due
    late = not pending and one.due is not None and one.ended is not None and one.ended > one.due
    overdue = pending and one.due is not None and one.due < month.last_date
    found = (
        received or carried, online, received and not online, carried, not pending, early, not (pending or early or late), late,
        pending and closes, pending and closes and not overdue, overdue and closes,
    )  # fmt: skip
    return tuple(Fraction(cell) for cell in found)


def served(made: History, month: Period) -> Iterator[tuple[Dossier, Key]]:
    """The month's dossiers, each with who answers for it on its last day or had it at last."""
    for one in DOSSIERS[made.name]:
        if month in one.holders:
            yield one, made.answering(one.holders[month], month.last_date)[0]


def counted(months: list[Period], day: date) -> Form:
    """The form of the communes of `day` for the months together."""
    sums: Form = {}
    for made in HISTORIES:
        for month in months:
            for one, key in served(made, month):
                row = cells(one, month, month == months[0], month == months[-1])
                for unit, (share, _) in shares(made, key, month, day).items():
                    at = (unit[0], FIELDS.get(one.procedure, "unknown"))
                    if share:
                        had = sums.get(at, (Fraction(0),) * len(COLUMNS))
                        sums[at] = tuple(a + share * b for a, b in zip(had, row, strict=True))
    return sums


def form_on(
    file: duckdb.DuckDBPyConnection, day: date, scope: str, now: Period, level: str, kind: str = "field"
) -> dict[tuple[str, str], tuple[str, tuple[Any, ...]]]:
    rows = file.execute(
        f"select agency_code, field_code, state, {', '.join(COLUMNS)} from mart_form_b06_on($1) "
        "where scope = $2 and period_month = $3 and level = $4 and row_kind = $5 and agency_code like 'r%'",
        [day, scope, now.first_of_month, level, kind],
    ).fetchall()
    assert len(rows) == len({row[:2] for row in rows}), "one row per agency and field"
    return {row[:2]: (row[2], row[3:]) for row in rows}


def same(found: tuple[Any, ...], wanted: Cells) -> bool:
    """Equal to the sixteen places that the view has."""
    return all(abs(Fraction(f) - w) < Fraction(1, 10**15) for f, w in zip(found, wanted, strict=True))


@pytest.mark.parametrize("month", MONTHS, ids=str)
@pytest.mark.parametrize("day", DATES, ids=str)
def test_the_fields_of_a_month_on_every_date_are_counted_from_its_dossiers(
    file: duckdb.DuckDBPyConnection, month: Period, day: date
) -> None:
    wanted = counted([month], day)
    found = form_on(file, day, "month", month, "commune")
    assert found.keys() == wanted.keys()
    for at, (state, row) in found.items():
        assert state == "ok"
        assert same(row, wanted[at]), (at, row, wanted[at])


@pytest.mark.parametrize("day", DATES, ids=str)
def test_the_year_on_every_date_is_counted_from_its_months_where_its_counts_can_be_stated(
    file: duckdb.DuckDBPyConnection, day: date
) -> None:
    wanted = counted(MONTHS, day)
    found, totals = (form_on(file, day, "ytd", MONTHS[-1], "commune", kind) for kind in ("field", "total"))
    states = dict(
        file.execute(
            "select agency_code, bool_and(state = 'ok') from indicator_values_on($1) where scope = 'ytd' "
            "and period_month = $2 and level = 'commune' and indicator_code like 'dossiers%' group by all",
            [day, MONTHS[-1].first_of_month],
        ).fetchall()
    )
    assert {state for state, _ in totals.values()} == {"ok", "incomplete"}
    for (agency, _), (state, _) in totals.items():
        assert (state == "ok") == states[agency], agency
    for (agency, field), (state, row) in found.items():
        assert (state == "ok") == states[agency], agency
        assert same(row, wanted[agency, field]) if state == "ok" else set(row) == {None}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_year_whose_counts_can_be_stated_has_its_form_whoever_was_gone_in_it(
    file: duckdb.DuckDBPyConnection, month: Period
) -> None:
    rows = file.execute(
        """
        select agency_code, bool_and(v.state = 'ok'), any_value(f.state) = 'ok'
        from indicator_values as v join mart_form_b06 as f using (period_month, scope, agency_code)
        where scope = 'ytd' and period_month = $1 and indicator_code like 'dossiers%' and indicator_code not like '%_level_%'
            and row_kind = 'total' and agency_code like 'r%' group by all
        """,
        [month.first_of_month],
    ).fetchall()
    assert [row for row in rows if row[1] != row[2]] == []
    assert any(row[1] and row[0].endswith("P") for row in rows)


@pytest.mark.parametrize("scope", ["month", "ytd"])
@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_form_of_a_province_is_the_same_on_every_date(
    file: duckdb.DuckDBPyConnection, month: Period, scope: str
) -> None:
    published = {
        (agency, field): (state, row)
        for agency, field, state, *row in file.execute(
            f"select agency_code, field_code, state, {', '.join(COLUMNS)} from mart_form_b06 "
            "where scope = $1 and period_month = $2 and agency_code like 'r%P'",
            [scope, month.first_of_month],
        ).fetchall()
    }
    for day in DATES:
        found = form_on(file, day, scope, month, "province") | form_on(file, day, scope, month, "province", "total")
        assert found.keys() == published.keys()
        for at, (state, row) in published.items():
            if state == "ok":
                assert found[at] == ("ok", tuple(row)), (day, at)
    stated = [state for state, _ in published.values()]
    assert stated.count("ok") > len(stated) / 2


@pytest.mark.parametrize("day", DATES, ids=str)
def test_communes_and_what_is_unallocated_add_up_to_the_province_field_by_field(
    file: duckdb.DuckDBPyConnection, day: date
) -> None:
    sums = ", ".join(f"sum({column}) as {column}" for column in COLUMNS)
    rows = file.execute(
        f"""
        with form as (from mart_form_b06_on($1) where scope = 'month' and row_kind = 'field'),
        below as (
            select period_month, province_code, field_code, {sums}
            from form where level in ('commune', 'unallocated') group by all
        ),
        above as (select period_month, province_code, field_code, {", ".join(COLUMNS)} from form where level = 'province')
        select (select count(*) from above), (select count(*) from (from above except from below)),
            (select count(*) from form where level = 'unallocated' and state = 'unallocated')
        """,
        [day],
    ).fetchall()
    ((provinces, differing, unallocated),) = rows
    assert differing == 0 < provinces
    assert unallocated > 0 or day < DATES[1]


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_on_its_own_last_day_the_form_is_as_it_was_but_for_what_weights_divide(
    file: duckdb.DuckDBPyConnection, month: Period
) -> None:
    divided: dict[str, set[str]] = defaultdict(set)
    for made in HISTORIES:
        for scope, months in (("month", [month]), ("ytd", [m for m in MONTHS if m <= month])):
            for of_month in months:
                for _, key in served(made, of_month):
                    parts = shares(made, key, of_month, month.last_date)
                    divided[scope] |= {unit[0] for unit, (share, _) in parts.items() if share not in (0, 1)}
    for scope in ("month", "ytd"):
        was = file.execute(
            f"select agency_code, field_code, state, {', '.join(COLUMNS)} from mart_form_b06 "
            "where scope = $1 and period_month = $2 and agency_code like 'r%' and state = 'ok' and row_kind = 'field'",
            [scope, month.first_of_month],
        ).fetchall()
        found = form_on(file, month.last_date, scope, month, "commune")
        communes = {agency for agency, _ in found}
        compared = [row for row in was if row[0] in communes - divided[scope]]
        assert len(compared) > 20
        for agency, field, state, *row in compared:
            assert found[agency, field] == (state, tuple(row)), (scope, agency, field)


@pytest.mark.parametrize(
    ("change", "month_says", "year_says"),
    [
        ("delete from mart_form_b06 where period_month = $1", "incomplete", "incomplete"),
        ("update mart_form_b06 set c3_taken_on = null, c4_received_online = null, state = 'withheld' where period_month = $1",
         "incomplete", "incomplete"),
        ("update indicator_values set state = 'withheld', numerator = null where period_month = $1 and scope = 'month' "
         "and indicator_code = 'dossiers_resolved_late'", "withheld", "incomplete"),
    ],
    ids=["a month published before the form was", "a form without counts", "counts withheld"],
)  # fmt: skip
def test_a_form_whose_parts_are_missing_has_no_figures_on_any_date(
    file: duckdb.DuckDBPyConnection, change: str, month_says: str, year_says: str
) -> None:
    before = form_on(file, DATES[-1], "month", MONTHS[1], "commune", "total")
    with_dossiers = [at for at, (state, row) in before.items() if state == "ok" and row[0] and row[1]]
    file.execute("begin")
    file.execute(change, [MONTHS[1].first_of_month])
    found = {
        scope: form_on(file, DATES[-1], scope, now, "commune", "total")
        for scope, now in (("month", MONTHS[1]), ("ytd", MONTHS[-1]))
    }
    others = form_on(file, DATES[-1], "month", MONTHS[0], "commune", "total")
    file.execute("rollback")
    assert with_dossiers
    for at in with_dossiers:
        assert found["month"][at] == (month_says, (None,) * len(COLUMNS))
        assert found["ytd"][at][0] == year_says
    assert {state for state, _ in others.values()} == {"ok"}

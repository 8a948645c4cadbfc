"""Which earlier months an agency is compared with: those in which it was the agency that it is; months of Tết are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from cchc.settings import Settings
from expectations.reading import set_bounds
from tests.expectations.conftest import PERIOD, fill


@pytest.fixture
def month(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        fill(connection)
        set_bounds(connection, PERIOD, Settings(home=tmp_path))
        yield connection


def compared(month: duckdb.DuckDBPyConnection, agency: str) -> list[int]:
    """How many months back those lie that the agency is compared with."""
    found = month.execute(
        "select distinct distance from comparable_figures where agency_code = ? order by 1", [agency]
    ).fetchall()
    return [distance for (distance,) in found]


def test_an_agency_is_compared_with_its_own_months(month: duckdb.DuckDBPyConnection):
    assert compared(month, "11122") == [1, 2, 3]
    assert compared(month, "30") == []  # a roll-up is the sum of others


@pytest.mark.parametrize(
    ("event", "left"), [("2023-02-15", [1]), ("2023-02-16", []), ("2022-12-15", [1, 2, 3]), ("2023-05-01", [1, 2, 3])]
)
def test_months_before_a_merger_are_those_of_another_agency(
    month: duckdb.DuckDBPyConnection, event: str, left: list[int]
):
    month.execute(
        "insert into agency_succession values ('11137', '2004-07-08', '11122', '2004-07-08', ?, 'merge', 1, null)",
        [event],
    )

    assert compared(month, "11122") == left
    assert compared(month, "11119") == [1, 2, 3]


def test_a_code_used_again_has_no_past(month: duckdb.DuckDBPyConnection):
    month.execute("update dim_agencies set valid_to = '2023-02-28' where agency_code = '11122'")
    month.execute(
        "insert into dim_agencies select * replace (date '2023-03-01' as valid_from, null as valid_to) from dim_agencies "
        "where agency_code = '11122'"
    )

    assert compared(month, "11122") == []


def test_the_weeks_around_tet_make_a_month_of_tet(month: duckdb.DuckDBPyConnection):
    month.execute(
        "update dim_working_days set is_working = false, name_vi = 'Tết Nguyên Đán' "
        "where calendar_date between '2023-02-09' and '2023-02-13'; "
        "update dim_working_days set is_working = false, name_vi = 'Tết Dương lịch' where calendar_date = '2023-03-20'"
    )

    found = month.execute("select distance, working_days, is_tet from months_at_work order by 1").fetchall()

    # 9 to 13 February lie in the month that ends on the 14th, and in the week before the next one begins.
    assert found == [(0, 22, False), (1, 20, True), (2, 19, True), (3, 10, False)]

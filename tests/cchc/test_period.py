from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cchc.close import period_of_run
from cchc.period import LOCAL, Period, PeriodError


def test_an_nd09_month_runs_from_the_15th_of_the_month_before_to_the_14th():
    period = Period.parse("2023-01")
    assert (period.first_date, period.last_date, period.end_date) == (
        date(2022, 12, 15), date(2023, 1, 14), date(2023, 1, 15),
    )  # fmt: skip
    assert period.starts_at == datetime(2022, 12, 14, 17, tzinfo=UTC)
    assert period.ends_at == datetime(2023, 1, 14, 17, tzinfo=UTC)


def test_a_calendar_month_is_the_month():
    period = Period.parse("2024-02", "calendar")
    assert (period.first_date, period.last_date) == (date(2024, 2, 1), date(2024, 2, 29))


def test_months_follow_each_other_without_gap_in_both_calendars():
    for calendar in ("nd09", "calendar"):
        period = Period(2019, 11, calendar)
        for _ in range(40):
            assert period.following().first_date == period.end_date
            assert period.following().previous() == period
            period = period.following()


def test_the_reporting_year_starts_in_month_one():
    assert Period.parse("2023-01").earlier_in_year() == []
    assert [str(p) for p in Period.parse("2023-03").earlier_in_year()] == ["2023-01", "2023-02"]


@pytest.mark.parametrize("text", ["2023-1", "2023-13", "2023-00", "202301", "2023-01-15", "", "last month"])
def test_what_is_no_month_is_refused_with_an_example(text):
    with pytest.raises(PeriodError, match="YYYY-MM"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("calendar", "end", "month"),
    [
        ("nd09", datetime(2023, 1, 15, tzinfo=LOCAL), "2023-01"),
        ("nd09", datetime(2023, 1, 14, 17, tzinfo=UTC), "2023-01"),
        ("calendar", datetime(2023, 2, 1, tzinfo=LOCAL), "2023-01"),
        ("calendar", datetime(2022, 12, 31, 17, tzinfo=UTC), "2022-12"),
    ],
)
def test_an_interval_names_the_month_it_ends_with(calendar, end, month):
    assert str(Period.of_interval_end(end, calendar)) == month


def test_a_scheduled_or_backfill_run_takes_its_interval_and_any_other_must_name_its_month(home):
    end = datetime(2023, 1, 15, tzinfo=LOCAL)
    assert period_of_run(None, "scheduled", end) == "2023-01"
    assert period_of_run(None, "backfill", end) == "2023-01"
    assert period_of_run("2023-05", "manual", end) == "2023-05"
    for run_type in ("manual", "asset_triggered", "unknown"):
        with pytest.raises(ValueError, match="must name its month"):
            period_of_run(None, run_type, end)

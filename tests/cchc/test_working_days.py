"""Working days: weekends, holidays and swapped days, the deployment's own before the shipped ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cchc.settings import Settings
from cchc.working_days import add_working_days

SWAPPED = "agency_code,date,is_working,name_vi,legal_act\n"


class Elsewhere(Settings):
    """Settings whose shipped seeds lie in the home, so that a test writes them."""

    @property
    def dbt_project(self) -> Path:
        return self.home / "project"


@pytest.fixture
def calendar(tmp_path: Path) -> Elsewhere:
    (tmp_path / "project" / "seeds").mkdir(parents=True)
    return Elsewhere(home=tmp_path)


def seed(calendar: Elsewhere, name: str, text: str) -> None:
    (calendar.dbt_project / "seeds" / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        ("2024-05-14", 2, "2024-05-16"),
        ("2024-05-16", 2, "2024-05-20"),  # Thursday, over a weekend
        ("2024-05-18", 1, "2024-05-20"),  # Saturday
        ("2024-05-18", 0, "2024-05-18"),
    ],
)
def test_without_a_calendar_weeks_have_five_days(day: str, count: int, then: str, calendar: Elsewhere):
    assert add_working_days(date.fromisoformat(day), count, calendar) == date.fromisoformat(then)


def test_holidays_do_not_count_and_swapped_days_do(calendar: Elsewhere):
    # 2024: Monday 29 April was off between a weekend and two holidays, worked on Saturday 4 May instead.
    seed(calendar, "holidays.csv", "date,name_vi,legal_ground\n2024-04-30,a,b\n2024-05-01,a,b\n")
    seed(
        calendar,
        "swapped_days.csv",
        SWAPPED + ",2024-04-29,false,a,b\n,2024-05-04,true,a,b\n11122,2024-05-03,false,a,b\n",
    )

    days = [add_working_days(date(2024, 4, 26), count, calendar) for count in (1, 2, 3, 4)]

    assert days == [date(2024, 5, 2), date(2024, 5, 3), date(2024, 5, 4), date(2024, 5, 6)]


def test_the_deployments_own_days_come_before_the_shipped_ones(calendar: Elsewhere):
    seed(calendar, "swapped_days.csv", SWAPPED + ",2024-05-04,true,a,b\n")
    (calendar.home / "swapped_days.csv").write_text(SWAPPED + ",2024-05-04,false,a,b\n", encoding="utf-8")

    assert add_working_days(date(2024, 5, 3), 1, calendar) == date(2024, 5, 6)


def test_a_row_without_a_date_silences_nothing(calendar: Elsewhere, caplog: pytest.LogCaptureFixture):
    (calendar.home / "swapped_days.csv").write_text(SWAPPED + ",04/05/2024,true,a,b\n", encoding="utf-8")

    assert add_working_days(date(2024, 5, 3), 1, calendar) == date(2024, 5, 6)
    assert "swapped_days.csv: a row without a date" in caplog.text

"""The working calendar as data: the shipped seeds, and a deployment's own rows with what is wrong in them named."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from cchc.settings import PROJECT, Settings
from cchc.working_calendar import (
    OFFICE_HOURS,
    SWAPPED_DAYS,
    CalendarUnreadable,
    add_working_days,
    office_hours,
    swapped_days,
)
from tools.seed_holidays import SEED, known_swaps, text

SEEDS = PROJECT / "dbt_project" / "seeds"
SWAPS, HOURS = (",".join(schema.names) for schema in (SWAPPED_DAYS, OFFICE_HOURS))


def test_the_committed_holidays_are_what_the_script_makes() -> None:
    assert SEED.read_text(encoding="utf-8") == text()


def test_every_swap_that_the_package_knows_was_reviewed_and_every_day_off_is_worked_on_another() -> None:
    with (SEEDS / "swapped_days.csv").open(encoding="utf-8", newline="") as file:
        rows = {date.fromisoformat(row["date"]): row["is_working"] == "true" for row in csv.DictReader(file)}
    for day_off, worked in known_swaps().items():
        assert rows[day_off] is False
        assert rows[worked] is True
    assert len([day for day, works in rows.items() if works]) == len([day for day, works in rows.items() if not works])
    assert all(day.isoweekday() >= 6 for day, works in rows.items() if works)
    assert all(day.isoweekday() <= 5 for day, works in rows.items() if not works)


@pytest.mark.parametrize(("name", "read"), [("swapped_days", swapped_days), ("office_hours", office_hours)])
def test_the_shipped_seeds_would_pass_as_a_deployments_own(name: str, read, home: Settings) -> None:
    home.home.mkdir()
    (home.home / f"{name}.csv").write_bytes((SEEDS / f"{name}.csv").read_bytes())
    assert len(read(home)) > 0


def test_a_deployment_without_files_has_no_rows_of_its_own(home: Settings) -> None:
    assert (len(swapped_days(home)), len(office_hours(home))) == (0, 0)


def test_own_rows_are_read_with_their_types_and_a_blank_agency_is_everybody(home: Settings) -> None:
    home.home.mkdir()
    (home.home / "swapped_days.csv").write_text(f"\ufeff{SWAPS}\n,2027-02-12,false,Nghỉ Tết,CV 1\n", encoding="utf-8")
    (home.home / "office_hours.csv").write_text(f"{HOURS}\n11122,2024-01-01,,6,07:30,11:00,,\n", encoding="utf-8")
    assert swapped_days(home).to_pylist() == [
        {
            "agency_code": None,
            "date": date(2027, 2, 12),
            "is_working": False,
            "name_vi": "Nghỉ Tết",
            "legal_act": "CV 1",
        }
    ]
    (row,) = office_hours(home).to_pylist()
    assert (row["agency_code"], row["valid_from"], row["valid_to"], row["afternoon_opens"]) == (
        "11122",
        date(2024, 1, 1),
        None,
        None,
    )


@pytest.mark.parametrize(
    ("name", "lines", "said"),
    [
        ("swapped_days", ["12/02/2027,false,Nghỉ,CV"], "line 2: date is '12/02/2027'; write it as 2024-05-04"),
        ("swapped_days", ["2027-02-12,no,Nghỉ,CV"], "line 2: is_working is 'no'; write true"),
        ("swapped_days", ["2027-02-12,true,,CV"], "line 2: name_vi is blank"),
        ("swapped_days", ["2027-02-12,true,Làm,CV", "2027-02-12,false,Nghỉ,CV"], "line 3: 2027-02-12 stands twice"),
        ("office_hours", ["2024-01-01,,Mon,07:00,11:30,13:30,17:00"], "line 2: weekdays is 'Mon'; write the digits"),
        ("office_hours", ["2024-01-01,,15,7:00,11:30,13:30,17:00"], "line 2: morning_opens is '7:00'; write it as 07:30"),
        ("office_hours", ["2024-01-01,,15,07:00,11:30,11:00,17:00"], "line 2: 11:00 to 17:00 does not come after 11:30"),
        ("office_hours", ["2024-01-01,,15,07:00,,13:30,17:00"], "line 2: morning_closes is blank; write it as 07:30"),
        ("office_hours", ["2024-01-01,2023-01-01,15,07:00,11:30,,"], "line 2: valid_to 2023-01-01 lies before"),
        (
            "office_hours",
            ["2024-01-01,,12345,07:00,11:30,,", "2024-06-01,,5,08:00,11:30,,"],
            "line 3: weekdays 5 of agency 11122 have other hours from 2024-01-01 on",
        ),
    ],
)  # fmt: skip
def test_a_faulty_row_is_named_by_file_line_and_column(name: str, lines: list[str], said: str, home: Settings) -> None:
    home.home.mkdir()
    heading, read = (SWAPS, swapped_days) if name == "swapped_days" else (HOURS, office_hours)
    path = home.home / f"{name}.csv"
    path.write_text("\n".join([heading, *(f"11122,{line}" for line in lines)]), encoding="utf-8")
    with pytest.raises(CalendarUnreadable) as error:
        read(home)
    assert f"{path} {said}" in str(error.value)


def test_an_unknown_agency_and_a_missing_column_are_named(home: Settings) -> None:
    home.home.mkdir()
    path = home.home / "swapped_days.csv"
    path.write_text(f"{SWAPS}\n99999,2027-02-12,true,Làm,CV\n", encoding="utf-8")
    with pytest.raises(CalendarUnreadable, match="line 2: agency_code '99999' is no agency's"):
        swapped_days(home)
    path.write_text("date,is_working\n", encoding="utf-8")
    with pytest.raises(CalendarUnreadable, match="line 1: column agency_code, name_vi, legal_act is missing"):
        swapped_days(home)


class Elsewhere(Settings):
    """Settings whose shipped seeds lie in the home, so that a test writes them."""

    @property
    def dbt_project(self) -> Path:
        return self.home / "project"


@pytest.fixture
def calendar(tmp_path: Path) -> Elsewhere:
    (tmp_path / "project" / "seeds").mkdir(parents=True)
    return Elsewhere(home=tmp_path)


def write(folder: Path, name: str, *lines: str) -> None:
    heading = {"swapped_days.csv": SWAPS, "office_hours.csv": HOURS, "holidays.csv": "date,name_vi,legal_ground"}[name]
    (folder / name).write_text("\n".join([heading, *lines]), encoding="utf-8")


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        ("2024-05-14", 2, "2024-05-16"),
        ("2024-05-16", 2, "2024-05-20"),  # Thursday, over a weekend
        ("2024-05-18", 1, "2024-05-20"),  # Saturday
        ("2024-05-18", 0, "2024-05-18"),
    ],
)
def test_without_a_calendar_weeks_have_five_days(day: str, count: int, then: str, calendar: Elsewhere) -> None:
    assert add_working_days(date.fromisoformat(day), count, calendar) == date.fromisoformat(then)


def test_holidays_do_not_count_and_swapped_days_do(calendar: Elsewhere) -> None:
    # 2024: Monday 29 April was off between a weekend and two holidays, worked on Saturday 4 May instead.
    seeds = calendar.dbt_project / "seeds"
    write(seeds, "holidays.csv", "2024-04-30,a,b", "2024-05-01,a,b")
    write(seeds, "swapped_days.csv", ",2024-04-29,false,a,b", ",2024-05-04,true,a,b")

    days = [add_working_days(date(2024, 4, 26), count, calendar) for count in (1, 2, 3, 4)]

    assert days == [date(2024, 5, 2), date(2024, 5, 3), date(2024, 5, 4), date(2024, 5, 6)]


def test_the_deployments_own_days_and_hours_come_before_the_shipped_ones(calendar: Elsewhere) -> None:
    seeds = calendar.dbt_project / "seeds"
    write(seeds, "swapped_days.csv", ",2024-05-04,true,a,b")
    write(seeds, "office_hours.csv", ",2018-01-01,,12345,07:00,11:30,13:30,17:00")
    write(calendar.home, "swapped_days.csv", ",2024-05-04,false,a,b")
    assert add_working_days(date(2024, 5, 3), 1, calendar) == date(2024, 5, 6)

    write(calendar.home, "office_hours.csv", ",2024-05-01,,6,07:00,11:00,,", ",2024-05-01,,1,,,,")
    assert [add_working_days(date(2024, 5, 10), n, calendar).day for n in (1, 2)] == [11, 14]  # Saturday, Tuesday


def test_a_week_that_is_closed_altogether_is_a_usual_one(calendar: Elsewhere) -> None:
    write(calendar.home, "office_hours.csv", ",2018-01-01,,1234567,,,,")
    assert add_working_days(date(2024, 5, 16), 2, calendar) == date(2024, 5, 20)


def test_a_file_that_the_build_refuses_silences_no_alert(calendar: Elsewhere, caplog: pytest.LogCaptureFixture) -> None:
    write(calendar.dbt_project / "seeds", "holidays.csv", "2024-05-06,a,b")
    write(calendar.home, "swapped_days.csv", ",2024-05-07,false,a,b", ",04/05/2024,true,a,b")
    assert add_working_days(date(2024, 5, 3), 1, calendar) == date(2024, 5, 7)
    assert "swapped_days.csv line 3: date is '04/05/2024'" in caplog.text

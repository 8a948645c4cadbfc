"""Working days: Monday to Friday, less holidays, as the seeds of the working calendar swap them.

Days after the last year of the seeds count as ordinary weekdays, so what ends on a working day ends no later than it should.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta

from cchc.settings import Settings

SATURDAY = 5


def add_working_days(day: date, count: int, settings: Settings) -> date:
    """The `count`-th working day after the local date `day`, which itself is not counted; `count` is at least 1."""
    if count < 1:
        raise ValueError(f"count of working days is {count}; it must be at least 1")
    holidays, swapped = _holidays(settings), _swapped(settings)
    while count:
        day += timedelta(days=1)
        if swapped.get(day, day.weekday() < SATURDAY and day not in holidays):
            count -= 1
    return day


def _holidays(settings: Settings) -> set[date]:
    return {date.fromisoformat(row["date"]) for row in _seed(settings, "holidays")}


def _swapped(settings: Settings) -> dict[date, bool]:
    """Whether a day is worked, of the days that the government swapped for everybody."""
    rows = _seed(settings, "swapped_days")
    return {date.fromisoformat(row["date"]): row["is_working"] == "true" for row in rows if not row["agency_code"]}


def _seed(settings: Settings, name: str) -> list[dict[str, str]]:
    path = settings.dbt_project / "seeds" / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

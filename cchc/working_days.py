"""Working days of public offices: Monday to Friday, without public holidays and with the days that were swapped.

The calendar is data: `holidays.csv` and `swapped_days.csv` among dbt's seeds, and a `swapped_days.csv` in CCHC_HOME, whose
rows come before those of the seeds. Only rows of every agency (blank agency_code) count here. A year that the files do not
reach has its weekends only.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from cchc.settings import Settings

log = logging.getLogger("cchc")


def add_working_days(day: date, count: int, settings: Settings) -> date:
    """The `count`-th working day after the local date `day`; with 0 the day itself, whatever it is."""
    exceptions = _exceptions(settings)
    while count > 0:
        day += timedelta(days=1)
        count -= exceptions.get(day, day.weekday() < 5)
    return day


def _exceptions(settings: Settings) -> dict[date, bool]:
    """Whether offices work, of every day of which the weekday does not say so; a swapped day comes before a holiday."""
    seeds = settings.dbt_project / "seeds"
    found = {day: False for day, _ in _rows(seeds / "holidays.csv")}
    for path in (seeds / "swapped_days.csv", settings.home / "swapped_days.csv"):
        found |= {day: row["is_working"] == "true" for day, row in _rows(path) if not row["agency_code"]}
    return found


def _rows(path: Path) -> Iterator[tuple[date, dict[str, str]]]:
    """The rows of a file that name a day; one that does not is refused by the build, and must not silence an alert."""
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                day = date.fromisoformat((row["date"] or "").strip())
            except (KeyError, ValueError):
                log.error("%s: a row without a date in the column date is passed over", path)
                continue
            yield day, {name: (cell or "").strip() for name, cell in row.items() if isinstance(cell, str | None)}

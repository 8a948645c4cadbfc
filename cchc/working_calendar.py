"""The working calendar: `swapped_days.csv` and `office_hours.csv` in CCHC_HOME, beside the shipped seeds, and the days they give.

A row without agency_code is everybody's. For a day (of office hours: for a weekday) the agency's own row comes before
everybody's, and a row of these files before one of the seeds. Office hours left blank mean closed. The build makes
`dim_working_days` of the same rows; a test holds it and `add_working_days` together.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa

from cchc.agencies import AgenciesUnreadable, agencies
from cchc.settings import Settings

SWAPPED_DAYS = pa.schema(
    [
        ("agency_code", pa.string()),
        ("date", pa.date32()),
        ("is_working", pa.bool_()),
        ("name_vi", pa.string()),
        ("legal_act", pa.string()),
    ]
)
OFFICE_HOURS = pa.schema(
    [
        ("agency_code", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("weekdays", pa.string()),
        ("morning_opens", pa.string()),
        ("morning_closes", pa.string()),
        ("afternoon_opens", pa.string()),
        ("afternoon_closes", pa.string()),
    ]
)
_HOLIDAYS = ("date", "name_vi", "legal_ground")
_HALVES = ("morning", "afternoon")
_USUAL_WEEK = frozenset("12345")  # where no hours are known: Monday to Friday
_HOUR = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
_Row = dict[str, Any]

log = logging.getLogger("cchc")


class CalendarUnreadable(ValueError):
    """A row of a calendar file is not what it should be; the message names file, line, column and what to write."""


def swapped_days(settings: Settings) -> pa.Table:
    """The deployment's swapped days, empty when it has none. Raises CalendarUnreadable and AgenciesUnreadable."""
    return pa.Table.from_pylist(_swaps(settings.home, settings), schema=SWAPPED_DAYS)


def office_hours(settings: Settings) -> pa.Table:
    """The deployment's office hours, empty when it has none. Raises CalendarUnreadable and AgenciesUnreadable."""
    return pa.Table.from_pylist(_hours(settings.home, settings), schema=OFFICE_HOURS)


def add_working_days(day: date, count: int, settings: Settings) -> date:
    """The `count`-th working day after the local date `day`, as everybody works; with 0 the day itself, whatever it is.

    A file of the deployment that the build refuses is passed over, and logged: it must not silence an alert.
    """
    works = _working(settings) if count else None
    while works and count > 0:
        day += timedelta(days=1)
        count -= works(day)
    return day


def _working(settings: Settings) -> Callable[[date], bool]:
    """Whether offices work on a day; agencies' own rows do not count."""
    seeds = settings.dbt_project / "seeds"
    holidays = {_date(row["date"], "date", where) for where, row in _rows(seeds / "holidays.csv", _HOLIDAYS, settings)}
    swaps, hours = _swaps(seeds, settings), _hours(seeds, settings)
    for read, rows in ((_swaps, swaps), (_hours, hours)):
        try:
            rows += read(settings.home, settings)
        except (CalendarUnreadable, AgenciesUnreadable) as error:
            log.error("passed over, so that days are those of the shipped calendar: %s", error)
    swapped = {row["date"]: row["is_working"] for row in swaps if not row["agency_code"]}
    common = [row for row in hours if not row["agency_code"]]

    def works(day: date) -> bool:
        is_open: dict[str, bool] = {}
        for row in common:
            if row["valid_from"] <= day <= (row["valid_to"] or date.max):
                is_open |= dict.fromkeys(row["weekdays"], any(row[f"{half}_opens"] for half in _HALVES))
        week = {weekday for weekday, opens in is_open.items() if opens} or _USUAL_WEEK
        # A day worked instead of another keeps Monday's hours.
        weekday = "1" if swapped.get(day) else str(day.isoweekday())
        return weekday in week and swapped.get(day, day not in holidays)

    return works


def _swaps(folder: Path, settings: Settings) -> list[_Row]:
    found: dict[tuple[str | None, date], _Row] = {}
    for where, row in _rows(folder / "swapped_days.csv", SWAPPED_DAYS.names, settings):
        if row["is_working"] not in ("true", "false"):
            raise CalendarUnreadable(
                f"{where}: is_working is {_shown(row['is_working'])}; write true for a day worked instead of another, "
                "false for a day off that is worked on another"
            )
        for name in ("name_vi", "legal_act"):
            if not row[name]:
                raise CalendarUnreadable(f"{where}: {name} is blank; a clock statement prints it, so write it in words")
        one = row | {"date": _date(row["date"], "date", where), "is_working": row["is_working"] == "true"}
        if (one["agency_code"], one["date"]) in found:
            raise CalendarUnreadable(f"{where}: {one['date']} stands twice for the same agency; keep one of the rows")
        found[one["agency_code"], one["date"]] = one
    return list(found.values())


def _hours(folder: Path, settings: Settings) -> list[_Row]:
    found = []
    for where, row in _rows(folder / "office_hours.csv", OFFICE_HOURS.names, settings):
        starts = _date(row["valid_from"], "valid_from", where)
        ends = _date(row["valid_to"], "valid_to", where) if row["valid_to"] else None
        if ends and ends < starts:
            raise CalendarUnreadable(f"{where}: valid_to {ends} lies before valid_from {starts}")
        if not row["weekdays"] or not re.fullmatch("1?2?3?4?5?6?7?", row["weekdays"]):
            raise CalendarUnreadable(
                f"{where}: weekdays is {_shown(row['weekdays'])}; write the digits of the days in order, 1 is Monday: 12345"
            )
        _check_hours(row, where)
        found.append((where, row | {"valid_from": starts, "valid_to": ends}))
    for (_, earlier), (where, later) in combinations(found, 2):
        if _both_hold(earlier, later):
            raise CalendarUnreadable(
                f"{where}: weekdays {later['weekdays']} of agency {later['agency_code'] or '(everybody)'} have other hours "
                f"from {earlier['valid_from']} on; end those with valid_to, or name other weekdays"
            )
    return [row for _, row in found]


def _rows(path: Path, columns: Sequence[str], settings: Settings) -> Iterator[tuple[str, _Row]]:
    """Where a row stands, and its cells as text; a blank cell is None."""
    if not path.exists():
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise CalendarUnreadable(f"{path} is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from None
    reader = csv.DictReader(lines)
    if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
        raise CalendarUnreadable(
            f"{path} line 1: column {', '.join(missing)} is missing; there must be {', '.join(columns)}"
        )
    for cells in reader:
        where = f"{path} line {reader.line_num}"
        row: _Row = {name: (cells[name] or "").strip() or None for name in columns}
        if (code := row.get("agency_code")) and all(code != agency.agency_code for agency in agencies(settings)):
            raise CalendarUnreadable(
                f"{where}: agency_code {code!r} is no agency's; write a code of agencies.csv, or leave it blank for everybody"
            )
        yield where, row


def _date(text: str | None, column: str, where: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise CalendarUnreadable(f"{where}: {column} is {_shown(text)}; write it as 2024-05-04") from None


def _shown(text: str | None) -> str:
    return "blank" if text is None else repr(text)


def _check_hours(row: dict[str, Any], where: str) -> None:
    closed = "00:00"
    open_halves = [half for half in _HALVES if row[f"{half}_opens"] or row[f"{half}_closes"]]
    for half in open_halves:
        for name in (f"{half}_opens", f"{half}_closes"):
            if not _HOUR.match(row[name] or ""):
                raise CalendarUnreadable(f"{where}: {name} is {_shown(row[name])}; write it as 07:30")
        if not closed <= row[f"{half}_opens"] < row[f"{half}_closes"]:
            raise CalendarUnreadable(
                f"{where}: {row[f'{half}_opens']} to {row[f'{half}_closes']} does not come after {closed} in the order "
                "of the day"
            )
        closed = row[f"{half}_closes"]


def _both_hold(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        one["agency_code"] == other["agency_code"]
        and bool(set(one["weekdays"]) & set(other["weekdays"]))
        and one["valid_from"] <= (other["valid_to"] or date.max)
        and other["valid_from"] <= (one["valid_to"] or date.max)
    )

"""Working days of a commune office: Monday to Friday without public holidays. Dates are local."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_FIXED = {(1, 1), (4, 30), (5, 1), (9, 2)}
# The week off at the lunar new year; years outside the table simply have none.
_TET = {
    2020: (date(2020, 1, 23), date(2020, 1, 29)),
    2021: (date(2021, 2, 10), date(2021, 2, 16)),
    2022: (date(2022, 1, 31), date(2022, 2, 4)),
    2023: (date(2023, 1, 20), date(2023, 1, 26)),
    2024: (date(2024, 2, 8), date(2024, 2, 14)),
    2025: (date(2025, 1, 25), date(2025, 2, 2)),
    2026: (date(2026, 2, 14), date(2026, 2, 22)),
    2027: (date(2027, 2, 5), date(2027, 2, 11)),
}


def in_tet(day: date) -> bool:
    """Whether the day lies in the lunar new year week or the slow week after it."""
    week = _TET.get(day.year)
    return week is not None and week[0] <= day <= week[1] + timedelta(days=7)


@lru_cache(maxsize=20_000)
def is_working(day: date) -> bool:
    week = _TET.get(day.year)
    return (
        day.weekday() < 5
        and (day.month, day.day) not in _FIXED
        and not (week is not None and week[0] <= day <= week[1])
    )


@lru_cache(maxsize=200_000)
def add(day: date, count: int) -> date:
    """The working day `count` working days after `day` (before it, when negative)."""
    step = _DAY if count >= 0 else -_DAY
    left = abs(count)
    while left:
        day += step
        if is_working(day):
            left -= 1
    return day


def working_days(first: date, end: date) -> list[date]:
    """The working days of [first, end)."""
    return [d for d in (first + timedelta(days=n) for n in range((end - first).days)) if is_working(d)]

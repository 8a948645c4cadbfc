"""The reporting month: the unit of landing, building, auditing and publishing.

`nd09` follows Nghị định 09/2019/NĐ-CP as provinces apply it: month M runs from the 15th of the month before
to the 14th, year Y from 15 December Y-1 to 14 December Y. `calendar` uses calendar months and years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
Calendar = Literal["nd09", "calendar"]
_FORM = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


class PeriodError(ValueError):
    """The text does not name a reporting month."""


@dataclass(frozen=True, order=True)
class Period:
    """One reporting month under one reporting calendar. All dates are local (Asia/Ho_Chi_Minh)."""

    year: int
    month: int
    calendar: Calendar = "nd09"

    @classmethod
    def parse(cls, text: str, calendar: Calendar = "nd09") -> Period:
        """Reads `YYYY-MM`; raises PeriodError on anything else."""
        found = _FORM.match(text)
        if not found:
            raise PeriodError(f"period {text!r} is not a month: write it as YYYY-MM, for example 2023-01")
        return cls(int(found[1]), int(found[2]), calendar)

    @classmethod
    def of_interval_end(cls, end: datetime, calendar: Calendar = "nd09") -> Period:
        """The month that a data interval ends with, for either calendar: the month of the instant before its end.

        `logical_date` is not used: it is the interval's start for scheduled runs and whatever was typed for manual ones.
        """
        last = (end - timedelta(seconds=1)).astimezone(LOCAL)
        return cls(last.year, last.month, calendar)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first_of_month(self) -> date:
        """The name of the period as a date, `period_month` in every table."""
        return date(self.year, self.month, 1)

    @property
    def first_date(self) -> date:
        """First day counted."""
        if self.calendar == "calendar":
            return self.first_of_month
        before = self.previous()
        return date(before.year, before.month, 15)

    @property
    def end_date(self) -> date:
        """First day no longer counted."""
        if self.calendar == "calendar":
            after = self.following()
            return date(after.year, after.month, 1)
        return date(self.year, self.month, 15)

    @property
    def last_date(self) -> date:
        """Last day counted."""
        return self.end_date - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        """First instant counted."""
        return datetime.combine(self.first_date, time(), LOCAL)

    @property
    def ends_at(self) -> datetime:
        """First instant no longer counted."""
        return datetime.combine(self.end_date, time(), LOCAL)

    def previous(self) -> Period:
        return self._shifted(-1)

    def following(self) -> Period:
        return self._shifted(1)

    def earlier_in_year(self) -> list[Period]:
        """The months of the same reporting year before this one, oldest first."""
        return [Period(self.year, month, self.calendar) for month in range(1, self.month)]

    def _shifted(self, months: int) -> Period:
        index = self.year * 12 + self.month - 1 + months
        return Period(index // 12, index % 12 + 1, self.calendar)

"""What a source is asked and what it answers, before paging. All times are local (Asia/Ho_Chi_Minh) without a zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from cchc.period import Period


@dataclass(frozen=True, slots=True)
class Question:
    """What a source was asked: [start, end); one day for the catalogue; the agency where it is named.

    `since` is a cursor: only rows changed at that instant or later.
    """

    export: str
    agency: str
    start: datetime
    end: datetime
    since: datetime | None = None

    @property
    def period(self) -> Period:
        """The reporting month (15th to 14th) that the window starts in."""
        day = self.start.date()
        month = Period(day.year, day.month)
        return month if day < month.end_date else month.following()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer or one page of it: the total that the source declares, and rows."""

    total: int
    rows: tuple[bytes, ...]
    question: Question | None = field(default=None, compare=False)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def months(first: datetime, end: datetime) -> list[Period]:
    """The reporting months (15th to 14th) that touch [first, end)."""
    month = Question("", "", first, end).period
    found = []
    while midnight(month.first_date) < end:
        found.append(month)
        month = month.following()
    return found

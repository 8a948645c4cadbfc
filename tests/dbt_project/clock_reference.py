"""The legal clock in plain, slow Python: it walks day by day and opening by opening. Written from the rules, not from the SQL.

Rules: docs/the-clock.md. Instants are aware datetimes; working time is counted in whole seconds, parts of a second are
dropped.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from cchc.period import LOCAL, Period

Row = dict[str, Any]
Span = tuple[int, int]
_PAUSING_STEPS = {5: "supplement", 6: "financial_duty", 8: "stopped"}


def read_seed(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Calendar:
    """When an agency's office is open on a day: the shipped calendar, and a deployment's own rows before it."""

    def __init__(self, seeds: Path, own_swaps: list[Row], own_hours: list[Row]) -> None:
        self.holidays = {date.fromisoformat(row["date"]) for row in read_seed(seeds, "holidays")}
        self.first = date(min(day.year for day in self.holidays), 1, 1)
        self.last = date(max(day.year for day in self.holidays), 12, 31)
        shipped_swaps = [row | {"is_working": row["is_working"] == "true"} for row in read_seed(seeds, "swapped_days")]
        self.swaps = [own_swaps, shipped_swaps]
        self.hours = [own_hours, read_seed(seeds, "office_hours")]
        self._known: dict[tuple[str, date], list[Span]] = {}

    def openings(self, agency: str, day: date) -> list[Span]:
        """The seconds since 1970 between which the office is open on the local day, morning first."""
        if (agency, day) not in self._known:
            self._known[agency, day] = self._openings(agency, day)
        return self._known[agency, day]

    def _openings(self, agency: str, day: date) -> list[Span]:
        swapped = self._swapped(agency, day)
        if swapped is False or (swapped is None and day in self.holidays):
            return []
        row = self._hours(agency, day, 1 if swapped else day.isoweekday())
        return [
            (_at(day, row[f"{half}_opens"]), _at(day, row[f"{half}_closes"]))
            for half in ("morning", "afternoon")
            if row.get(f"{half}_opens")
        ]

    def _swapped(self, agency: str, day: date) -> bool | None:
        for whose in (agency, ""):
            for rows in self.swaps:
                for row in rows:
                    if (row.get("agency_code") or "") == whose and date.fromisoformat(row["date"]) == day:
                        return bool(row["is_working"])
        return None

    def _hours(self, agency: str, day: date, weekday: int) -> Row:
        for whose in (agency, ""):
            for rows in self.hours:
                for row in rows:
                    if (
                        (row.get("agency_code") or "") == whose
                        and str(weekday) in row["weekdays"]
                        and row["valid_from"] <= day.isoformat() <= (row.get("valid_to") or "9999")
                    ):
                        return row
        return {}

    def reaches(self, instant: datetime | None) -> bool:
        return instant is not None and self.first <= _local_date(instant) <= self.last


@dataclass(frozen=True)
class Pause:
    kind: str
    from_at: datetime
    to_at: datetime | None
    until_at: datetime


def stand(row: Row, agency: str, period: Period, calendar: Calendar) -> Row | None:
    """What fct_dossiers says of a landed dossier in the period; None when it is not there."""
    received, ends = row.get("received_at"), period.ends_at
    if received is None or received >= ends:
        return None
    happened = [(row[name], state) for name, state in _ENDINGS if row.get(name) and row[name] < ends]
    ended, state = min(happened, key=lambda one: one[0]) if happened else (None, "pending")
    if ended is not None and ended < period.starts_at and received < period.starts_at:
        return None
    until = ended or ends
    supplements = sorted(row.get("supplements") or [], key=_supplement_order)
    due = _due(row, supplements, ends)
    first_due = (supplements[0].get("old_due_at") if supplements else None) or due
    pauses = _pauses(row, supplements, received, until, ended is not None)
    clock_due = _clock_due(calendar, agency, received, first_due, pauses)
    timed = calendar.reaches(received) and calendar.reaches(until)
    used, paused = _count(calendar, agency, received, until, pauses) if timed else (None, None)
    counts = state == "resolved" and until >= period.starts_at
    return {
        "pauses": [{"from_at": p.from_at, "to_at": p.to_at, "kind": p.kind} for p in pauses],
        "pause_count": len(pauses),
        "working_seconds_paused": paused,
        "working_seconds_used": used if until > received else 0,
        "working_seconds_allowed": (
            _count(calendar, agency, received, first_due, [])[0]
            if calendar.reaches(received) and first_due is not None and calendar.reaches(first_due)
            else None
        ),
        "clock_due_at": clock_due,
        "timeliness": _verdict(_local_date(until), due and _local_date(due)) if counts else None,
        "timeliness_instant": _verdict(until, due) if counts else None,
        "timeliness_reason": _reason(state, counts, until, due, clock_due, period),
    }


_ENDINGS = (("refused_at", "refused"), ("withdrawn_at", "withdrawn"), ("finished_at", "resolved"))


def _due(row: Row, supplements: list[Row], ends: datetime) -> datetime | None:
    for one in supplements:
        if one["requested_at"] >= ends and one.get("old_due_at"):
            found: datetime = one["old_due_at"]
            return found
    return row.get("due_at")


def _pauses(row: Row, supplements: list[Row], received: datetime, until: datetime, has_ended: bool) -> list[Pause]:
    claimed = {("supplement", one["requested_at"], one.get("answered_at")) for one in supplements}
    for step in row.get("steps") or []:
        if step.get("step") in _PAUSING_STEPS:
            claimed.add((_PAUSING_STEPS[step["step"]], step["started_at"], step.get("finished_at")))
    found = set()
    for kind, start, end in claimed:
        begins = max(start, received)
        stops = end if end is not None and end < until else until
        is_open = stops is until and not has_ended
        if begins < stops:
            found.add(Pause(kind, begins, None if is_open else stops, stops))
    return sorted(found, key=lambda p: (p.from_at, p.to_at or datetime.max.replace(tzinfo=LOCAL), p.kind))


def _slices(calendar: Calendar, agency: str, start: datetime, end: datetime | None) -> Iterator[Span]:
    """The openings between two instants, day by day; without an end, to the end of the calendar."""
    begin, stop, day = _whole(start), _whole(end) if end else None, _local_date(start)
    while day <= calendar.last and (end is None or day <= _local_date(end)):
        for opens, closes in calendar.openings(agency, day):
            piece = (max(opens, begin), min(closes, stop) if stop is not None else closes)
            if piece[0] < piece[1]:
                yield piece
        day += timedelta(days=1)


def _pieces(span: Span, pauses: list[Pause]) -> Iterator[tuple[int, int, bool]]:
    """The span cut wherever a pause begins or ends, and whether the clock stands still in each piece."""
    edges = {_whole(edge) for pause in pauses for edge in (pause.from_at, pause.until_at)}
    cuts = sorted({*span, *(edge for edge in edges if span[0] < edge < span[1])})
    for begin, stop in itertools.pairwise(cuts):
        yield begin, stop, any(_whole(p.from_at) <= begin < _whole(p.until_at) for p in pauses)


def _count(calendar: Calendar, agency: str, start: datetime, end: datetime, pauses: list[Pause]) -> tuple[int, int]:
    used = paused = 0
    for span in _slices(calendar, agency, start, end):
        for begin, stop, stands_still in _pieces(span, pauses):
            if stands_still:
                paused += stop - begin
            else:
                used += stop - begin
    return used, paused


def _clock_due(
    calendar: Calendar, agency: str, received: datetime, first_due: datetime | None, pauses: list[Pause]
) -> datetime | None:
    """Walks from the reception until the time used is the time allowed; if no pause stood in the way, the promise stands."""
    if first_due is None or not calendar.reaches(first_due) or not calendar.reaches(received):
        return None
    left, was_paused = _count(calendar, agency, received, first_due, [])[0], False
    if left == 0:
        return first_due
    for span in _slices(calendar, agency, received, None):
        for begin, stop, stands_still in _pieces(span, pauses):
            if stands_still:
                was_paused = True
            elif stop - begin >= left:
                return datetime.fromtimestamp(begin + left, LOCAL) if was_paused else first_due
            else:
                left -= stop - begin
    return None


def _reason(
    state: str, counts: bool, until: datetime, due: datetime | None, clock_due: datetime | None, period: Period
) -> str:
    if state in ("refused", "withdrawn"):
        return state
    day = _local_date(due) if due else None
    if state == "pending":
        if day is None:
            return "pending_without_due_date"
        return "pending_overdue" if day < period.last_date else "pending_in_time"
    if not counts:
        return "ended_before_received"
    if day is None:
        return "finished_without_due_date"
    ended = _local_date(until)
    if ended <= day:
        return "finished_on_due_day" if ended == day else "finished_before_due_day"
    if clock_due is not None and ended <= _local_date(clock_due):
        return "finished_after_due_day_within_clock"
    return "finished_after_due_day"


def _verdict(ended: Any, due: Any) -> str:
    if due is None:
        return "without_due_date"
    if ended == due:
        return "on_time"
    return "early" if ended < due else "late"


def _supplement_order(one: Row) -> tuple[float, ...]:
    return tuple(
        one[name].timestamp() if one.get(name) else float("inf")
        for name in ("requested_at", "old_due_at", "new_due_at", "answered_at")
    )


def _local_date(instant: datetime) -> date:
    return instant.astimezone(LOCAL).date()


def _whole(instant: datetime) -> int:
    return int(instant.timestamp() // 1)


def _at(day: date, hour: str) -> int:
    return _whole(datetime.combine(day, time.fromisoformat(hour), LOCAL))

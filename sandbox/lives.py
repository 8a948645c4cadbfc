"""The life of one dossier: received, perhaps supplemented, ended once. Pure functions of a random generator.

All times are local (Asia/Ho_Chi_Minh) without a zone, as the sources give them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from sandbox.agencies import Agency
from sandbox.catalogue import Procedure
from sandbox.people import Person, make_person
from sandbox.workdays import add, in_tet

Outcome = Literal["early", "on_time", "late", "no_due", "refused", "withdrawn"]
IN_PERSON, ONLINE, POSTAL = "1", "2", "3"
# No life lasts longer than this from reception to end: what a window must look back.
LONGEST = timedelta(days=150)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Supplement:
    """A request for more papers; the due date moves by the working days waited, told with the request."""

    requested: datetime
    answered: datetime | None
    old_due: datetime
    new_due: datetime


@dataclass(slots=True)
class Dossier:
    """One dossier with everything that ever happens to it. `received` is None when it was never accepted."""

    procedure: Procedure
    channel: str
    person: Person
    submitted: datetime
    received: datetime | None = None
    due: datetime | None = None
    ended: datetime | None = None
    ending: Literal["", "finished", "refused", "withdrawn"] = ""
    returned: datetime | None = None
    supplements: list[Supplement] = field(default_factory=list)
    applicant: str = "1"
    fee: int = 0
    paid_online: bool = False
    input_digitised: bool = False
    result: Literal["none", "paper", "digitised", "electronic"] = "none"
    reused: bool = False
    post_back: bool = False
    code: str = ""
    registered: datetime | None = None  # when it was typed in, for those that were typed in late
    rendered: bytes | None = None


def _at(day: date, minutes: float) -> datetime:
    """A whole second of the day, `minutes` after midnight."""
    return datetime.combine(day, time()) + timedelta(seconds=int(minutes * 60))


def office_time(rng: random.Random, day: date) -> datetime:
    """Between 07:30 and 16:20."""
    return _at(day, 450 + rng.random() * 530)


def _end_time(rng: random.Random, day: date, received: datetime) -> datetime:
    """A time of that day at which a case is closed, after its reception."""
    if day == received.date():
        left = 1015 - (received.hour * 60 + received.minute)
        return received + timedelta(seconds=int(60 * (5 + rng.random() * max(left, 5))))
    return _at(day, 465 + rng.random() * 530)


def _due_time(day: date) -> datetime:
    return datetime.combine(day, time(17))


def live(
    rng: random.Random,
    received: datetime,
    procedure: Procedure,
    channel: str,
    outcome: Outcome = "early",
    before: datetime | None = None,
    not_before: datetime | None = None,
    supplements: float = 0.0,
) -> Dossier:
    """One life with the wanted outcome.

    `before` bounds the end from above (an outcome that does not fit becomes early), `not_before` from below
    (so that the dossier is pending at that instant); `supplements` is the chance of a supplement.
    """
    draw = rng.random
    day = received.date()
    low, high = procedure.days
    span = low + int(draw() * (high - low + 1))
    if not_before is not None:
        while add(day, span) <= add(not_before.date(), 1):
            span += 1
    due_day, old_due, waited, first_end = add(day, span), add(day, span), 0, 0
    asked: list[Supplement] = []
    if span >= 5 and draw() < supplements and outcome in ("early", "on_time", "late"):
        asked_after = 1 + int(draw() * 2)
        waited = 2 + int(draw() * 8)
        first_end = asked_after + waited
        if before is None or add(day, first_end + 1) < before.date():
            due_day = add(old_due, waited)
            requested = office_time(rng, add(day, asked_after))
            answered = office_time(rng, add(day, first_end))
            asked = [Supplement(requested, answered, _due_time(old_due), _due_time(due_day))]
            span += waited
        else:
            first_end = 0
    index, end_day = _end_day(rng, day, span, due_day, outcome, first_end, before, not_before)
    ended = _end_time(rng, end_day, received)
    answered_last = asked[0].answered if asked else None
    if answered_last and ended <= answered_last:
        ended = answered_last + 20 * _MINUTE
    if end_day == due_day and index == span and draw() < 0.2:
        ended = _at(due_day, 1022 + draw() * 30)  # after hours on the last day: on time by date, late by instant
    waiting = draw() * 2 if channel == ONLINE else 0.0
    submitted = received - timedelta(seconds=int(3600 * 20 * waiting) + 60 + int(draw() * 900))
    finished = outcome not in ("refused", "withdrawn")
    returned = ended + timedelta(seconds=int(60 * (2 + draw() * 30)))
    if draw() < 0.25:
        returned = office_time(rng, add(end_day, 1 + int(draw() * 3)))
    return Dossier(
        procedure=procedure,
        channel=channel,
        person=make_person(rng),
        submitted=submitted,
        received=received,
        due=None if outcome == "no_due" else _due_time(due_day),
        ended=ended,
        ending="finished" if finished else "refused" if outcome == "refused" else "withdrawn",
        returned=returned if finished and draw() < 0.93 else None,
        supplements=asked,
        applicant="1" if draw() < 0.96 else ("2", "3", "4")[int(draw() * 3)],
        fee=procedure.fee if draw() < 0.85 else 0,
        input_digitised=draw() < 0.9,
        result=_result(draw()) if finished else "none",
        reused=draw() < 0.3,
        post_back=channel == POSTAL or draw() < 0.02,
    )


def _result(drawn: float) -> Literal["paper", "digitised", "electronic"]:
    return "electronic" if drawn < 0.6 else "digitised" if drawn < 0.88 else "paper"


def _end_day(
    rng: random.Random,
    day: date,
    span: int,
    due_day: date,
    outcome: Outcome,
    first: int,
    before: datetime | None,
    not_before: datetime | None,
) -> tuple[int, date]:
    """The working day, counted from reception and as a date, on which the case ends."""
    if outcome == "late":
        index = span + 1 + int(rng.random() * 5)
    elif outcome == "on_time":
        index = span
    elif outcome == "refused":
        index = int(rng.random() * min(3, span))
    else:  # strictly before the due day
        index = first + int(rng.random() * max(span - first, 1))
        index = min(index, span - 1)
    end_day = add(due_day, index - span) if index > span else due_day if index == span else add(day, index)
    if not_before is not None:
        while end_day < not_before.date():
            index += 1
            end_day = add(day, index)
    if before is not None and end_day >= before.date():
        index = max(0, min(index, span - 1))
        end_day = add(day, index)
        while index and end_day >= before.date():
            index -= 1
            end_day = add(day, index)
    return index, end_day


def receptions(rng: random.Random, days: Sequence[date], count: int) -> list[datetime]:
    """`count` reception instants on the given working days, sorted; a slow lunar new year, uneven weeks."""
    weights: list[float] = []
    pace, week = 1.0, None
    for day in days:
        if day.isocalendar()[1] != week:
            week, pace = day.isocalendar()[1], 0.7 + rng.random() * 0.6
        weights.append(pace * (1.25 if day.weekday() == 0 else 1.0) * (0.45 if in_tet(day) else 1.0))
    return sorted(office_time(rng, day) for day in rng.choices(days, weights, k=count))


def unreceived(rng: random.Random, day: date, procedure: Procedure) -> Dossier:
    """Registered online and never accepted: still waiting (status 1), or turned away at once (status 3)."""
    submitted = _at(day, rng.random() * 1439)
    refused = submitted + timedelta(seconds=3600 + int(rng.random() * 80_000)) if rng.random() < 0.4 else None
    return Dossier(procedure, ONLINE, make_person(rng), submitted, ended=refused, ending="refused" if refused else "")


def as_known(dossier: Dossier, today: datetime) -> Dossier | None:
    """What the source knows of a life just before `today`: later events are missing; None before it was received.

    A life all of whose events are past is returned as it is.
    """
    if (dossier.received or dossier.submitted) >= today or (dossier.registered and dossier.registered > today):
        return None
    latest = max(filter(None, (dossier.ended, dossier.returned)), default=None)
    if latest is None or latest < today:
        return dossier
    over = dossier.ended is not None and dossier.ended < today
    return replace(
        dossier,
        supplements=[
            s if s.answered and s.answered < today else replace(s, answered=None)
            for s in dossier.supplements
            if s.requested < today
        ],
        due=next((s.old_due for s in dossier.supplements if s.requested >= today), dossier.due),
        ended=dossier.ended if over else None,
        ending=dossier.ending if over else "",
        returned=None,
        rendered=None,
    )


def last_event(dossier: Dossier) -> datetime:
    """When the record was last changed, as far as its life is known."""
    events = [dossier.submitted, dossier.received, dossier.ended, dossier.returned, dossier.registered]
    events += [at for s in dossier.supplements for at in (s.requested, s.answered)]
    return max(at for at in events if at is not None)


def number(agency: Agency, dossiers: Iterable[Dossier]) -> list[Dossier]:
    """Gives every dossier its code, `identity-yyMMdd-serial`, in order of reception; sorted by it."""
    ordered = sorted(dossiers, key=lambda d: (d.received or d.submitted, d.person.id_number))
    serials: dict[tuple[date, bool], int] = {}
    for dossier in ordered:
        day, never = (dossier.received or dossier.submitted).date(), dossier.received is None
        serials[day, never] = serials.get((day, never), 9000 if never else 0) + 1
        dossier.code = f"{agency.identity}-{day:%y%m%d}-{serials[day, never]:04d}"
    return ordered

"""Random dossiers for the clock: seeded, and drawn where it goes wrong (openings, midnights, the period's ends, Tết)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from cchc.period import LOCAL, Period

Row = dict[str, Any]
# 15 April to 14 May 2024: Giỗ Tổ, 30/4, 1/5, and Saturday 4 May worked instead of Monday 29 April; received from Tết on.
PERIOD = Period(2024, 5)
AGENCIES = {
    "000.22.26.H23": "11122",  # hours of its own, Saturday mornings too
    "000.19.26.H23": "11119",  # hours of its own until the end of April, closed on Wednesdays
    "000.37.26.H23": "11137",  # swapped days of its own
    "000.07.30.H56": "15907",  # everybody's
}
OWN_SWAPS: list[Row] = [
    {"agency_code": None, "date": "2024-05-06", "is_working": False, "name_vi": "Nghỉ bù", "legal_act": "tỉnh"},
    {"agency_code": None, "date": "2024-05-11", "is_working": True, "name_vi": "Làm bù", "legal_act": "tỉnh"},
    # Nobody of 11137 worked on the Saturday that the country worked, and they did on the Monday before.
    {"agency_code": "11137", "date": "2024-05-04", "is_working": False, "name_vi": "Nghỉ", "legal_act": "xã"},
    {"agency_code": "11137", "date": "2024-04-29", "is_working": True, "name_vi": "Làm", "legal_act": "xã"},
    {"agency_code": "11137", "date": "2024-02-12", "is_working": True, "name_vi": "Trực Tết", "legal_act": "xã"},
]  # fmt: skip


def _hours(agency: str | None, valid_from: str, valid_to: str | None, weekdays: str, *hours: str | None) -> Row:
    names = ("morning_opens", "morning_closes", "afternoon_opens", "afternoon_closes")
    return {"agency_code": agency, "valid_from": valid_from, "valid_to": valid_to, "weekdays": weekdays} | dict(
        zip(names, hours, strict=True)
    )


OWN_HOURS: list[Row] = [
    _hours("11122", "2020-01-01", None, "12345", "07:30", "11:45", "13:15", "17:00"),
    _hours("11122", "2020-01-01", None, "6", "07:30", "11:00", None, None),
    _hours("11119", "2023-06-01", "2024-04-30", "124", "08:00", "12:00", "13:00", "17:30"),
    _hours("11119", "2023-06-01", "2024-04-30", "3", None, None, None, None),
    _hours("11119", "2023-06-01", "2024-04-30", "5", None, None, "12:00", "20:00"),
    # Everybody's own summer hours of the province, before the shipped ones.
    _hours(None, "2024-04-16", "2024-10-15", "12345", "06:45", "11:30", "13:30", "16:45"),
    # For a spring everybody worked on Saturday mornings, and not on Wednesdays.
    _hours(None, "2027-02-01", "2027-05-31", "6", "07:30", "11:00", None, None),
    _hours(None, "2027-02-01", "2027-05-31", "3", None, None, None, None),
]
_HOURS = [f"{h}" for row in OWN_HOURS for n, h in row.items() if n.endswith(("opens", "closes")) and h]
_HOURS += ["07:00", "11:30", "13:30", "17:00", "00:00", "23:59"]


def cases(count: int, seed: int) -> list[Row]:
    draw = Random(seed)
    return [_dossier(draw, number) for number in range(count)]


def _instant(draw: Random, first: date, days: int) -> datetime:
    """An instant of one of the days: on an edge of the office hours, one second beside it, or anywhere."""
    day = first + timedelta(days=draw.randrange(days))
    kind = draw.random()
    if kind < 0.55:
        at = datetime.combine(day, time.fromisoformat(draw.choice(_HOURS)), LOCAL)
        return at + timedelta(seconds=draw.choice((0, 0, 0, -1, 1)))
    at = datetime.combine(day, time(), LOCAL) + timedelta(seconds=draw.randrange(86_400))
    return at + timedelta(microseconds=draw.randrange(1_000_000)) if kind > 0.97 else at


def _dossier(draw: Random, number: int) -> Row:
    first = PERIOD.first_date
    kind = draw.random()
    if kind < 0.55:
        received = _instant(draw, first - timedelta(days=2), 33)
    elif kind < 0.97:
        received = _instant(draw, date(2024, 2, 1), 75)
    elif kind < 0.985:
        received = _instant(draw, date(2023, 1, 1), 300)
    else:
        received = _instant(draw, date(2017, 12, 25), 12)
    day = received.date()
    row: Row = {
        "dossier_code": f"D-{number}", "agency_code": draw.choice(list(AGENCIES)), "procedure_code": "1.000001",
        "channel": "online", "status": 4, "received_at": received,
    }  # fmt: skip
    if draw.random() < 0.88:
        row["due_at"] = _instant(draw, day - timedelta(days=draw.choice((0, 0, 0, 3))), draw.choice((2, 8, 40)))
    elif draw.random() < 0.1:
        row["due_at"] = _instant(draw, date(2030, 12, 25), 12)
    _end(draw, row, day)
    supplements = [_supplement(draw, row, day) for _ in range(draw.choice((0, 0, 0, 1, 1, 2, 3)))]
    row["supplements"] = supplements
    row["steps"] = [_step(draw, row, day) for _ in range(draw.choice((0, 0, 0, 1, 2, 4)))]
    # A source often tells one supplement twice: as a supplement and as a step.
    if supplements and draw.random() < 0.3:
        one = supplements[0]
        row["steps"].append({"step": 5, "started_at": one["requested_at"], "finished_at": one["answered_at"]})
    return row


def _end(draw: Random, row: Row, day: date) -> None:
    if draw.random() < 0.3:
        return
    names = ["finished_at"] * 8 + ["refused_at", "withdrawn_at"]
    for name in draw.sample(names, draw.choice((1, 1, 1, 1, 2))):
        kind = draw.random()
        if kind < 0.2 and row.get("due_at"):
            row[name] = row["due_at"] + timedelta(seconds=draw.choice((0, 0, -1, 1)))
        elif kind < 0.3:
            row[name] = PERIOD.ends_at + timedelta(seconds=draw.choice((0, -1, 1)))
        elif kind < 0.34:
            row[name] = row["received_at"] + timedelta(seconds=draw.choice((0, -1, -90_000, -40 * 86_400)))
        else:
            row[name] = _instant(draw, day, draw.choice((2, 10, 60)))


def _pause(draw: Random, row: Row, day: date) -> tuple[datetime, datetime | None]:
    kind = draw.random()
    if kind < 0.1:
        start = PERIOD.ends_at + timedelta(seconds=draw.choice((0, -1, 1)))
    elif kind < 0.2 and row.get("due_at"):
        start = row["due_at"] + timedelta(seconds=draw.choice((0, -1, 1)))
    else:
        start = _instant(draw, day - timedelta(days=2), draw.choice((4, 12, 60)))
    end = None
    if draw.random() < 0.75:
        end = _instant(draw, start.astimezone(LOCAL).date(), draw.choice((1, 4, 20)))
    if draw.random() < 0.08:
        end = PERIOD.ends_at + timedelta(seconds=draw.choice((0, -1, 1)))
    return start, end


def _supplement(draw: Random, row: Row, day: date) -> Row:
    start, end = _pause(draw, row, day)
    old = row.get("due_at") if draw.random() < 0.5 else _instant(draw, day, 12)
    new = _instant(draw, start.astimezone(LOCAL).date(), 30)
    return {
        "requested_at": start, "answered_at": end, "new_due_at": new,
        "old_due_at": None if draw.random() < 0.3 else old,
    }  # fmt: skip


def _step(draw: Random, row: Row, day: date) -> Row:
    start, end = _pause(draw, row, day)
    return {"step": draw.choice((4, 5, 6, 8, 9, None)), "started_at": start, "finished_at": end}


def as_known_at_the_end(rows: list[Row]) -> list[Row]:
    """The rows as the source had them when the period ended: nothing that happened at or after that instant."""
    ends, known = PERIOD.ends_at, []
    for row in rows:
        if row["received_at"] >= ends:
            continue
        events = ("finished_at", "refused_at", "withdrawn_at", "returned_at")
        then = {name: cell for name, cell in row.items() if name not in events or cell < ends}
        later = [one for one in row.get("supplements", []) if one["requested_at"] >= ends and one["old_due_at"]]
        if later:
            order = ("requested_at", "old_due_at", "new_due_at")
            then["due_at"] = min(later, key=lambda one: tuple(one[name] for name in order))["old_due_at"]
        for children, begins, stops in (
            ("supplements", "requested_at", "answered_at"),
            ("steps", "started_at", "finished_at"),
        ):
            then[children] = [
                child | {stops: child[stops] if child[stops] and child[stops] < ends else None}
                for child in row.get(children, [])
                if child[begins] < ends
            ]
        known.append(then)
    return known


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def _told(code: str, received: str, due: str | None, **more: Any) -> Row:
    """A dossier of Hoằng Cát, which keeps everybody's hours: 06:45–11:30, 13:30–16:45."""
    row: Row = {
        "dossier_code": f"{code}-1", "agency_code": "000.07.30.H56", "procedure_code": "1.000001", "channel": "in_person",
        "received_at": _at(received), "status": 9,
    }  # fmt: skip
    if due:
        row["due_at"] = _at(due)
    return row | {name: _at(cell) if isinstance(cell, str) else cell for name, cell in more.items()}


def _asked(requested: str, answered: str | None) -> list[Row]:
    return [
        {
            "requested_at": _at(requested), "answered_at": _at(answered) if answered else None, "old_due_at": None,
            "new_due_at": None,
        }
    ]  # fmt: skip


# One dossier for each defect of other systems that is made of dates.
DEFECTS: list[Row] = [
    _told("FINISHED-ON-A-WORKED-SATURDAY", "2024-05-02 08:00", "2024-05-04 16:45", finished_at="2024-05-04 10:00"),
    _told("RECEIVED-ON-A-FREE-SATURDAY", "2024-04-20 09:00", "2024-04-23 16:45", finished_at="2024-04-22 07:45"),
    _told("LATE", "2024-04-16 08:00", "2024-04-22 16:45", finished_at="2024-04-23 10:00"),
    _told("LATE-AFTER-A-PAUSE", "2024-04-16 08:00", "2024-04-22 16:45", finished_at="2024-04-23 10:00",
          supplements=_asked("2024-04-17 08:00", "2024-04-19 08:00")),
    _told("WITHOUT-DUE-DATE", "2024-04-16 08:00", None, finished_at="2024-04-17 08:00"),
    _told("DONE-BY-REWRITTEN-STATUS", "2024-05-06 08:00", "2024-05-20 16:45", supplements=_asked("2024-05-08 08:00", None)),
    _told("CLOSED-AT-RECEPTION", "2024-05-06 08:00", "2024-05-20 16:45",
          steps=[{"step": 9, "started_at": _at("2024-05-06 08:00"), "finished_at": _at("2024-05-06 08:00")}]),
    _told("CLOSED-AT-RECEPTION-WITHOUT-DUE-DATE", "2024-05-06 08:00", None,
          steps=[{"step": 9, "started_at": _at("2024-05-06 08:00"), "finished_at": _at("2024-05-06 08:00")}]),
    _told("OVERDUE-AND-THEN-PAUSED", "2024-04-16 08:00", "2024-05-02 16:45", supplements=_asked("2024-05-03 08:00", None)),
    _told("RETURNED-AFTER-ITS-DUE-DAY", "2024-04-16 08:00", "2024-05-03 16:45", finished_at="2024-05-02 08:00",
          returned_at="2024-05-09 08:00"),
    _told("WITHDRAWN", "2024-04-16 08:00", "2024-05-03 16:45", withdrawn_at="2024-05-02 08:00"),
]  # fmt: skip

"""Fills a plan's quotas with lives, and invents the months that no report covers.

One generator per commune and plan, one per commune and month elsewhere: what a month holds never depends on what
was asked before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from cchc.period import Period
from sandbox.agencies import Agency
from sandbox.catalogue import BY_CODE, CORE, FULL, PARTIAL, Procedure
from sandbox.lives import IN_PERSON, ONLINE, POSTAL, Dossier, Outcome, live, number, receptions, unreceived
from sandbox.plans import Plan, Share
from sandbox.workdays import add, in_tet, working_days

_PAYMENT_WINDOW = (date(2023, 4, 1), date(2023, 12, 8))  # Đại Hợp prints its share of online payment for these days
_USED = tuple(p for p in CORE if p.weight)
_USED_WEIGHTS = tuple(p.weight for p in _USED)
_USED_ONLINE = tuple(p for p in CORE if p.weight and p.level in (FULL, PARTIAL))
_USED_ONLINE_WEIGHTS = tuple(p.weight for p in _USED_ONLINE)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _slots(rng: random.Random, shares: tuple[Share, ...]) -> list[tuple[Procedure, str]]:
    """One (procedure, channel) per dossier of these shares, shuffled."""
    slots: list[tuple[Procedure, str]] = []
    for share in shares:
        procedures = [BY_CODE[code] for code in share.codes]
        sure = procedures if share.every else []
        drawn = rng.choices(procedures, [p.weight for p in procedures], k=share.count - len(sure))
        slots += [(p, share.channel) for p in (*sure, *drawn)]
    rng.shuffle(slots)
    return slots


def planned(agency: Agency, plan: Plan, seed: int) -> list[Dossier]:
    """The dossiers of the plan's months, and those carried over into its first; totals are exactly the plan's."""
    rng = random.Random(f"{seed}|{agency.code}|plan")
    first, end = plan.first.first_date, plan.last.end_date
    days = working_days(first, end)
    waiting, others = _slots(rng, plan.pending), _slots(rng, plan.shares)
    instants = receptions(rng, days, len(others))
    outcomes = _outcomes(rng, plan, instants, others, end)
    dossiers = [
        live(rng, received, procedure, channel, outcome, before=_midnight(end), supplements=0.15)
        for received, (procedure, channel), outcome in zip(instants, others, outcomes, strict=True)
    ]
    for procedure, channel in waiting:
        received = receptions(rng, days[-9:], 1)[0]
        dossiers.append(live(rng, received, procedure, channel, not_before=_midnight(end), supplements=0.5))
    earlier = working_days(first - timedelta(days=12), first)
    for procedure, channel in _slots(rng, plan.carried):
        received = receptions(rng, earlier, 1)[0]
        dossiers.append(live(rng, received, procedure, channel, not_before=_midnight(first), supplements=0.2))
    for _ in range(9):
        day = days[int(rng.random() * len(days))]
        dossiers.append(unreceived(rng, day, _USED_ONLINE[int(rng.random() * 12)]))
    _digitise(rng, plan, dossiers, first, end)
    _pay(rng, plan, dossiers)
    return number(agency, dossiers)


def _outcomes(
    rng: random.Random, plan: Plan, instants: list[datetime], slots: list[tuple[Procedure, str]], end: date
) -> list[Outcome]:
    """Who is on time, late, refused, withdrawn or without due date; early all the others.

    Only cases received long enough before the plan's end are chosen, so that they end inside it.
    """
    outcomes: list[Outcome] = ["early"] * len(instants)
    quick = [i for i, at in enumerate(instants) if at.date() < add(end, -5 - slots[i][0].days[1] - 12)]
    slow = [i for i in quick if slots[i][0].days[1] >= 3]
    wanted: tuple[tuple[Outcome, int, list[int]], ...] = (
        ("late", plan.late, slow),
        ("refused", plan.refused, slow),
        ("withdrawn", plan.withdrawn, slow),
        ("no_due", plan.no_due, slow),
        ("on_time", plan.on_time, quick),
    )
    for outcome, count, pool in wanted:
        for i in rng.sample([i for i in pool if outcomes[i] == "early"], count):
            outcomes[i] = outcome
    return outcomes


def _digitise(rng: random.Random, plan: Plan, dossiers: list[Dossier], first: date, end: date) -> None:
    """Sets exactly the plan's shares: inputs of what was received, results of what was resolved, in its months."""
    received = [d for d in dossiers if d.received and _midnight(first) <= d.received < _midnight(end)]
    resolved = [d for d in dossiers if d.ending == "finished" and d.ended and d.ended < _midnight(end)]
    scanned = set(rng.sample(range(len(received)), round(plan.input_digitised * len(received))))
    for i, dossier in enumerate(received):
        dossier.input_digitised = i in scanned
    kept = set(rng.sample(range(len(resolved)), round(plan.result_digitised * len(resolved))))
    for i, dossier in enumerate(resolved):
        dossier.result = ("electronic" if rng.random() < 0.7 else "digitised") if i in kept else "paper"


def _pay(rng: random.Random, plan: Plan, dossiers: list[Dossier]) -> None:
    """Makes the share paid online, of resolved dossiers with a fee, equal to the plan's to four digits.

    Some dossiers are exempted from the fee until such a share exists.
    """
    in_window = [
        d
        for d in dossiers
        if d.fee
        and d.ending == "finished"
        and d.ended
        and (plan.code != "11119" or _PAYMENT_WINDOW[0] <= d.ended.date() <= _PAYMENT_WINDOW[1])
        and d.ended < _midnight(plan.last.end_date)
    ]
    count = len(in_window)
    while count and round(round(count * plan.paid_online) / count, 4) != round(plan.paid_online, 4):
        count -= 1
    rng.shuffle(in_window)
    for dossier in in_window[count:]:
        dossier.fee = 0
    for dossier in in_window[: round(count * plan.paid_online)]:
        dossier.paid_online = True
    chosen = {id(d) for d in in_window}
    for dossier in dossiers:
        if id(dossier) not in chosen and dossier.fee:
            dossier.paid_online = rng.random() < plan.paid_online * 0.7


def month_size(rng: random.Random, rate: int, agency: Agency, period: Period) -> tuple[list[date], int]:
    """The working days of the month on which the office exists, and how much of the rate falls on them."""
    every = working_days(period.first_date, period.end_date)
    days = [d for d in every if agency.active_on(d)]
    quiet = 0.75 if any(in_tet(d) for d in days) else 1.0
    pace = 0.88 + rng.random() * 0.24
    return days, max(1, round(rate * pace * quiet * len(days) / len(every))) if days else 0


def invented(agency: Agency, period: Period, seed: int) -> list[Dossier]:
    """The dossiers received in a month that no report covers."""
    rng = random.Random(f"{seed}|{agency.code}|{period}")
    days, count = month_size(rng, agency.dossiers, agency, period)
    if not count:
        return []
    dossiers = list(_invented(rng, agency, days, count))
    for _ in range(int(rng.random() * 3)):
        dossiers.append(unreceived(rng, days[int(rng.random() * len(days))], _USED_ONLINE[int(rng.random() * 12)]))
    return number(agency, dossiers)


def late(agency: Agency, period: Period, seed: int, count: int, registered: datetime) -> list[Dossier]:
    """Paper dossiers received and finished in the first half of the month, typed into the software at `registered`."""
    rng = random.Random(f"{seed}|{agency.code}|{period}|late")
    days = working_days(period.first_date, period.end_date)
    quick = [p for p in _USED if p.days[1] <= 3]
    instants = receptions(rng, days[: len(days) // 2], count)
    dossiers = [
        live(rng, received, rng.choice(quick), IN_PERSON, before=_midnight(period.end_date)) for received in instants
    ]
    for serial, dossier in enumerate(dossiers, 7001):
        dossier.registered = registered
        dossier.code = f"{agency.identity}-{dossier.submitted:%y%m%d}-{serial}"
    return dossiers


def _invented(rng: random.Random, agency: Agency, days: list[date], count: int) -> Iterator[Dossier]:
    counter = rng.choices(_USED, _USED_WEIGHTS, k=count)
    online = rng.choices(_USED_ONLINE, _USED_ONLINE_WEIGHTS, k=count)
    for i, received in enumerate(receptions(rng, days, count)):
        drawn = rng.random()
        if drawn < agency.online:
            procedure, channel = online[i], ONLINE
        else:
            procedure, channel = counter[i], POSTAL if drawn < agency.online + agency.postal else IN_PERSON
        before = agency.must_end_before(received.date())
        dossier = live(rng, received, procedure, channel, _invented_outcome(rng, procedure), before, supplements=0.12)
        dossier.paid_online = bool(dossier.fee) and rng.random() < 0.7
        yield dossier


def _invented_outcome(rng: random.Random, procedure: Procedure) -> Outcome:
    drawn = rng.random()
    if procedure.days[1] < 3:
        return "on_time" if drawn < 0.01 else "late" if drawn < 0.014 else "withdrawn" if drawn < 0.018 else "early"
    if drawn < 0.10:
        return "on_time"
    if drawn < 0.13:
        return "late"
    if drawn < 0.14:
        return "refused"
    if drawn < 0.16:
        return "withdrawn"
    return "no_due" if drawn < 0.175 else "early"

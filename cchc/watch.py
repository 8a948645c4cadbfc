"""The daily watch: tells again what did not arrive, takes unanswered faults further up, names months that are overdue.

The day is given by hand; no clock decides. What has happened to a month is read as it is now.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from cchc.close import published_revision
from cchc.period import LOCAL, Period, PeriodError
from cchc.settings import Secret, Settings, secret_from_environment, settings
from cchc.workbooks import reject_workbooks
from cchc.working_calendar import add_working_days
from expectations.alerts import about, alert_verdict, tell
from expectations.channels import Budget
from expectations.contacts import chain, contacts_in_force, data_team
from expectations.deliveries import GENERAL, Message, entries, send
from expectations.reminders import Overdue, escalation_text, overdue_text, standing_faults, steps_due
from expectations.suites import all_checks
from expectations.verdicts import CheckResult, Verdict, VerdictBroken, all_runs, newest_verdict, verdicts_of
from expectations.waivers import WaiverBroken, live_waivers
from ingest.profile import load_exports
from ingest.store import Store
from snapshots.store import current, published_periods

Progress = Callable[[str], None]
IsWaived = Callable[[Verdict, CheckResult], bool]
log = logging.getLogger("cchc")
MONTHS_WATCHED = 12
# A failed step or a new column that nobody could be told of for so long is history.
DAYS_TOLD_AGAIN = 7


class Undelivered(RuntimeError):
    """Some alert could not be delivered; the ledger holds it, and the next run tries again."""

    alerted = True  # there is no use in telling through the same channels that they are down


def covered_by_waivers(on: date, configured: Settings) -> IsWaived:
    """Whether waivers that are live on the local day `on` answer a fault; when their records are broken none does."""

    def is_waived(verdict: Verdict, result: CheckResult) -> bool:
        try:
            live = live_waivers(configured, verdict.period, datetime.combine(on, time(), LOCAL))
        except WaiverBroken as error:
            log.error("no waiver is looked at: %s", error)
            return False
        applied = [one for waiver in live if (one := waiver.applied_to(result)) is not None]
        return result.model_copy(update={"waivers": applied}).is_waived

    return is_waived


def day_of_run(named: str | None, interval_end: datetime | None) -> date:
    """The local day a run looks at: named by hand, or that on which its data interval ends. Raises PeriodError."""
    if named:
        try:
            return date.fromisoformat(named)
        except ValueError as error:
            raise PeriodError(f"{named!r} is not a date: write it as YYYY-MM-DD, for example 2023-01-31") from error
    if interval_end is None:
        raise PeriodError('this run must name its day: trigger it with {"on": "YYYY-MM-DD"}')
    return interval_end.astimezone(LOCAL).date()


def watch(
    on: date, *, secret: Secret = secret_from_environment, progress: Progress = log.info,
    is_waived: IsWaived | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Does the watch of the local day `on`. Each matter is told once a step, however often the watch runs.

    Returns the overdue months, the faults that stand unanswered past their day, the verdicts that cannot be read, and whether
    everything could be delivered. `is_waived` replaces the waivers on record in tests.
    """
    budget, configured = Budget.of_run(), settings()
    is_waived = is_waived or covered_by_waivers(on, configured)
    unanswered, unreadable, delivered = [], [], True
    for period in sorted({configured.period(name) for name, _ in all_runs(configured)}):
        try:
            verdict = _unanswered(period, configured, is_waived)
        except VerdictBroken as error:
            progress(str(error))
            unreadable.append(str(error))
            continue
        if verdict is not None:
            delivered &= alert_verdict(
                verdict,
                period,
                all_checks(),
                configured,
                secret,
                published_revision(str(period)),
                reject_workbooks,
                budget,
            )
            late, told = _escalate(_unwaived(verdict, is_waived), period, on, secret, configured, budget)
            unanswered += late
            delivered &= told
    overdue = overdue_months(on, configured)
    delivered &= _tell_overdue(overdue, on, secret, configured, budget)
    delivered &= _send_again(on, secret, configured, budget, is_waived)
    for one in overdue:
        progress(f"{one.period} should have been published by {one.due}")
    return {
        "on": on.isoformat(),
        "overdue": [{"period": str(one.period), "due": one.due.isoformat(), "why": one.why} for one in overdue],
        "unanswered": unanswered,
        "unreadable": unreadable,
        "delivered": delivered,
    }


def watch_of_run(on: date, secret: Secret) -> dict[str, Any]:
    """The watch as a task: fails when something could not be delivered, so that it is repeated and seen. Raises Undelivered."""
    found = watch(on, secret=secret)
    if not found["delivered"]:
        raise Undelivered(
            f"alerts could not be delivered on {on}; the log names the channels, audit/deliveries holds the texts"
        )
    return found


def _unanswered(
    period: Period, configured: Settings, is_waived: IsWaived
) -> Verdict | None:  # fmt: skip
    """The period's newest verdict when critical checks failed and nothing has answered it since. Raises VerdictBroken.

    A revision published since answers a failed month. It does not answer the checks whose cells it withholds.
    """
    verdict = newest_verdict(period, configured)
    if verdict is None:
        return None
    manifest = current(configured, period)
    if verdict.outcome == "failed" and manifest is not None and manifest.published_at > verdict.evaluated_at:
        return None
    return None if all(is_waived(verdict, result) for result in verdict.unresolved()) else verdict


def _unwaived(verdict: Verdict, is_waived: IsWaived) -> Verdict:
    """The verdict without the faults that a waiver answers."""
    answered = {result.check for result in verdict.unresolved() if is_waived(verdict, result)}
    kept = [result for result in verdict.results if result.check not in answered]
    return verdict.model_copy(update={"results": kept})


def _escalate(
    verdict: Verdict, period: Period, on: date, secret: Secret, configured: Settings, budget: Budget
) -> tuple[list[dict[str, Any]], bool]:
    """Takes what stands past its day to those above, once a step; what is past its day, and whether all was delivered."""
    checks, known = {check.id: check for check in all_checks()}, contacts_in_force(configured)
    earlier = [one for one in verdicts_of(period, configured) if int(one.run) < int(verdict.run)]
    late, delivered = [], True
    for standing in standing_faults(verdict, earlier, checks, known, configured):
        contact = standing.digest.contact
        above = chain(contact, known)
        steps = steps_due(standing.due, on, len(above), configured)
        for step, to in enumerate(above[:steps], start=1):
            title, text = escalation_text(standing, to, verdict, period, checks, published_revision(str(period)))
            identity = about("escalation", str(period), contact.id, standing.run, str(step))
            named = [result.check for result in standing.digest.blocking]
            delivered &= tell(
                "escalation", str(period), identity, title, text, configured, secret,
                to=[to], checks=named, step=step, budget=budget,
            )  # fmt: skip
        if steps:
            late.append(
                {"period": str(period), "contact": contact.id, "since": standing.since.isoformat(),
                 "due": standing.due.isoformat(), "told": [one.id for one in above[:steps]]}
            )  # fmt: skip
    return late, delivered


def overdue_months(on: date, configured: Settings) -> list[Overdue]:
    """The months that should be out on the local day `on` and are not, oldest first: of the last twelve since the first seen."""
    store, published = Store(configured.raw), set(published_periods(configured))
    seen = {configured.period(name) for _, name in store.reads(configured.calendar)} | published
    seen |= {configured.period(name) for name, _ in all_runs(configured)}
    month = Period(on.year, on.month, configured.calendar).following()
    while month.end_date > on:
        month = month.previous()
    oldest, found = min(seen, default=month), []
    for _ in range(MONTHS_WATCHED):
        if month < oldest:
            break
        due = add_working_days(month.last_date, configured.report_days, configured)
        if month not in published and on > due:
            found.append(Overdue(month, due, _why(month, store, configured)))
        month = month.previous()
    return found[::-1]


def _why(period: Period, store: Store, configured: Settings) -> str:
    """How far an unpublished month has come, in Vietnamese."""
    try:
        verdict = newest_verdict(period, configured)
    except VerdictBroken:
        return "kết quả kiểm tra không đọc được"
    if verdict is not None and verdict.outcome == "failed":
        return f"kiểm tra không đạt, lượt {int(verdict.run)}, {len(verdict.blocking())} nội dung bắt buộc"
    if verdict is not None:
        return "đã kiểm tra đạt nhưng chưa công bố"
    exports = load_exports(configured.profiles)
    landed = sum(store.landed(name, period) is not None for name in exports)
    if landed < len(exports):
        return f"mới đọc được {landed}/{len(exports)} nguồn dữ liệu" if landed else "chưa đọc nguồn dữ liệu nào"
    return "đã đọc đủ nguồn nhưng chưa kiểm tra"


def _tell_overdue(overdue: list[Overdue], on: date, secret: Secret, configured: Settings, budget: Budget) -> bool:
    """The data team first, then those above it; each month once a step and contact."""
    known, delivered = contacts_in_force(configured), True
    told = {
        (entry.message.contact, entry.message.step, month)
        for entry in entries(configured) if entry.message.kind == "overdue" for month in entry.message.months
    }  # fmt: skip
    for contact in data_team(known):
        above = [contact, *(one for one in chain(contact, known) if one.id != contact.id)]
        for step, to in enumerate(above):
            months = [
                one for one in overdue
                if steps_due(one.due, on, len(above), configured) > step and (to.id, step, str(one.period)) not in told
            ]  # fmt: skip
            if months:
                names = [str(one.period) for one in months]
                title, text = overdue_text(months, to)
                delivered &= tell(
                    "overdue", GENERAL, about("overdue", str(step), *names), title, text, configured, secret,
                    to=[to], months=names, step=step, budget=budget,
                )  # fmt: skip
                told |= {(to.id, step, name) for name in names}
    return delivered


def _send_again(on: date, secret: Secret, configured: Settings, budget: Budget, is_waived: IsWaived) -> bool:
    """Sends what has not arrived and still is true; digests of verdicts were sent again with their verdict."""
    delivered = True
    for entry in entries(configured):
        message = entry.message
        if message.kind != "verdict" and entry.is_open and _still_true(message, on, configured, is_waived):
            delivered &= send(entry, secret, configured, budget)
    return delivered


def _still_true(
    message: Message, on: date, configured: Settings, is_waived: IsWaived
) -> bool:  # fmt: skip
    if message.kind == "overdue":
        published = {str(period) for period in published_periods(configured)}
        return not set(message.months) <= published
    if message.kind != "escalation" and on - message.at.astimezone(LOCAL).date() > timedelta(days=DAYS_TOLD_AGAIN):
        return False
    if message.period == GENERAL or message.kind == "waived":
        return True
    period = configured.period(message.period)
    if message.kind == "escalation":
        try:
            return _unanswered(period, configured, is_waived) is not None
        except VerdictBroken:
            return True
    manifest = current(configured, period)
    return manifest is None or manifest.published_at <= message.at

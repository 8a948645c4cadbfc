"""Waivers as the command line and the DAG `waiver_approval` handle them: asked for, offered, decided, listed."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cchc.settings import settings
from expectations.suites import all_checks
from expectations.verdicts import newest_verdict
from expectations.waiver_requests import ask
from expectations.waiver_words import approval_text
from expectations.waivers import Waiver, WaiverRefused, approve, revoke, waivers

APPROVE, REJECT = "Phê duyệt", "Từ chối"


class NothingToDecide(LookupError):
    """No waiver of the month waits for approval."""


def system_user() -> str:
    """Who the operating system says is at the command line; unlike a name in the environment, not theirs to choose."""
    try:
        return f"command line, system user {pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a container may run as a number without a name
        return f"command line, system user {os.getuid()}"


def request(
    check: str, period: str, *, agency: str, rows_at_most: int, reason: str, ground: str, requested_by: str,
    working_days: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Records a request. Raises WaiverRefused, WaiverBroken, PeriodError."""
    now = datetime.now(UTC)
    recorded = ask(
        settings().period(period), settings(), check,
        agency=agency, rows_at_most=rows_at_most, reason=reason, ground=ground, requested_by=requested_by,
        through=system_user(), at=now, working_days=working_days,
    )  # fmt: skip
    return told(recorded, now)


def decide(waiver_id: str, by: str, *, approved: bool, through: str | None = None) -> dict[str, Any]:
    """Records that somebody approves a waiver or, if not `approved`, revokes it. Raises WaiverRefused, WaiverBroken."""
    now = datetime.now(UTC)
    step = approve if approved else revoke
    return told(step(settings(), waiver_id, by, through or system_user(), now), now)


def listed(period: str | None = None) -> list[dict[str, Any]]:
    """Every waiver, or those of a month, with its state now. Raises WaiverBroken, PeriodError."""
    now = datetime.now(UTC)
    month = str(settings().period(period)) if period else None
    return [told(one, now) for one in waivers(settings(), month)]


def told(waiver: Waiver, at: datetime) -> dict[str, Any]:
    """A waiver in plain values, with its state at the instant `at`."""
    return {
        "waiver": waiver.id,
        "state": waiver.state(at),
        **waiver.request.model_dump(mode="json"),
        "last_date": waiver.last_date,
        "requested_by": waiver.requested.by,
        "requested_through": waiver.requested.through,
        "requested_at": waiver.requested.at.isoformat(),
        "approved_by": waiver.approval.by if waiver.approval else None,
        "approved_through": waiver.approval.through if waiver.approval else None,
        "revoked_by": waiver.revocation.by if waiver.revocation else None,
    }


def offers(period: str) -> list[dict[str, str]]:
    """The month's open requests as Airflow asks about them: `waiver`, `subject` and `body`. Raises NothingToDecide."""
    now, month = datetime.now(UTC), settings().period(period)
    checks, newest = {check.id: check for check in all_checks()}, newest_verdict(month, settings())
    found = []
    for one in waivers(settings(), str(month)):
        if one.state(now) == "open":
            subject, body = approval_text(one, checks.get(one.request.check), newest)
            found.append({"waiver": one.id, "subject": subject, "body": body})
    if not found:
        raise NothingToDecide(f"no waiver of {month} waits for approval: cchc waive list {month}")
    return found


def record_decisions(offered: Sequence[Mapping[str, str]], answers: Sequence[Mapping[str, Any]]) -> bool:
    """Records what people answered in Airflow, in the order of what was offered; whether any waiver was approved.

    Who answered is approver; an answer by nobody (Airflow's own) approves nothing. What is on record already stays as it is,
    so that a cleared task can run again. Raises WaiverRefused, once all answers were looked at, when one may not count.
    """
    refused, approved = [], False
    for offer, answer in zip(offered, answers, strict=True):
        wanted = answer["chosen_options"] == [APPROVE]
        known = next((one for one in waivers(settings()) if one.id == offer["waiver"]), None)
        try:
            if known and known.approval and wanted and not known.revocation:
                approved = True
                continue
            if known and known.revocation and not wanted:
                continue
            person = (answer["responded_by_user"] or {}).get("name")
            if not person:
                raise WaiverRefused(f"{offer['waiver']}: nobody answered")
            decide(offer["waiver"], person, approved=wanted, through="Airflow")
            approved = approved or wanted
        except WaiverRefused as error:
            refused.append(str(error))
    if refused:
        raise WaiverRefused("; ".join(refused))
    return approved

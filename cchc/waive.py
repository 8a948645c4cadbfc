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


def open_requests(period: str) -> list[str]:
    """The ids of the month's requests that wait for approval. Raises NothingToDecide, WaiverBroken, PeriodError."""
    found = [row["waiver"] for row in listed(period) if row["state"] == "open"]
    if not found:
        raise NothingToDecide(f"no waiver of {period} waits for approval: cchc waive list {period}")
    return found


def question(waiver_id: str) -> tuple[str, str]:
    """Subject and body (Markdown) of the question whether to approve, from the records alone. Raises WaiverRefused."""
    waiver = _known(waiver_id)
    asked = waiver.request
    check = next((check for check in all_checks() if check.id == asked.check), None)
    return approval_text(waiver, check, newest_verdict(asked.period, settings()))


def record_answer(waiver_id: str, chosen: Sequence[str], person: Mapping[str, str] | None) -> bool:
    """Records what somebody answered in Airflow; whether the waiver is approved. Anything but a clear yes ends it.

    `person` is Airflow's account of who answered, which becomes approver; an answer by nobody (Airflow's own, after a
    timeout) counts for nothing. Raises WaiverRefused and WaiverBroken.
    """
    if not person:
        raise WaiverRefused(f"{waiver_id}: nobody answered")
    approved = list(chosen) == [APPROVE]
    decide(waiver_id, person["name"], approved=approved, through="Airflow")
    return approved


def _known(waiver_id: str) -> Waiver:
    found = next((one for one in waivers(settings()) if one.id == waiver_id), None)
    if found is None:
        raise WaiverRefused(f"there is no waiver {waiver_id}; cchc waive list names them all")
    return found

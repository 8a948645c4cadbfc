"""Alerts: who is told of what, each fault once for each contact, whatever is retried.

The ledger (`deliveries.py`) holds what was told; a channel that was down is told later. With no address set an alert stands
in the log and the ledger only.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cchc.period import LOCAL, Period
from cchc.settings import Secret, Settings
from cchc.working_calendar import add_working_days
from expectations.channels import Budget
from expectations.checks import Check
from expectations.contacts import Contact, contacts_in_force, data_team
from expectations.deliveries import GENERAL, Kind, find, message_to, record, send
from expectations.digests import Digest, digest_text, digests
from expectations.failures import failure_text, new_columns_text
from expectations.messages import is_month
from expectations.verdicts import AgencyRows, Verdict, run_folder, verdicts_of
from expectations.waiver_words import waived_text

log = logging.getLogger(__name__)
ATTACHMENTS = 20  # of one message: more is no mail any more
# Writes the rejects of a month as one workbook an agency into a folder, to be sent back until a day; path by agency.
Workbooks = Callable[[Period, Path, date], dict[str | None, Path]]


def no_workbooks(period: Period, folder: Path, due: date) -> dict[str | None, Path]:
    """For a caller that has no rejects."""
    return {}


def alert_verdict(
    verdict: Verdict,
    period: Period,
    checks: Sequence[Check],
    settings: Settings,
    secret: Secret,
    revision: int | None = None,
    workbooks: Workbooks = no_workbooks,
    budget: Budget | None = None,
) -> bool:
    """Sends every responsible contact its digest of a verdict with faults, once a fault; whether nobody is left to tell.

    A fault that the runs before told already is not told again, except to channels that have not heard it. `revision` is
    the published one of the period.
    """
    by_id, known = {check.id: check for check in checks}, contacts_in_force(settings)
    due = add_working_days(verdict.evaluated_at.astimezone(LOCAL).date(), settings.answer_days, settings)
    before = [one for one in verdicts_of(verdict.period, settings) if int(one.run) < int(verdict.run)]
    earlier = [(run.run, {one.contact.id: _fault(one) for one in digests(run, by_id, known)}) for run in before]
    budget, told, rejects = budget or Budget.of_run(), True, None
    for digest in digests(verdict, by_id, known):
        id_ = about(
            "verdict",
            verdict.period,
            _first_run(digest, verdict, earlier),
            digest.contact.id,
            _fault(digest),
        )
        entry = find(verdict.period, id_[:16], settings)
        if entry is None:
            if rejects is None:
                rejects = _rejects(workbooks, period, run_folder(settings.audit, verdict) / "rejects", due)
            files = _files_of(digest, rejects)
            names = [path.name for path in files]
            title, text = digest_text(digest, verdict, period, by_id, due=due, revision=revision, attached=names)
            log.warning("alert to %s\n%s\n%s", digest.contact.id, title, text)
            message = message_to(
                digest.contact, id_, "verdict", verdict.period, title, text, run=verdict.run, due=due.isoformat(),
                checks=[result.check for result in digest.blocking],
                attachments=[str(path.relative_to(settings.audit)) for path in files],
            )  # fmt: skip
            entry = record(message, settings)
        told &= send(entry, secret, settings, budget)
    return told


def _fault(digest: Digest) -> str:
    """The same fault has the same checks, agencies, counts and sample rows."""
    return json.dumps(
        [
            [
                r.check,
                r.outcome,
                r.detail,
                [_rows(entry) for entry in r.by_agency],
            ]
            for r in digest.blocking
        ],
        ensure_ascii=False,
    )


def _rows(entry: AgencyRows) -> list[Any]:
    """What is told of failing rows; that their cells are withheld is another matter than that nothing is published."""
    told = [entry.agency_code, entry.rows, [[sample.key, *sample.values.values()] for sample in entry.samples]]
    return told if entry.withheld is None else [*told, "withheld"]


def _first_run(digest: Digest, verdict: Verdict, earlier: Sequence[tuple[str, dict[str, str]]]) -> str:
    """The run since which the contact's fault stands unchanged: a month that was repaired and breaks again is told again.

    `earlier` gives the runs before with the fault of each contact, oldest first.
    """
    first, fault = verdict.run, _fault(digest)
    for run, faults in reversed(earlier):
        if faults.get(digest.contact.id) != fault:
            break
        first = run
    return first


def _rejects(workbooks: Workbooks, period: Period, folder: Path, due: date) -> dict[str | None, Path]:
    try:
        return workbooks(period, folder, due)
    except Exception:  # an alert without its workbook is better than none
        log.exception("the workbooks of rejects of %s could not be written", period)
        return {}


def _files_of(digest: Digest, rejects: dict[str | None, Path]) -> list[Path]:
    """The workbooks that help a contact: of the agencies in its digest; all for who is told of too many rejects."""
    if any(result.check == "exports.reject_share" for result in digest.blocking):
        return list(rejects.values())[:ATTACHMENTS]
    return [rejects[code] for code in digest.agencies if code in rejects][:ATTACHMENTS]


def alert_waivers(
    verdict: Verdict, period: Period, checks: Sequence[Check], settings: Settings, secret: Secret
) -> bool:
    """Tells once of a month that passes on waivers; gives whether everybody has been told. Never raises."""
    try:
        title, text = waived_text(verdict, period, {check.id: check for check in checks})
        used = sorted(waiver.seal for result in verdict.waived() for waiver in result.waivers)
        identity = about("waivers", verdict.period, verdict.fingerprint, *used)
        return tell("waived", verdict.period, identity, title, text, settings, secret)
    except Exception:
        log.exception("the message about waivers of %s could not be sent", period)
        return False


def alert_failure(
    period: Period | str | None,
    task: str,
    error: BaseException | str,
    settings: Settings,
    secret: Secret,
    *,
    subject: str | None = None,
    months: Sequence[str] = (),
    revision: int | None = None,
    key: str | None = None,
    log_url: str | None = None,
) -> bool:
    """Tells the data team of a step that failed and has not told itself (landing, build, publish); whether all was told.

    `task` is the step's name, `subject` what it worked on (the export), `error` the exception, whose text names the
    counts; `period` is None when the step did not get as far as naming one, or works on several `months`. `revision` is
    the published one of the period. An error that says it has alerted
    (`GateFailed.alerted`) is not told again. Calls with one `key` (the DAG run and task, say) tell once, however often
    they are repeated; without a key every call tells. Never raises: a failure to alert must not hide the failure.
    """
    if getattr(error, "alerted", False):
        return True
    month = "unnamed" if period is None else str(period)
    try:
        said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        title, text = failure_text(
            month, task, said, subject=subject, months=months, revision=revision, log_url=log_url
        )
        once = key if key is not None else f"{datetime.now(UTC).isoformat()} {text}"
        identity = about("failure", month, task, subject or "", once)
        return tell(
            "step", month if is_month(month) else GENERAL, identity, title, text, settings, secret, months=months
        )
    except Exception:
        log.exception("the alert about %s of %s could not be sent", task, month)
        return False


def alert_new_columns(
    period: str, export: str, profile: str, columns: Sequence[str], settings: Settings, secret: Secret
) -> bool:
    """Warns once of a set of columns that an export did not have before; whether everybody was told. Never raises."""
    try:
        title, text = new_columns_text(period, export, profile, columns)
        identity = about("new columns", export, *sorted(columns))
        return tell("new_columns", GENERAL, identity, title, text, settings, secret)
    except Exception:
        log.exception("the warning about new columns of %s could not be sent", export)
        return False


def tell(
    kind: Kind, period: str, identity: str, title: str, text: str, settings: Settings, secret: Secret, *,
    to: Sequence[Contact] | None = None, months: Sequence[str] = (), checks: Sequence[str] = (), step: int = 0,
    budget: Budget | None = None,
) -> bool:  # fmt: skip
    """Sends one text to each of `to` (the data team by default) once for one `identity`; whether nobody is left to tell."""
    told, budget = True, budget or Budget.of_run()
    for contact in to if to is not None else data_team(contacts_in_force(settings)):
        id_ = about(identity, contact.id)
        if (entry := find(period, id_[:16], settings)) is None:
            log.warning("alert to %s\n%s\n%s", contact.id, title, text)
            message = message_to(contact, id_, kind, period, title, text, months=months, checks=checks, step=step)
            entry = record(message, settings)
        told &= send(entry, secret, settings, budget)
    return told


def about(*parts: str) -> str:
    """The identity of what is told: equal parts, equal identity."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

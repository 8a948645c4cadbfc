"""The audit of a period: all checks, one verdict on disk, alerts to those responsible, and only then the failure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import duckdb

from cchc.period import Period
from cchc.settings import Secret, Settings
from expectations.alerts import Workbooks, alert_verdict, no_workbooks
from expectations.checks import Check
from expectations.gate import evaluate
from expectations.reading import agency_names, open_build_file
from expectations.running import told_while_running
from expectations.suites import all_checks
from expectations.verdicts import CheckResult, Verdict, content_of, plural, write_verdict

log = logging.getLogger(__name__)


class GateFailed(RuntimeError):
    """A critical check failed or was not evaluated. `revision` is the published one, which stays in force.

    `alerted` says whether the alerts are sent, or stand in the ledger to be sent again: then nobody else has to tell.
    """

    def __init__(self, verdict: Verdict, alerted: bool, revision: int | None = None) -> None:
        super().__init__(verdict, alerted, revision)
        self.verdict = verdict
        self.alerted = alerted
        self.revision = revision

    def __str__(self) -> str:
        parts = []
        for result in self.verdict.blocking():
            if result.outcome == "not_evaluated":
                parts.append(f"{result.check} was not evaluated ({result.detail})")
            else:
                agencies = ", ".join(result.agencies) or "no single agency"
                parts.append(f"{result.check}: {plural(result.failed_rows, 'row')} of {agencies}")
        what = "is not published"
        if self.revision is not None:
            what = f"is not published again, revision {self.revision} stays in force"
        return f"{self.verdict.period} {what} (audit run {self.verdict.run}): " + "; ".join(parts)


def audit_period(
    period: Period,
    settings: Settings,
    secret: Secret,
    *,
    revision: int | None = None,
    checks: Sequence[Check] | None = None,
    workbooks: Workbooks = no_workbooks,
    progress: Callable[[str], None] = lambda _: None,
) -> Verdict:
    """Judges the build file of the period and gives the sealed verdict, already on disk.

    Raises GateFailed, after the verdict was written and alerts were tried, when a critical check failed or was not
    evaluated; NothingToAudit when there is no build of this period. `progress` is called with each frame's name.
    `revision` is the one of the period that is published already, which people are told stays in force.
    `workbooks` writes the rejects of the period as workbooks, which are attached to alerts.
    `checks` replaces the declared checks in tests only: publishing compares with the declared ones.
    """
    declared = all_checks() if checks is None else tuple(checks)
    connection = open_build_file(period, settings)
    try:
        fingerprint, tables = content_of(connection)
        names = _names(connection, period)
        frames = len({check.frame.name for check in declared})
        with told_while_running(period, frames, settings) as running:

            def starts(frame: str) -> None:
                running.starts(frame)
                progress(frame)

            results = evaluate(connection, declared, names, starts, running.judged)
            verdict = _written(period, settings, fingerprint, tables, results)
    finally:
        connection.close()
    if verdict.outcome == "held":
        return verdict
    alerted = True
    try:
        if not alert_verdict(verdict, period, declared, settings, secret, revision, workbooks):
            log.error("not everybody has been told of %s (audit run %s): cchc watch tries again", period, verdict.run)
    except Exception:  # whatever happens to the alert, what is raised is the verdict
        log.exception("the alert about %s (audit run %s) could not be sent", period, verdict.run)
        alerted = False
    raise GateFailed(verdict, alerted, revision)


def _written(
    period: Period, settings: Settings, fingerprint: str, tables: dict[str, str], results: list[CheckResult]
) -> Verdict:
    return write_verdict(
        settings.audit,
        Verdict(
            period=str(period),
            calendar=period.calendar,
            run="",
            evaluated_at=datetime.now(UTC),
            fingerprint=fingerprint,
            tables=tables,
            results=results,
            outcome="failed" if any(result.blocks for result in results) else "held",
        ),
    )


def _names(connection: duckdb.DuckDBPyConnection, period: Period) -> dict[str, str]:
    try:
        return agency_names(connection, period)
    except duckdb.Error as error:  # the checks on dim_agencies report it; a name is not worth losing them
        log.warning("agency names cannot be read: %s", str(error).splitlines()[0])
        return {}

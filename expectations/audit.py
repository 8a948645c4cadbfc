"""The audit of a period: all checks, the waivers, cells withheld, one verdict on disk, those responsible told, and only then
the failure.

The month is judged, the cells that rest on failing rows are withheld, and what that made is judged again, until nothing
new fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from cchc.period import Period
from cchc.settings import Secret, Settings
from expectations.alerts import Workbooks, alert_verdict, alert_waivers, no_workbooks
from expectations.checks import Check
from expectations.containment import Containment, contain, merged
from expectations.gate import evaluate
from expectations.lineage import Cell
from expectations.reading import agency_names, open_build_file
from expectations.running import GateProgress, told_while_running
from expectations.suites import all_checks
from expectations.verdicts import CheckResult, Verdict, content_of, plural, write_verdict
from expectations.waivers import WaiverBroken, live_waivers

log = logging.getLogger(__name__)
# Withholds these cells and no others of the month in its build file; `cchc.withholding` with the period and the settings.
Withhold = Callable[[Sequence[Cell]], object]
# Agencies, then the roll-ups that fail on their own, and one to spare: a month that still fails then is not published.
ROUNDS = 3
# Seals of the verdicts that this process reached itself by the declared checks: publishing need not judge those again.
_judged_here: set[str] = set()


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
                open_rows = result.uncontained
                agencies = ", ".join(e.agency_code for e in open_rows if e.agency_code) or "no single agency"
                rows = plural(sum(entry.rows for entry in open_rows), "row")
                waived = ", ".join(waiver.waiver for waiver in result.waivers)
                parts.append(f"{result.check}: {rows} of {agencies}" + (f" beside those of {waived}" if waived else ""))
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
    withhold: Withhold | None = None,
    workbooks: Workbooks = no_workbooks,
    progress: Callable[[str], None] = lambda _: None,
) -> Verdict:
    """Judges the build file of the period and gives the sealed verdict, already on disk.

    Cells that rest on failing rows of `cell` checks are withheld by `withhold`, which changes the build file; without it such a
    check blocks the month. Raises GateFailed, after the verdict was written and alerts were tried, when the month may not be
    published all the same; NothingToAudit when there is no build of this period. `progress` is called with each frame's name.
    `revision` is the one of the period that is published already, which people are told stays in force.
    `workbooks` writes the rejects of the period as workbooks, which are attached to alerts.
    `checks` replaces the declared checks in tests only: publishing compares with the declared ones.
    """
    declared = all_checks() if checks is None else tuple(checks)
    frames = len({check.frame.name for check in declared})
    with told_while_running(period, frames, settings) as running:

        def starts(frame: str) -> None:
            running.starts(frame)
            progress(frame)

        judged = _judged_to_the_end(period, settings, declared, withhold, starts, running)
        verdict = _written(judged, period, settings)
    if checks is None:
        _judged_here.add(verdict.seal)
    if verdict.waived() and verdict.outcome == "held":
        alert_waivers(verdict, period, declared, settings, secret)
    if not verdict.unresolved():
        return verdict
    alerted = True
    try:
        if not alert_verdict(verdict, period, declared, settings, secret, revision, workbooks):
            log.error("not everybody has been told of %s (audit run %s): cchc watch tries again", period, verdict.run)
    except Exception:  # whatever happens to the alert, what is raised is the verdict
        log.exception("the alert about %s (audit run %s) could not be sent", period, verdict.run)
        alerted = False
    if verdict.outcome == "held":
        return verdict
    raise GateFailed(verdict, alerted, revision)


@dataclass(frozen=True)
class Judged:
    """What every check found in the build file, what of it is contained, and which content was looked at.

    `at` (UTC) is when; waivers that were live then stand in the results of `audit_period`, and in none of `judge`.
    """

    results: list[CheckResult]
    containment: Containment
    fingerprint: str
    tables: dict[str, str]
    at: datetime


def judge(
    period: Period,
    settings: Settings,
    checks: Sequence[Check],
    progress: Callable[[str], None] = lambda _: None,
    done: Callable[[str, Sequence[CheckResult]], None] = lambda *_: None,
    earlier: Sequence[CheckResult] = (),
    content: tuple[str, dict[str, str]] | None = None,
) -> Judged:
    """Evaluates the checks on the build file of the period; `done` hears of each frame's results.

    `earlier` are results from before cells were withheld, whose failing rows may be gone with their figures. `content` is the
    fingerprint and the hashes of the tables where the caller has just made them. Raises NothingToAudit; writes nothing.
    """
    connection = open_build_file(period, settings)
    try:
        fingerprint, tables = content or content_of(connection)
        names = _names(connection, period)
        results = merged(earlier, evaluate(connection, checks, names, progress, done))
        contained = contain(connection, results, {check.id: check for check in checks}, names)
        return Judged(contained.results, contained, fingerprint, tables, datetime.now(UTC))
    finally:
        connection.close()


def _judged_to_the_end(
    period: Period,
    settings: Settings,
    checks: Sequence[Check],
    withhold: Withhold | None,
    progress: Callable[[str], None],
    running: GateProgress,
) -> Judged:
    """Judges, withholds what rests on failing rows, and judges again; gives the judgement of the file as it then is.

    A file in which an earlier audit withheld cells is first made what the build made it: a waiver or another check may say
    otherwise today.
    """
    cells: frozenset[Cell] = frozenset()
    earlier: Sequence[CheckResult] = ()
    if withhold is not None and _is_withheld_from(period, settings):
        withhold([])
    for rounds_left in range(ROUNDS, -1, -1):
        running.begins()
        judged = judge(period, settings, checks, progress, running.judged, earlier)
        results = _with_waivers(judged.results, period, settings, judged.at)
        judged = replace(judged, results=results)
        more = judged.containment.cells_to_withhold(results) - cells
        if withhold is None or not more or not rounds_left:
            break
        cells, earlier = cells | more, results
        withhold(sorted(cells))
    return judged


def _written(judged: Judged, period: Period, settings: Settings) -> Verdict:
    """The verdict on what was found, on disk."""
    is_held = not any(result.blocks for result in judged.results)
    return write_verdict(
        settings.audit,
        Verdict(
            period=str(period),
            calendar=period.calendar,
            run="",
            evaluated_at=judged.at,
            fingerprint=judged.fingerprint,
            tables=judged.tables,
            results=judged.results,
            outcome="held" if is_held else "failed",
            withheld=judged.containment.withheld if is_held else [],
            held_back=judged.containment.held_back if is_held else [],
        ),
    )


def _is_withheld_from(period: Period, settings: Settings) -> bool:
    connection = open_build_file(period, settings)
    try:
        return _has_withheld(connection)
    finally:
        connection.close()


def _has_withheld(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.execute("select count(*) from landing.withheld_cells").fetchone() != (0,)


def was_judged_here(verdict: Verdict) -> bool:
    """Whether this very process reached the verdict, so that nobody can have edited it in between."""
    return verdict.seal in _judged_here


def _with_waivers(results: list[CheckResult], period: Period, settings: Settings, at: datetime) -> list[CheckResult]:
    """The results with the waivers, live at the instant `at`, that cover failing rows of a critical check.

    Records of waivers that are broken count for nothing; the result says so. A month that holds never looks at them.
    """
    if not any(_may_be_waived(result) for result in results):
        return results
    try:
        live = live_waivers(settings, str(period), at)
    except WaiverBroken as error:
        log.error("no waiver is looked at: %s", error)
        note = {"detail": f"no waiver was looked at: {error}"}
        return [result.model_copy(update=note) if _may_be_waived(result) else result for result in results]
    found = []
    for result in results:
        applied = [waiver.applied_to(result) for waiver in live] if _may_be_waived(result) else []
        found.append(result.model_copy(update={"waivers": [one for one in applied if one is not None]}))
    return found


def _may_be_waived(result: CheckResult) -> bool:
    return result.severity == "critical" and result.outcome == "failed"


def _names(connection: duckdb.DuckDBPyConnection, period: Period) -> dict[str, str]:
    try:
        return agency_names(connection, period)
    except duckdb.Error as error:  # the checks on dim_agencies report it; a name is not worth losing them
        log.warning("agency names cannot be read: %s", str(error).splitlines()[0])
        return {}

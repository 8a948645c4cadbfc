"""Whether a month may be published: asked by publishing itself, so that no caller can claim it.

Nothing on disk is believed alone. The newest verdict must let the month through under the checks declared now, fit the
content to be published, and rest on waivers that are live now; one that another process wrote is judged again, since
whoever can edit a verdict can seal it again. Every failing row of a critical check must then lie within those waivers, or
leave no figure in the file that is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cchc.period import Period
from cchc.settings import Settings
from expectations.audit import Judged, judge, was_judged_here
from expectations.suites import all_checks, critical_ids
from expectations.verdicts import CheckResult, Verdict, newest_verdict
from expectations.waivers import live_waivers


class NotPermitted(RuntimeError):
    """The month may not be published; the message says why and what comes next."""


@dataclass(frozen=True)
class Permit:
    """What a manifest says of the judgement that let its month through: the verdict in short, waivers and withheld cells."""

    verdict: dict[str, Any]
    waivers: list[dict[str, Any]]
    withheld: list[dict[str, Any]]


def permit(period: Period, settings: Settings, fingerprint: str) -> Permit:
    """The permit for content with this fingerprint. Raises NotPermitted, VerdictBroken and WaiverBroken.

    The clock is read here for one thing: whether the waivers that the verdict rests on are still live.
    """
    verdict = newest_verdict(period, settings)
    if verdict is None:
        raise NotPermitted(f"{period} was never audited: cchc audit {period}")
    if not verdict.passes(critical_ids()):
        raise NotPermitted(f"{period}: verdict {verdict.run} does not let it through; see cchc status {period}")
    if (verdict.fingerprint, verdict.calendar) != (fingerprint, period.calendar):
        raise NotPermitted(f"{period} was built again after verdict {verdict.run}: cchc audit {period}")
    applied = _still_live(verdict, settings)
    if not was_judged_here(verdict):
        content = (fingerprint, verdict.tables)
        _hold_against(verdict, judge(period, settings, all_checks(), earlier=verdict.results, content=content))
    return Permit(verdict.summary(), applied, [cell.model_dump() for cell in verdict.withheld])


def _still_live(verdict: Verdict, settings: Settings) -> list[dict[str, Any]]:
    """The waivers that the verdict rests on, for the manifest; each must cover its rows now as it did then."""
    used = [(result, waiver) for result in verdict.waived() for waiver in result.waivers]
    if not used:
        return []
    live = {one.id: one for one in live_waivers(settings, verdict.period, datetime.now(UTC))}
    for result, waiver in used:
        now = live.get(waiver.waiver)
        if now is None or now.applied_to(result) != waiver:
            raise NotPermitted(
                f"{verdict.period}: waiver {waiver.waiver} of {result.check} does not hold any more (cchc waive list "
                f"{verdict.period}): repair the source, or ask for a new one; then cchc audit {verdict.period}"
            )
    return [{"check": result.check} | waiver.model_dump(mode="json") for result, waiver in used]


def _hold_against(verdict: Verdict, again: Judged) -> None:
    """Raises NotPermitted unless judging again finds of every critical check, and of every cell, what the verdict says.

    What the verdict says of rows whose figures are withheld cannot be judged again: it has to be true that they hold none.
    """
    said = {result.check: _found(result) for result in verdict.results}
    differing = [r.check for r in again.results if r.severity == "critical" and said.get(r.check) != _found(r)]
    if differing:
        raise NotPermitted(
            f"{verdict.period}: judged again, {', '.join(differing)} is not as verdict {verdict.run} says: the verdict was "
            f"edited, or settings or checks changed since: cchc audit {verdict.period}"
        )
    if again.containment.withheld != verdict.withheld:
        raise NotPermitted(
            f"{verdict.period}: the cells that are withheld in the build file are not those of verdict {verdict.run}: one of "
            f"them was edited: cchc audit {verdict.period}"
        )


def _found(result: CheckResult) -> tuple[str, int, list[tuple[str | None, int, int | None]]]:
    return result.outcome, result.failed_rows, [(e.agency_code, e.rows, e.withheld) for e in result.by_agency]

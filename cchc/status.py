"""What has happened to each month, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cchc.period import LOCAL, Period
from cchc.settings import Settings, settings
from cchc.working_calendar import add_working_days
from expectations.running import Running, running_gate
from expectations.verdicts import Verdict, newest_verdict, plural
from expectations.waivers import WaiverBroken, waivers
from ingest.profile import load_exports
from ingest.rejects.standing import batch_in_force
from ingest.store import Store
from snapshots.store import current, published_periods, superseded


def statuses(named: str | None) -> list[dict[str, Any]]:
    """One row per month that was read, judged or published, oldest first; or the named month alone."""
    configured = settings()
    if named:
        return [_status(configured.period(named), configured)]
    seen = {name for _, name in Store(configured.raw).reads(configured.calendar)}
    seen |= {str(period) for period in published_periods(configured)}
    return [_status(configured.period(name), configured) for name in sorted(seen)]


def _after_failed(verdict: Verdict, store: Store, exports: Iterable[str], period: Period, close: str) -> list[str]:
    """The next command after an audit in which critical checks failed, and why."""
    receipts = (receipt for name in exports for receipt in store.receipts(name, period))
    if any(receipt.status == "landed" and receipt.finished_at > verdict.evaluated_at for receipt in receipts):
        what = "failed" if verdict.outcome == "failed" else "withheld cells"
        return [f"{close}: records were landed or corrected after audit run {verdict.run} {what}"]
    to_do = []
    for result in verdict.unresolved():
        if result.outcome == "not_evaluated":
            to_do.append(f"{close}: {result.check} was not evaluated ({result.detail}); see the log first")
            continue
        rows, agencies = sum(entry.rows for entry in result.uncovered), [e.agency_code for e in result.uncovered]
        told = f"{result.check}: {plural(rows, 'row')} of {', '.join(filter(None, agencies)) or 'no single agency'}"
        if verdict.outcome == "held":
            told += f"; {plural(result.cells_withheld, 'cell')} withheld until then"
        if result.check == "exports.reject_share":
            to_do.append(f"cchc rejects export {period}, then cchc rejects import FILE: {told}")
        else:
            to_do.append(f"{close}, once it is corrected at the source: {told}")
    return to_do


def _gate(gate: Running) -> dict[str, Any]:
    """How far a gate has come that has not written its verdict yet, and what has not held so far."""
    return {
        "running": gate.is_alive,
        "frames": gate.frames,
        "frames_done": len(gate.done),
        "at_frame": gate.at,
        "checks": len(gate.results),
        "failures": [
            result.model_dump(include={"check", "severity", "outcome", "failed_rows", "rows_checked", "bounds"})
            | {"agencies": result.agencies, "sample_keys": result.sample_keys}
            for result in gate.failures
        ],
    }


def gate_words(gate: dict[str, Any] | None) -> str:
    """A gate at work in one line; empty when there is none."""
    if gate is None:
        return ""
    state = "running" if gate["running"] else "stopped"
    return f"{state}: {gate['frames_done']}/{gate['frames']} frames, {plural(len(gate['failures']), 'check')} not held so far"


def _withheld(verdict: Verdict) -> str:
    return f", {plural(len(verdict.withheld), 'cell')} withheld" if verdict.withheld else ""


def _waivers(period: Period, configured: Settings, at: datetime) -> tuple[list[str], list[str]]:
    """What there is to do about the month's waivers at the instant `at`, and those that are live."""
    to_do, live = [], []
    tomorrow = add_working_days(at.astimezone(LOCAL).date(), 1, configured).isoformat()
    try:
        known = waivers(configured, str(period))
    except WaiverBroken as error:
        return [f"no waiver counts: {error}"], []
    for one in known:
        asked, state = one.request, one.state(at)
        what = f"{one.id}: {asked.check}, {plural(asked.rows_at_most, 'row')} at most of {asked.agency}"
        if state == "open":
            to_do.append(f"cchc waive approve {what}; asked for by {one.requested.by}, until {one.last_date}")
        elif state == "live":
            soon = ", expires soon" if one.last_date <= tomorrow else ""
            live.append(f"waiver {what}, until {one.last_date}{soon}")
    return to_do, live


def _status(period: Period, configured: Settings) -> dict[str, Any]:
    exports, store, to_do = load_exports(configured.profiles), Store(configured.raw), []
    landed, newest_batches = 0, {}
    for name in exports:
        receipt = store.newest(name, period)
        if receipt is None:
            to_do.append(f"cchc land {name} {period}: never read")
        elif receipt.status == "failed":
            to_do.append(f"cchc land {name} {period}: {receipt.error}")
        else:
            landed += 1
            newest_batches[name] = batch_in_force(store, name, period)
    verdict, manifest = newest_verdict(period, configured), current(configured, period)
    again = ' --reason "…"' if manifest else ""
    published = manifest is not None and verdict is not None and verdict.tables == manifest.content()
    if verdict is not None and (verdict.outcome != "held" or (published and verdict.unresolved())):
        to_do += _after_failed(verdict, store, exports, period, f"cchc close {period}{again}")
    elif manifest is None:
        to_do.append(f"cchc close {period}: not published")
    elif verdict is not None and verdict.tables != manifest.content():
        to_do.append(f'cchc publish {period} --reason "…": audit run {verdict.run} held and is not published')
    elif landed == len(exports) and newest_batches != {r["export"]: r["batch_id"] for r in manifest.receipts}:
        to_do.append(f'cchc close {period} --reason "…": records were landed that revision {manifest.revision} has not')
    if manifest and (stale := superseded(configured, manifest)):
        to_do.append(
            f'cchc close {period} --reason "…": its year to date rests on older revisions of {", ".join(stale)}'
        )
    gate = running_gate(period, configured)
    if gate and not gate.is_alive:
        to_do.insert(
            0, f"cchc audit {period}: the gate was stopped after {len(gate.done)} of {plural(gate.frames, 'frame')}"
        )
    asked, live = _waivers(period, configured, datetime.now(UTC))
    return {
        "period": str(period),
        "landed": f"{landed}/{len(exports)}",
        "verdict": f"{verdict.run} {verdict.outcome}{_withheld(verdict)}" if verdict else "-",
        "gate": _gate(gate) if gate else None,
        "revision": manifest.revision if manifest else None,
        "withheld": len(manifest.withheld) if manifest else 0,
        "to_do": to_do + asked,
        "waivers": live,
    }

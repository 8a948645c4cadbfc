"""What the analysts' file tells about runs of the gate and reads of the sources, as rows for `snapshots.analysts`."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from cchc.settings import Settings
from expectations.deliveries import GENERAL, entries
from expectations.verdicts import CheckResult, Verdict, VerdictBroken, all_runs, verdict_of
from ingest.rejects.counts import health as reject_health
from ingest.store import Receipt, Store

log = logging.getLogger("cchc")
# Columns of source_health that are the newest receipt's own.
_OF_RECEIPT = {
    "kind", "accepted_because", "new_columns", "rows_read", "accepted", "rejected", "exact_duplicates", "withheld",
    "resumed_pages", "requests", "retries", "bytes",
}  # fmt: skip
_UNREADABLE: dict[str, Any] = {
    "evaluated_at": None,
    "check_id": "verdict.readable",
    "severity": "critical",
    "scope": "period",
    "outcome": "not_evaluated",
    "rows_checked": 0,
    "failed_rows": 0,
    "bounds": None,
    "agency_codes": [],
    "sample_keys": [],
    "waivers": [],
    "withheld_cells": None,
}


def new_quality(settings: Settings, runs: set[tuple[date, str]]) -> list[dict[str, Any]]:
    """One row per check and run of the gate that is not in `runs` (month, run).

    A verdict that cannot be read is one row that says so: an old damaged file must not stop a new month.
    """
    rows = []
    for period, run in all_runs(settings):
        month = settings.period(period).first_of_month
        if (month, run) in runs:
            continue
        try:
            rows += [{"period_month": month, "run": run, **row} for row in _results(verdict_of(period, run, settings))]
        except VerdictBroken as error:
            log.error("%s", error)
            rows.append({"period_month": month, "run": run, **_UNREADABLE, "detail": str(error)})
    return rows


def _results(verdict: Verdict) -> Iterator[dict[str, Any]]:
    for result in verdict.results:
        yield {
            "evaluated_at": verdict.evaluated_at,
            "check_id": result.check,
            "severity": result.severity,
            "scope": result.scope,
            "outcome": _outcome(result, verdict),
            "rows_checked": result.rows_checked,
            "failed_rows": result.failed_rows,
            "bounds": json.dumps(result.bounds, ensure_ascii=False, sort_keys=True) if result.bounds else None,
            "agency_codes": result.agencies,
            "sample_keys": result.sample_keys,
            "detail": result.detail,
            "waivers": [waiver.model_dump(exclude={"seal"}) for waiver in result.waivers],
            "withheld_cells": result.cells_withheld if _outcome(result, verdict) == "withheld" else None,
        }


def _outcome(result: CheckResult, verdict: Verdict) -> str:
    """What became of a check: that cells are withheld because of it is true only of a month that may be published."""
    if result.is_waived:
        return "waived"
    if result.severity == "critical" and result.is_contained and verdict.outcome == "held":
        return "withheld"
    return result.outcome


def deliveries(settings: Settings) -> list[dict[str, Any]]:
    """One row per try to tell a contact something through a channel, and one per message that was never tried."""
    rows = []
    for entry in entries(settings):
        message = entry.message
        told = {
            "message_id": message.id,
            "kind": message.kind,
            "period_month": None if message.period == GENERAL else settings.period(message.period).first_of_month,
            "run": message.run,
            "contact": message.contact,
            "title": message.title,
            "written_at": message.at,
        }
        tries = [
            {"channel": a.channel, "outcome": a.outcome, "tries": a.tries, "tried_at": a.at} for a in entry.attempts
        ]
        rows += [
            told | one for one in tries or [{"channel": None, "outcome": "postponed", "tries": 0, "tried_at": None}]
        ]
    return rows


@dataclass
class Health:
    """What has been read since it was last told: rows for `source_health`, and for `source_requests`."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)


def new_health(settings: Settings, reads: dict[tuple[str, date], int]) -> Health:
    """One row per export and month that has been read since `reads` was counted: its newest receipt, and the tally.

    And one row per request of the reads since then.
    """
    store, found = Store(settings.raw), Health()
    for (export, name), count in store.reads(settings.calendar).items():
        period = settings.period(name)
        known = reads.get((export, period.first_of_month), 0)
        if known == count:
            continue
        receipts = store.receipts(export, period)
        of_month = {"export": export, "source": receipts[-1].source, "period_month": period.first_of_month}
        found.rows.append(of_month | _health(receipts) | asdict(reject_health(store, export, period)))
        for receipt in receipts[known:]:
            found.requests += [of_month | {"read": receipt.sequence} | r.model_dump() for r in receipt.request_log]
    return found


def _health(receipts: list[Receipt]) -> dict[str, Any]:
    newest = receipts[-1]
    return {
        "reads": len(receipts),
        "failed_reads": sum(r.status == "failed" for r in receipts),
        "batches": len({r.batch_id for r in receipts if r.batch_id}),
        "last_status": newest.status,
        "last_error": newest.error,
        "last_read_at": newest.finished_at,
        "files": [file.model_dump(include={"name", "bytes", "sha256"}) for file in newest.files],
        "requests_log": [request.model_dump() for request in newest.request_log],
        **newest.model_dump(include=_OF_RECEIPT),
    }

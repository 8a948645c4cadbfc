"""What the analysts' file tells about runs of the gate and reads of the sources, as rows for `snapshots.analysts`."""

from __future__ import annotations

from datetime import date
from typing import Any

from cchc.settings import Settings
from expectations.verdicts import all_verdicts
from ingest.store import Store


def new_quality(settings: Settings, runs: set[tuple[date, str]]) -> list[dict[str, Any]]:
    """One row per check and run of the gate that is not in `runs` (month, run)."""
    rows = []
    for verdict in all_verdicts(settings):
        month = settings.period(verdict.period).first_of_month
        if (month, verdict.run) in runs:
            continue
        rows += [
            {
                "period_month": month,
                "run": verdict.run,
                "evaluated_at": verdict.evaluated_at,
                "check_id": result.check,
                "severity": result.severity,
                "outcome": result.outcome,
                "failed_rows": result.failed_rows,
                "agency_codes": result.agencies,
                "sample_keys": result.sample_keys,
                "detail": result.detail,
            }
            for result in verdict.results
        ]
    return rows


def new_health(settings: Settings, reads: dict[tuple[str, date], int]) -> list[dict[str, Any]]:
    """One row per export and month that has been read since `reads` was counted: its newest receipt, and the tally."""
    store, rows = Store(settings.raw), []
    for (export, name), count in store.reads(settings.calendar).items():
        period = settings.period(name)
        if reads.get((export, period.first_of_month)) == count:
            continue
        receipts = store.receipts(export, period)
        newest = receipts[-1]
        rows.append(
            {
                "export": export,
                "source": newest.source,
                "period_month": period.first_of_month,
                "reads": len(receipts),
                "failed_reads": sum(r.status == "failed" for r in receipts),
                "batches": len({r.batch_id for r in receipts if r.batch_id}),
                "last_status": newest.status,
                "last_error": newest.error,
                "last_read_at": newest.finished_at,
                **newest.model_dump(
                    include={
                        "rows_read",
                        "accepted",
                        "rejected",
                        "exact_duplicates",
                        "withheld",
                        "requests",
                        "retries",
                        "bytes",
                    }
                ),
            }
        )
    return rows

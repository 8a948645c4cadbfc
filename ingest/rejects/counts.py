"""Numbers of an export's month: what is in force, and how its rejects fare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median

import pyarrow.parquet as pq

from cchc.period import Period
from ingest.rejects.standing import Standing, standing
from ingest.store import Receipt, Store


def counts(store: Store, period: Period, state: Standing) -> dict[str, int]:
    """rows_read = accepted + rejected + exact_duplicates + withheld, of the rows in force: rejects are those that stand.

    A read of changes stands on the batch of a read before it, so that the counts of all reads since the last whole one go
    in: its rows and rejects are counted in the batch itself.
    """
    read = state.receipt
    accepted, rejected = read.accepted, read.rejected
    duplicates, withheld = read.exact_duplicates, read.withheld
    if read.kind == "changes":
        path = store.rows_path(read.export, period, read.batch_id or "")
        accepted, rejected = pq.read_metadata(path).num_rows, len(state.reject_ids)
        since = _since_whole(store.receipts(read.export, period), read)
        duplicates = sum(receipt.exact_duplicates for receipt in since)
        withheld = sum(receipt.withheld for receipt in since)
    accepted += len(state.new)
    rejected -= len(state.corrected)
    duplicates += len(state.corrected) - len(state.new)
    return {
        "rows_read": accepted + rejected + duplicates + withheld, "accepted": accepted, "rejected": rejected,
        "exact_duplicates": duplicates, "withheld": withheld,
    }  # fmt: skip


def _since_whole(receipts: list[Receipt], read: Receipt) -> list[Receipt]:
    """The reads that the newest one stands on, and itself."""
    found = list[Receipt]()
    for receipt in receipts:
        if receipt.kind == "correction" or receipt.status != "landed" or receipt.sequence > read.sequence:
            continue
        found = [receipt] if receipt.kind == "read" else [*found, receipt]
    return found


@dataclass(frozen=True)
class Health:
    """How the rejects of an export's month fare; rows, except `repeat_offenders`.

    `repeat_offenders` are `agency column` (or the column alone) with rejects in this month and in the one before, corrected
    or not. `hours_to_repair` is the median over the rejects that no longer stand, from the first receipt whose batch had
    each to the correction, or to the read that no longer had it; None while none was repaired.
    """

    open_rejects: int
    corrected_rejects: int
    repeat_offenders: tuple[str, ...]
    hours_to_repair: float | None


def health(store: Store, export: str, period: Period) -> Health:
    """Instants are those of receipts, never of a clock."""
    state = standing(store, export, period)
    if state is None:
        return Health(0, 0, (), None)
    read_before = store.landed(export, period.previous())
    offenders = _offenders(state.rejects.to_pylist())
    if read_before and offenders:
        offenders &= _offenders(store.rejects(export, period.previous(), read_before.batch_id or "").to_pylist())
    else:
        offenders = set()
    hours = _hours(store, export, period)
    return Health(
        len(state.open_ids), len(state.corrected), tuple(sorted(offenders)), median(hours) if hours else None
    )  # fmt: skip


def _offenders(rejects: list[dict[str, str | None]]) -> set[str]:
    return {" ".join(filter(None, (reject["agency_code"], _column(reject["column_name"] or "")))) for reject in rejects}


def _column(path: str) -> str:
    """Without the number of the list element, which differs from row to row."""
    child, found, rest = path.partition("[")
    return f"{child}.{rest.partition('].')[2]}" if found else path


def _hours(store: Store, export: str, period: Period) -> list[float]:
    """From its first receipt to its repair, for every reject that was repaired at any time."""
    since: dict[str, datetime] = {}
    corrected, hours = set[str](), list[float]()
    batches: dict[str, frozenset[str]] = {}
    for receipt in store.receipts(export, period):
        if receipt.status != "landed" or receipt.batch_id is None:
            continue
        if receipt.batch_id not in batches:
            path = store.rejects_path if receipt.kind != "correction" else store.rows_path
            ids = pq.read_table(path(export, period, receipt.batch_id), columns=["reject_id"]).column(0)
            batches[receipt.batch_id] = frozenset(ids.to_pylist())
        there = batches[receipt.batch_id]
        if receipt.kind == "correction":
            repaired, corrected = set(since) & there, corrected | there
        else:
            repaired = set(since) - there
            since |= dict.fromkeys(there - since.keys() - corrected, receipt.finished_at)
        for name in repaired:
            hours.append((receipt.finished_at - since.pop(name)).total_seconds() / 3600)
    return hours

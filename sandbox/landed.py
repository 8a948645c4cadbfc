"""Rows of the contracts put into raw as a read of them would leave them: batches with receipts, no request sent."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from cchc.period import Period
from cchc.settings import Settings
from ingest import runs
from ingest.batch import write_batch
from ingest.profile import load_exports
from ingest.store import Receipt, Reject, Store

_PAGE = 50_000


@dataclass(frozen=True)
class Rows:
    """The rows of an export, and those that are rejected, in the columns of its contract."""

    good: pa.Table
    rejected: pa.Table | None = None


def put_month(
    settings: Settings, period: Period, rows: Mapping[str, Rows], read_at: datetime | None = None
) -> dict[str, str]:
    """Puts the rows of each export into raw; returns the batch id of every export of the settings' profiles.

    Each call is another read of the month, and the newest counts. It was made at the instant `read_at`, a day after the
    month's end when none is given.
    """
    store, batches = Store(settings.raw), {}
    at = (read_at or period.ends_at + timedelta(days=1)).astimezone(UTC)
    for name, export in load_exports(settings.profiles).items():
        key, found = export.map.contract.key, rows[name]
        rejected = found.rejected if found.rejected is not None else found.good.slice(0, 0)
        rejects = [_reject(row, key, number) for number, row in enumerate(rejected.to_pylist(), 1)]
        ids = [one.reject_id for one in rejects]
        with tempfile.TemporaryDirectory(dir=settings.home) as pages, store.draft(name, period) as draft:
            files = [
                *_pages(Path(pages), "good", found.good, key),
                *_pages(Path(pages), "rejected", rejected, key, ids),
            ]
            batch = write_batch(
                draft, export.map.contract, export.fingerprint(), files, ([one] for one in rejects), None
            )
            store.save_batch(draft, batch.batch_id)
        store.save_receipt(period, Receipt(
            export=name, entity=export.map.entity, source=export.profile.source, profile=export.profile.profile,
            calendar=period.calendar, period=str(period), status="landed", started_at=at, finished_at=at,
            batch_id=batch.batch_id, fingerprint=export.fingerprint(), rows_read=len(found.good) + len(rejected),
            accepted=batch.accepted, rejected=len(rejected), exact_duplicates=len(found.good) - batch.accepted,
        ))  # fmt: skip
        batches[name] = batch.batch_id
    return batches


def _reject(row: Mapping[str, Any], key: Sequence[str], number: int) -> Reject:
    """What landing would say of the row, had one of its columns been unreadable."""
    row_key = "|".join(str(row[name]) for name in key)
    return Reject(
        reject_id=hashlib.sha256(row_key.encode()).hexdigest()[:16], row_number=number, row_key=row_key,
        agency_code=row.get("agency_code"), column_name="row", code="unreadable", found="", expected="",
    )  # fmt: skip


def _pages(folder: Path, name: str, rows: pa.Table, key: Sequence[str], rejects: Sequence[str] = ()) -> list[Path]:
    """The rows as pages of a pull that is about to become a batch; `rejects` are their ids when they are rejected."""
    paths = []
    marked = rows.append_column("_reject", pa.array(rejects or [None] * len(rows), pa.string()))
    for start in range(0, len(rows), _PAGE):
        page = marked.slice(start, _PAGE)
        paths.append(folder / f"{name}-{start:09d}.arrow")
        runs.write(paths[-1], page.combine_chunks(), key, np.arange(start, start + len(page)))
    return paths

"""Rows of the contracts put into raw as a read of them would leave them: batches with receipts, no request sent."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from cchc.period import Period
from cchc.settings import Settings
from ingest import runs
from ingest.batch import write_batch
from ingest.profile import load_exports
from ingest.store import Receipt, Store

_PAGE = 50_000


def put_month(
    settings: Settings, period: Period, rows: Mapping[str, pa.Table], read_at: datetime | None = None
) -> dict[str, str]:
    """Puts the rows of each export into raw; returns the batch id of every export of the settings' profiles.

    `rows` are by export, in the columns of its contract. Each call is another read of the month, and the newest counts. It
    was made at the instant `read_at`, a day after the month's end when none is given.
    """
    store, batches = Store(settings.raw), {}
    at = (read_at or period.ends_at + timedelta(days=1)).astimezone(UTC)
    for name, export in load_exports(settings.profiles).items():
        table = rows[name]
        with tempfile.TemporaryDirectory(dir=settings.home) as pages, store.draft(name, period) as draft:
            files = _pages(Path(pages), table, export.map.contract.key)
            batch = write_batch(draft, export.map.contract, export.fingerprint(), files, (), None)
            store.save_batch(draft, batch.batch_id)
        store.save_receipt(period, Receipt(
            export=name, entity=export.map.entity, source=export.profile.source, profile=export.profile.profile,
            calendar=period.calendar, period=str(period), status="landed", started_at=at, finished_at=at,
            batch_id=batch.batch_id, fingerprint=export.fingerprint(), rows_read=len(table), accepted=batch.accepted,
            exact_duplicates=len(table) - batch.accepted,
        ))  # fmt: skip
        batches[name] = batch.batch_id
    return batches


def _pages(folder: Path, rows: pa.Table, key: Sequence[str]) -> list[Path]:
    """The rows as pages of a pull that is about to become a batch."""
    paths = []
    for start in range(0, len(rows), _PAGE):
        page = rows.slice(start, _PAGE)
        page = page.append_column("_reject", pa.nulls(len(page), pa.string()))
        paths.append(folder / f"{start:09d}.arrow")
        runs.write(paths[-1], page.combine_chunks(), key, np.arange(start, start + len(page)))
    return paths

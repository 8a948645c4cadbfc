"""The layout of raw, known to this module only.

<raw>/<export>/<calendar>/<YYYY-MM>/batches/<batch id>/{rows.parquet, rejects.jsonl}   written once per content
<raw>/<export>/<calendar>/<YYYY-MM>/receipts/<NNNNNN>.json                             one per read, failed reads too
<raw>/<export>/<calendar>/<YYYY-MM>/landing.lock                                       held while it is landed

The highest receipt number tells what is current, never a clock or a file's age: a source that goes from A to B and back to A
has three receipts and two batches.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, model_validator

from cchc.period import Period
from ingest.mapping import Fault


class Receipt(BaseModel):
    """One read of one export for one period. Counts are rows; `sequence` orders the receipts of an export and period."""

    model_config = ConfigDict(frozen=True)

    export: str
    entity: str
    source: str
    profile: str
    calendar: str
    period: str
    sequence: int = 0
    status: Literal["landed", "failed"]
    error: str | None = None
    started_at: datetime
    finished_at: datetime
    batch_id: str | None = None
    fingerprint: str
    declared_rows: int | None = None
    rows_read: int = 0
    accepted: int = 0
    rejected: int = 0
    exact_duplicates: int = 0
    withheld: int = 0
    rows_by_agency: dict[str, int] = {}
    requests: int = 0
    retries: int = 0
    bytes: int = 0

    @model_validator(mode="after")
    def _nothing_lost(self) -> Receipt:
        kept = self.accepted + self.rejected + self.exact_duplicates + self.withheld
        if self.status == "landed" and self.rows_read != kept:
            raise ValueError(f"{self.export} {self.period}: {self.rows_read} rows read, {kept} accounted for")
        return self


class Reject(BaseModel):
    """One faulty column of one row; `row_number` counts from 1 in the order read, `row_key` is null when it is faulty itself."""

    row_number: int
    row_key: str | None
    column_name: str
    code: str
    found: str
    expected: str

    @classmethod
    def of(cls, row_number: int, row_key: str | None, fault: Fault) -> Reject:
        values = asdict(fault)
        return cls(row_number=row_number, row_key=row_key, column_name=values.pop("column"), **values)


def _flush(path: Path) -> None:
    """Brings a file or folder to the disk, so that a name never outlives a power cut that its content did not."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Store:
    """Atomic writes and reads of raw."""

    def __init__(self, raw: Path) -> None:
        self._raw = raw

    def _folder(self, export: str, period: Period) -> Path:
        return self._raw / export / period.calendar / str(period)

    def rows_path(self, export: str, period: Period, batch_id: str) -> Path:
        return self._folder(export, period) / "batches" / batch_id / "rows.parquet"

    def rejects_path(self, export: str, period: Period, batch_id: str) -> Path:
        return self._folder(export, period) / "batches" / batch_id / "rejects.jsonl"

    @contextmanager
    def landing(self, export: str, period: Period, progress: Callable[[str], None]) -> Iterator[None]:
        """Waits until nobody else lands this export and period; the operating system lets go when the holder dies."""
        folder = self._folder(export, period)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "landing.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress(f"{export} {period}: another landing is under way, waiting for it")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def save_batch(self, export: str, period: Period, batch_id: str, rows: pa.Table, rejects: list[Reject]) -> None:
        """Writes a batch under its id unless it is there already; visible whole or not at all."""
        final = self._folder(export, period) / "batches" / batch_id
        if final.exists():
            return
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=final.parent))
        try:
            pq.write_table(rows, draft / "rows.parquet", compression="zstd")
            lines = [json.dumps(r.model_dump(), ensure_ascii=False) + "\n" for r in rejects]
            (draft / "rejects.jsonl").write_text("".join(lines), encoding="utf-8")
            draft.chmod(0o755)
            for written in (draft / "rows.parquet", draft / "rejects.jsonl", draft):
                _flush(written)
            try:
                draft.rename(final)
            except OSError:
                if not final.exists():
                    raise
            _flush(final.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def save_receipt(self, period: Period, receipt: Receipt) -> Receipt:
        """Appends a receipt under the next free number, also when several processes land at once."""
        folder = self._folder(receipt.export, period) / "receipts"
        folder.mkdir(parents=True, exist_ok=True)
        sequence = max((int(p.stem) for p in folder.glob("[0-9]*.json")), default=0)
        while True:
            sequence += 1
            numbered = receipt.model_copy(update={"sequence": sequence})
            descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(numbered.model_dump_json(indent=1))
                os.chmod(draft, 0o644)
                _flush(Path(draft))
                os.link(draft, folder / f"{sequence:06d}.json")
                _flush(folder)
                return numbered
            except FileExistsError:
                continue
            finally:
                os.unlink(draft)

    def receipts(self, export: str, period: Period) -> list[Receipt]:
        """All receipts of an export and period, oldest first."""
        folder = self._folder(export, period) / "receipts"
        return [Receipt.model_validate_json(p.read_bytes()) for p in sorted(folder.glob("[0-9]*.json"))]

    def newest(self, export: str, period: Period) -> Receipt | None:
        folder = self._folder(export, period) / "receipts"
        path = max(folder.glob("[0-9]*.json"), default=None)
        return Receipt.model_validate_json(path.read_bytes()) if path else None

    def reads(self, calendar: str) -> dict[tuple[str, str], int]:
        """How often each export was read for each month, without opening a receipt."""
        return {
            (folder.parent.parent.parent.name, folder.parent.name): sum(1 for _ in folder.glob("[0-9]*.json"))
            for folder in sorted(self._raw.glob(f"*/{calendar}/*/receipts"))
        }

    def rejects(self, export: str, period: Period, batch_id: str) -> list[dict[str, Any]]:
        text = self.rejects_path(export, period, batch_id).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

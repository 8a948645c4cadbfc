"""The layout of raw, known to this module only.

<raw>/<export>/<calendar>/<YYYY-MM>/batches/<batch id>/{rows, rejects, held}.parquet   written once per content
<raw>/<export>/<calendar>/<YYYY-MM>/receipts/<NNNNNN>.json                             one per read, failed reads too
<raw>/<export>/<calendar>/<YYYY-MM>/pull/                                              an unfinished pull, see spool.py
<raw>/<export>/<calendar>/<YYYY-MM>/landing.lock                                       held while it is landed

`rows` are those of the contract, `rejects` one row per faulty column, `held` what was good of each rejected row.

The highest receipt number tells what is current, never a clock or a file's age: a source that goes from A to B and back to A
has three receipts and two batches.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, model_validator

from cchc.period import Period


class FileRead(BaseModel):
    """A file as it was read. `also` are other names under which the same bytes lay in the folder."""

    model_config = ConfigDict(frozen=True)

    name: str
    bytes: int
    sha256: str
    also: tuple[str, ...] = ()


class Request(BaseModel):
    """One request of a pull. `at` is UTC, `status` the answer's or the type of the fault, `bytes` those of the body."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    what: str
    status: str
    bytes: int
    seconds: float
    attempt: int


class Receipt(BaseModel):
    """One read of one export for one period. Counts are rows; `sequence` orders the receipts of an export and period.

    `kind` is `read` for a whole read, `changes` for one that asked for changed rows only and stands on the batch
    `base_batch_id`, `correction` for rows that people corrected in the rejects of `base_batch_id`. Counts are always of the
    rows that this read brought. `columns` are the source's own, `new_columns` those that the read before did not have.
    """

    model_config = ConfigDict(frozen=True)

    export: str
    entity: str
    source: str
    profile: str
    calendar: str
    period: str
    sequence: int = 0
    kind: Literal["read", "changes", "correction"] = "read"
    status: Literal["landed", "failed"]
    error: str | None = None
    started_at: datetime
    finished_at: datetime
    batch_id: str | None = None
    base_batch_id: str | None = None
    fingerprint: str
    declared_rows: int | None = None
    rows_read: int = 0
    accepted: int = 0
    rejected: int = 0
    exact_duplicates: int = 0
    withheld: int = 0
    rows_by_agency: dict[str, int] = {}
    accepted_because: str | None = None
    columns: list[str] = []
    new_columns: list[str] = []
    files: list[FileRead] = []
    resumed_pages: int = 0
    requests: int = 0
    retries: int = 0
    bytes: int = 0
    request_log: list[Request] = []

    @model_validator(mode="after")
    def _nothing_lost(self) -> Receipt:
        kept = self.accepted + self.rejected + self.exact_duplicates + self.withheld
        if self.status == "landed" and self.rows_read != kept:
            raise ValueError(f"{self.export} {self.period}: {self.rows_read} rows read, {kept} accounted for")
        return self


class Reject(BaseModel):
    """One faulty column of one row. `reject_id` is the row's, equal whenever the same faulty row comes again.

    `row_number` counts from 1 in the order read, or is that of the file; `row_key` is null when it is faulty itself.
    """

    reject_id: str
    row_number: int
    file: str | None = None
    row_key: str | None
    agency_code: str | None
    column_name: str
    code: str
    found: str
    expected: str


REJECTS = pa.schema([(name, pa.int64() if name == "row_number" else pa.string()) for name in Reject.model_fields])


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

    def _file(self, export: str, period: Period, batch_id: str, name: str) -> Path:
        return self._folder(export, period) / "batches" / batch_id / f"{name}.parquet"

    def rows_path(self, export: str, period: Period, batch_id: str) -> Path:
        return self._file(export, period, batch_id, "rows")

    def rejects_path(self, export: str, period: Period, batch_id: str) -> Path:
        return self._file(export, period, batch_id, "rejects")

    def held_path(self, export: str, period: Period, batch_id: str) -> Path:
        return self._file(export, period, batch_id, "held")

    def pull_path(self, export: str, period: Period) -> Path:
        """Where an unfinished pull keeps its pages."""
        return self._folder(export, period) / "pull"

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

    @contextmanager
    def draft(self, export: str, period: Period) -> Iterator[Path]:
        """A folder to write a batch in; it is gone afterwards, unless `save_batch` took it."""
        parent = self._folder(export, period) / "batches"
        parent.mkdir(parents=True, exist_ok=True)
        for abandoned in parent.glob(".draft-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=parent))
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def save_batch(self, draft: Path, batch_id: str) -> None:
        """Names a written draft by its id unless that is there already; visible whole or not at all."""
        final = draft.parent / batch_id
        if final.exists():
            return
        draft.chmod(0o755)
        for written in (*sorted(draft.iterdir()), draft):
            _flush(written)
        draft.rename(final)
        _flush(final.parent)

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

    def newest_first(self, export: str, period: Period) -> Iterator[Receipt]:
        """The receipts of an export and period, opened one by one."""
        folder = self._folder(export, period) / "receipts"
        for path in sorted(folder.glob("[0-9]*.json"), reverse=True):
            yield Receipt.model_validate_json(path.read_bytes())

    def newest(self, export: str, period: Period) -> Receipt | None:
        """The receipt of the last read, corrections by people apart."""
        return next((r for r in self.newest_first(export, period) if r.kind != "correction"), None)

    def landed(self, export: str, period: Period) -> Receipt | None:
        """The receipt of the last read that succeeded."""
        reads = (r for r in self.newest_first(export, period) if r.kind != "correction" and r.status == "landed")
        return next(reads, None)

    def corrections(self, export: str, period: Period) -> list[Receipt]:
        """The receipts of rows that people corrected, oldest first."""
        return [r for r in self.receipts(export, period) if r.kind == "correction" and r.status == "landed"]

    def reads(self, calendar: str) -> dict[tuple[str, str], int]:
        """How often each export was read for each month, without opening a receipt."""
        return {
            (folder.parent.parent.parent.name, folder.parent.name): sum(1 for _ in folder.glob("[0-9]*.json"))
            for folder in sorted(self._raw.glob(f"*/{calendar}/*/receipts"))
        }

    def rejects(self, export: str, period: Period, batch_id: str) -> pa.Table:
        """One row per faulty column of the batch's rejected rows; see `Reject`."""
        return pq.read_table(self.rejects_path(export, period, batch_id))

"""Which rejects of an export and month stand, and which corrected rows are in force.

Rejects are those of the newest good read. A correction is in force while that read still has its reject: when the source
repairs or changes the row, the correction has no effect any more, but stays on the disk and returns with the reject.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cchc.period import Period
from ingest.contracts import CONTRACTS, Contract
from ingest.store import Receipt, Store

Row = dict[str, Any]


@dataclass(frozen=True)
class Corrected:
    """A row of the contract as somebody corrected it, and the batch that it was landed in."""

    reject_id: str
    batch_id: str
    row: Row


@dataclass(frozen=True)
class Standing:
    """The state of an export's month: `rejects` are all of the newest good read, `corrected` the rows in force by reject."""

    receipt: Receipt
    rejects: pa.Table
    corrected: dict[str, Corrected]
    new: tuple[Corrected, ...]  # those of `corrected` that equal neither an accepted row nor one another

    @property
    def contract(self) -> Contract:
        return CONTRACTS[self.receipt.entity]

    @cached_property
    def reject_ids(self) -> frozenset[str]:
        return frozenset(self.rejects.column("reject_id").to_pylist())

    @cached_property
    def open(self) -> pa.Table:
        """The rejects that nobody has corrected yet."""
        return self.rejects.filter(
            pc.invert(pc.is_in(self.rejects.column("reject_id"), pa.array(sorted(self.corrected), pa.string())))
        )

    @property
    def open_ids(self) -> frozenset[str]:
        return self.reject_ids - self.corrected.keys()

    @property
    def batch(self) -> str:
        """The name of what is in force: the batch, and a hash of the corrections behind a plus where there are any."""
        if not self.corrected:
            return self.receipt.batch_id or ""
        told = "\n".join(f"{reject_id} {identity(c.row)}" for reject_id, c in sorted(self.corrected.items()))
        return f"{self.receipt.batch_id}+{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def new_rows(self) -> pa.Table:
        """The corrected rows to add to those of the batch, with the `batch_id` each was landed in."""
        schema = self.contract.schema().append(pa.field("batch_id", pa.string()))
        return pa.Table.from_pylist([c.row | {"batch_id": c.batch_id} for c in self.new], schema=schema)


def identity(row: Row) -> str:
    """Equal for equal rows of one contract."""
    return repr(sorted(row.items(), key=lambda item: item[0]))


def standing(store: Store, export: str, period: Period) -> Standing | None:
    """The state of the month; None when the export was never read well for it."""
    read = store.landed(export, period)
    if read is None:
        return None
    rejects = store.rejects(export, period, read.batch_id or "")
    corrected = _in_force(store, export, period, read, rejects)
    rows = [one.row for one in corrected.values()]
    seen = set(equal_rows(store, export, period, read, rows))
    new = []
    for one in corrected.values():
        if (name := identity(one.row)) not in seen:
            seen.add(name)
            new.append(one)
    return Standing(read, rejects, corrected, tuple(new))


def batch_in_force(store: Store, export: str, period: Period) -> str | None:
    """`Standing.batch` of the month."""
    found = standing(store, export, period)
    return found.batch if found else None


def equal_rows(store: Store, export: str, period: Period, read: Receipt, rows: list[Row]) -> set[str]:
    """The identities of those `rows` that are accepted rows of the read as well."""
    if not rows:
        return set()
    key = CONTRACTS[read.entity].key[0]
    path = store.rows_path(export, period, read.batch_id or "")
    near = pq.read_table(path, filters=pc.field(key).isin(sorted({row[key] for row in rows})))
    return {identity(row) for row in near.to_pylist()} & {identity(row) for row in rows}


def _in_force(
    store: Store, export: str, period: Period, read: Receipt, rejects: pa.Table
) -> dict[str, Corrected]:  # fmt: skip
    there = set(rejects.column("reject_id").to_pylist())
    alike = _alike(rejects)
    found: dict[str, Corrected] = {}
    before: dict[str, Counter[str]] = {read.batch_id or "": alike}
    schema = CONTRACTS[read.entity].schema().insert(0, pa.field("reject_id", pa.string()))
    for receipt in store.corrections(export, period):
        batch_id = receipt.batch_id or ""
        table = pq.read_table(store.rows_path(export, period, batch_id))
        if not table.schema.equals(schema):
            continue  # landed under another contract: no reject of today is the same
        base = receipt.base_batch_id or ""
        if base not in before:
            before[base] = _alike(store.rejects(export, period, base))
        for row in table.to_pylist():
            reject_id = row.pop("reject_id")
            # Of rows that look alike one is gone, and nobody can say which: all of them stand again.
            is_clear = alike[_family(reject_id)] >= before[base][_family(reject_id)]
            if reject_id in there and is_clear:
                found[reject_id] = Corrected(reject_id, batch_id, row)
    return dict(sorted(found.items()))


def _alike(rejects: pa.Table) -> Counter[str]:
    """How many rejected rows there are of each kind that looks alike; see `ingest.batch`."""
    return Counter(_family(reject_id) for reject_id in set(rejects.column("reject_id").to_pylist()))


def _family(reject_id: str) -> str:
    return reject_id.partition("-")[0]

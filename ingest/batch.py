"""From the pages of a pull to one batch: exact duplicates gone, rows in the order of their key, the content hashed.

Memory does not grow with the rows: they come range by range (sorter.py), and a range is written while the next is sorted.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.contracts import Contract
from ingest.sorter import Base, Sorter
from ingest.store import REJECTS, Reject

_ROW_GROUP = 32_768


@dataclass(frozen=True)
class Batch:
    """A batch as it was written to a draft: its id, and how many distinct rows the pages brought."""

    batch_id: str
    accepted: int


def write_batch(
    draft: Path,
    contract: Contract,
    fingerprint: str,
    files: Sequence[Path],
    rejects: Iterable[Sequence[Reject]],
    base: Base | None,
) -> Batch:
    """Writes rows, rejects and held rows of the pages into `draft`.

    The id is the hash of what is kept and of how it was read. Neither the order of rows nor exact duplicates matter, nor
    row numbers: those of a batch are of the read that wrote it first.
    """
    with Sorter(contract, draft / "scratch") as sorter:
        kept = _ahead(sorter.accepted(files, base.rows if base else None))
        rows, digest = write_rows(draft / "rows.parquet", contract.schema(), kept)
        standing = sorter.rejects(files, _numbered(rejects), base)
        pq.write_table(standing, draft / "rejects.parquet", compression="zstd")
        pq.write_table(sorter.held(files, base, standing), draft / "held.parquet", compression="zstd")
    shutil.rmtree(draft / "scratch", ignore_errors=True)
    ids = sorted(set(standing.column("reject_id").to_pylist()))
    text = "\n".join([fingerprint, str(rows), digest, *ids])
    return Batch(hashlib.sha256(text.encode()).hexdigest()[:16], sorter.distinct)


def _ahead(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same tables, each made while the one before is worked on."""
    with ThreadPoolExecutor(1, "sort") as beside:
        waiting = beside.submit(next, tables, None)
        while (table := waiting.result()) is not None:
            waiting = beside.submit(next, tables, None)
            yield table


def _numbered(rejects: Iterable[Sequence[Reject]]) -> pa.Table:
    """Rejects, given row by row, as a table. Rows that are faulty in the same way get `-2`, `-3`, … behind their id."""
    seen: Counter[str] = Counter()
    rows = []
    for faults in rejects:
        seen[faults[0].reject_id] += 1
        number = seen[faults[0].reject_id]
        for values in (fault.model_dump() for fault in faults):
            values["reject_id"] += f"-{number}" if number > 1 else ""
            rows.append(values)
    return pa.Table.from_pylist(rows, schema=REJECTS)


def write_rows(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> tuple[int, str]:
    """Writes the rows as Parquet and returns how many there are and the hash of their values.

    The hash depends on nothing but the values, their order and the schema.
    """
    rows, digest = 0, hashlib.sha256(schema.to_string().encode())
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for block in _blocks(schema, tables):
            writer.write_table(block, row_group_size=_ROW_GROUP)
            for column in block.columns:
                _feed(digest, column.combine_chunks())
            rows += len(block)
    return rows, digest.hexdigest()


def _blocks(schema: pa.Schema, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in blocks of one size, so that what is written does not depend on how they came."""
    rest = schema.empty_table()
    for table in tables:
        rest = pa.concat_tables([rest, table])
        while len(rest) >= _ROW_GROUP:
            yield rest.slice(0, _ROW_GROUP).combine_chunks()
            rest = rest.slice(_ROW_GROUP)
    if len(rest):
        yield rest.combine_chunks()


def _feed(digest: Any, values: pa.Array) -> None:
    """Adds the values of an array, whatever lies in the slots of its nulls."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    digest.update(np.packbits(values.is_valid().to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_list(values.type):
        digest.update(pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False).tobytes())
        _feed(digest, values.flatten())
    elif pa.types.is_struct(values.type):
        for number in range(values.type.num_fields):
            _feed(digest, pc.struct_field(values, number))
    elif pa.types.is_string(values.type):
        filled = pc.fill_null(values, "")
        digest.update(pc.binary_length(filled).to_numpy(zero_copy_only=False).tobytes())
        _, offsets, data = filled.buffers()
        ends = np.frombuffer(offsets, np.int32)[filled.offset : filled.offset + len(filled) + 1]
        if data is not None and len(filled):
            digest.update(memoryview(data)[ends[0] : ends[-1]])
    elif pa.types.is_boolean(values.type):
        digest.update(np.packbits(pc.fill_null(values, False).to_numpy(zero_copy_only=False)).tobytes())
    elif pa.types.is_decimal(values.type):
        _feed(digest, values.cast(pa.string()))
    else:
        width = pa.int32() if pa.types.is_date32(values.type) else pa.int64()
        digest.update(pc.fill_null(values.view(width), 0).to_numpy(zero_copy_only=False).tobytes())

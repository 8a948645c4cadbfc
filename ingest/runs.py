"""Rows on the disk in the order of their key, so that a range of keys is read without the rest.

A page of a pull is an Arrow file of small blocks, as they lie in memory: to read them is to copy them. Its metadata hold the
first key of each block and a sample of all keys.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from typing import Protocol
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.columns import Indices

Bound = str | None
_BLOCK = 512
_BLOCKS_AT_ONCE = 32
_SAMPLED = 251  # every so many rows of a source; a prime, so that nothing that comes round in it decides
_ROWS_AT_ONCE = 100_000
_BYTES_AT_ONCE = 24_000_000


class Runs(Protocol):
    """Rows in the order of their key, once or several times over. `bytes` is their size in memory, `sample` some first keys."""

    rows: int
    bytes: int
    sample: list[str]

    def between(self, low: Bound, high: Bound) -> pa.Table:
        """The rows from `low` to before `high`, by the first column of the key; the last range holds rows without it, too."""
        ...


def ranges(*runs: Runs) -> list[tuple[Bound, Bound]]:
    """Bounds that cut the rows into ranges of a size that is sorted at once."""
    sample = sorted(key for run in runs for key in run.sample)
    size = max(sum(run.rows for run in runs) // _ROWS_AT_ONCE, sum(run.bytes for run in runs) // _BYTES_AT_ONCE)
    bounds = sorted({sample[len(sample) * part // (size + 1)] for part in range(1, size + 1)}) if sample else []
    return list(pairwise([None, *bounds, None]))


def by_key(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The rows in the order of their key, blanks last; rows of one key stay as they are."""
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in key]))


def write(path: Path, table: pa.Table, key: Sequence[str], numbers: Indices) -> int:
    """Writes a page and returns the checksum of the file. `numbers` are the rows' numbers in the source."""
    sample = table.column(key[0]).filter(pa.array(numbers % _SAMPLED == 0)).drop_null().to_pylist()
    table = by_key(table, key)
    starts = table.column(key[0]).take(pa.array(np.arange(0, len(table), _BLOCK))).drop_null().to_pylist()
    told = json.dumps({"rows": len(table), "starts": starts, "sample": sample}, ensure_ascii=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, metadata={"run": told}) as writer:
        writer.write_table(table, max_chunksize=_BLOCK)
    data = sink.getvalue()
    path.write_bytes(data)
    return crc32(data)


class Pages:
    """Pages of a pull, each of them a file of `write` with this schema and key."""

    def __init__(self, files: Sequence[Path], schema: pa.Schema, key: str) -> None:
        self._files, self._schema, self._key = files, schema, key
        self._starts: list[list[str]] = []
        self.rows, self.bytes, self.sample = 0, 0, list[str]()
        for path in files:
            with _opened(path) as reader:
                told = json.loads(reader.metadata[b"run"])
            self._starts.append(told["starts"])
            self.rows += told["rows"]
            self.bytes += path.stat().st_size
            self.sample += told["sample"]

    def __len__(self) -> int:
        return len(self._files)

    def between(self, low: Bound, high: Bound) -> pa.Table:
        return _copied((rows for _, rows in self._between(low, high)), self._schema)

    def pages_between(self, low: Bound, high: Bound, columns: Sequence[str], page: str) -> pa.Table:
        """Some columns of `between`, and the number of each row's page in a column `page`."""
        schema = pa.schema([*(self._schema.field(name) for name in columns), pa.field(page, pa.int64())])
        some = (
            rows.select(columns).append_column(page, pa.array([number] * len(rows), pa.int64()))
            for number, rows in self._between(low, high)
        )
        return _copied(some, schema)

    def _between(self, low: Bound, high: Bound) -> Iterator[tuple[int, pa.RecordBatch]]:
        for number, (path, starts) in enumerate(zip(self._files, self._starts, strict=True)):
            first = 0 if low is None else max(bisect_left(starts, low) - 1, 0)
            end = None if high is None else bisect_left(starts, high)
            if end is not None and first >= end:
                continue
            with _opened(path) as reader:
                for block in range(first, reader.num_record_batches if end is None else end):
                    rows = reader.get_batch(block)
                    key = rows.column(self._key)
                    start, stop = _place(key, low, 0), _place(key, high, len(rows))
                    yield number, rows.slice(start, stop - start)

    def all(self) -> pa.RecordBatchReader:
        """All rows, read while they are asked for."""
        return pa.RecordBatchReader.from_batches(self._schema, (rows for _, rows in self._between(None, None)))


class Written:
    """The rows of a batch."""

    def __init__(self, path: Path, key: str) -> None:
        self._key, self._file = key, pq.ParquetFile(path)
        groups = self._file.metadata
        self._groups = [groups.row_group(group) for group in range(groups.num_row_groups)]
        self._column = self._file.schema_arrow.names.index(key)
        self.rows, self.bytes = groups.num_rows, sum(group.total_byte_size for group in self._groups)
        batches = self._file.iter_batches(columns=[key])
        self.sample = [text for batch in batches for text in batch.column(0)[::_SAMPLED].to_pylist()]

    def between(self, low: Bound, high: Bound) -> pa.Table:
        found = []
        for number, group in enumerate(self._groups):
            bounds = group.column(self._column).statistics
            if (low is None or bounds.max >= low) and (high is None or bounds.min < high):
                found.append(number)
        rows = self._file.read_row_groups(found)
        key = rows.column(self._key)
        start, stop = _place(key, low, 0), _place(key, high, len(rows))
        return rows.slice(start, stop - start)


def _copied(rows: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """The rows out of their blocks, a few blocks at a time: all would be held otherwise for the few rows of each."""
    parts = [pa.Table.from_batches(blocks, schema).combine_chunks() for blocks in _batched(rows, _BLOCKS_AT_ONCE)]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _batched(items: Iterable[pa.RecordBatch], size: int) -> Iterator[list[pa.RecordBatch]]:
    items = iter(items)
    while some := list(islice(items, size)):
        yield some


def _place(key: pa.Array, bound: Bound, otherwise: int) -> int:
    """How many keys stand before `bound`."""
    return otherwise if bound is None else pc.sum(pc.less(key, bound)).as_py() or 0


@contextmanager
def _opened(path: Path) -> Iterator[pa.RecordBatchFileReader]:
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        yield reader

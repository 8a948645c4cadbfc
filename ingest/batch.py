"""From the pages of a pull to one batch: exact duplicates gone, rows in the order of their key, the content hashed.

Memory does not grow with the rows: pages are sorted runs with the bounds of their keys in the file, and the batch is written
range by range, each of which DuckDB sorts within a fixed limit.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.contracts import Contract
from ingest.store import REJECTS, Reject

_MEMORY, _MOST_MEMORY = 128, 2048  # MB
_ROWS_AT_ONCE = 200_000
_BYTES_AT_ONCE = 48_000_000
_ROW_GROUP = 32_768


@dataclass(frozen=True)
class Pages:
    """Files of rows with `_page`, `_row`, `_rejected` and `_reject`, of one request series.

    `_rejected` is there since DuckDB 2.0.0 finds `is null` true of texts that are not, in Parquet without a dictionary.
    """

    files: Sequence[Path]


@dataclass(frozen=True)
class Base:
    """The files of a batch read earlier, on which a read of changes stands."""

    rows: Path
    rejects: Path
    held: Path


@dataclass(frozen=True)
class Batch:
    """A batch as it was written to a draft: its id, and how many distinct rows the pages brought."""

    batch_id: str
    accepted: int


class Sorter:
    """Queries over the pages of a pull, within a memory limit; `scratch` takes what does not fit."""

    def __init__(self, contract: Contract, scratch: Path) -> None:
        self._contract, self._names, self._memory = contract, contract.schema().names, _MEMORY
        config: dict[str, Any] = {
            "memory_limit": f"{_MEMORY}MB",
            "threads": 2,
            "temp_directory": str(scratch),
            "preserve_insertion_order": False,
        }
        self._connection = duckdb.connect(config=config)
        self._connection.execute("set timezone = 'UTC'")
        self._key = ", ".join(contract.key)

    def __enter__(self) -> Sorter:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def repeats(self, series: Pages) -> bool:
        """Whether two pages show rows of one key, rejected ones included where their key is whole, or one reject."""
        if len(series.files) < 2:
            return False
        whole = " and ".join(f"count({name}) = count(*)" for name in self._contract.key)
        # Keys that may be null are told apart after counting: see Pages for what a filter would find.
        keys = (
            f"select 1 from {_read(series.files)} group by {self._key} "
            f"having min(_page) < max(_page) and (bool_or(not _rejected) or ({whole})) limit 1"
        )
        faults = f"select 1 from {_read(series.files)} where _rejected group by _reject having min(_page) < max(_page) limit 1"
        return any(self._connection.execute(query).fetchall() for query in (keys, faults))

    def same_rows(self, one: Pages, other: Pages) -> bool:
        """Whether two reads brought the same rows, each as often, and the same rejects, in whatever order."""
        row = f"hash(_reject, {', '.join(self._names)})"  # rows as wide as these do not fit twice in the memory allowed
        counted = [
            f"(select {row} as row, count(*) as times from {_read(series.files)} group by all)"
            if series.files
            else None
            for series in (one, other)
        ]
        if None in counted:
            return counted[0] == counted[1]
        pairs = (counted, counted[::-1])
        return not any(len(self._table(f"from {left} except from {right} limit 1")) for left, right in pairs)

    def accepted(self, files: Sequence[Path], base: Path | None = None) -> Iterator[pa.Table]:
        """The distinct accepted rows in the order of their key, some at a time.

        With `base`, a batch read earlier, its rows stand as well unless the pages bring their key.
        """
        columns = ", ".join(self._names)
        source = f"select {columns} from {_read(files)} where not _rejected" if files else None
        if base is not None:
            kept = f"select {columns} from {_read([base])}"
            if files:  # a row that came again stands no longer as it was, be it faulty now
                kept = f"select {columns} from {_read([base])} as before where {self._not_again(files)}"
                source = f"{source} union all by name {kept}"
            else:
                source = kept
        if source is None:
            return
        for condition in self._ranges(source, [*files, *([base] if base else [])]):
            query = f"select distinct * from ({source}) where {condition} order by {self._key}, hash({columns})"
            yield self._table(query).cast(self._contract.schema())

    def distinct(self, files: Sequence[Path]) -> int:
        """How many distinct accepted rows the pages hold."""
        return sum(len(table) for table in self.accepted(files))

    def _not_again(self, files: Sequence[Path]) -> str:
        """The condition that the pages do not bring the key of a row of `before`. A part of a key may be blank."""
        same = " and ".join(f"again.{name} is not distinct from before.{name}" for name in self._contract.key)
        return f"not exists (select 1 from {_read(files)} as again where {same})"

    def rejects(self, files: Sequence[Path], brought: pa.Table, base: Base | None) -> pa.Table:
        """The rejects that stand: those that the pages brought, and those of `base` whose row did not come again."""
        if base is None or not files:
            return brought if base is None else pq.read_table(base.rejects)
        self._connection.register("brought", brought)
        self._connection.register("told_before", pq.read_table(base.rejects))
        self._connection.register("before", pq.read_table(base.held, columns=["reject_id", *self._contract.key]))
        first = self._contract.key[0]  # blank where it is faulty: then nobody can say which row it is
        kept = self._connection.sql(
            "from told_before anti join brought using (reject_id) "
            f"semi join (select reject_id from before where {first} is null or {self._not_again(files)}) using (reject_id)"
        ).to_arrow_table()
        return pa.concat_tables([brought, kept.cast(REJECTS)])

    def held(self, files: Sequence[Path], base: Base | None, rejects: pa.Table) -> pa.Table:
        """What was good of each rejected row: `reject_id` and the columns of the contract."""
        schema = self._contract.schema().insert(0, pa.field("reject_id", pa.string()))
        self._connection.register("standing", rejects.select(["reject_id"]))
        columns = ", ".join(self._names)
        parts = []
        if files:
            parts.append(
                "select _reject || case when n = 1 then '' else '-' || n end as reject_id, * exclude (_reject, n) from "
                f"(select _reject, {columns}, row_number() over (partition by _reject) as n from {_read(files)} "
                "where _rejected)"
            )
        if base is not None:
            parts.append(f"select * from {_read([base.held])}")
        if not parts:
            return schema.empty_table()
        union = " union all by name ".join(parts)
        query = f"select distinct on (reject_id) * from ({union}) where reject_id in (from standing) order by reject_id"
        return self._connection.sql(query).to_arrow_table().cast(schema)

    def _table(self, query: str) -> pa.Table:
        """The rows of a query. Rows that are wider than most may take more memory, rather than fail."""
        while True:
            try:
                return self._connection.sql(query).to_arrow_table()
            except duckdb.OutOfMemoryException:
                if self._memory >= _MOST_MEMORY:
                    raise
                self._memory *= 2
                self._connection.execute(f"set memory_limit = '{self._memory}MB'")

    def _ranges(self, source: str, files: Sequence[Path]) -> list[str]:
        """Conditions on the key's first column that cut the rows into ranges of a size that can be sorted."""
        first = self._contract.key[0]
        ((rows,),) = self._connection.execute(f"select count(*) from ({source})").fetchall()
        groups = [pq.ParquetFile(path).metadata for path in files]
        size = sum(one.row_group(group).total_byte_size for one in groups for group in range(one.num_row_groups))
        cuts = min(max(rows // _ROWS_AT_ONCE, size // _BYTES_AT_ONCE), rows)
        if not cuts:
            return ["true"]
        sample = self._connection.execute(
            f"select distinct {first} from (select {first} from ({source}) using sample {200 * (cuts + 1)} rows) order by 1"
        ).fetchall()
        bounds = sorted({sample[len(sample) * number // (cuts + 1)][0] for number in range(1, cuts + 1)})
        quoted = ["'" + str(bound).replace("'", "''") + "'" for bound in bounds]
        inner = [f"{first} >= {low} and {first} < {high}" for low, high in pairwise(quoted)]
        return [f"{first} < {quoted[0]}", *inner, f"{first} >= {quoted[-1]}"]


def _read(files: Sequence[Path]) -> str:
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


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
        kept = sorter.accepted(files, base.rows if base else None)
        rows, digest = write_rows(draft / "rows.parquet", contract.schema(), kept)
        distinct = rows if base is None else sorter.distinct(files)
        standing = sorter.rejects(files, _numbered(rejects), base)
        pq.write_table(standing, draft / "rejects.parquet", compression="zstd")
        pq.write_table(sorter.held(files, base, standing), draft / "held.parquet", compression="zstd")
    shutil.rmtree(draft / "scratch", ignore_errors=True)
    ids = sorted(set(standing.column("reject_id").to_pylist()))
    text = "\n".join([fingerprint, str(rows), digest, *ids])
    return Batch(hashlib.sha256(text.encode()).hexdigest()[:16], distinct)


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

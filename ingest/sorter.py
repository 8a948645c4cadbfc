"""The rows of a pull as they stand in a batch: by their key, each once, in memory that does not grow with them.

Ranges of keys are read from all pages and sorted one after the other. Only rows whose key comes several times go through DuckDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.cells import Mask
from ingest.contracts import Contract
from ingest.runs import Pages, Written, by_key, ranges
from ingest.store import REJECTS

REJECT = pa.field("_reject", pa.string())  # of a row of a page: the id of its reject, null where it is accepted
_MEMORY, _MOST_MEMORY = 128, 2048  # MB


@dataclass(frozen=True)
class Base:
    """The files of a batch read earlier, on which a read of changes stands."""

    rows: Path
    rejects: Path
    held: Path


class Sorter:
    """Queries over the pages of a pull, within a memory limit; `scratch` takes what does not fit.

    `distinct` counts the distinct accepted rows that the pages brought, as far as `accepted` has gone.
    """

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
        self._key, self._columns = ", ".join(contract.key), ", ".join(self._names)
        same = " and ".join(f"brought.{name} is not distinct from before.{name}" for name in contract.key)
        self._no_such_key = f"not exists (select 1 from brought where {same})"
        self.distinct = 0

    def __enter__(self) -> Sorter:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _pages(self, files: Sequence[Path]) -> Pages:
        return Pages(files, self._contract.schema().append(REJECT), self._contract.key[0])

    def repeats(self, files: Sequence[Path]) -> bool:
        """Whether two pages show rows of one key, rejected ones included where their key is whole, or one reject."""
        if len(files) < 2:
            return False
        pages = self._pages(files)
        whole = " and ".join(f"count({name}) = count(*)" for name in self._contract.key)
        keys = (
            f"select 1 from shown group by {self._key} "
            f"having min(_page) < max(_page) and (bool_or(_reject is null) or ({whole})) limit 1"
        )
        faults = "select 1 from rejected group by _reject having min(_page) < max(_page) limit 1"
        rejected = []
        for low, high in ranges(pages):
            some = pages.pages_between(low, high, [*self._contract.key, "_reject"], "_page")
            rejected.append(some.filter(some.column("_reject").is_valid()).select(["_reject", "_page"]))
            if len(self._table(keys, shown=some)):
                return True
        return len(self._table(faults, rejected=pa.concat_tables(rejected))) > 0

    def same_rows(self, one: Sequence[Path], other: Sequence[Path]) -> bool:
        """Whether two reads brought the same rows, each as often, and the same rejects, in whatever order."""
        row = f"hash(_reject, {self._columns})"  # rows as wide as these do not fit twice in the memory allowed
        left, right = (f"select {row} as row, count(*) as times from {name} group by all" for name in ("a", "b"))
        query = f"{left} except {right} limit 1"
        pairs = ((one, other), (other, one))
        return not any(len(self._table(query, a=self._pages(a).all, b=self._pages(b).all)) for a, b in pairs)

    def accepted(self, files: Sequence[Path], base: Path | None = None) -> Iterator[pa.Table]:
        """The distinct accepted rows in the order of their key, some at a time.

        With `base`, a batch read earlier, its rows stand as well unless the pages bring their key.
        """
        pages, key = self._pages(files), self._contract.key
        before = None if base is None else Written(base, key[0])
        for low, high in ranges(pages, *([before] if before else [])):
            brought = pages.between(low, high)
            rows = self._once(_accepted(brought).select(self._names))
            self.distinct += len(rows)
            if before is not None:  # a row that came again stands no longer as it was, be it faulty now
                rows = by_key(pa.concat_tables([rows, self._not_again(before.between(low, high), brought)]), key)
            yield rows

    def _once(self, rows: pa.Table) -> pa.Table:
        """The distinct rows by their key; those of one key by DuckDB's hash of their values."""
        rows = by_key(rows, self._contract.key)
        again = _keys_again(rows.select(list(self._contract.key)))
        if not again.any():
            return rows
        several = np.append(again, False) | np.append(False, again)
        query = f"select distinct * from several order by {self._key}, hash({self._columns})"
        distinct = self._table(query, several=rows.filter(pa.array(several))).cast(self._contract.schema())
        return by_key(pa.concat_tables([rows.filter(pa.array(~several)), distinct]), self._contract.key)

    def _not_again(self, before: pa.Table, brought: pa.Table) -> pa.Table:
        """The rows of `before` whose key, of which a part may be blank, was not brought."""
        query = f"from before where {self._no_such_key} order by {self._key}, hash({self._columns})"
        keys = brought.select(list(self._contract.key))
        return self._table(query, before=before, brought=keys).cast(self._contract.schema())

    def rejects(self, files: Sequence[Path], brought: pa.Table, base: Base | None) -> pa.Table:
        """The rejects that stand: those that the pages brought, and those of `base` whose row did not come again."""
        if base is None or not files:
            return brought if base is None else pq.read_table(base.rejects)
        first = self._contract.key[0]  # blank where it is faulty: then nobody can say which row it is
        kept = self._table(
            "from told_before anti join told using (reject_id) "
            f"semi join (select reject_id from before where {first} is null or {self._no_such_key}) using (reject_id)",
            told=brought, told_before=pq.read_table(base.rejects), brought=self._pages(files).all,
            before=pq.read_table(base.held, columns=["reject_id", *self._contract.key]),
        )  # fmt: skip
        return pa.concat_tables([brought, kept.cast(REJECTS)])

    def held(self, files: Sequence[Path], base: Base | None, rejects: pa.Table) -> pa.Table:
        """What was good of each rejected row: `reject_id` and the columns of the contract."""
        schema = self._contract.schema().insert(0, pa.field("reject_id", pa.string()))
        if not len(rejects):
            return schema.empty_table()
        faulty = [rows.filter(rows.column("_reject").is_valid()) for rows in self._pages(files).all()]
        union = (
            "select _reject || case when n = 1 then '' else '-' || n end as reject_id, * exclude (_reject, n) from "
            "(select *, row_number() over (partition by _reject) as n from faulty)"
        )
        tables = {"faulty": pa.Table.from_batches(faulty, self._contract.schema().append(REJECT))}
        if base is not None:
            union += " union all by name from before"
            tables["before"] = pq.read_table(base.held)
        query = f"select distinct on (reject_id) * from ({union}) where reject_id in (from standing) order by reject_id"
        return self._table(query, standing=rejects.select(["reject_id"]), **tables).cast(schema)

    def _table(self, query: str, **tables: pa.Table | Callable[[], pa.RecordBatchReader]) -> pa.Table:
        """The rows of a query over some tables. Rows that are wider than most may take more memory, rather than fail."""
        while True:
            try:
                for name, table in tables.items():
                    self._connection.register(name, table() if callable(table) else table)
                return self._connection.sql(query).to_arrow_table()
            except duckdb.OutOfMemoryException:
                if self._memory >= _MOST_MEMORY:
                    raise
                self._memory *= 2
                self._connection.execute(f"set memory_limit = '{self._memory}MB'")
            finally:
                for name in tables:
                    self._connection.unregister(name)


def _accepted(rows: pa.Table) -> pa.Table:
    rejects = rows.column(REJECT.name)
    return rows if rejects.null_count == len(rows) else rows.filter(rejects.is_null())


def _keys_again(keys: pa.Table) -> Mask:
    """For each row but the first whether it has the key of the row before; blanks may be taken for any value."""
    same = np.ones(max(len(keys) - 1, 0), bool)
    for column in keys.columns:
        one = column.combine_chunks()
        same &= np.asarray(pc.fill_null(pc.equal(one[1:], one[:-1]), True))
    return same

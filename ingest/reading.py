"""What one read of an export has found so far: rows, rejects and counts, and whether rows moved between its pages."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.client import Client
from ingest.errors import CountsDiffer
from ingest.headings import Headings
from ingest.mapping import Fault, map_row
from ingest.profile import Export, ExportMap
from ingest.store import Reject
from ingest.values import at, text_of


@dataclass(frozen=True)
class Outcome:
    """One source row: withheld, or with faults, or a row of the contract. `identity` is its columns, as text.

    What may not be kept is identified by a hash of the row; identities of such rows stay in memory.
    """

    identity: str
    withheld: bool = False
    faults: tuple[Fault, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def outcome_of(export: ExportMap, row: Any, params: Mapping[str, str]) -> Outcome:
    """Maps one row. Raises nothing: what cannot be read is a fault."""
    withhold = export.withhold
    if withhold and text_of(at(row, withhold.path)) not in withhold.unless:
        return Outcome(_hash(row), withheld=True)
    if not isinstance(row, dict):
        return Outcome(_hash(row), faults=(Fault("row", "not_a_row", "", "an object of named values"),))
    values, faults = map_row(export, row, params)
    if faults:
        return Outcome(_hash(row), faults=tuple(faults), values=values)
    return Outcome(json.dumps(values, default=str, sort_keys=True, ensure_ascii=False), values=values)


def _hash(row: Any) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


class Read:
    """Rows by identity, rejects and counts of one read. `rows` holds the contract's columns only."""

    def __init__(self, export: Export) -> None:
        self._export = export.map
        self.headings = Headings(export.map)
        self.rows: dict[str, Mapping[str, Any]] = {}
        self.rejects: list[Reject] = []
        self.rows_read = self.rejected = self.exact_duplicates = self.withheld = 0
        self.rows_by_agency: dict[str, int] = {}

    def add(self, row: Any, params: Mapping[str, str]) -> str:
        """Counts one row where it belongs and returns its identity."""
        self.rows_read += 1
        if isinstance(row, dict):
            self.headings.look(row)
        found = outcome_of(self._export, row, params)
        if found.withheld:
            self.withheld += 1
        elif found.faults:
            key = found.values.get(self._export.contract.key[0])
            self.rejected += 1
            self.rejects += [Reject.of(self.rows_read, key, fault) for fault in found.faults]
        elif found.identity in self.rows:
            self.exact_duplicates += 1
        else:
            self.rows[found.identity] = found.values
        return found.identity


class Series:
    """The identities of one request series, page by page. `repeats` tells whether a page showed a row of an earlier one."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()
        self.repeats = False

    def turn(self, page: Iterable[str]) -> None:
        found = Counter(page)
        self.repeats = self.repeats or not self.rows.keys().isdisjoint(found)
        self.rows.update(found)


def confirm_repeats(export: ExportMap, client: Client, params: Mapping[str, str], series: Series) -> None:
    """Reads a series once more, cut into pages elsewhere, and raises CountsDiffer when other rows come.

    A row on two pages means either that the source holds it twice, or that rows moved while it was paged and as many
    were never seen; the declared total is the same in both cases. Only a source that truly holds it twice has the same
    rows however they are cut.
    """
    size, again = max(1, export.paging.size // 2), Counter[str]()
    for rows in client.pages(export, params, size):
        again.update(outcome_of(export, row, params).identity for row in rows)
        if len(rows) > size:
            break  # cut as before: nothing is confirmed
    if again != series.rows or len(rows) > size:
        raise CountsDiffer(f"{export.endpoint}: rows moved while paging, some were read twice: pull again")

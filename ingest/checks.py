"""Checks of a read as a whole: nothing missing that the profile reads, not empty, not far smaller than usual, not read before."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from statistics import median

from cchc.agencies import reporting_agencies
from cchc.period import Period
from cchc.settings import Settings
from ingest.columns import Reads
from ingest.errors import EmptyExport, HeadingsMissing, SourceError, TooFewRows
from ingest.headings import columns, missing
from ingest.profile import Export
from ingest.pull import Read
from ingest.store import FileRead, Receipt, Store

_TRAILING_MONTHS = 12
_MONTHS_TO_COMPARE = 3  # with fewer months behind it a month cannot be called small


def check_read(export: Export, period: Period, read: Read, known: set[str] | None) -> None:
    """Raises EmptyExport, HeadingsMissing.

    With the columns `known` of earlier reads it is one of changes: it may be empty, and its few rows may leave out what
    others have, unless keys come up that nobody knows.
    """
    if not read.tally.rows and known is None and not export.map.may_be_empty:
        raise EmptyExport(
            f"{export.name} {period}: the source has no rows at all; ask it for a new export, then land again"
        )
    needed = Reads.of(export.map).needed
    gone = missing(needed, read.tally.shown, read.tally.keys)
    if gone and (known is None or set(columns(read.tally.keys, needed)) - known):
        raise HeadingsMissing(
            f"{export.name} {period}: no row has {', '.join(gone)}; correct the paths in {export.profile.profile}, "
            "or say `optional: true` there if the source may leave them out"
        )


def check_size(
    export: Export, period: Period, settings: Settings, store: Store, rows: int, because: str | None
) -> bool:
    """Whether there are far fewer rows than in the months before, per reporting agency.

    Raises TooFewRows when there are and nobody says why.
    """
    usual = [
        receipt.rows_read / agencies
        for month, receipts in _before(store, export.name, period)
        if (receipt := next((r for r in reversed(receipts) if r.kind == "read"), None))
        and (agencies := len(reporting_agencies(settings, month)))
    ]
    agencies = len(reporting_agencies(settings, period))
    if len(usual) < _MONTHS_TO_COMPARE or not agencies:
        return False
    expected = median(usual) * agencies
    # So much less than usual that chance does not explain it: of 100 rows a month, a fifth fewer come now and then.
    few = rows < min(export.map.smallest_share * expected, expected - 3 * sqrt(expected))
    if few and not because:
        raise TooFewRows(
            f"{export.name} {period}: {rows} rows, under {export.map.smallest_share:.0%} of the {expected:.0f} that the "
            f"{len(usual)} months before lead to expect; ask the source for a whole export, or, if it is right: "
            f'cchc land {export.name} {period} --because "…"'
        )
    return few


def check_files(export: Export, period: Period, store: Store, files: list[FileRead]) -> None:
    """Raises SourceError when a file has been landed for another month: somebody sent the old one again."""
    hashes = {file.sha256: file.name for file in files}
    if not hashes:
        return
    for name, month in store.reads(period.calendar):
        if name != export.name or month == str(period):
            continue
        landed = store.landed(export.name, Period.parse(month, period.calendar))
        for file in landed.files if landed else []:
            if file.sha256 in hashes:
                raise SourceError(
                    f"{export.name} {period}: {hashes[file.sha256]} is, byte for byte, the file that was landed for {month}; "
                    "ask the source for the file of this month"
                )


def columns_before(store: Store, export: str, period: Period) -> set[str]:
    """The source's columns in the last whole read and those of changes after it: of this month, and of the months before.

    Not those of the last one alone: a read of few changed rows need not show what only some rows have.
    """
    known = _landed(store, export, period) + [r for _, receipts in _before(store, export, period) for r in receipts]
    return {column for receipt in known for column in receipt.columns}


def _before(store: Store, export: str, period: Period) -> Iterator[tuple[Period, list[Receipt]]]:
    """The good reads of the months before, nearest month first."""
    for _ in range(_TRAILING_MONTHS):
        period = period.previous()
        if receipts := _landed(store, export, period):
            yield period, receipts


def _landed(store: Store, export: str, period: Period) -> list[Receipt]:
    """The last good whole read and the good reads of changes after it, oldest first. Older ones are not opened."""
    found: list[Receipt] = []
    for receipt in store.newest_first(export, period):
        if receipt.kind != "correction" and receipt.status == "landed":
            found.insert(0, receipt)
            if receipt.kind == "read":
                break
    return found

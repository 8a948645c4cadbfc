"""One page of a source through a profile: what each column is read from, what is rejected, what the profile leaves out.

The page goes the way of every landing (client or file, decoder, mapping, duplicate check); it ends in a temporary folder
that holds columns of the contract alone. Values of the source are told as they are only where the contract keeps them.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cchc.agencies import canonical_identity
from cchc.period import Period
from cchc.settings import Secret, Settings
from ingest import headings, reach
from ingest.columns import Columns, Heading, Page, Reads, nfc
from ingest.decode import Decoder
from ingest.errors import ProfileError, SourceError
from ingest.files.reading import read_files
from ingest.http.ledger import Ledger
from ingest.http.pace import Clock
from ingest.mapping import Mapped, map_columns, withheld
from ingest.profile import Export
from ingest.samples import ColumnTried, columns_tried
from ingest.series import Series, series_of
from ingest.sorter import Sorter
from ingest.spool import SeriesSpool


@dataclass(frozen=True)
class RejectTried:
    """Rows that one column rejects for one reason. `found` is the shape of what stood in the first of them."""

    column: str
    code: str
    found: str
    expected: str
    rows: int


@dataclass(frozen=True)
class Tried:
    """What one page came to. Counts are rows: `rows` = accepted + rejected + exact duplicates + withheld.

    `declared` is the total that the source names for all pages, `more` whether it goes on after this one. `unmapped` are keys
    of the source that the profile does not read; `missing` are those that it reads and no row has, `absent` the optional
    ones among these. `refused` is why a landing would refuse the file below the rows of this page.
    """

    profile: str
    export: str
    entity: str
    period: str
    agency: str | None
    asked: list[str]
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    exact_duplicates: int = 0
    withheld: int = 0
    declared: int | None = None
    more: bool | None = None
    columns: list[ColumnTried] = field(default_factory=list)
    rejects: list[RejectTried] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    refused: str | None = None


def try_export(
    export: Export,
    period: Period,
    settings: Settings,
    secret: Secret,
    agency: str | None = None,
    clock: Clock | None = None,
) -> Tried:
    """Reads the first page, or the first block of the file; writes nothing under CCHC_HOME.

    `agency` is a code or identity code; without it the first reporting agency is asked for. Raises SourceError, ProfileError,
    MissingSecret.
    """
    series = _series(export, period, settings, agency)
    ledger, clock = Ledger(), clock or Clock()
    refused = None
    if export.map.file is None:
        page = _first_page(export, series, settings, secret, ledger, clock)
        asked = [f"{one.what}: {one.status}, {one.bytes} bytes" for one in ledger.rows]
    else:
        page, refused = _first_block(export, series, period, settings, clock)
        asked = [page.file or ""] if page else []
    code = series.agency.agency_code if series.agency else None
    return replace(_judged(export, period, series, page, code, asked), refused=refused)


def _series(export: Export, period: Period, settings: Settings, agency: str | None) -> Series:
    """What to ask for. Raises ProfileError when the agency is none that reports."""
    found = series_of(export, period, settings)
    if agency is None:
        return found[0]
    if export.map.for_each is None:
        raise ProfileError(f"{export.name} is asked for as a whole, not agency by agency; leave out --agency")
    wanted = canonical_identity(agency)
    for series in found:
        if series.agency and wanted in (series.agency.agency_code, canonical_identity(series.agency.identity_code)):
            return series
    there = ", ".join(series.name for series in found)
    raise ProfileError(f"agency {agency!r} does not report in {period}; there are {there}")


def _first_page(
    export: Export, series: Series, settings: Settings, secret: Secret, ledger: Ledger, clock: Clock
) -> Page | None:
    """None when the source has no rows. The rate of the profile is not shared with landings that run meanwhile."""
    decoder = Decoder(export.map, f"{export.profile.source}{export.map.endpoint}")
    with (
        reach.client(export.profile, settings, secret, ledger, clock) as client,
        closing(client.pages(export.map, series.params, decoder.page, label=series.name)) as pages,  # type: ignore[type-var]
    ):
        return next((page for page, _ in pages), None)


def _first_block(
    export: Export, series: Series, period: Period, settings: Settings, clock: Clock
) -> tuple[Page | None, str | None]:
    """The first rows, and what a landing would say of the files as a whole, which are read to their ends for it."""
    file, folder = export.map.file, reach.folder(export.profile, settings)
    assert file is not None
    where = f"{export.name} {period}"
    pages = iter(read_files(where, file, Reads.of(export.map), period, folder, series.agency, clock.now))
    first = next(pages, None)
    try:
        for _ in pages:
            pass
    except SourceError as fault:
        return first, str(fault)
    return first, None


def _judged(
    export: Export, period: Period, series: Series, page: Page | None, agency: str | None, asked: list[str]
) -> Tried:
    what = (export.profile.profile, export.name, export.map.entity, str(period), agency, asked)
    if page is None:
        return Tried(*what)
    reads, all_columns = Reads.of(export.map), page.columns
    columns = all_columns.take(np.flatnonzero(~withheld(export.map, all_columns)))
    mapped = map_columns(export.map, columns, series.params)
    rejected, kept_back, accepted = _counts(export, page, series)
    optional = [heading for heading in _headings(reads) if heading not in reads.needed]
    return Tried(
        *what,
        rows=all_columns.rows,
        accepted=accepted,
        rejected=rejected,
        exact_duplicates=all_columns.rows - accepted - rejected - kept_back,
        withheld=kept_back,
        declared=page.total,
        more=page.total > all_columns.rows if page.total is not None else bool(page.next) or None,
        columns=columns_tried(export.map, columns, mapped, series.params),
        rejects=_rejects(mapped),
        unmapped=_unmapped(reads, all_columns),
        missing=headings.missing(reads.needed, all_columns.shown, all_columns.keys),
        absent=headings.missing(optional, all_columns.shown, all_columns.keys),
    )


def _counts(export: Export, page: Page, series: Series) -> tuple[int, int, int]:
    """Rejected and withheld rows, and the distinct rows that would be accepted."""
    with tempfile.TemporaryDirectory(prefix="cchc-try-") as scratch:
        spool = SeriesSpool(Path(scratch) / "page", export)
        tally = spool.add(1, page, series.params, 0, None, None)
        with Sorter(export.map.contract, Path(scratch) / "sort") as sorter:
            return tally.rejected, tally.withheld, sum(map(len, sorter.accepted(spool.files())))


def _rejects(mapped: Mapped) -> list[RejectTried]:
    """The faults by column and code, the most frequent first."""
    alike = [(fault, headings.without_numbers(fault.column)) for fault in mapped.faults]
    counts = Counter((column, fault.code) for fault, column in alike)
    first = {(column, fault.code): fault for fault, column in reversed(alike)}
    return [
        RejectTried(column, code, first[column, code].found, first[column, code].expected, rows)
        for (column, code), rows in counts.most_common()
    ]


def _headings(reads: Reads) -> list[Heading]:
    inner = [Heading(path, inside) for inside, paths in reads.lists.items() for path in paths]
    return [*(Heading(path) for path in (*reads.paths, *reads.lists)), *inner]


def _unmapped(reads: Reads, columns: Columns) -> list[str]:
    """The keys that no field reads, as paths; of an object or list that is not read only what it holds."""
    known = {nfc(path) for path in reads.paths}
    for path in (*reads.paths, *reads.lists):
        known |= _on_the_way(path)
    for inside, paths in reads.lists.items():
        for path in paths:
            known |= {f"{inside}{mark}.{step}" for mark in ("", "[]") for step in _on_the_way(path)}
    left: Mapping[str, set[str]] = {
        holder: {key for key in keys if (f"{holder}.{key}" if holder else key) not in known}
        for holder, keys in columns.keys.items()
    }
    holders = {holder.removesuffix("[]") for holder in columns.keys if holder}
    return [name for name in headings.columns(left) if name not in holders]


def _on_the_way(path: str) -> set[str]:
    steps = path.split(".")
    return {nfc(".".join(steps[:end])) for end in range(1, len(steps) + 1)}

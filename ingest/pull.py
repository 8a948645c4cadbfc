"""A pull: the series of an export read to their ends, page by page onto the spool; moved rows and killed pulls included."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from cchc.period import Period
from ingest.columns import Page, Reads
from ingest.decode import Decoder
from ingest.errors import CountsDiffer, NotAuthorised, NotJson, SourceError, SourceUnavailable, TooManyRejects
from ingest.files.drop import FileMissing
from ingest.files.reading import read_files
from ingest.http.client import Client
from ingest.http.pace import Clock
from ingest.http.paging import Position
from ingest.profile import Export
from ingest.series import Series
from ingest.sorter import Sorter
from ingest.spool import SeriesSpool, Spool, Tally
from ingest.store import FileRead

Progress = Callable[[str], None]
_FLOOD = 20_000  # rejects that people may still correct
_WRITERS = 2  # blocks of a file that are mapped at once
_READS = 3  # of one series, when rows move or pages fail to add up


@dataclass
class Read:
    """What a pull has found: its tally, the rows of each agency, the files read, and the pages that an earlier pull had read."""

    tally: Tally = field(default_factory=Tally)
    rows_by_agency: dict[str, int] = field(default_factory=dict)
    resumed_pages: int = 0
    spools: list[SeriesSpool] = field(default_factory=list)
    facts: list[FileRead] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        return [path for spool in self.spools for path in spool.files()]

    def take(self, series: Series, spool: SeriesSpool) -> None:
        tally = spool.tally()
        self.tally.add(tally)
        self.spools.append(spool)
        if series.agency:
            self.rows_by_agency[series.agency.agency_code] = tally.rows


@dataclass
class HttpPull:
    """Reads series over HTTP. A series that was finished before is not asked for again."""

    export: Export
    period: Period
    client: Client
    spool: Spool
    progress: Progress
    resumable: ClassVar[bool] = True

    def close(self) -> None:
        self.client.__exit__()

    def run(self, all_series: list[Series], read: Read) -> None:
        """Raises SourceError; what was read until then stays on the spool for the next try."""
        for series in all_series:
            spool = self.spool.series(series.name)
            read.resumed_pages += len(spool.files())
            try:
                if not spool.is_complete():
                    self._series(series, spool, read.tally.rows)
                    spool.complete()
            finally:
                read.take(series, spool)

    def _series(self, series: Series, spool: SeriesSpool, rows_before: int) -> None:
        for again in reversed(range(_READS)):
            resumed = spool.position() is not None
            try:
                withheld = self._pages(series, spool, rows_before)
                self._confirm(series, spool, withheld)
                return
            except SourceError as fault:
                # A cursor kept from an earlier pull may have expired: the source then refuses what it once gave out.
                stale = resumed and not isinstance(fault, (SourceUnavailable, NotAuthorised, NotJson))
                if not again or not (stale or isinstance(fault, CountsDiffer)):
                    raise
                spool.discard()
                self.progress(f"{self.export.name} {self.period} {series.name}: {fault}; reading it again")

    def _pages(self, series: Series, spool: SeriesSpool, rows_before: int, size: int | None = None) -> int:
        """Reads on from the last page on the spool; returns how many rows were withheld."""
        saved, known = spool.position(), spool.tally()
        start = Position(**saved) if saved else None
        number, rows, total = known.pages, rows_before + known.rows, known
        # A page is mapped and written while the next one is on its way: most of both happens outside the interpreter's lock.
        with ThreadPoolExecutor(1, "spool") as writer:
            written: Future[Tally] | None = None
            for page, position in self._answers(series, start, size, known.pages):
                _count(total, written, self.export, self.period)
                number += 1
                written = writer.submit(spool.add, number, page, series.params, rows, position, _code(series))
                rows += page.columns.rows
                self.progress(f"{self.export.name} {self.period}: {rows} rows read")
            _count(total, written, self.export, self.period)
        return total.withheld

    def _answers(
        self, series: Series, start: Position | None, size: int | None, pages: int
    ) -> Iterator[tuple[Page, Position]]:
        decoder, asked = Decoder(self.export.map, f"{self.export.profile.source}{self.export.map.endpoint}"), pages

        def decode(body: bytes) -> Page:
            nonlocal asked
            asked += 1
            return decoder.page(body, sample=asked & (asked - 1) == 0)  # pages 1, 2, 4, 8, … show all their keys

        return self.client.pages(self.export.map, series.params, decode, start, size, series.name)

    def _confirm(self, series: Series, spool: SeriesSpool, withheld: int) -> None:
        """When a key stands on two pages, reads the series once more, cut elsewhere; raises CountsDiffer when other rows come.

        It means either that the source holds it twice, or that rows moved while they were paged and as many were never
        seen; the declared total is the same in both cases. Only what is truly there twice comes again however it is cut.
        """
        contract, paging = self.export.map.contract, self.export.map.paging
        assert paging is not None
        pages = spool.files()
        with Sorter(contract, self.spool.folder / "scratch") as sorter:
            if not sorter.repeats(pages):
                return
            where = f"{self.export.name} {self.period} {series.name}"
            self.progress(f"{where}: a row on two pages, reading the series again to compare")
            again = self.spool.series(f"{series.name}-again")
            again.discard()
            try:
                same_withheld = self._pages(series, again, 0, self._other_size(spool)) == withheld
                cut_alike = not paging.chained and again.tally().pages == spool.tally().pages
                if not same_withheld or not sorter.same_rows(pages, again.files()):
                    raise CountsDiffer(
                        f"{self.export.map.endpoint}: rows moved while paging, some were read twice: pull again"
                    )
                if cut_alike:
                    raise CountsDiffer(
                        f"{self.export.map.endpoint}: a row stands on two pages, and the source cuts them alike whatever size is "
                        "asked: whether rows moved while paging cannot be told. Ask the source to heed "
                        f"{paging.size_param or 'a page size'}, or to send the row once"
                    )
            finally:
                again.discard()

    def _other_size(self, spool: SeriesSpool) -> int:
        """A size that cuts the pages of a series elsewhere, though the source may cap them below what is asked for."""
        paging, saved = self.export.map.paging, spool.position() or {}
        assert paging is not None
        size = min(paging.size, saved.get("first_rows") or paging.size)
        return size // 2 if size // 2 > paging.overlap else size + 1


@dataclass
class FilePull:
    """Reads the files of a drop folder. They lie still, so an unfinished read begins anew."""

    export: Export
    period: Period
    folder: Path
    spool: Spool
    progress: Progress
    clock: Clock
    resumable: ClassVar[bool] = False

    def close(self) -> None:
        pass

    def run(self, all_series: list[Series], read: Read) -> None:
        """Raises SourceError, ProfileError."""
        for series in all_series:
            spool = self.spool.series(series.name)
            rows = 0
            where, exported = f"{self.export.name} {self.period}", self.export.map
            assert exported.file is not None
            files = read_files(
                where, exported.file, Reads.of(exported), self.period, self.folder, series.agency, self.clock.now
            )
            pending, total = deque[Future[Tally]](), Tally()
            try:
                with ThreadPoolExecutor(_WRITERS, "spool") as writers:
                    for number, page in enumerate(files, 1):
                        while len(pending) >= _WRITERS:
                            _count(total, pending.popleft(), self.export, self.period)
                        before = read.tally.rows + rows
                        pending.append(
                            writers.submit(spool.add, number, page, series.params, before, None, _code(series))
                        )
                        rows += page.columns.rows
                        self.progress(f"{self.export.name} {self.period}: {read.tally.rows + rows} rows read")
                    while pending:
                        _count(total, pending.popleft(), self.export, self.period)
            except FileMissing as fault:
                if not exported.may_be_empty:
                    raise
                self.progress(f"{fault}; {series.name} is left out")
            finally:
                for fact in files.facts:
                    read.facts.append(FileRead(name=fact.name, bytes=fact.bytes, sha256=fact.sha256, also=fact.also))
                read.take(series, spool)


def _code(series: Series) -> str | None:
    return series.agency.agency_code if series.agency else None


def _count(total: Tally, written: Future[Tally] | None, export: Export, period: Period) -> None:
    """Waits until a page is written and adds it up. Raises TooManyRejects when the profile no longer fits the source."""
    if written is None:
        return
    total.add(written.result())
    if total.rejected > _FLOOD and total.rejected > total.rows / 2:
        raise TooManyRejects(
            f"{export.name} {period}: {total.rejected} of {total.rows} rows do not meet the contract: the source has changed or "
            f"{export.profile.profile} does not fit it; see cchc profile try"
        )

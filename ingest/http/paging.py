"""Pages of an export, read to the end and reconciled with the declared total. Knows no HTTP: it is given a way to ask.

Numbered pages (page_number, offset, range): where the total is declared, rows are read until there are as many; after a
full last page one more is asked for, since it may hide rows that the total leaves out. Past the end sources answer in their
own ways: an empty page, an error, or the last page again; all of these mean that nothing is hidden. Where no total is
declared only an empty page, or the last page again, is an end: a short page may be the source's own limit.

Chained pages (token, link): the page without a next one is the last, and a declared total must be reached by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

import numpy as np

from ingest.columns import Columns, Page
from ingest.errors import CountsDiffer, NotAuthorised, SourceError, SourceUnavailable
from ingest.http.options import Paging

_EMPTY_IN_A_ROW = 10
_EDGE = 50


@dataclass(frozen=True)
class Place:
    """Where the next page is: parameters, or a link (path and query). `told` says so in the ledger, without tokens."""

    params: Mapping[str, str]
    told: str
    link: str | None = None


@dataclass(frozen=True)
class Position:
    """How far a read has come: all that a later one needs to go on as if it had never stopped. Plain values only.

    First and last page are kept as checksums. These are short on purpose: they tell a page that comes round, and are far too
    short to tell what stood in it.
    """

    pages: int = 0
    rows: int = 0
    total: int | None = None
    next: str | None = None
    size: int = 0
    first_rows: int = 0
    first_mark: int = 0
    last_rows: int = 0
    last_mark: int = 0
    edge: int = 0


# Asks for one page: its rows, and for style link where the next one is.
Ask = Callable[[Place], tuple[Page, str | None]]


def read_pages(
    where: str, paging: Paging, ask: Ask, start: Position | None = None, size: int | None = None
) -> Iterator[tuple[Page, Position]]:
    """The pages that hold rows, each with the position behind it. `size` cuts them otherwise than the profile does.

    Raises CountsDiffer when the total changes on the way or is not what was read, when pages come round again, or when
    the row that two pages share (`overlap`) is another one.
    """
    return _Reading(where, paging, ask, start or Position(size=size or paging.size)).pages()


@dataclass
class _Reading:
    where: str
    paging: Paging
    ask: Ask
    at: Position
    first: Columns | None = None  # None before the first page and after resuming: then there are the marks
    last: Columns | None = None
    tokens: set[str] = field(default_factory=set)
    empty: int = 0

    def pages(self) -> Iterator[tuple[Page, Position]]:
        while not self._at_the_end():
            if not self.paging.chained and self.at.pages and self.at.rows == self.at.total:
                self._look_behind_the_end()
                return
            place = self._place()
            page, following = self._asked(place)
            if self._is_repeated(page.columns):  # a source may serve a wrong page once
                page, following = self._asked(place)
            if self.at.pages and page.total != self.at.total:
                raise CountsDiffer(
                    f"{self.where}: the declared total went from {self.at.total} to {page.total} while paging: pull again"
                )
            if self._is_repeated(page.columns):
                if page.total is None and not self.paging.chained and self._is_last(page.columns):
                    self._check_that_it_stays(page)
                    return
                raise self._comes_round(page.columns)
            new = self._without_overlap(page)
            self._take(page.columns, len(new.columns), page.total, following)
            if len(new.columns):
                yield new, self.at
            elif page.total is None and not self.paging.chained:
                return
            self._check_an_empty_page(len(new.columns))

    def _at_the_end(self) -> bool:
        if not self.at.pages:
            return False
        if self.paging.chained:
            if self.at.next is None and self.at.total not in (None, self.at.rows):
                raise self._differs(self.at.rows)
            return self.at.next is None
        return self.at.rows == self.at.total and not self._last_is_full()

    def _last_is_full(self) -> bool:
        """A source may cap its pages below the size asked for: then the first page tells what full means."""
        size = self.at.size if self.at.pages == 1 else min(self.at.size, self.at.first_rows)
        return self.at.last_rows >= size

    def _place(self) -> Place:
        paging, size = self.paging, {self.paging.size_param: str(self.at.size)} if self.paging.size_param else {}
        if paging.chained:
            told = f"page {self.at.pages + 1}"
            if paging.style == "link" and self.at.next is not None:
                return Place({}, told, self.at.next)
            token = {paging.position or "": self.at.next} if self.at.next is not None else {}
            return Place(token | size, told)
        if paging.style == "page_number":
            where = {paging.position or "": str(paging.origin + self.at.pages)}
        else:
            begin = paging.origin + self.at.rows - self._overlap
            where = {paging.position or "": str(begin)}
            if paging.end_param:
                where[paging.end_param] = str(begin + self.at.size - paging.end_inclusive)
        where |= size
        return Place(where, "&".join(f"{name}={value}" for name, value in where.items()))

    @property
    def _overlap(self) -> int:
        return self.paging.overlap if self.at.rows else 0

    def _asked(self, place: Place) -> tuple[Page, str | None]:
        page, link = self.ask(place)
        following = link if self.paging.style == "link" else page.next if self.paging.style == "token" else None
        return page, following

    def _is_repeated(self, columns: Columns) -> bool:
        return bool(len(columns) and self.at.pages) and (self._is_last(columns) or self._is_first(columns))

    def _is_first(self, columns: Columns) -> bool:
        return self.first.equals(columns) if self.first is not None else mark(columns) == self.at.first_mark

    def _is_last(self, columns: Columns) -> bool:
        return self.last.equals(columns) if self.last is not None else mark(columns) == self.at.last_mark

    def _without_overlap(self, page: Page) -> Page:
        """The page without the row that the page before had too; raises CountsDiffer when that row is not there."""
        if not self._overlap:
            return page
        if not len(page.columns) or mark(page.columns.take(np.arange(1))) != self.at.edge:
            raise CountsDiffer(
                f"{self.where}: rows moved while paging, row {self.at.rows} is another one now: pull again"
            )
        return replace(page, columns=page.columns.take(np.arange(1, len(page.columns))))

    def _take(self, columns: Columns, new: int, total: int | None, following: str | None) -> None:
        """Moves on by one page; raises CountsDiffer when it holds more rows than declared, or leads back."""
        at, first = self.at, not self.at.pages
        if total is not None and at.rows + new > total:
            self.at = replace(at, pages=at.pages + 1, total=total)
            raise self._differs(at.rows + new)
        self._check_the_chain(new, following)
        self.first = columns if first else self.first
        self.last = columns
        self.at = replace(
            at,
            pages=at.pages + 1,
            rows=at.rows + new,
            total=total,
            next=following if new or following not in self.tokens else None,
            first_rows=len(columns) if first else at.first_rows,
            first_mark=mark(columns) if first else at.first_mark,
            last_rows=len(columns),
            last_mark=mark(columns),
            edge=mark(columns.take(np.arange(len(columns) - 1, len(columns))))
            if new and self.paging.overlap
            else at.edge,
        )

    def _check_the_chain(self, new: int, following: str | None) -> None:
        """An empty page that leads back is an end; one with rows would lead in circles."""
        if self.at.next is not None:
            self.tokens.add(self.at.next)
        if new and following in self.tokens:
            raise CountsDiffer(
                f"{self.where}: page {self.at.pages + 1} leads back to an earlier one; see the paging in the profile"
            )

    def _check_that_it_stays(self, page: Page) -> None:
        """Raises CountsDiffer when the last page comes again and then another: one before was skipped, and this is no end."""
        if self._overlap:  # the shared row has shown already that no page is missing
            return
        here = self.at
        self.at = replace(here, pages=here.pages + 1, rows=here.rows + len(page.columns))
        behind, _ = self._asked(self._place())
        self.at = here
        if not self._is_last(behind.columns):
            raise self._comes_round(page.columns)

    def _check_an_empty_page(self, new: int) -> None:
        if new:
            self.empty = 0
            return
        self.empty += 1
        if not self.paging.chained and self.at.total is not None and self.at.rows < self.at.total:
            raise self._differs(self.at.rows)
        if self.empty >= _EMPTY_IN_A_ROW:
            raise CountsDiffer(f"{self.where}: {self.empty} empty pages in a row, each with a next one; see the paging")

    def _look_behind_the_end(self) -> None:
        """Asks past a full last page, when all declared rows are here. Raises CountsDiffer when there are others."""
        try:
            page, _ = self._asked(self._place())
        except NotAuthorised:
            raise
        except SourceError as fault:
            # No answer at all says nothing about what is behind the end.
            if self._overlap or (isinstance(fault, SourceUnavailable) and fault.status != 500):
                raise
            return
        if self._is_repeated(page.columns):
            return
        rows = len(self._without_overlap(page).columns)
        if rows:
            raise self._differs(self.at.rows + rows)
        if page.total not in (None, 0, self.at.total):
            raise CountsDiffer(
                f"{self.where}: the declared total changed from {self.at.total} while paging: pull again"
            )

    def _differs(self, rows: int) -> CountsDiffer:
        return CountsDiffer(f"{self.where} declares {self.at.total} rows, {rows} were read in {self.at.pages} pages")

    def _comes_round(self, columns: Columns) -> CountsDiffer:
        """A source that has no more rows than these must not reach its declared total by repeating them."""
        at = self.at
        declares = "" if at.total is None else f" declares {at.total} rows, {at.rows} were read:"
        which = "last" if self._is_last(columns) else "first"
        return CountsDiffer(
            f"{self.where}{declares} page {at.pages + 1} is the {which} again; see the paging in the profile"
        )


def mark(columns: Columns) -> int:
    """A checksum of rows as far as the profile reads them: of the first and last ones where there are many."""
    texts = sorted(columns.texts.items())
    edges = [(p, t.slice(0, _EDGE).to_pylist(), t.slice(max(0, len(t) - _EDGE)).to_pylist()) for p, t in texts]
    return crc32(repr((len(columns), edges)).encode("utf-8", "surrogatepass"))

"""Pages of an export, read to the end and reconciled with the declared total. Knows no HTTP: it is given a way to ask.

Where the total is declared, rows are read until there are as many; after a full last page one more is asked for, since it
may hide rows that the total leaves out. Past the end sources answer in their own ways: an empty page, an error, or the last
page again; all of these mean that nothing is hidden. Where no total is declared only an empty page, or the last page again,
is an end: a short page may be the source's own limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.errors import CountsDiffer, SourceError
from ingest.profile import ExportMap
from ingest.values import at, shape, text_of

Ask = Callable[[Mapping[str, str]], Any]


@dataclass
class _Sofar:
    """The pages read: how many, how many rows, the declared total, and the first and last page, to know a repeat."""

    pages: int = 0
    rows: int = 0
    total: int | None = None
    first: list[Any] = field(default_factory=list)
    last: list[Any] = field(default_factory=list)

    def take(self, rows: list[Any], total: int | None) -> None:
        self.first = self.first if self.pages else rows
        self.pages, self.rows, self.total, self.last = self.pages + 1, self.rows + len(rows), total, rows

    def last_is_full(self, size: int) -> bool:
        """A source may cap its pages below the size asked for: then the first page tells what full means."""
        return len(self.last) >= (size if self.pages == 1 else min(size, len(self.first)))


def read_pages(
    where: str, export: ExportMap, params: Mapping[str, str], ask: Ask, size: int | None = None
) -> Iterator[list[Any]]:
    """The rows page by page. `size` cuts them otherwise than the profile does.

    Raises CountsDiffer when the total changes on the way or is not what was read, or when pages come round again.
    """
    size, sofar = size or export.paging.size, _Sofar()
    while True:
        asked = {**params, **_position(export, sofar, size)}
        if sofar.pages and sofar.rows == sofar.total:
            _look_behind_the_end(where, export, sofar, ask, asked)
            return
        body = ask(asked)
        rows, declared = rows_of(where, export, body), declared_of(where, export, body)
        if sofar.pages and declared != sofar.total:
            raise CountsDiffer(
                f"{where}: the declared total went from {sofar.total} to {declared} while paging: pull again"
            )
        if declared is None and sofar.pages and (not rows or rows == sofar.last):
            return
        if rows and sofar.pages and rows in (sofar.first, sofar.last):
            raise _comes_round(where, sofar, rows)
        sofar.take(rows, declared)
        if rows:
            yield rows
        elif declared is None:
            return
        if declared is not None and (sofar.rows > declared or (not rows and sofar.rows < declared)):
            raise _differs(where, sofar, sofar.rows)
        if sofar.rows == declared and not sofar.last_is_full(size):
            return


def _position(export: ExportMap, sofar: _Sofar, size: int) -> dict[str, str]:
    paging = export.paging
    position = paging.first + sofar.pages if paging.style == "page_number" else sofar.rows
    return {paging.position: str(position), paging.size_param: str(size)}


def _look_behind_the_end(where: str, export: ExportMap, sofar: _Sofar, ask: Ask, asked: Mapping[str, str]) -> None:
    """Asks past a full last page, when all declared rows are here. Raises CountsDiffer when there are others."""
    try:
        body = ask(asked)
        rows, declared = rows_of(where, export, body), at(body, export.total or "")
    except SourceError:
        return
    if rows and rows not in (sofar.last, sofar.first):
        raise _differs(where, sofar, sofar.rows + len(rows))
    if not rows and text_of(declared) not in (None, "0", str(sofar.total)):
        raise CountsDiffer(f"{where}: the declared total changed from {sofar.total} while paging: pull again")


def _differs(where: str, sofar: _Sofar, rows: int) -> CountsDiffer:
    return CountsDiffer(f"{where} declares {sofar.total} rows, {rows} were read in {sofar.pages} pages")


def _comes_round(where: str, sofar: _Sofar, rows: list[Any]) -> CountsDiffer:
    """A source that has no more rows than these must not reach its declared total by repeating them."""
    declares = "" if sofar.total is None else f" declares {sofar.total} rows, {sofar.rows} were read:"
    which = "last" if rows == sofar.last else "first"
    return CountsDiffer(f"{where}{declares} page {sofar.pages + 1} is the {which} again; see the paging in the profile")


def rows_of(where: str, export: ExportMap, body: Any) -> list[Any]:
    """The rows of one page; raises SourceError when the body says failure or holds none where the profile says."""
    if export.success and (code := text_of(at(body, export.success.path))) != export.success.equals:
        raise SourceError(f"{where}: {export.success.path} is {shape(code)!r}, not {export.success.equals!r}")
    rows = at(body, export.rows)
    if not isinstance(rows, list):
        raise SourceError(f"{where}: no list of rows at {export.rows!r}")
    return rows


def declared_of(where: str, export: ExportMap, body: Any) -> int | None:
    """The total that one page declares; None where the profile knows of none. Raises SourceError when it is missing."""
    if export.total is None:
        return None
    text = text_of(at(body, export.total))
    if text is None or not (text.isascii() and text.isdigit()):
        raise SourceError(f"{where}: no declared total at {export.total!r}")
    return int(text)

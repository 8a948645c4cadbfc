"""The headings of a table in a file: which column is which, whether those that are read are there, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.columns import Reads, nfc
from ingest.errors import HeadingsMissing, SourceError
from ingest.files.naming import Names
from ingest.files.options import CELL, Encoding, FileExport
from ingest.spelling import there_is
from ingest.values import shape

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "windows-1258")
_GARBLED = ("á»", "áº", "Ä‘", "Ã£", "Ã´", "Æ°", "Ã¡", "\ufffd")  # ồ ạ đ ã ô ư á, and what was lost
Span = tuple[int, int, int]  # a heading merged over columns: row (0 or 1 of the headings), first and last column


@dataclass(frozen=True)
class Layout:
    """Where a file has what the profile reads. `places` are column indices by path; None where an optional one is absent.

    `first` is the table's first column, by which its end is known, and `count` the one in which that row declares the number
    of rows; None where the profile knows of no such row.
    """

    where: str
    headings: tuple[str, ...]
    places: dict[str, int | None]
    first: int | None
    count: int | None

    @property
    def used(self) -> tuple[int, ...]:
        """The columns that are read, ascending."""
        there = {place for place in self.places.values() if place is not None}
        return tuple(sorted(there | {place for place in (self.first, self.count) if place is not None}))


def layout(
    where: str, file: FileExport, reads: Reads, names: Names, rows: list[list[str]], spans: Sequence[Span]
) -> Layout:
    """Reads the one or two rows of headings. Raises HeadingsMissing, and SourceError when a heading stands there twice."""
    headings = named(rows, spans)
    written = {path: _written(path, file, names) for path in reads.paths}
    needed = [heading.path for heading in reads.needed if heading.inside is None]
    missing = [path for path in needed if nfc(written[path]) not in headings]
    if missing:
        there = [heading for heading in headings if heading]
        told = ", ".join(f"{written[path]}{there_is(written[path], there)}" for path in missing)
        raise HeadingsMissing(
            f"{where}: row {file.header_row} has no {told}; correct the profile's paths, header_row, or what is `renamed` "
            "from which month, or say `optional: true` if the source may leave it out"
        )
    twice = {heading for heading, count in Counter(headings).items() if heading and count > 1}
    if wrong := [path for path in reads.paths if nfc(written[path]) in twice]:
        raise SourceError(
            f"{where}: {', '.join(wrong)} stands over more than one column; which is meant cannot be told"
        )
    place = {heading: index for index, heading in reversed(list(enumerate(headings))) if heading}
    count = file.until.count if file.until else None
    if count and nfc(count) not in place:
        raise HeadingsMissing(f"{where}: row {file.header_row} has no {count}, in which the number of rows is declared")
    return Layout(
        where,
        tuple(headings),
        {path: place.get(nfc(written[path])) for path in reads.paths},
        next((index for index, heading in enumerate(headings) if heading), 0) if file.until else None,
        place[nfc(count)] if count else None,
    )


def named(rows: list[list[str]], spans: Sequence[Span]) -> list[str]:
    """The columns' names: `Upper / Lower` where two rows of headings differ, else the one there is."""
    width = max((len(row) for row in rows), default=0)
    cells = [[nfc(text) for text in row] + [""] * (width - len(row)) for row in rows]
    for row, first, last in spans:
        cells[row][first : last + 1] = [cells[row][first]] * len(cells[row][first : last + 1])
    if len(cells) < 2:
        return cells[0] if cells else []
    return [_joined(upper, lower) for upper, lower in zip(*cells, strict=True)]


def _joined(upper: str, lower: str) -> str:
    return f"{upper} / {lower}" if upper and lower and upper != lower else upper or lower


def spans_of(upper: list[str], lower: list[str]) -> list[Span]:
    """Merged headings of a text file, which has no merging: a blank above a filled cell belongs to what stands left of it."""
    spans, at = [], 0
    while at < len(upper):
        last = at
        while upper[at].strip() and last + 1 < len(lower) and not (upper + [""] * len(lower))[last + 1].strip():
            if not lower[last + 1].strip():
                break
            last += 1
        if last > at:
            spans.append((0, at, last))
        at = last + 1
    return spans


def _written(path: str, file: FileExport, names: Names) -> str:
    """How the heading is written in files of this month."""
    month = str(names.period)
    for renamed in file.renamed:
        if nfc(renamed.heading) == nfc(path) and (renamed.first or "") <= month <= (renamed.last or "9999"):
            return renamed.was
    return path


def check_titles(where: str, file: FileExport, names: Names, above: list[list[str]]) -> None:
    """Raises SourceError when a cell above the table does not say what the profile expects: another month or agency."""
    for cell, template in file.titles.items():
        row, column = _place(cell)
        text = above[row][column] if row < len(above) and column < len(above[row]) else ""
        if names.says(template, text):
            continue
        if dates := names.dates_in(template, text):
            raise SourceError(
                f"{where}: {cell} says {dates}, not {names.fill(template)!r}: the file is of another period than {names.period}"
            )
        raise SourceError(f"{where}: {cell} does not say {names.fill(template)!r}, it is written {shape(nfc(text))!r}")


def _place(cell: str) -> tuple[int, int]:
    found = CELL.fullmatch(cell)
    assert found, cell
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, column - 1


def garbled(headings: Sequence[str]) -> bool:
    """Whether the headings are UTF-8 that somebody read as Windows-1252 and saved again."""
    return any(mark in heading for heading in headings for mark in _GARBLED)

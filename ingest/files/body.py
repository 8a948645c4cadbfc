"""The rows below the headings, a block at a time: blank ones left out, the row that ends the table found, the rest handed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns import Columns, Heading, Indices, Misfit, cleaned, nfc
from ingest.errors import CountsDiffer, SourceError
from ingest.files.headings import Layout
from ingest.files.options import Until

_NUMBER = re.compile(r"[0-9]{1,3}(?:[.][0-9]{3})+|[0-9]+")
_FILLED_LIKE_A_ROW = 4


@dataclass(frozen=True)
class Block:
    """Some rows of a file: cells by column index, the rows' numbers as a person sees them, and cells that have no text.

    `broken` are rows whose cells cannot be told apart: by index, what was expected and how many cells are filled.
    """

    cells: Mapping[int, pa.Array]
    numbers: Indices
    misfits: tuple[tuple[int, int, str, str], ...] = ()  # row, column, code, expected
    broken: Mapping[int, tuple[str, int]] = field(default_factory=dict)


class Body:
    """Turns blocks into columns and keeps count. `finish` judges the table as a whole."""

    def __init__(self, layout: Layout, until: Until | None) -> None:
        self._layout, self._until = layout, until
        self._says = nfc(until.says).casefold() if until else ""
        self._end: int | None = None
        self._shown = frozenset(Heading(path) for path, place in layout.places.items() if place is not None)
        self._keys = {"": frozenset(heading for heading in layout.headings if heading)}
        self.rows = 0
        self.declared: int | None = None

    def take(self, block: Block) -> Columns | None:
        """The block's rows of the table; None when it has none. Raises SourceError when rows go on below its end."""
        keep = self._filled(block)
        keep[list(block.broken)] = True
        keep = self._before_the_end(block, keep)
        rows = np.flatnonzero(keep)
        if not len(rows):
            return None
        self.rows += len(rows)
        taken, whole = pa.array(rows), len(rows) == len(block.numbers)
        place = {int(old): new for new, old in enumerate(rows)} if block.misfits or block.broken else {}
        paths = {index: path for path, index in self._layout.places.items() if index is not None}
        misfits = [
            Misfit(place[row], "", "cell_count", expected)
            for row, (expected, _) in block.broken.items()
            if row in place
        ]
        for row, column, code, expected in block.misfits:
            if row in place and column in paths:
                misfits.append(Misfit(place[row], paths[column], code, expected))
        texts = {
            path: pa.nulls(len(rows), pa.string())
            if index is None
            else (block.cells[index] if whole else block.cells[index].take(taken))
            for path, index in self._layout.places.items()
        }
        return Columns(
            rows=len(rows), texts=texts, misfits=tuple(misfits), shown=self._shown, keys=self._keys,
            numbers=block.numbers[rows],
        )  # fmt: skip

    def finish(self) -> None:
        """Raises SourceError when the table's end is not in the file, CountsDiffer when it declares another count."""
        where = self._layout.where
        if self._until and self._end is None:
            raise SourceError(
                f"{where} has no row {self._until.says!r} after {self.rows} rows: it was cut off, or has no such row; "
                "ask for it again, or correct `until` in the profile"
            )
        if self.declared is not None and self.declared != self.rows:
            raise CountsDiffer(f"{where} declares {self.declared} rows in row {self._end}, {self.rows} were read")

    def _filled(self, block: Block) -> npt.NDArray[np.bool_]:
        """Rows in which a column that is read holds anything. A formula error is something."""
        blank = np.ones(len(block.numbers), bool)
        for place in self._layout.places.values():
            if place is not None and blank.any():
                blank &= _blank(block.cells[place])
        for row, *_ in block.misfits:
            blank[row] = False
        return ~blank

    def _before_the_end(self, block: Block, keep: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        if self._until is None:
            return keep
        if self._end is None:
            end = self._end_in(block)
            if end is None:
                return keep
            self._end, keep[end] = int(block.numbers[end]), False
        after = block.numbers > self._end  # rows whose cells cannot be told apart come last in a block
        self._check_after(block, np.flatnonzero(after & keep))
        keep[after] = False
        return keep

    def _end_in(self, block: Block) -> int | None:
        assert self._until
        assert self._layout.first is not None
        first = cleaned(block.cells[self._layout.first])
        begins = pc.fill_null(pc.starts_with(first, self._says[:4], ignore_case=True), False)
        for row in np.flatnonzero(np.asarray(begins.to_numpy(zero_copy_only=False))):
            text = nfc(first[int(row)].as_py()).casefold()
            if text.rstrip(" :.") == self._says.rstrip(" :.") or (self._until.in_text and text.startswith(self._says)):
                self.declared = self._declared(block, int(row), text)
                return int(row)
        return None

    def _declared(self, block: Block, row: int, text: str) -> int | None:
        assert self._until
        if self._until.in_text:
            found = _NUMBER.search(text[len(self._says) :])
        elif self._layout.count is not None:
            found = _NUMBER.fullmatch((block.cells[self._layout.count][row].as_py() or "").strip())
        else:
            return None
        if not found:
            raise SourceError(f"{self._layout.where}: row {block.numbers[row]} does not say how many rows there are")
        return int(found[0].replace(".", ""))

    def _check_after(self, block: Block, rows: Indices) -> None:
        """Below the table stand signatures. What is filled like a row is one, and must not be left out in silence."""
        places = [place for place in self._layout.places.values() if place is not None]
        enough = min(_FILLED_LIKE_A_ROW, len(set(places)))
        for row in map(int, rows):
            filled = sum(bool((block.cells[place][row].as_py() or "").strip()) for place in set(places))
            if max(filled, block.broken.get(row, ("", 0))[1]) >= enough:
                raise SourceError(
                    f"{self._layout.where}: row {block.numbers[row]} goes on after {self._until and self._until.says!r} "
                    f"in row {self._end}; that row is no end of the table"
                )


def _blank(texts: pa.Array) -> npt.NDArray[np.bool_]:
    short = pc.fill_null(pc.less(pc.binary_length(texts), 1), True)
    blank = np.array(short.to_numpy(zero_copy_only=False), bool)
    spaces = pc.fill_null(pc.starts_with(texts, " "), False).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(spaces):
        blank[row] = not texts[int(row)].as_py().strip()
    return blank


def merged(arrays: Iterable[pa.Array]) -> pa.Array:
    """One array out of several, without a copy where there is only one."""
    parts = list(arrays)
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)

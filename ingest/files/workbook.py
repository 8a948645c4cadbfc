"""A workbook's sheet, read once: cells become texts as a person would read them, and what has no text is told."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from ingest.columns import Reads, nfc, texts_of
from ingest.errors import SourceError
from ingest.files.archives import Archive
from ingest.files.body import Block, merged
from ingest.files.headings import Span, check_titles, layout
from ingest.files.naming import Names
from ingest.files.options import FileExport
from ingest.files.sheets import marks_of, measure, member_of
from ingest.spelling import there_is

_PIECE, _PIECES = 250, 80  # rows that are read at once, and such pieces in a block
_TEXTS = "xl/sharedStrings.xml"
_FORMULA_ERROR = ("formula_error", "a value; the cell shows an error such as #N/A")
_UNCALCULATED = (
    "formula_without_value",
    "a value; the formula was never calculated: open and save the file with Excel",
)


class Workbook:
    """One sheet below its headings. Raises SourceError, HeadingsMissing when it is not what the profile says."""

    def __init__(self, where: str, file: FileExport, reads: Reads, names: Names, data: bytes) -> None:
        self._where, self._file = where, file
        archive = _archive(where, file, data)
        book = _open(where, data)
        name = _choose(where, file, names, book)
        for _ in archive.unpack(_TEXTS) if _TEXTS in archive.members else ():
            pass  # only to see that it is as large as it says: the reader of cells does not look
        member = member_of(where, archive, name)
        measure(where, archive, member, file.limits.cells)
        with ThreadPoolExecutor(1) as beside:  # the reader of cells lets other threads run meanwhile
            marks = beside.submit(marks_of, where, archive, member)
            sheet = _sheet(where, book, name)
            self._marks = marks.result()
        self._rows = _from_the_top(sheet)
        last = file.header_row + file.header_rows - 1
        head = [[cell_text(cell) or "" for cell in row] for row in islice(self._rows, last)]
        check_titles(where, file, names, head)
        if len(head) < last:
            raise SourceError(f"{where}: the sheet {name} ends before its headings in row {file.header_row}")
        self.layout = layout(where, file, reads, names, head[file.header_row - 1 :], _spans(sheet, file))

    def blocks(self) -> Iterator[Block]:
        """The rows, in blocks, under the numbers that Excel shows."""
        number = self._file.header_row + self._file.header_rows
        wanted = set(self.layout.used)
        misfits = sorted(
            (row, column, *fault)
            for cells, fault in ((self._marks.errors, _FORMULA_ERROR), (self._marks.uncalculated, _UNCALCULATED))
            for row, column in cells
            if column in wanted
        )
        pieces = self._pieces(number)
        while some := list(islice(pieces, _PIECES)):
            rows = sum(count for count, _ in some)
            cells = {column: merged(texts[column] for _, texts in some) for column in self.layout.used}
            here = tuple((r - number, c, code, told) for r, c, code, told in misfits if 0 <= r - number < rows)
            yield Block(cells, np.arange(number, number + rows, dtype=np.int64), here)
            number += rows
        # The reader of cells ends with the last value; below it there may be formulas without one.
        if below := sorted({row for row, *_ in misfits if row >= number}):
            blanks = pa.nulls(len(below), pa.string())
            here = tuple((below.index(row), c, code, told) for row, c, code, told in misfits if row >= number)
            yield Block(dict.fromkeys(self.layout.used, blanks), np.array(below, np.int64), here)

    def _pieces(self, number: int) -> Iterator[tuple[int, dict[int, pa.Array]]]:
        """The rows by column, few at a time: so they stay in the cache, and are gone before garbage is collected."""
        while rows := list(islice(self._rows, _PIECE)):
            columns = list(zip(*rows, strict=True))
            yield len(rows), {column: self._texts(columns[column], column, number) for column in self.layout.used}
            number += len(rows)

    def _texts(self, values: Sequence[Any], column: int, number: int) -> pa.Array:
        try:
            return pa.array(values, pa.string())
        except (pa.ArrowTypeError, UnicodeEncodeError):
            pass  # there are numbers and dates among them, or half a character
        texts = [value if type(value) is str else cell_text(value) for value in values]
        for row in range(len(values)) if self._marks.percents else ():
            if (row + number, column) in self._marks.percents and isinstance(values[row], float):
                texts[row] = f"{values[row] * 100:.12g}%"
        return texts_of(texts)


def _archive(where: str, file: FileExport, data: bytes) -> Archive:
    if data[:4] == b"\xd0\xcf\x11\xe0":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SourceError(f"{where} is protected by a password; save it without one")
        raise SourceError(f"{where} is a workbook of the old kind (.xls); save it as .xlsx")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise SourceError(
            f"{where} is a web page under the name of a workbook; open it with Excel and save it as .xlsx"
        )
    return Archive(where, "the workbook", io.BytesIO(data), file.limits)


def _open(where: str, data: bytes) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError:
        raise SourceError(f"{where} is no workbook that can be read, or is damaged; save it anew as .xlsx") from None


def _choose(where: str, file: FileExport, names: Names, book: CalamineWorkbook) -> str:
    shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
    there = ", ".join(name if name in shown else f"{name} (hidden)" for name in book.sheet_names)
    if file.sheet and file.sheet.name is not None:
        wanted = names.fill(file.sheet.name)
        fitting = [name for name in book.sheet_names if nfc(name).casefold() == nfc(wanted).casefold()]
        if fitting:
            return fitting[0]
        raise SourceError(
            f"{where} has no sheet {wanted}{there_is(wanted, book.sheet_names)}; its sheets are {there}: "
            "correct the profile if the sheet was renamed"
        )
    index = file.sheet.index if file.sheet else None
    if index is None and len(shown) != 1:
        raise SourceError(
            f"{where} has {len(shown)} visible sheets: {there}; say which in the profile, `sheet: {{name: …}}`"
        )
    if (index or 1) > len(shown):
        raise SourceError(f"{where} has no visible sheet {index}; its sheets are {there}")
    return shown[(index or 1) - 1]


def _sheet(where: str, book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except CalamineError:
        raise SourceError(f"{where}: the sheet {name} is damaged; save the workbook anew with Excel") from None


def _from_the_top(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows from row 1 and column A on, also where the sheet's first cells are blank."""
    if sheet.start is None:
        return iter(())
    _, left = sheet.start  # rows come from the first one on, cells only from the first filled column on
    rows = sheet.iter_rows()
    return ([""] * left + row for row in rows) if left else rows


def _spans(sheet: CalamineSheet, file: FileExport) -> list[Span]:
    """The headings that are merged over columns, in the upper of two rows of headings."""
    top = file.header_row - 1
    if file.header_rows == 1:
        return []
    merged = sheet.merged_cell_ranges or []
    return [(0, first, last) for (row, first), (_, last) in merged if row == top and last > first]


def cell_text(value: Any) -> str | None:
    """A cell as text. Numbers that are not whole never look like a number in groups of three: 1.467 is written 1.4670."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        rounded = value + timedelta(microseconds=500_000)
        return rounded.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00"
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    return None if value is None else str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"  # what Excel shows; more digits are noise of the binary form
    point = text.find(".")
    return text + "0" if point >= 0 and len(text) - point == 4 and "e" not in text else text

"""Delimited text: read in blocks, so that memory does not grow with the file. Only the columns that the profile reads.

Rows are numbered as records: a field with line breaks in it is still one row.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ingest.columns import Reads, nfc
from ingest.errors import HeadingsMissing, SourceError
from ingest.files.body import Block, merged
from ingest.files.headings import ENCODINGS, Layout, check_titles, garbled, layout, named, spans_of
from ingest.files.naming import Names
from ingest.files.options import FileExport
from ingest.files.transcoding import NotThisEncoding, Quotes, Utf8, decoded

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_HEAD = 256 << 10
_BLOCK = 1 << 20
_ROWS = 20_000  # of a page, at least


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Delimited:
    """A text file below its headings. Raises SourceError, HeadingsMissing when the file is not what the profile says."""

    def __init__(self, where: str, file: FileExport, reads: Reads, names: Names, raw: Readable) -> None:
        self._where, self._file, self._delimiter = where, file, _DELIMITERS[file.delimiter]
        head = _read_head(raw)
        _refuse_other_kinds(where, head)
        try:
            self._text = Utf8(raw, file.encoding, head)
            self._head = self._records()
        except NotThisEncoding:
            raise self._other_encoding(reads, names, head) from None
        check_titles(where, file, names, self._head)
        if len(self._head) < self._last_heading:
            raise SourceError(f"{where} ends before its headings in row {file.header_row}")
        try:
            self.layout = self._layout(reads, names, self._head)
        except HeadingsMissing as missing:
            raise self._other_encoding(reads, names, head, missing) from None

    @property
    def _last_heading(self) -> int:
        return self._file.header_row + self._file.header_rows - 1

    def _layout(self, reads: Reads, names: Names, head: list[list[str]]) -> Layout:
        rows = head[self._file.header_row - 1 : self._last_heading]
        return layout(self._where, self._file, reads, names, rows, spans_of(*rows) if len(rows) == 2 else ())

    def _records(self) -> list[list[str]]:
        """The records down to the headings, taken off the text."""
        records = []
        for _ in range(self._last_heading):
            line = self._text.record(self._file.quote)
            if not line:
                break
            records.append(self.cells(line) or [""])
            if line.count("\r") > line.endswith("\r\n") and len(list(csv.reader(io.StringIO(line, newline="")))) > 1:
                raise SourceError(
                    f"{self._where}: line {len(records)} ends with a carriage return alone, so that what follows would be lost; "
                    "ask for the file with line ends of Windows or Linux"
                )
        return records

    def cells(self, line: str, strict: bool = False) -> list[str]:
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self._file.quote else csv.QUOTE_NONE
        reader = csv.reader(
            io.StringIO(line, newline=""), delimiter=self._delimiter, quotechar=self._file.quote or '"', quoting=quoting,
            strict=strict,
        )  # fmt: skip
        return next(reader, [])

    def ending(self, cells: list[str]) -> dict[int, str]:
        """The cells of a row that ends the table, as far as they tell so; nothing of any other row."""
        until, first, count = self._file.until, self.layout.first, self.layout.count
        if until is None or first is None or first >= len(cells):
            return {}
        if not nfc(cells[first]).casefold().startswith(nfc(until.says).casefold()):
            return {}
        return {place: cells[place] for place in (first, count) if place is not None and place < len(cells)}

    def _other_encoding(
        self, reads: Reads, names: Names, head: bytes, missing: HeadingsMissing | None = None
    ) -> SourceError:
        """Why the headings cannot be read: another encoding in which they can, or text that was garbled before."""
        for encoding in ENCODINGS:
            text = decoded(head, encoding)
            if text is None or encoding == self._file.encoding.removesuffix("-sig"):
                continue
            other = [self.cells(line) or [""] for line in text.splitlines()[: self._last_heading]]
            try:
                self._layout(reads, names, other)
            except SourceError:
                continue
            return SourceError(
                f"{self._where}: the headings cannot be read as {self._file.encoding}, but as {encoding}: "
                f"set `encoding: {encoding}` in the profile if the source writes so"
            )
        if missing is None:
            return SourceError(
                f"{self._where} is not written in {self._file.encoding}; correct `encoding` in the profile"
            )
        if garbled(named(self._head[self._file.header_row - 1 :], ())):
            return SourceError(
                f"{self._where}: the headings were garbled before the file was written (UTF-8 read as Windows-1252); "
                "no encoding mends it, ask for a new export"
            )
        return missing

    def blocks(self) -> Iterator[Block]:
        """The rows, in blocks. Raises SourceError for bytes that are not of the encoding and quotes that never close."""
        first_number, quotes = self._last_heading + 1, Quotes(self._delimiter, self._file.quote)
        self._text.watch(quotes)
        if self._text.at_end():
            return
        broken = _Broken(self)
        waiting: list[pa.RecordBatch] = []
        done = 0  # records handed on, broken ones too
        try:
            with pa.csv.open_csv(pa.PythonFile(self._text, mode="r"), *self._options(broken)) as reader:
                for batch in reader:
                    waiting.append(batch)
                    if sum(b.num_rows for b in waiting) >= _ROWS:
                        block, done = self._block(waiting, broken, done, first_number, last=False)
                        quotes.check(self._where)
                        yield block
                        waiting = []
        except pa.ArrowInvalid as error:
            raise self._told(error, quotes) from None
        except NotThisEncoding:
            raise SourceError(f"{self._where} is not written in {self._file.encoding} to its end") from None
        quotes.check(self._where, at_end=True)
        if waiting or broken.rows:
            yield self._block(waiting, broken, done, first_number, last=True)[0]

    def _told(self, error: pa.ArrowInvalid, quotes: Quotes) -> SourceError:
        quotes.check(self._where)
        if "UTF8" in str(error):
            return SourceError(f"{self._where} holds bytes that are not {self._file.encoding}; correct `encoding`")
        if "straddl" in str(error):
            return SourceError(f"{self._where}: a quote is opened and not closed, or a row is longer than 1 MB")
        return SourceError(f"{self._where} cannot be read as {self._file.delimiter}-separated text")

    def _options(self, broken: _Broken) -> tuple[object, object, object]:
        columns = [str(index) for index in range(len(self.layout.headings))]
        used = [str(index) for index in self.layout.used]
        return (
            # One thread: only then are broken rows numbered. Reading and decoding go on beside it all the same.
            pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=columns),
            pa.csv.ParseOptions(
                delimiter=self._delimiter, quote_char=self._file.quote or False, double_quote=True, escape_char=False,
                newlines_in_values=self._file.quote is not None, ignore_empty_lines=False, invalid_row_handler=broken,
            ),
            pa.csv.ConvertOptions(
                include_columns=used, column_types={name: pa.string() for name in used},
                strings_can_be_null=False, quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip

    def _block(
        self, batches: list[pa.RecordBatch], broken: _Broken, done: int, first: int, last: bool
    ) -> tuple[Block, int]:
        """Puts the broken rows that stand before or among these rows at their end, each row with its own number."""
        rows = sum(batch.num_rows for batch in batches)
        numbers, torn, record = np.empty(rows, np.int64), list[_Torn](), done
        at = 0
        while at < rows or (last and broken.rows):
            until = broken.rows[0].record - 1 if broken.rows else record + rows - at
            run = min(until - record, rows - at)
            numbers[at : at + run] = np.arange(record, record + run) + first
            at, record = at + run, record + run
            if broken.rows and record == broken.rows[0].record - 1 and (at < rows or last):
                one = broken.rows.popleft()
                record += 1
                torn += [one] if one.filled else []
        cells = {}
        for column in self.layout.used:
            parts = [batch.column(str(column)) for batch in batches]
            more = pa.array([one.cells.get(column) for one in torn], pa.string())
            cells[column] = merged([*parts, more] if torn or not parts else parts)
        whole = np.concatenate([numbers, np.array([one.record - 1 + first for one in torn], np.int64)])
        return Block(cells, whole, (), {rows + i: (one.expected, one.filled) for i, one in enumerate(torn)}), record


@dataclass(frozen=True)
class _Torn:
    """A row with more or fewer cells than headings. Its cells are unknown, but for the words that end a table."""

    record: int
    expected: str
    filled: int
    cells: dict[int, str]


class _Broken:
    """Takes the rows that do not fit. Called from the reader's thread, ahead of its blocks."""

    def __init__(self, file: Delimited) -> None:
        self._file = file
        self.rows: deque[_Torn] = deque()

    def __call__(self, row: pa.csv.InvalidRow) -> str:
        try:
            cells = self._file.cells(row.text, strict=True)
        except csv.Error:
            cells = [row.text]
        filled = sum(bool(cell.strip()) for cell in cells)
        expected = f"{row.expected_columns} cells, there are {row.actual_columns}"
        self.rows.append(_Torn(row.number, expected, filled, self._file.ending(cells)))
        return "skip"


def _read_head(raw: Readable) -> bytes:
    head = b""
    while len(head) < _HEAD and (piece := raw.read(_HEAD - len(head))):
        head += piece
    return head


def _refuse_other_kinds(where: str, head: bytes) -> None:
    if not head.strip(b"\0 \r\n\t"):
        raise SourceError(f"{where} is empty")
    if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise SourceError(f"{where} is a workbook or an archive, not delimited text; correct `format` or `member`")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:6].lower().startswith((b"<html", b"<!doct", b"<table", b"<?xml")):
        raise SourceError(f"{where} is a web page, not delimited text; ask for the export again")

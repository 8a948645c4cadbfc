"""Bytes of any of our encodings as a stream of UTF-8, and a watch over its quotes."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ingest.errors import SourceError
from ingest.files.options import Encoding

if TYPE_CHECKING:
    from ingest.files.delimited import Readable

Bytes = npt.NDArray[np.uint8]
_CODECS = {"utf-8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "windows-1258": "cp1258"}
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK = 1 << 20
_CACHED = 128 << 10  # bytes that numpy looks through without leaving the cache: four times as fast as 1 MB


class NotThisEncoding(Exception):
    """The bytes are not of the encoding that the profile says."""


def decoded(head: bytes, encoding: Encoding) -> str | None:
    """The beginning of a file in an encoding, whatever is cut off at its end; None when it is not written so."""
    if encoding == "utf-16" and head[:2] not in _MARKS and head[1:64:2].strip(b"\0"):
        return None
    try:
        return codecs.getincrementaldecoder(_CODECS[encoding])().decode(head)
    except UnicodeError:
        return None


class Utf8:
    """A file object of UTF-8 without a mark, over `head` and what `raw` still holds."""

    closed = False

    def __init__(self, raw: Readable, encoding: Encoding, head: bytes) -> None:
        self._raw = raw
        if encoding == "windows-1258" and head.startswith(_MARKS):
            raise NotThisEncoding
        # Plain UTF-8 is handed on as it is: the reader checks it, in the columns that are read.
        as_it_is = _CODECS[encoding] == "utf-8-sig"
        self._decoder = None if as_it_is else codecs.getincrementaldecoder(_CODECS[encoding])()
        self._ready = self._utf8(head.removeprefix(codecs.BOM_UTF8) if as_it_is else head)
        self._quotes: Quotes | None = None

    def record(self, quote: str | None) -> str:
        """Takes one record off the front: a line, or several where a quoted field goes over their ends."""
        end = 0
        while True:
            feed = self._ready.find(b"\n", end)
            if feed < 0 and (more := self._more()):
                self._ready += more
                continue
            end = feed + 1 if feed >= 0 else len(self._ready)
            record = self._ready[:end]
            if quote is None or record.count(quote.encode()) % 2 == 0 or feed < 0:
                break
        self._ready = self._ready[end:]
        try:
            return record.decode("utf-8")
        except UnicodeDecodeError:
            raise NotThisEncoding from None

    def watch(self, quotes: Quotes) -> None:
        """Has all that is read from here on looked at by `quotes`."""
        self._quotes = quotes

    def at_end(self) -> bool:
        while not self._ready:
            more = self._more()
            if not more:
                return True
            self._ready = more
        return False

    def read(self, size: int = -1) -> bytes:
        if self.at_end():
            return b""
        taken, self._ready = (self._ready[:size], self._ready[size:]) if size >= 0 else (self._ready, b"")
        if self._quotes:
            self._quotes.look(taken)
        return taken

    def close(self) -> None:
        self.closed = True

    def _more(self) -> bytes:
        """The next piece of text; blank at the end only."""
        while piece := self._raw.read(_CHUNK):
            if text := self._utf8(piece):
                return text
        return self._utf8(b"", final=True)

    def _utf8(self, piece: bytes, final: bool = False) -> bytes:
        if self._decoder is None:
            return piece
        try:
            return self._decoder.decode(piece, final).encode("utf-8")
        except UnicodeError:
            raise NotThisEncoding from None


class Quotes:
    """Watches that every quote that opens a field also closes it: a reader that is lenient here swallows rows.

    A quote at the beginning of a field opens it; one before a delimiter or line end closes it; two of them stand for one.
    A quote in the middle of a field that none opened is a mere character.
    """

    def __init__(self, delimiter: str, quote: str | None) -> None:
        self._quote = quote.encode()[0] if quote else None
        self._delimiter = ord(delimiter)
        self._kept = b"\n"  # the last byte that was judged, and the one that waits for what follows it
        self._open = False
        self._closed = False  # whether the last byte that was judged closed a field
        self._lines = 1
        self._fault: int | None = None

    def look(self, piece: bytes) -> None:
        for at in range(0, len(piece), _CACHED):
            if self._quote is None or self._fault is not None:
                return
            self._look(piece[at : at + _CACHED])

    def _look(self, piece: bytes) -> None:
        whole = self._kept + piece
        text = np.frombuffer(whole, np.uint8)
        if not self._in_order(text):
            self._one_by_one(text)
        self._kept = whole[-2:]
        self._lines += whole.count(b"\n", 1, len(whole) - 1) if self._fault is None else 0

    def _in_order(self, text: Bytes) -> bool:
        """Judges the usual case at once: opening and closing quotes by turns. False when that is not so."""
        quotes = text == self._quote
        places = np.flatnonzero(quotes[1:-1])  # in `before` and, two further on, in `after`
        if not len(places):
            self._closed = False
            return True
        if places[0] == 0 and quotes[0] and not self._open and not self._closed:
            return False
        fine = quotes | (text == self._delimiter) | (text == 10) | (text == 13)
        before, after = fine[:-2], fine[2:]
        if not (before[places[int(self._open) :: 2]].all() and after[places[1 - int(self._open) :: 2]].all()):
            return False
        self._open ^= bool(len(places) % 2)
        self._closed = int(places[-1]) == len(text) - 3 and not self._open
        return True

    def _one_by_one(self, text: Bytes) -> None:
        ends = (self._delimiter, 10, 13)
        closed_at = 0 if self._closed else -1
        for place in map(int, np.flatnonzero(text[1:-1] == self._quote) + 1):
            if not self._open:
                self._open = text[place - 1] in ends or closed_at == place - 1
            elif text[place + 1] in (*ends, self._quote):
                self._open, closed_at = False, place
            else:
                self._fault = self._lines + text[1:place].tobytes().count(b"\n")
                return
        self._closed = closed_at == len(text) - 2

    def check(self, where: str, at_end: bool = False) -> None:
        """Raises SourceError when a quote stood where none may, or, at the end of the file, when one is open."""
        if at_end:
            self.look(b"\n\n")
        if self._fault is None and not (at_end and self._open):
            return
        place = f"near line {self._fault} below the headings" if self._fault else "to the end of the file"
        raise SourceError(
            f"{where}: a quoted field goes on where it should have closed, {place}; rows could be swallowed by it: "
            "ask for an export that doubles the quotes inside of fields"
        )

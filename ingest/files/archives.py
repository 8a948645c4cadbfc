"""Zip archives, workbooks among them: opened only when their contents are of a size, a kind and under names that we take.

What an archive says of its sizes is checked before anything is unpacked, and again while it is: a directory may lie.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ingest.errors import SourceError
from ingest.files.naming import Names
from ingest.files.options import Limits

_MB = 1_000_000
_CHUNK = 1 << 20
_SMALL = 10 * _MB  # below this no ratio is a bomb
_LOCAL_HEADER = 30
_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")


class Archive:
    """A zip archive in an open file. Raises SourceError for one that is damaged, locked, too large or full of tricks."""

    def __init__(self, where: str, name: str, raw: BinaryIO, limits: Limits) -> None:
        self._where, self._raw, self._limits = f"{where}: {name}", raw, limits
        try:
            with zipfile.ZipFile(raw) as archive:
                self.members = {info.filename: info for info in archive.infolist()}
                count = len(archive.infolist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
            raise SourceError(f"{self._where} is damaged or was cut off; ask for it again") from None
        if count > limits.members:
            raise SourceError(f"{self._where} has {count} members, the limit is {limits.members}")
        if count != len(self.members):
            raise SourceError(f"{self._where} holds two members of one name; ask for it again")
        self._check_sizes()
        for info in self.members.values():
            if info.flag_bits & 1:
                raise SourceError(f"{self._where} is protected by a password; save it without one")
            if _leads_out(info):
                raise SourceError(f"{self._where} has a member that would be written outside of its folder")

    def _check_sizes(self) -> None:
        unpacked = sum(info.file_size for info in self.members.values())
        packed = sum(info.compress_size for info in self.members.values())
        if unpacked > self._limits.unpacked_mb * _MB:
            raise SourceError(
                f"{self._where} unpacks to {unpacked // _MB} MB, the limit unpacked_mb is {self._limits.unpacked_mb}"
            )
        if unpacked > _SMALL and unpacked > self._limits.ratio * max(packed, 1):
            raise SourceError(
                f"{self._where} unpacks to {unpacked // max(packed, 1)} times its size, the limit ratio is {self._limits.ratio}"
            )

    def choose(self, names: Names, pattern: str) -> str:
        """The one member that the profile means. Raises SourceError for none, for several and for an archive inside."""
        form = names.pattern(pattern)
        there = [name for name, info in self.members.items() if not info.is_dir() and not _is_clutter(name)]
        fitting = [name for name in there if form.fullmatch(name)]
        if len(fitting) != 1:
            what = f"{len(fitting)} members" if fitting else "no member"
            raise SourceError(f"{self._where} has {what} called {names.fill(pattern)}, of {len(there)} in all")
        if fitting[0].lower().endswith(_ARCHIVES):
            raise SourceError(f"{self._where} holds another archive; unpack it and put the file itself in the folder")
        return fitting[0]

    def unpack(self, member: str) -> Iterator[bytes]:
        """The bytes of a member, in pieces; never more than the archive declared."""
        info = self.members[member]
        pieces = self._inflated(info) if info.compress_type == zipfile.ZIP_DEFLATED else self._stored(info)
        size, checksum = 0, 0
        for piece in pieces:
            size, checksum = size + len(piece), zlib.crc32(piece, checksum)
            if size > info.file_size:
                raise SourceError(f"{self._where} unpacks to more than it declares; it is not read further")
            yield piece
        if size != info.file_size or checksum != info.CRC:
            raise SourceError(f"{self._where} is damaged: a member does not match its checksum; ask for it again")

    def _packed(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        self._raw.seek(info.header_offset)
        header = self._raw.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
            raise SourceError(f"{self._where} is damaged; ask for it again")
        at = info.header_offset + _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
        at, left = at + int.from_bytes(header[28:30], "little"), info.compress_size
        while left > 0:
            self._raw.seek(at)  # members may be read by turns
            piece = self._raw.read(min(left, _CHUNK))
            if not piece:
                raise SourceError(f"{self._where} is damaged or was cut off; ask for it again")
            at, left = at + len(piece), left - len(piece)
            yield piece

    def _stored(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.compress_type != zipfile.ZIP_STORED:
            raise SourceError(f"{self._where} is packed in a way that is not read; pack it as an ordinary zip")
        return self._packed(info)

    def _inflated(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-15)
        try:
            for piece in self._packed(info):
                while piece and not inflate.eof:
                    yield inflate.decompress(piece, _CHUNK)
                    piece = inflate.unconsumed_tail
            while not inflate.eof and (rest := inflate.decompress(b"", _CHUNK)):
                yield rest
        except zlib.error:
            raise SourceError(f"{self._where} is damaged; ask for it again") from None


class Unpacked:
    """A member as a file that is read once, from its beginning."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            whole, self._rest = b"".join([self._rest, *self._pieces]), b""
            return whole
        while not self._rest and (piece := next(self._pieces, None)) is not None:
            self._rest = piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _is_clutter(name: str) -> bool:
    """What macOS and Windows put beside the files."""
    last = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or last.startswith((".", "~$")) or last in ("Thumbs.db", "desktop.ini")


def _leads_out(info: zipfile.ZipInfo) -> bool:
    name = info.orig_filename.replace("\\", "/")
    return (
        name.startswith("/")
        or ".." in name.split("/")
        or name[1:2] == ":"
        or "\0" in name
        or stat.S_ISLNK(info.external_attr >> 16)
    )

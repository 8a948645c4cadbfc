"""A drop folder: which of its files are those of a period, whether they may be read yet, and their bytes, read once."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceError, SourceUnavailable
from ingest.files.naming import Names
from ingest.files.options import FileExport

# What programs and browsers call a file that they are still writing.
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".!ut")
_MB = 1_000_000


class FileMissing(SourceError):
    """No file of the period is in the folder: it was not sent yet, or under another name."""


@dataclass(frozen=True)
class Dropped:
    """One file as it was found. `also` are the names under which the same bytes lie there a second time."""

    path: Path
    name: str
    seen: tuple[int, int, int]  # size, modification time in nanoseconds, inode
    also: tuple[str, ...] = ()


def find(where: str, file: FileExport, names: Names, folder: Path, clock: Callable[[], datetime]) -> list[Dropped]:
    """The files of the period by name, equal ones once. `clock` tells whether a file has settled; it decides nothing else.

    Raises FileMissing, SourceUnavailable for a file that may still be written, SourceError for several files, for one that
    is too large or unreadable, and for links that lead out of the folder.
    """
    pattern = names.fill(file.name)
    if not folder.is_dir():
        raise FileMissing(f"{where}: the folder {folder} is not there; create it, or correct the folder of the source")
    found, unfinished = _matching(where, names, file, folder)
    if not found:
        waits = f"; {unfinished[0]} is still being written" if unfinished else ""
        raise FileMissing(f"{where}: no file {pattern} in {folder}{waits}")
    for dropped in found:
        _check(where, file, dropped, clock())
    files = _once(where, found) if len(found) > 1 else found
    if len(files) > 1 and file.several == "error":
        raise SourceError(
            f"{where}: {len(files)} different files in {folder} are called {pattern}: {', '.join(f.name for f in files)}; "
            "keep the right one, or say `several: parts` in the profile if they belong together"
        )
    return files


def _matching(where: str, names: Names, file: FileExport, folder: Path) -> tuple[list[Dropped], list[str]]:
    pattern = names.pattern(file.name)
    found, unfinished, root = [], [], folder.resolve()
    for path in _walk(where, folder, file.name.count("/")):
        name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
        bare = next((name[: -len(end)] for end in _UNFINISHED if name.lower().endswith(end)), None)
        if bare is not None and pattern.fullmatch(bare):
            unfinished.append(name)
        if bare is not None or not pattern.fullmatch(name) or path.name.startswith(("~$", ".")):
            continue
        real = path.resolve()
        if not real.is_relative_to(root):
            raise SourceError(f"{where}: {name} is a link that leads out of {folder}; put the file itself there")
        try:
            there = real.stat()
        except OSError as error:
            raise SourceError(f"{where}: {name} cannot be read ({error.strerror})") from None
        if not stat.S_ISREG(there.st_mode):
            raise SourceError(f"{where}: {name} is no file")
        found.append(Dropped(real, name, (there.st_size, there.st_mtime_ns, there.st_ino)))
    return sorted(found, key=lambda dropped: dropped.name), sorted(unfinished)


def _walk(where: str, folder: Path, depth: int) -> Iterator[Path]:
    """The entries `depth` folders below, whatever they are."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(f"{where}: the folder {folder} cannot be read ({error.strerror})") from None
    for entry in entries:
        if depth == 0:
            yield entry
        elif entry.is_dir() and not entry.is_symlink():
            yield from _walk(where, entry, depth - 1)


def _check(where: str, file: FileExport, dropped: Dropped, now: datetime) -> None:
    size, modified, _ = dropped.seen
    if size > file.limits.file_mb * _MB:
        raise SourceError(f"{where}: {dropped.name} has {size // _MB} MB, the limit file_mb is {file.limits.file_mb}")
    age = now.timestamp() - modified / 1e9
    # A time far ahead of ours is a wrong clock of the file server; it would never pass.
    if -file.settle_seconds < age < file.settle_seconds:
        raise SourceUnavailable(
            f"{where}: {dropped.name} was written {max(age, 0):.0f} seconds ago and may not be finished; "
            f"it is read after {file.settle_seconds:g} seconds"
        )


def _once(where: str, found: list[Dropped]) -> list[Dropped]:
    by_content: dict[str, list[Dropped]] = {}
    for dropped in found:
        with opened(where, dropped) as source:
            while source.read(1 << 20):
                pass
        by_content.setdefault(source.sha256, []).append(dropped)
    return [
        Dropped(first.path, first.name, first.seen, tuple(dict.fromkeys(other.name for other in rest)))
        for first, *rest in by_content.values()
    ]


class Source:
    """The bytes of a dropped file, hashed as they are read."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._hash = raw, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self._hash.update(data)
        return data

    @property
    def sha256(self) -> str:
        """Of what was read so far."""
        return self._hash.hexdigest()


@contextmanager
def opened(where: str, dropped: Dropped) -> Iterator[Source]:
    """Opens the file; on leaving in peace raises SourceUnavailable when it changed meanwhile."""
    try:
        raw = dropped.path.open("rb", buffering=0)
    except OSError as error:
        raise SourceError(f"{where}: {dropped.name} cannot be read ({error.strerror})") from None
    with raw:
        _unchanged(where, dropped, os.fstat(raw.fileno()))
        try:
            yield Source(raw)
        except OSError as error:
            raise SourceUnavailable(f"{where}: {dropped.name} cannot be read to its end ({error.strerror})") from None
        try:
            _unchanged(where, dropped, dropped.path.stat())
        except FileNotFoundError:
            raise SourceUnavailable(f"{where}: {dropped.name} was taken away while it was read") from None


def _unchanged(where: str, dropped: Dropped, there: os.stat_result) -> None:
    if (there.st_size, there.st_mtime_ns, there.st_ino) != dropped.seen:
        raise SourceUnavailable(
            f"{where}: {dropped.name} changed while it was read; it is read again when it has settled"
        )

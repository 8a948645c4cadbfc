"""Copies of files that grow to gigabytes, without a trip through the memory that the rest of the work needs."""

from __future__ import annotations

import mmap
import os
import shutil
from pathlib import Path

_BLOCK = 8 * 2**20


def copy_large(source: Path, target: Path) -> Path:
    """Copies a file past the page cache: a copy through it costs several times as much processor time, and pushes out of memory
    what is needed. Where the file system cannot do so it is copied as ever. Returns `target`, made anew.
    """
    try:
        _copy_direct(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _copy_direct(source: Path, target: Path) -> None:
    """Raises OSError where the system or the file system does not know O_DIRECT, or the size is not one that it can write."""
    direct = getattr(os, "O_DIRECT", None)
    if direct is None:
        raise OSError("no O_DIRECT here")
    target.unlink(missing_ok=True)
    reader = os.open(source, os.O_RDONLY | direct)
    try:
        writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | direct, 0o600)
        try:
            # Anonymous memory begins at a page, as O_DIRECT asks of what is read into and written from.
            with mmap.mmap(-1, _BLOCK) as block, memoryview(block) as view:
                while size := os.readv(reader, [view]):
                    written = os.write(writer, view[:size])
                    if written != size:
                        raise OSError(f"{written} bytes of {size} were written")
        finally:
            os.close(writer)
    finally:
        os.close(reader)

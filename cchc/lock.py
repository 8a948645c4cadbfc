"""One writer at a time: build to publish of a close runs under one lock of the deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from cchc.settings import Settings


@contextmanager
def writer_lock(settings: Settings, progress: Callable[[str], None]) -> Iterator[None]:
    """Waits for the writer's lock; the operating system lets go of it when its holder dies."""
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.home / "writer.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("another close is writing: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()

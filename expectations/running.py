"""How far a running gate has come: `audit/<YYYY-MM>/running.json`, gone when the verdict is written.

A lock that the operating system lets go of tells a gate that runs from one that was killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from cchc.period import Period
from cchc.settings import Settings
from expectations.verdicts import CheckResult, period_folder, write_text


class Running(BaseModel):
    """A gate at work: the frames that are judged, the one it is at, and all results so far. `started_at` is UTC.

    `is_alive` is false for a gate that was killed before its verdict.
    """

    model_config = ConfigDict(extra="forbid")

    period: str
    started_at: datetime
    frames: int
    done: list[str] = []
    at: str | None = None
    results: list[CheckResult] = []
    is_alive: bool = True

    @property
    def failures(self) -> list[CheckResult]:
        """What has not held so far."""
        return [result for result in self.results if result.outcome != "held"]


class GateProgress:
    """Writes where the gate is before and after each frame."""

    def __init__(self, path: Path, running: Running) -> None:
        self._path, self._running = path, running

    def begins(self) -> None:
        """The month is judged from the first frame on, for the first time or again with cells withheld."""
        self._running.done, self._running.results = [], []

    def starts(self, frame: str) -> None:
        self._running.at = frame
        self._write()

    def judged(self, frame: str, results: Sequence[CheckResult]) -> None:
        self._running.done.append(frame)
        self._running.results.extend(results)
        self._running.at = None
        self._write()

    def _write(self) -> None:
        write_text(self._path, self._running.model_dump_json() + "\n")


@contextmanager
def told_while_running(period: Period, frames: int, settings: Settings) -> Iterator[GateProgress]:
    """Keeps the record of a gate while it runs; a gate that is killed leaves it behind."""
    folder = period_folder(settings.audit, period)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "running.json"
    with _lock(folder):
        progress = GateProgress(path, Running(period=str(period), started_at=datetime.now(UTC), frames=frames))
        yield progress
        path.unlink(missing_ok=True)


def running_gate(period: Period | str, settings: Settings) -> Running | None:
    """The gate that judges the period now, or that was killed while it did and has not been repeated; else None."""
    folder = period_folder(settings.audit, period)
    try:
        running = Running.model_validate_json((folder / "running.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    lock = _lock(folder)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return running
    lock.release()
    return running.model_copy(update={"is_alive": False})


def _lock(folder: Path) -> FileLock:
    return FileLock(folder / ".running.lock")

"""When a source may be asked: so many requests a minute, at the hours that its owner allows. Retries wait like the rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock

from cchc.period import LOCAL
from ingest.errors import SourceClosed
from ingest.http.options import Pace

# A turn later than this many intervals ahead is none of ours: the clock was set back, or the file is damaged.
_TURNS_AHEAD = 100


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """The time (with a zone) and how to let it pass."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Pacer:
    """Gives turns. Pulls that share the file `turns` share the rate too, whichever process they are in."""

    source: str
    pace: Pace
    clock: Clock = field(default_factory=Clock)
    turns: Path | None = None
    _next: str = ""

    def wait(self) -> None:
        """Returns when the next request may be made; raises SourceClosed outside the allowed hours."""
        self._check_hours()
        if self.pace.requests_per_minute is None:
            return
        seconds = self._take_turn(timedelta(minutes=1) / self.pace.requests_per_minute)
        if seconds > 0:
            self.clock.sleep(seconds)
            self._check_hours()

    def _take_turn(self, interval: timedelta) -> float:
        """Books the next free turn and says in how many seconds it is."""
        if self.turns:
            self.turns.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.turns}.lock") if self.turns else nullcontext():
            now = self.clock.now()
            turn = self._booked()
            if turn is None or not now <= turn <= now + _TURNS_AHEAD * interval:
                turn = now
            self._book(turn + interval)
        return (turn - now).total_seconds()

    def _booked(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.turns.read_text() if self.turns else self._next)
        except (ValueError, FileNotFoundError):
            return None

    def _book(self, turn: datetime) -> None:
        self._next = turn.astimezone(UTC).isoformat()
        if self.turns:
            self.turns.write_text(self._next)  # whoever dies here leaves a blank, which means: free

    def _check_hours(self) -> None:
        local = self.clock.now().astimezone(LOCAL)
        minute = local.hour * 60 + local.minute
        windows = [tuple(map(_minutes, hours.split("-"))) for hours in self.pace.hours]
        if not windows or any(_within(minute, start, end) for start, end in windows):
            return
        opens = min((start for start, _ in windows), key=lambda start: (start - minute) % 1440)
        raise SourceClosed(
            f"source {self.source!r} may be asked at {', '.join(self.pace.hours)} (Asia/Ho_Chi_Minh) and it is "
            f"{local:%H:%M}: land again after {opens // 60:02d}:{opens % 60:02d}"
        )


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _within(minute: int, start: int, end: int) -> bool:
    """Whether a minute of the day lies in [start, end), which may run over midnight."""
    return start <= minute < end if start < end else minute >= start or minute < end

"""Every request of a pull: when, what, how it ended. Holds no secret, and of the parameters only those that say which page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Asked:
    """One request. `at` is UTC; `status` is the answer's, or the type of the fault; `bytes` are those of the unpacked body."""

    at: datetime
    what: str
    status: int | str
    bytes: int
    seconds: float
    attempt: int = 1


@dataclass
class Ledger:
    """What a pull has asked for so far, in order: failed requests, redirects and requests for a token too."""

    rows: list[Asked] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return len(self.rows)

    @property
    def retries(self) -> int:
        """Requests that were made because one before had failed."""
        return sum(row.attempt > 1 for row in self.rows)

    @property
    def bytes(self) -> int:
        return sum(row.bytes for row in self.rows)

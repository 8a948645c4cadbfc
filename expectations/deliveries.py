"""The ledger of what was told: `audit/deliveries/<YYYY-MM or general>/<id>.jsonl`, lines are only ever added.

The first line of a file is the message, each further line what became of one try at one channel. A message is sent to each
channel until that has accepted it, and never after. Contacts stand in it by their id, channels by kind and hash.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from cchc.settings import Secret, Settings
from expectations.channels import Budget, addresses, deliver
from expectations.contacts import Contact

log = logging.getLogger(__name__)
Kind = Literal["verdict", "waived", "step", "new_columns", "overdue", "escalation"]
Outcome = Literal["delivered", "not_reached", "no_address", "postponed"]
GENERAL = "general"


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Message(_Line):
    """What is told to one contact. `attachments` are files below the audit folder, `at` (UTC) when it was written.

    `period` is `general` for what is of no single month; `run` is the run of the gate it tells of; `due` (local date) is the
    day until which an answer is asked for, `step` how far up an unanswered matter has been taken.
    """

    id: str
    kind: Kind
    period: str
    run: str | None = None
    contact: str
    role_vi: str
    secret: str
    title: str
    text: str
    due: str | None = None
    checks: list[str] = []
    months: list[str] = []
    step: int = 0
    attachments: list[str] = []
    at: datetime


class Attempt(_Line):
    """What became of a message at one channel in one run: in how many tries, and when (UTC) the last ended."""

    channel: str
    outcome: Outcome
    tries: int
    at: datetime


class Entry(BaseModel):
    """A message and what has become of it so far."""

    message: Message
    attempts: list[Attempt] = []

    @property
    def heard(self) -> set[str]:
        """The channels that have accepted the message."""
        return {attempt.channel for attempt in self.attempts if attempt.outcome == "delivered"}

    @property
    def is_open(self) -> bool:
        """Whether nobody has accepted the message, or some channel that was tried has not."""
        return not self.heard or not {attempt.channel for attempt in self.attempts} <= self.heard


def find(period: str, id_: str, settings: Settings) -> Entry | None:
    """The entry of a message; None when there is none, or its message cannot be read (then it is better to tell again)."""
    return _read(_file(period, id_, settings))


def entries(settings: Settings) -> Iterator[Entry]:
    """Every entry of the ledger, by period and id."""
    for path in sorted((settings.audit / "deliveries").glob("*/*.jsonl")):
        if (entry := _read(path)) is not None:
            yield entry


def record(message: Message, settings: Settings) -> Entry:
    """Writes a message into the ledger unless it is there; gives the entry that stands."""
    path = _file(message.period, message.id, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock(settings):
        if (found := _read(path)) is not None:
            return found
        path.unlink(missing_ok=True)
        _append(path, message)
    return Entry(message=message)


def send(entry: Entry, secret: Secret, settings: Settings, budget: Budget) -> bool:
    """Sends a message to the channels that have not accepted it, and records what came of it; whether nobody is left to tell.

    A process that dies between a delivery and its record tells again: an alert twice is better than none.
    """
    message = entry.message
    path = _file(message.period, message.id, settings)
    with _lock(settings):
        entry = _read(path) or entry  # another process may have sent it meanwhile
        channels = addresses(message.secret, secret)
        if not channels:
            return _without_address(entry, path)
        files = [settings.audit / name for name in message.attachments]
        reached = True
        for channel, url in channels.items():
            if channel in entry.heard:
                continue
            if budget.is_spent:
                outcome, tries = "postponed", 0
            else:
                accepted, tries = deliver(url, message.title, message.text, files, budget)
                outcome = "delivered" if accepted else "not_reached"
            _append(path, Attempt(channel=channel, outcome=outcome, tries=tries, at=datetime.now(UTC)))
            if outcome != "delivered":
                log.error("alert channel %s of %s could not be reached (%s)", channel, message.contact, outcome)
                reached = False
    return reached


def _without_address(entry: Entry, path: Path) -> bool:
    """Where no address is set the alert stands in the log and the ledger; that counts as told for `alert_urls` alone."""
    if not entry.attempts:
        log.warning(
            "no alert address is set (secret %s): the alert to %s stands in the log and the ledger only",
            entry.message.secret, entry.message.contact,
        )  # fmt: skip
        _append(path, Attempt(channel="none", outcome="no_address", tries=0, at=datetime.now(UTC)))
    return entry.message.secret == entry.message.contact


def message_to(
    contact: Contact, id_: str, kind: Kind, period: str, title: str, text: str, *, run: str | None = None,
    due: str | None = None, checks: Sequence[str] = (), months: Sequence[str] = (), step: int = 0,
    attachments: Sequence[str] = (),
) -> Message:  # fmt: skip
    return Message(
        id=id_[:16], kind=kind, period=period, run=run, contact=contact.id, role_vi=contact.role_vi,
        secret=contact.secret, title=title, text=text, due=due, checks=list(checks), months=list(months),
        step=step, attachments=list(attachments), at=datetime.now(UTC),
    )  # fmt: skip


def _file(period: str, id_: str, settings: Settings) -> Path:
    return settings.audit / "deliveries" / period / f"{id_[:16]}.jsonl"


def _lock(settings: Settings) -> FileLock:
    """One sender at a time, so that the gate and the daily watch do not tell the same twice; waits ten minutes at most."""
    folder = settings.audit / "deliveries"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / ".lock", timeout=600)


def _read(path: Path) -> Entry | None:
    try:
        first, *rest = path.read_text(encoding="utf-8").splitlines()
        entry = Entry(message=Message.model_validate_json(first))
    except (OSError, ValueError):
        return None
    for line in rest:
        try:
            entry.attempts.append(Attempt.model_validate_json(line))
        except ValidationError:  # torn by a crash: that try is told again
            log.warning("%s has a line that cannot be read", path)
    return entry


def _append(path: Path, line: _Line) -> None:
    """Adds one whole line, to the disk; a line that a crash tore stays alone."""
    torn = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("ab") as file:
        file.write((b"\n" if torn else b"") + line.model_dump_json().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())

"""Waivers: the one recorded way past a critical check that failed. Asked for by one person, approved by another.

`audit/waivers/0001.json`, `0002.json` … hold one record each (a request, its approval, its revocation), written once,
read-only, each carrying the seal of the record before it; `head.json` names the last, so that an edited or missing record
is found. The seals are no signatures: publishing also judges the month again (`permit.py`).
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from cchc.period import LOCAL
from cchc.settings import Settings
from cchc.working_calendar import add_working_days
from expectations.verdicts import ALL_AGENCIES, AppliedWaiver, CheckResult, seal_of, write_text

DAYS_AT_MOST = 20
# No 20 working days last longer, Tết included; holidays may be corrected after a request was recorded.
_LONGEST = timedelta(days=60)
_FIRST = "0" * 64
_NUMBERED = re.compile(r"^\d{4,}\.json$")
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")

State = Literal["open", "live", "expired", "revoked"]


class WaiverBroken(RuntimeError):
    """The records of waivers are not what this program wrote: one was edited, removed or made by hand."""


class WaiverRefused(ValueError):
    """A request, approval or revocation that may not be recorded; the message says why and what to do."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(_Record):
    """What is asked for: `rows_at_most` failing rows of `agency` (a code, or `all`) in one check of one period.

    `reason` is why the rows may be published, `ground` the law, document or fact that this rests on. It holds until
    `expires_at` (UTC), the midnight that ends its last working day, whenever it is approved.
    """

    check: str
    period: str
    agency: str
    rows_at_most: int
    reason: str
    ground: str
    expires_at: datetime


class Entry(_Record):
    """One record. `by` is an account, `through` how it was given: the system's user at the command line, or Airflow."""

    number: int
    kind: Literal["request", "approval", "revocation"]
    waiver: str
    by: str
    through: str
    at: datetime
    request: Request | None = None
    previous: str
    seal: str = ""


@dataclass(frozen=True)
class Waiver:
    """A request with what became of it."""

    id: str
    request: Request
    requested: Entry
    approval: Entry | None = None
    revocation: Entry | None = None

    def state(self, at: datetime) -> State:
        if self.revocation:
            return "revoked"
        if at >= self.request.expires_at:
            return "expired"
        return "live" if self.approval else "open"

    @property
    def last_date(self) -> str:
        """The last local date on which it holds, YYYY-MM-DD."""
        return (self.request.expires_at.astimezone(LOCAL) - timedelta(seconds=1)).date().isoformat()

    def applied_to(self, result: CheckResult) -> AppliedWaiver | None:
        """What of a failed check it covers; None when it is of another check, or its agency has more failing rows."""
        asked, approved = self.request, self.approval
        rows = result.failed_rows if result.scope == "period" else 0
        if asked.agency != ALL_AGENCIES:
            rows = sum(entry.rows for entry in result.by_agency if entry.agency_code == asked.agency)
        if approved is None or asked.check != result.check or not 0 < rows <= asked.rows_at_most:
            return None
        return AppliedWaiver(
            waiver=self.id,
            agency=asked.agency,
            rows=rows,
            rows_at_most=asked.rows_at_most,
            reason=asked.reason,
            ground=asked.ground,
            requested_by=self.requested.by,
            approved_by=approved.by,
            approved_through=approved.through,
            expires_at=asked.expires_at,
            seal=approved.seal,
        )


def waivers(settings: Settings, period: str | None = None) -> list[Waiver]:
    """Every waiver, or those of a period, in the order of their requests. Raises WaiverBroken."""
    found: dict[str, Waiver] = {}
    for entry in _entries(settings):
        known = found.get(entry.waiver)
        if entry.kind == "request" and entry.request and known is None:
            if entry.waiver != _id(entry.number) or entry.request.expires_at > entry.at + _LONGEST:
                raise WaiverBroken(f"{_path(settings, entry.number)} is no request that this program would record")
            found[entry.waiver] = Waiver(entry.waiver, entry.request, entry)
        elif known and entry.kind == "approval" and not (known.approval or known.revocation):
            if entry.by == known.requested.by or entry.at >= known.request.expires_at:
                raise WaiverBroken(f"{_path(settings, entry.number)} is no approval that this program would record")
            found[known.id] = Waiver(known.id, known.request, known.requested, entry)
        elif known and entry.kind == "revocation" and not known.revocation:
            found[known.id] = Waiver(known.id, known.request, known.requested, known.approval, entry)
        else:
            raise WaiverBroken(f"{_path(settings, entry.number)} does not follow from the records before it")
    return [waiver for waiver in found.values() if period in (None, waiver.request.period)]


def live_waivers(settings: Settings, period: str, at: datetime) -> list[Waiver]:
    """The approved waivers of a period that are neither revoked nor expired at the instant `at`. Raises WaiverBroken."""
    return [waiver for waiver in waivers(settings, period) if waiver.state(at) == "live"]


def record_request(settings: Settings, asked: Request, by: str, through: str, at: datetime) -> Waiver:
    """Records a request and gives it back with its id; `waiver_requests.ask` has looked at check, agency and words."""
    entry = _append(settings, "request", None, account(by), through, at, asked)
    return Waiver(entry.waiver, asked, entry)


def approve(settings: Settings, waiver_id: str, by: str, through: str, at: datetime) -> Waiver:
    """Records that another person than the requester approves. Raises WaiverRefused and WaiverBroken."""
    return _decide(settings, "approval", waiver_id, account(by), through, at)


def revoke(settings: Settings, waiver_id: str, by: str, through: str, at: datetime) -> Waiver:
    """Records that a waiver, approved or not, no longer holds. Raises WaiverRefused and WaiverBroken."""
    return _decide(settings, "revocation", waiver_id, account(by), through, at)


def expiry(at: datetime, working_days: int, settings: Settings) -> datetime:
    """The midnight (UTC instant of the local one) that ends the last of so many working days after the day of `at`."""
    last = add_working_days(at.astimezone(LOCAL).date(), working_days, settings)
    return datetime.combine(last + timedelta(days=1), datetime.min.time(), LOCAL).astimezone(UTC)


def account(name: str) -> str:
    """The account that a person works under, as it is compared: trimmed, without case and accents. Raises WaiverRefused."""
    folded = unicodedata.normalize("NFKD", name.strip().casefold()).replace("đ", "d")
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    if not _ACCOUNT.fullmatch(plain):
        raise WaiverRefused(
            f"{name!r} is no account; give the account that the person works under (a–z, 0–9 and . _ -), not their name"
        )
    return plain


def _decide(settings: Settings, kind: Literal["approval", "revocation"], waiver_id: str, by: str, through: str,
            at: datetime) -> Waiver:  # fmt: skip
    waiver = next((one for one in waivers(settings) if one.id == waiver_id), None)
    if waiver is None:
        raise WaiverRefused(f"there is no waiver {waiver_id}; cchc waive list names them all")
    state = waiver.state(at)
    if state == "revoked" or (kind == "approval" and state != "open"):
        raise WaiverRefused(
            f"{waiver_id} is {state}: {'ask for a new one' if state != 'live' else 'nothing to approve'}"
        )
    if kind == "approval" and by == waiver.requested.by:
        raise WaiverRefused(f"{by} asked for {waiver_id}: another person has to approve it")
    _append(settings, kind, waiver, by, through, at)
    return next(one for one in waivers(settings) if one.id == waiver_id)


def _append(settings: Settings, kind: Literal["request", "approval", "revocation"], waiver: Waiver | None, by: str,
            through: str, at: datetime, asked: Request | None = None) -> Entry:  # fmt: skip
    """Writes the next record. Raises WaiverRefused when another one came between what was read and what is written."""
    known = _entries(settings)
    number = len(known) + 1
    entry = Entry(
        number=number,
        kind=kind,
        waiver=waiver.id if waiver else _id(number),
        by=by,
        through=through,
        at=at,
        request=asked,
        previous=known[-1].seal if known else _FIRST,
    )
    entry = entry.model_copy(update={"seal": seal_of(entry.model_dump(mode="json"))})
    path = _path(settings, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(entry.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o444)
        os.link(temporary, path)  # fails where the number is taken, and never writes over a record
    except FileExistsError:
        raise WaiverRefused("another waiver was recorded at this moment: look at cchc waive list and repeat") from None
    finally:
        temporary.unlink()
    write_text(path.with_name("head.json"), json.dumps({"number": number, "seal": entry.seal}) + "\n")
    return entry


def _entries(settings: Settings) -> list[Entry]:
    """All records in order, each held against its seal and the one before."""
    folder = _path(settings, 1).parent
    names = sorted(path.name for path in folder.glob("*.json") if _NUMBERED.match(path.name))
    found: list[Entry] = []
    for number in range(1, len(names) + 1):
        path = _path(settings, number)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            entry = Entry.model_validate(content)
        except (OSError, ValueError, ValidationError) as error:
            raise WaiverBroken(f"{path} is missing or no record of a waiver: restore it from a backup") from error
        previous = found[-1].seal if found else _FIRST
        if (entry.number, entry.previous, entry.seal) != (number, previous, seal_of(content)):
            raise WaiverBroken(f"{path} does not fit its seal or the record before it: restore it from a backup")
        found.append(entry)
    _hold_against_head(folder / "head.json", found)
    return found


def _hold_against_head(head: Path, found: list[Entry]) -> None:
    """The head may be behind by what a kill left between record and head; it is never ahead of the records."""
    if not head.exists():
        if len(found) > 1:
            raise WaiverBroken(f"{head} is missing beside {len(found)} records: restore the folder from a backup")
        return
    try:
        said = json.loads(head.read_text(encoding="utf-8"))
        number, seal = int(said["number"]), said["seal"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WaiverBroken(f"{head} cannot be read: restore it from a backup") from error
    if not 1 <= number <= len(found) or found[number - 1].seal != seal:
        raise WaiverBroken(f"{head} names record {number}, which is not there: restore the folder from a backup")


def _path(settings: Settings, number: int) -> Path:
    return settings.audit / "waivers" / f"{number:04d}.json"


def _id(number: int) -> str:
    return f"W{number:04d}"

"""`cchc agencies import`: a province's departments, identity codes and corrections, into the deployment's own files.

A file need not repeat what is known: what it leaves blank stays as it is. Nothing is written unless all of it holds together
with what is there.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from cchc.agencies import (
    AGENCY_COLUMNS,
    SUCCESSION_COLUMNS,
    Agency,
    Succession,
    agencies,
    agency_of,
    cells,
    local_agencies,
    local_successions,
    succession_of,
    successions,
)
from cchc.agency_checks import Finding, findings
from cchc.agency_tables import AgencyFileRefused, Row, read_tables
from cchc.lock import writer_lock
from cchc.settings import Settings


class AgenciesContradict(ValueError):
    """What a file says does not hold together with itself or with what is there; `findings` say why."""

    def __init__(self, found: list[Finding]) -> None:
        self.findings = found
        super().__init__("nothing was imported:\n" + "\n".join(map(str, found)))


@dataclass(frozen=True)
class Imported:
    """What an import did, as `code first-day` of agencies and `code → code` of successions."""

    added: list[str]
    replaced: list[str]
    unchanged: list[str]


def import_agencies(path: Path, settings: Settings, progress: Callable[[str], None]) -> Imported:
    """Adds the rows of a file to `agencies.csv` and `agency_successions.csv` of CCHC_HOME, or replaces them there.

    Raises AgencyFileRefused, AgenciesUnreadable, AgenciesContradict.
    """
    with writer_lock(settings, progress):
        tables = read_tables(path)
        before, came_before = agencies(settings), successions(settings)
        new: list[Agency] = []
        for row in (row for t in tables if t.columns == AGENCY_COLUMNS for row in t.rows):
            new.append(_agency(row, before, new))
        after = _united(before, new)
        changes = [
            _succession(row, after, came_before) for t in tables if t.columns == SUCCESSION_COLUMNS for row in t.rows
        ]
        ended = {s.predecessor for s in changes}
        came_after = [*(s for s in came_before if s.predecessor not in ended), *changes]
        _refuse_twice([*new, *changes])
        if found := findings(after, came_after):
            raise AgenciesContradict(found)
        _write(settings.agency_files[1], AGENCY_COLUMNS, _united(local_agencies(settings), new), new)
        kept = [s for s in local_successions(settings) if s.predecessor not in ended]
        _write(settings.succession_files[1], SUCCESSION_COLUMNS, [*kept, *changes], changes)
    return _told([*new, *changes], [*before, *came_before])


def _agency(row: Row, before: Sequence[Agency], earlier_rows: Sequence[Agency]) -> Agency:
    """A row of the file, with what it does not say taken from the range that it replaces, else from the code's last one."""
    code = _code(row, "agency_code")
    same = sorted((a for a in _united(before, earlier_rows) if a.agency_code == code), key=lambda a: a.valid_from)
    says = dict(row.says)
    if not says.get("valid_from"):
        if not same:
            raise AgencyFileRefused(f"{row.place}: {code} is new: say valid_from (Hiệu lực từ ngày)")
        says["valid_from"] = str(same[-1].valid_from)
    replaced = next((a for a in same if str(a.valid_from) == says["valid_from"]), None)
    base = replaced or (same[-1] if same else None)
    if base is None:
        needed = ("name_vi", "level") if says.get("level") == "province" else ("name_vi", "level", "parent_code")
        if missing := [name for name in needed if not says.get(name)]:
            raise AgencyFileRefused(f"{row.place}: {code} is new: say {', '.join(missing)} too")
    known = dict(zip(AGENCY_COLUMNS, cells(base), strict=True)) if base else {}
    if not replaced:  # another time of the same code: its days are its own
        known |= {"valid_to": "", "reports_from": "", "reports_to": ""}
    return agency_of({name: says.get(name, known.get(name, "")) for name in AGENCY_COLUMNS}, row.place)


def _succession(row: Row, known: Sequence[Agency], before: Sequence[Succession]) -> Succession:
    """A row of the file; first days that it does not say follow from the codes and the day of the change."""
    says = {name: row.says.get(name, "") for name in SUCCESSION_COLUMNS}
    _code(row, "from_code")
    if not says["weight"] and says["to_code"] and says["kind"] not in ("split", "level_abolished"):
        says["weight"] = "1"
    try:
        event = date.fromisoformat(says["event_date"])
    except ValueError:
        event = None
    ends = (("from", event and event - timedelta(days=1)), ("to", event))
    for end, day in ends:
        code, name = says[f"{end}_code"], f"{end}_valid_from"
        held = next((a for a in known if day and a.agency_code == code and a.valid_on(day)), None)
        if code and day and not says[name]:
            if held is None:
                raise AgencyFileRefused(f"{row.place}: no agency has the code {code} on {day}")
            says[name] = str(held.valid_from)
    done = succession_of(says, row.place)
    act = next((s.legal_act for s in before if _identity(s) == _identity(done)), "")
    return done if done.legal_act else replace(done, legal_act=act)


def _code(row: Row, name: str) -> str:
    code = row.says.get(name, "")
    if code.isdecimal() and len(code) in (1, 4):
        raise AgencyFileRefused(
            f"{row.place}: {name} is {code}: Excel has dropped a leading zero; format the cells as text"
        )
    if not code:
        raise AgencyFileRefused(f"{row.place}: {name} is blank")
    return code


def _united(before: Iterable[Agency], new: Sequence[Agency]) -> list[Agency]:
    replaced = {a.key for a in new}
    return [*(a for a in before if a.key not in replaced), *new]


def _identity(row: Agency | Succession) -> tuple[object, ...]:
    return row.key if isinstance(row, Agency) else (row.predecessor, row.successor)


def _refuse_twice(new: Sequence[Agency | Succession]) -> None:
    seen: dict[tuple[object, ...], Agency | Succession] = {}
    for row in new:
        if first := seen.get(_identity(row)):
            raise AgencyFileRefused(f"{row.place}: {_name(row)} stands there a second time, first in {first.place}")
        seen[_identity(row)] = row


def _told(new: Sequence[Agency | Succession], before: Sequence[Agency | Succession]) -> Imported:
    old = {_identity(row): row for row in before}
    known = [row for row in new if _identity(row) in old]
    return Imported(
        added=[_name(row) for row in new if _identity(row) not in old],
        replaced=[_name(row) for row in known if old[_identity(row)] != row],
        unchanged=[_name(row) for row in known if old[_identity(row)] == row],
    )


def _name(row: Agency | Succession) -> str:
    if isinstance(row, Agency):
        return f"{row.agency_code} {row.valid_from}"
    return f"{row.from_code} {row.from_valid_from} → {row.to_code or '-'}"


def _write(
    path: Path, columns: tuple[str, ...], rows: Sequence[Agency | Succession], new: Sequence[Agency | Succession]
) -> None:
    """Replaces the file by one of all rows, sorted, in one step; leaves it alone when the import has nothing for it."""
    if not new:
        return
    texts = sorted(cells(row) for row in rows)
    handle, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([columns, *texts])
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise

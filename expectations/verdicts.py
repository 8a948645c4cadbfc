"""The verdict on one build of a period: every check's result, the content judged, and a seal over both.

A run of the gate writes `audit/<YYYY-MM>/<run>/verdict.json` once; a later run is the next number. The seal tells a
truncated or edited file from one the gate wrote. It is no signature: whoever can write the file can seal it again, so
publishing also compares the fingerprint with the build file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from cchc.period import Calendar, Period
from cchc.settings import Settings
from cchc.tables import fingerprint
from expectations.cells import Figure, HeldBack, WithheldCell
from expectations.checks import Scope, Severity

Outcome = Literal["held", "failed", "not_evaluated"]
EMPTY_FRAME = "the frame is empty: nothing was checked"
ALL_AGENCIES = "all"
_RUN = re.compile(r"^\d{4,}$")


class VerdictBroken(RuntimeError):
    """A verdict file is not what the gate wrote."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Record):
    """One failing row: its key and the values that made it fail. Codes, dates and counts only."""

    key: str
    values: dict[str, str | int | float | bool | None] = {}


class AgencyRows(_Record):
    """The failing rows of one agency; `agency_code` is null where a row belongs to no single agency.

    `figures` are those that the rows name themselves, `tables` the facts among those that the check spoils, where the rows
    say which. `withheld` is how many cells rest on the rows when none of them holds a
    figure any more; null when one does, or when nobody can say which they are.
    """

    agency_code: str | None
    name_vi: str | None = None
    rows: int
    samples: list[Sample] = []
    figures: list[Figure] = []
    tables: list[str] = []
    withheld: int | None = None


Scalar = str | int | float | bool | None


class AppliedWaiver(_Record):
    """A waiver as it stood when a check was judged: what it covers, on whose word, and until when (`expires_at`, UTC).

    `agency` is a code or `all`, `rows` those it covers, `seal` that of the record of its approval.
    """

    waiver: str
    agency: str
    rows: int
    rows_at_most: int
    reason: str
    ground: str
    requested_by: str
    approved_by: str
    approved_through: str
    expires_at: datetime
    seal: str


class CheckResult(_Record):
    """What became of one check. `detail` says why it was not evaluated, or why no waiver was looked at.

    `waivers` are those that were live when the check was judged and cover the failing rows of an agency.
    `bounds` are the arguments of the expectation, and the value of each that is a bound of the period.
    """

    check: str
    severity: Severity
    scope: Scope
    outcome: Outcome
    rows_checked: int
    failed_rows: int = 0
    by_agency: list[AgencyRows] = []
    detail: str | None = None
    bounds: dict[str, Scalar | list[Scalar]] = {}
    waivers: list[AppliedWaiver] = []

    @property
    def blocks(self) -> bool:
        """Whether nothing is published because of it."""
        return self.severity == "critical" and self.outcome != "held" and not self.is_waived and not self.is_contained

    @property
    def is_contained(self) -> bool:
        """Whether a `cell` check failed, and no figure is left that rests on its failing rows beyond those waived."""
        if self.outcome != "failed" or self.scope != "cell" or self.is_waived:
            return False
        if not self.by_agency or sum(entry.rows for entry in self.by_agency) != self.failed_rows:
            return False
        return not self.uncontained

    @property
    def uncontained(self) -> list[AgencyRows]:
        """The failing rows that no waiver covers and that figures rest on; those because of which it blocks."""
        return [entry for entry in self.uncovered if entry.withheld is None]

    @property
    def cells_withheld(self) -> int:
        """How many cells are withheld because of it; one that rests on the rows of two agencies counts twice."""
        return sum(entry.withheld or 0 for entry in self.uncovered) if self.is_contained else 0

    @property
    def is_waived(self) -> bool:
        """Whether the check failed and all its failing rows lie within waivers."""
        return self.outcome == "failed" and bool(self.waivers) and not self.uncovered

    @property
    def uncovered(self) -> list[AgencyRows]:
        """The failing rows of agencies that no waiver covers; all of them when their numbers do not add up."""
        if sum(entry.rows for entry in self.by_agency) != self.failed_rows:
            return self.by_agency or [AgencyRows(agency_code=None, rows=self.failed_rows)]
        if any(w.agency == ALL_AGENCIES and self.failed_rows <= w.rows_at_most for w in self.waivers):
            return []
        most = {w.agency: w.rows_at_most for w in self.waivers if w.agency != ALL_AGENCIES}
        return [entry for entry in self.by_agency if entry.rows > most.get(entry.agency_code or "", 0)]

    @property
    def agencies(self) -> list[str]:
        """The codes of the agencies concerned, most rows first."""
        return [entry.agency_code for entry in self.by_agency if entry.agency_code is not None]

    @property
    def sample_keys(self) -> list[str]:
        """At most five keys over all agencies."""
        return [sample.key for entry in self.by_agency for sample in entry.samples][:5]


class Verdict(_Record):
    """A sealed judgement. `evaluated_at` (UTC) is metadata: no figure and no fingerprint depends on it.

    `outcome` says whether the month may be published: `held` also with cells `withheld`, and all else is published.
    """

    period: str
    calendar: Calendar
    run: str
    evaluated_at: datetime
    fingerprint: str
    tables: dict[str, str]
    results: list[CheckResult]
    outcome: Literal["held", "failed"]
    withheld: list[WithheldCell] = []
    held_back: list[HeldBack] = []
    seal: str = ""

    def passes(self, declared_critical: Iterable[str]) -> bool:
        """Whether every critical check declared today was evaluated, and held, is covered by waivers, or is contained.

        False when one is missing, so that a verdict older than a new check does not let a month through; and when a cell is
        withheld that no check explains.
        """
        good = {r.check for r in self.results if r.outcome == "held" or r.is_waived or r.is_contained}
        if self.outcome != "held" or not self.results or self.blocking() or not all(c.checks for c in self.withheld):
            return False
        return set(declared_critical) <= good

    def blocking(self) -> list[CheckResult]:
        """The critical checks because of which nothing is published: not evaluated, or failed beyond waivers and cells."""
        return [result for result in self.results if result.blocks]

    def contained(self) -> list[CheckResult]:
        """The critical checks that failed beyond waivers, and whose cells are withheld."""
        return [result for result in self.results if result.severity == "critical" and result.is_contained]

    def unresolved(self) -> list[CheckResult]:
        """What somebody has to repair or to waive: the critical checks that block the month, and those that withhold cells."""
        return [r for r in self.results if r.blocks or (r.severity == "critical" and r.is_contained)]

    def waived(self) -> list[CheckResult]:
        """The critical checks that failed and let the month through by waivers: of all their rows, or of those not contained."""
        return [r for r in self.results if r.severity == "critical" and r.waivers and (r.is_waived or r.is_contained)]

    def warnings(self) -> list[CheckResult]:
        """The warnings that did not hold."""
        return [result for result in self.results if result.severity == "warning" and result.outcome != "held"]

    def summary(self) -> dict[str, Any]:
        """The verdict in a few plain values, for manifests, logs and the command line."""
        return {
            "run": self.run,
            "outcome": self.outcome,
            "checks": len(self.results),
            "held": sum(result.outcome == "held" for result in self.results),
            "warnings": len(self.warnings()),
            "failed": [result.check for result in self.blocking()],
            "warned": [result.check for result in self.warnings()],
            "waived": [result.check for result in self.waived()],
            "contained": [result.check for result in self.contained()],
            "withheld": len(self.withheld),
            "fingerprint": self.fingerprint,
            "seal": self.seal,
        }

    def sealed(self) -> Verdict:
        return self.model_copy(update={"seal": seal_of(self.model_dump(mode="json"))})


def seal_of(content: dict[str, object]) -> str:
    """sha256 of the canonical JSON (sorted keys, no spaces) of a verdict without its seal."""
    unsealed = {key: value for key, value in content.items() if key != "seal"}
    text = json.dumps(unsealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(connection: duckdb.DuckDBPyConnection) -> tuple[str, dict[str, str]]:
    """The fingerprint that publishing compares, and the hash of each table; `missing` where a table was not built.

    A critical check fails in that case too, so the word is never compared with anything.
    """
    try:
        return fingerprint(connection)
    except duckdb.CatalogException:
        return "missing", {}


def period_folder(audit: Path, period: Period | str) -> Path:
    """Where the runs of a period lie."""
    return audit / str(period)


def run_folder(audit: Path, verdict: Verdict) -> Path:
    return period_folder(audit, verdict.period) / verdict.run


def write_verdict(audit: Path, verdict: Verdict) -> Verdict:
    """Seals and writes the verdict as the next run of its period; gives it back with its run id and seal.

    The run's folder appears by one rename with the verdict inside, so no run is ever without one.
    """
    home = period_folder(audit, verdict.period)
    home.mkdir(parents=True, exist_ok=True)
    while True:
        number = max((int(run) for run in _runs(home)), default=0) + 1
        sealed = verdict.model_copy(update={"run": f"{number:04d}"}).sealed()
        # Left behind by a kill, such a folder is no run: its name is no number.
        staged = Path(tempfile.mkdtemp(prefix=".writing-", dir=home))
        staged.chmod(0o755)
        write_text(staged / "verdict.json", sealed.model_dump_json(indent=2) + "\n")
        try:
            os.rename(staged, home / sealed.run)
            return sealed
        except OSError as error:  # another process took the number: take the next
            shutil.rmtree(staged)
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


def read_verdict(path: Path) -> Verdict:
    """Reads one verdict file. Raises VerdictBroken when it is not valid or its seal does not fit."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        verdict = Verdict.model_validate(content)
    except (ValueError, ValidationError) as error:
        raise VerdictBroken(f"{path} is no verdict: {str(error).splitlines()[0]}") from error
    # The seal is over what the file says, so that files written before a field existed keep theirs.
    if verdict.seal != seal_of(content):
        raise VerdictBroken(f"the seal of {path} does not fit: the file was changed after the gate wrote it")
    if (verdict.period, verdict.run) != (path.parent.parent.name, path.parent.name):
        raise VerdictBroken(f"{path} holds the verdict of {verdict.period} run {verdict.run}: it was moved or copied")
    return verdict


def verdicts_of(period: Period | str, settings: Settings) -> list[Verdict]:
    """All verdicts of a period, oldest first."""
    home = period_folder(settings.audit, period)
    return [read_verdict(home / run / "verdict.json") for run in _runs(home)]


def newest_verdict(period: Period | str, settings: Settings) -> Verdict | None:
    """The verdict of the period's last run, or None when the gate never ran. Raises VerdictBroken."""
    home = period_folder(settings.audit, period)
    runs = _runs(home)
    return read_verdict(home / runs[-1] / "verdict.json") if runs else None


def all_runs(settings: Settings) -> list[tuple[str, str]]:
    """Every run of every period as (period, run), by period and run, without opening a verdict."""
    if not settings.audit.is_dir():
        return []
    periods = sorted(entry.name for entry in settings.audit.iterdir() if entry.is_dir())
    return [(period, run) for period in periods for run in _runs(period_folder(settings.audit, period))]


def verdict_of(period: str, run: str, settings: Settings) -> Verdict:
    """The verdict of one run. Raises VerdictBroken."""
    return read_verdict(period_folder(settings.audit, period) / run / "verdict.json")


def _runs(home: Path) -> list[str]:
    if not home.is_dir():
        return []
    return sorted((entry.name for entry in home.iterdir() if _RUN.match(entry.name)), key=int)


def plural(count: int, word: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all, and to the disk before it is named."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)

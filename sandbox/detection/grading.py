"""What the checks said beside what was true: which check named which faulty agency, and which it named for nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from expectations.checks import Check
from expectations.verdicts import CheckResult
from sandbox.detection.period_faults import PeriodFault
from sandbox.detection.plan import Placed
from sandbox.detection.program_faults import ProgramFault
from sandbox.detection.records import PROVINCE, Records

PROGRAM_DOSE = "once"


@dataclass(frozen=True)
class Alarm:
    """A check that failed at a place: an agency, or the key of a row that belongs to none."""

    check: str
    place: str
    rows: int


@dataclass(frozen=True)
class Found:
    """A fault that was put in, where, and which checks named it."""

    fault: str
    dose: str
    place: str
    checks: frozenset[str]


@dataclass
class Grades:
    """Every fault with the checks that named it; `false_alarms` counts what was named for nothing, by check."""

    found: list[Found] = field(default_factory=list)
    false_alarms: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    unevaluated: dict[str, str] = field(default_factory=dict)

    def caught(self, fault: str, dose: str) -> list[Found]:
        return [one for one in self.found if (one.fault, one.dose) == (fault, dose)]

    def only_by(self, check: str, among: Collection[str] | None = None) -> list[Found]:
        """The faults that no other check found; with `among`, no other of those."""
        return [one for one in self.found if (one.checks if among is None else one.checks & set(among)) == {check}]

    def needed_for(self, check: Check, checks: Iterable[Check]) -> list[Found]:
        """The faults that would slip without the check. One that a critical check stops, and a mere warning tells, slips too."""
        if check.severity == "warning":
            return self.only_by(check.id)
        return self.only_by(check.id, {one.id for one in checks if one.severity == "critical"})


def alarms(results: Iterable[CheckResult]) -> Iterator[Alarm]:
    """One for every check and agency it names; of rows without an agency, one for every row that it shows."""
    for result in results:
        for entry in result.by_agency:
            if entry.agency_code is not None:
                yield Alarm(result.check, entry.agency_code, entry.rows)
            else:
                for sample in entry.samples:
                    yield Alarm(result.check, sample.key, 1)


def grade(grades: Grades, records: Records, placed: Sequence[Placed], results: Sequence[CheckResult]) -> None:
    """Adds one reading of the month to the grades.

    What is said of the province, or of a source as a whole, where most agencies have a fault, follows from the faults and is
    neither found nor false, but for faults that are found there and nowhere else.
    """
    owners = {place: one for one in placed for place in one.places(records)}
    elsewhere = [one for one in placed if one.fault.elsewhere is not None]
    named: dict[Placed, set[str]] = {one: set() for one in placed}
    communes = {records.code(number) for number in range(records.communes + records.newcomers)}
    for alarm in alarms(results):
        owner = owners.get(alarm.place) or next(
            (one for one in elsewhere if alarm.check in one.fault.by and alarm.place not in communes), None
        )
        if owner is not None:
            named[owner].add(alarm.check)
        elif alarm.place in communes:
            grades.false_alarms[alarm.check] += 1
    for one, checks in named.items():
        grades.found.append(Found(one.fault.name, one.dose.label, records.code(one.agency), frozenset(checks)))
    note_unevaluated(grades, results)


def note_unevaluated(grades: Grades, results: Iterable[CheckResult]) -> None:
    """A check that could not be evaluated is no alarm, and must not pass for silence either."""
    for result in results:
        if result.outcome == "not_evaluated":
            grades.unevaluated[result.check] = result.detail or ""


@dataclass
class Clean:
    """What was said of clean months, by check: failing rows of critical checks and of warnings, and agencies named."""

    months: int = 0
    cells: int = 0
    criticals: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    warnings: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    alarms: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, results: Iterable[CheckResult], cells: int) -> None:
        self.months += 1
        self.cells += cells
        for result in results:
            if result.outcome != "held":
                counted = self.criticals if result.severity == "critical" else self.warnings
                counted[result.check] += max(1, result.failed_rows)
                self.alarms[result.check] += max(1, len(result.by_agency))

    @property
    def warnings_per_thousand(self) -> float:
        return 1000 * sum(self.warnings.values()) / self.cells if self.cells else 0.0


def grade_program(
    grades: Grades, faults: Sequence[tuple[Sequence[str], ProgramFault]], results: Sequence[CheckResult]
) -> None:
    """Adds a judgement of a changed build file; `faults` are with the places where each may be found.

    At the province, where several are, a check finds the one that it is meant for; that a wrong sum of a commune makes the
    province's wrong is told by the same check, and is no second finding.
    """
    named: dict[ProgramFault, set[str]] = {fault: set() for _, fault in faults}
    told_of_communes = {fault.by for places, fault in faults if PROVINCE not in places}
    for alarm in alarms(results):
        owners = [fault for places, fault in faults if alarm.place in places]
        if alarm.place == PROVINCE:
            meant = [fault for fault in owners if fault.by == alarm.check]
            if not meant and alarm.check in told_of_communes:
                continue
            owners = meant
        for fault in owners:
            named[fault].add(alarm.check)
        if not owners:
            grades.false_alarms[alarm.check] += 1
    for places, fault in faults:
        grades.found.append(Found(fault.name, PROGRAM_DOSE, places[0], frozenset(named[fault])))
    note_unevaluated(grades, results)


def grade_period(grades: Grades, faults: Sequence[PeriodFault], results: Sequence[CheckResult]) -> None:
    """Adds a reading with faults of whole sources; whatever is named beside them is a false alarm."""
    named: dict[PeriodFault, set[str]] = {fault: set() for fault in faults}
    for alarm in alarms(results):
        owner = next((fault for fault in faults if fault.place and alarm.place.startswith(fault.place)), None)
        owner = owner or next((fault for fault in faults if alarm.check == fault.by), None)
        if owner is not None:
            named[owner].add(alarm.check)
        else:
            grades.false_alarms[alarm.check] += 1
    for fault, checks in named.items():
        grades.found.append(Found(fault.name, PROGRAM_DOSE, fault.place, frozenset(checks)))
    note_unevaluated(grades, results)

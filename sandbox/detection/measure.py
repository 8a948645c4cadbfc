"""The whole measurement: clean months closed one after the other, then the last month read anew as often as faults need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cchc.period import Period
from sandbox.detection.faults import Dose, Fault
from sandbox.detection.grading import Clean, Grades, grade, grade_period, grade_program
from sandbox.detection.landing import Rejected, landed
from sandbox.detection.months import Deployment
from sandbox.detection.period_faults import FAULTS as PERIOD_FAULTS
from sandbox.detection.plan import rounds
from sandbox.detection.program_faults import FAULTS as PROGRAM_FAULTS
from sandbox.detection.program_faults import ProgramFault
from sandbox.detection.records import Records, at_counter

# The month that faults are put into: after Tết, with three earlier months in its year.
FAULTY = Period(2025, 4)
NEWCOMERS = 8


@dataclass(frozen=True)
class Measured:
    """What was found of the faults, what was said of clean months, and what landing turned away."""

    grades: Grades
    clean: Clean
    rejected: list[Rejected]


def measure(
    home: Path,
    wanted: Sequence[tuple[Fault, Dose]],
    *,
    communes: int,
    spare: int,
    months: int,
    progress: Callable[[str], None],
) -> Measured:
    """Measures in `home`, a new folder: a province of `communes` with `months` clean months before the month of the faults.

    `spare` communes stay clean in every reading. The months must reach back to January.
    """
    deployment = Deployment(home / "province", Records(communes, NEWCOMERS, FAULTY))
    grades, clean = Grades(), Clean()
    history = [FAULTY]
    while len(history) <= months:
        history.insert(0, history[0].previous())
    for period in history[:-1]:
        progress(f"clean month {period}")
        clean.add(deployment.close(period), _cells(deployment, period))
    readings = rounds(wanted, deployment.records, spare, at_counter(deployment.records, FAULTY))
    for number, placed in enumerate(readings, 1):
        progress(f"{FAULTY} with {len(placed)} faults, reading {number} of {len(readings)}")
        grade(grades, deployment.records, placed, deployment.judged(FAULTY, placed))
    progress(f"{FAULTY} with faults of whole sources")
    grade_period(grades, PERIOD_FAULTS, deployment.judged_as_a_whole(FAULTY, PERIOD_FAULTS))
    progress(f"{FAULTY} without a fault")
    clean.add(deployment.judged(FAULTY, ()), _cells(deployment, FAULTY))
    progress("faults of our own program")
    _program(deployment, grades, FAULTY, [fault for fault in PROGRAM_FAULTS if not fault.first_month])
    _program(deployment, grades, Period(FAULTY.year, 1), [fault for fault in PROGRAM_FAULTS if fault.first_month])
    progress("faults at landing")
    return Measured(grades, clean, landed(home / "landing"))


def _program(deployment: Deployment, grades: Grades, period: Period, faults: Sequence[ProgramFault]) -> None:
    """Each fault in an agency of its own, all in one copy of the month's build file."""
    codes = [deployment.records.code(number) for number in range(len(faults))]
    placed = [
        ((fault.place.format(code=code), code) if fault.place else (code,), fault)
        for fault, code in zip(faults, codes, strict=True)
    ]
    statements = [fault.sql.format(agency=f"'{code}'") for fault, code in zip(faults, codes, strict=True)]
    grade_program(grades, placed, deployment.judged_after(period, statements))


def _cells(deployment: Deployment, period: Period) -> int:
    with duckdb.connect(str(deployment.settings.build_file(period)), read_only=True) as connection:
        found = connection.execute("select count(*) from indicator_values").fetchone()
    return int(found[0]) if found else 0

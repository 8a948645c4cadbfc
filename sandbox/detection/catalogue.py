"""All faults, and the doses at which they must be caught."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from sandbox.detection import date_faults, dossier_faults, form_faults, office_faults
from sandbox.detection.faults import Dose, Fault

RECORD_FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (*dossier_faults.FAULTS, *date_faults.FAULTS, *office_faults.FAULTS, *form_faults.FAULTS)
}
_MUST_CATCH = Path(__file__).parent / "must_catch.csv"


@dataclass(frozen=True)
class MustCatch:
    """A check that must find a fault at a dose; `dose` is `once` for faults of our own program."""

    fault: str
    dose: str
    check: str


def must_catch() -> list[MustCatch]:
    """The list that CI enforces."""
    with _MUST_CATCH.open(encoding="utf-8", newline="") as file:
        return [MustCatch(**row) for row in csv.DictReader(file)]


def dose_of(fault: str, label: str) -> tuple[Fault, Dose]:
    """The fault and its dose of that label; raises LookupError when there is none."""
    known = RECORD_FAULTS[fault]
    for dose in known.doses:
        if dose.label == label:
            return known, dose
    raise LookupError(f"{fault} has no dose {label!r}; it has {', '.join(dose.label for dose in known.doses)}")

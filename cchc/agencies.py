"""Which agencies report in a period: the shipped agencies.csv and the deployment's own additions."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date

from cchc.period import Period
from cchc.settings import Settings


@dataclass(frozen=True)
class Agency:
    """One validity range of an agency; `identity_code` is the H-code that source systems know it by. Dates are inclusive."""

    agency_code: str
    valid_from: date
    valid_to: date | None
    name_vi: str
    level: str
    parent_code: str
    identity_code: str
    reports_from: date | None
    reports_to: date | None

    def reports_on(self, day: date) -> bool:
        if self.reports_from is None:
            return False
        starts = max(self.valid_from, self.reports_from)
        return starts <= day <= (self.valid_to or date.max) and day <= (self.reports_to or date.max)


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def agencies(settings: Settings) -> list[Agency]:
    """All validity ranges, shipped and local."""
    found = []
    for path in settings.agency_files:
        if not path.exists():
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                dates = {
                    name: _date(row.pop(name)) for name in ("valid_from", "valid_to", "reports_from", "reports_to")
                }
                found.append(Agency(**row, **dates))  # type: ignore[arg-type]
    return found


def reporting_agencies(settings: Settings, period: Period) -> list[Agency]:
    """The agencies that report in `period`, judged on its last day, by code."""
    reporting = [a for a in agencies(settings) if a.reports_on(period.last_date)]
    return sorted(reporting, key=lambda a: a.agency_code)

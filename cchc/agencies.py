"""Which agencies report in a period: the shipped agencies.csv and the deployment's own additions."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from datetime import date

from cchc.period import Period
from cchc.settings import Settings

LEVELS = ("commune", "district", "province")


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


class AgenciesUnreadable(ValueError):
    """A row of an agencies file is not what it should be; the message names file, line and column."""


def agencies(settings: Settings) -> list[Agency]:
    """All validity ranges; a local row replaces the shipped one of the same code and first day, as it does in dbt.

    Raises AgenciesUnreadable.
    """
    found: dict[tuple[str, date], Agency] = {}
    for path in settings.agency_files:
        if not path.exists():
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                agency = _agency(row, f"{path} line {line}")
                found[agency.agency_code, agency.valid_from] = agency
    return list(found.values())


def _agency(row: dict[str, str], where: str) -> Agency:
    names = [field.name for field in fields(Agency)]
    if missing := [name for name in names if row.get(name) is None]:
        raise AgenciesUnreadable(f"{where}: column {', '.join(missing)} is missing; there must be {', '.join(names)}")
    values: dict[str, str | date | None] = {name: row[name] for name in names}
    for name in ("valid_from", "valid_to", "reports_from", "reports_to"):
        try:
            values[name] = date.fromisoformat(row[name]) if row[name] else None
        except ValueError:
            raise AgenciesUnreadable(
                f"{where}: {name} is {row[name]!r}; write it as 2023-01-31 or leave it blank"
            ) from None
    if values["valid_from"] is None:
        raise AgenciesUnreadable(f"{where}: valid_from is blank")
    if row["level"] not in LEVELS:
        raise AgenciesUnreadable(f"{where}: level is {row['level']!r}; write one of {', '.join(LEVELS)}")
    return Agency(**values)  # type: ignore[arg-type]


def reporting_agencies(settings: Settings, period: Period) -> list[Agency]:
    """The agencies that report in `period`, judged on its last day, by code."""
    reporting = [a for a in agencies(settings) if a.reports_on(period.last_date)]
    return sorted(reporting, key=lambda a: a.agency_code)

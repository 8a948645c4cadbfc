"""Agencies through time and who became whom: what is shipped, the deployment's own additions, and who reports in a period."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from cchc.period import Period
from cchc.settings import ConfigurationError, Settings

LEVELS = ("commune", "district", "province", "department")
KINDS = ("merge", "split", "rename", "recode", "reparent", "level_abolished")
REPORTING_LEVELS = ("commune", "department")  # who reports below a named province
Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, for whoever has to correct it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} line {self.line}"


@dataclass(frozen=True, slots=True)
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
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> Key:
        return self.agency_code, self.valid_from

    def valid_on(self, day: date) -> bool:
        return self.valid_from <= day <= (self.valid_to or date.max)

    def reports_on(self, day: date) -> bool:
        """Whether it is said of the agency itself that it reports then."""
        return self.reports_from is not None and self.valid_on(day) and self._in_range(day)

    def may_report_on(self, day: date) -> bool:
        """Whether nothing that is said of the agency itself keeps it from reporting then."""
        return self.level in REPORTING_LEVELS and self.valid_on(day) and self._in_range(day)

    def _in_range(self, day: date) -> bool:
        return (self.reports_from or date.min) <= day <= (self.reports_to or date.max)


@dataclass(frozen=True, slots=True)
class Succession:
    """An agency that ended and one that took over from it on `event_date`; nobody did where `to_code` is blank.

    `weight` is the share that goes to the successor, None when nobody knows.
    """

    from_code: str
    from_valid_from: date
    to_code: str
    to_valid_from: date | None
    event_date: date
    kind: str
    weight: Decimal | None
    legal_act: str
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def predecessor(self) -> Key:
        return self.from_code, self.from_valid_from

    @property
    def successor(self) -> Key | None:
        return (self.to_code, self.to_valid_from) if self.to_code and self.to_valid_from else None


AGENCY_COLUMNS = tuple(name for name in Agency.__dataclass_fields__ if name != "place")
SUCCESSION_COLUMNS = tuple(name for name in Succession.__dataclass_fields__ if name != "place")


class AgenciesUnreadable(ValueError):
    """A row of an agencies file is not what it should be; the message names file, line and column."""


def canonical_identity(code: str) -> str:
    """An identity code top-first and without the zeros of levels that it does not reach: 000.01.12.H28 is H28.12.01.

    Quyết định 20/2020/QĐ-TTg writes codes top-first, QCVN 102:2016/BTTTT lowest-first. Other codes stay as they are.
    """
    groups = code.split(".")
    if re.fullmatch(r"[A-Z]\d+", groups[-1]) and all(group.isdigit() for group in groups[:-1]):
        groups.reverse()
    if re.fullmatch(r"[A-Z]\d+", groups[0]):
        while len(groups) > 1 and not groups[-1].strip("0"):
            groups.pop()
    return ".".join(groups)


def agencies(settings: Settings) -> list[Agency]:
    """All validity ranges; a local row replaces the shipped one of the same code and first day, as it does in dbt.

    Where the deployment names its provinces, the reporting ranges of shipped rows, which are those of the stand-in
    province, do not count. Raises AgenciesUnreadable.
    """
    stamp = _stamp(settings.agency_files[0])
    shipped = _without_ranges(*stamp) if settings.reporting_codes else _agencies_at(*stamp)
    local = local_agencies(settings)
    replaced = {a.key for a in local}
    return [*(a for a in shipped if a.key not in replaced), *local]


def successions(settings: Settings) -> list[Succession]:
    """All successions; local rows about an agency that ended replace every shipped row about it, as they do in dbt.

    Raises AgenciesUnreadable.
    """
    shipped, local = _successions_at(*_stamp(settings.succession_files[0])), local_successions(settings)
    replaced = {one.predecessor for one in local}
    return [*(one for one in shipped if one.predecessor not in replaced), *local]


def local_agencies(settings: Settings) -> tuple[Agency, ...]:
    """The deployment's own rows. Raises AgenciesUnreadable."""
    return _agencies_at(*_stamp(settings.agency_files[1]))


def local_successions(settings: Settings) -> tuple[Succession, ...]:
    """The deployment's own rows. Raises AgenciesUnreadable."""
    return _successions_at(*_stamp(settings.succession_files[1]))


def reporting_agencies(settings: Settings, period: Period) -> list[Agency]:
    """The agencies that report in `period`, judged on its last day, by code.

    Those under the agencies that CCHC_PROVINCES names; where it names none, those of which a reporting range is said.
    Raises AgenciesUnreadable, ConfigurationError when a named agency does not exist.
    """
    day, found = period.last_date, agencies(settings)
    named = frozenset(reporting_codes(settings, found))
    if not named:
        reporting = [a for a in found if a.reports_on(day)]
    else:
        valid = {a.agency_code: a for a in found if a.valid_on(day)}
        reporting = [a for a in found if a.may_report_on(day) and not named.isdisjoint(_upwards(a, valid))]
    return sorted(reporting, key=lambda a: a.agency_code)


def reporting_codes(settings: Settings, known: Iterable[Agency]) -> tuple[str, ...]:
    """The codes that CCHC_PROVINCES names. Raises ConfigurationError when no agency ever had one of them."""
    if not settings.reporting_codes:
        return ()
    names = {a.agency_code: a.name_vi for a in known}
    for code in settings.reporting_codes:
        if code not in names:
            same = sorted({c for c, name in names.items() if name.casefold().endswith(code.casefold()) and len(c) == 2})
            hint = f"; write {' or '.join(same)}" if same else ""
            raise ConfigurationError(
                f"CCHC_PROVINCES: no agency has the code {code!r}{hint}; it takes codes by comma, of provinces (30,31) "
                "or, for a pilot, of districts and communes (11122,11119)"
            )
    return settings.reporting_codes


def _upwards(agency: Agency, valid: dict[str, Agency]) -> Iterator[str]:
    """Its own code and those of the two levels above it: commune, district (until 30 June 2025), province."""
    yield agency.agency_code
    yield agency.parent_code
    if above := valid.get(agency.parent_code):
        yield above.parent_code


def read_agencies(path: Path) -> tuple[Agency, ...]:
    """The rows of one file in the columns of the seed. Raises AgenciesUnreadable."""
    return tuple(agency_of(row, place) for row, place in _rows(path, AGENCY_COLUMNS))


def read_successions(path: Path) -> tuple[Succession, ...]:
    """The rows of one file in the columns of the seed. Raises AgenciesUnreadable."""
    return tuple(succession_of(row, place) for row, place in _rows(path, SUCCESSION_COLUMNS))


def cells(row: Agency | Succession) -> list[str]:
    """A row as it is written into a file, in the order of its columns."""
    columns = AGENCY_COLUMNS if isinstance(row, Agency) else SUCCESSION_COLUMNS
    return ["" if (value := getattr(row, name)) is None else str(value) for name in columns]


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[dict[str, str], Place]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            place = Place(str(path), reader.line_num)
            if missing := [name for name in columns if row.get(name) is None]:
                raise AgenciesUnreadable(
                    f"{place}: column {', '.join(missing)} is missing; there must be {', '.join(columns)}"
                )
            yield row, place


def agency_of(row: dict[str, str], place: Place) -> Agency:
    """A row of texts, which has every column. Raises AgenciesUnreadable."""
    return Agency(
        agency_code=_text(row, "agency_code", place),
        valid_from=_day(row, "valid_from", place),
        valid_to=_day_or_none(row, "valid_to", place),
        name_vi=row["name_vi"],
        level=_word(row, "level", LEVELS, place),
        parent_code=row["parent_code"],
        identity_code=row["identity_code"],
        reports_from=_day_or_none(row, "reports_from", place),
        reports_to=_day_or_none(row, "reports_to", place),
        place=place,
    )


def succession_of(row: dict[str, str], place: Place) -> Succession:
    """A row of texts, which has every column. Raises AgenciesUnreadable."""
    event_date = _day(row, "event_date", place)
    try:
        weight = Decimal(row["weight"]) if row["weight"] else None
    except InvalidOperation:
        weight = Decimal("NaN")
    if weight is not None and not weight.is_finite():
        raise AgenciesUnreadable(f"{place}: weight is {row['weight']!r}; write it as 0.6 or leave it blank")
    return Succession(
        from_code=_text(row, "from_code", place),
        from_valid_from=_day(row, "from_valid_from", place),
        to_code=row["to_code"],
        to_valid_from=_day(row, "to_valid_from", place) if row["to_code"] else None,
        event_date=event_date,
        kind=_word(row, "kind", KINDS, place),
        weight=weight,
        legal_act=row["legal_act"],
        place=place,
    )


def _text(row: dict[str, str], name: str, place: Place) -> str:
    if not row[name]:
        raise AgenciesUnreadable(f"{place}: {name} is blank")
    return row[name]


def _word(row: dict[str, str], name: str, allowed: tuple[str, ...], place: Place) -> str:
    if row[name] not in allowed:
        raise AgenciesUnreadable(f"{place}: {name} is {row[name]!r}; write one of {', '.join(allowed)}")
    return row[name]


def _day(row: dict[str, str], name: str, place: Place) -> date:
    day = _day_or_none(row, name, place)
    if day is None:
        raise AgenciesUnreadable(f"{place}: {name} is blank")
    return day


def _day_or_none(row: dict[str, str], name: str, place: Place) -> date | None:
    try:
        return date.fromisoformat(row[name]) if row[name] else None
    except ValueError:
        raise AgenciesUnreadable(
            f"{place}: {name} is {row[name]!r}; write it as 2023-01-31 or leave it blank"
        ) from None


def _stamp(path: Path) -> tuple[Path, int, int]:
    """A file with what tells whether it has changed since it was read; size -1 when it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return path, 0, -1
    return path, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=8)
def _agencies_at(path: Path, changed: int, size: int) -> tuple[Agency, ...]:
    return read_agencies(path) if size >= 0 else ()


@lru_cache(maxsize=8)
def _successions_at(path: Path, changed: int, size: int) -> tuple[Succession, ...]:
    return read_successions(path) if size >= 0 else ()


@lru_cache(maxsize=2)
def _without_ranges(path: Path, changed: int, size: int) -> tuple[Agency, ...]:
    return tuple(replace(a, reports_from=None, reports_to=None) for a in _agencies_at(path, changed, size))

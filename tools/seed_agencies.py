"""Makes the shipped seeds of the country's agencies: dbt_project/seeds/agencies.csv and agency_successions.csv.

The data of the package vietnamadminunits say what there was on two days: 30 June 2025, the last of the old units, and
1 July 2025, the first of the new ones. What is known of other days stands in the reviewed files beside this one.

Run: python -m tools.seed_agencies
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from cchc.agencies import (
    AGENCY_COLUMNS,
    SUCCESSION_COLUMNS,
    Agency,
    Key,
    Succession,
    cells,
    read_agencies,
    read_successions,
)
from cchc.agency_checks import findings
from cchc.settings import PROJECT
from tools.vietnamadminunits_data import Country, Unit, country

HERE = Path(__file__).resolve().parent
SEEDS = PROJECT / "dbt_project" / "seeds"
# Quyết định 124/2004/QĐ-TTg numbered the units on this day. The data do not say since when a unit has been what it is.
FIRST_DAY = date(2004, 7, 8)
LAST_OLD_DAY, FIRST_NEW_DAY = date(2025, 6, 30), date(2025, 7, 1)
PROVINCES_ACT = "Nghị quyết 202/2025/QH15"
COMMUNES_ACT = "Nghị quyết 202/2025/QH15; Quyết định 19/2025/QĐ-TTg"
DISTRICTS_ACT = "Nghị quyết 203/2025/QH15"


class Contradiction(ValueError):
    """The reviewed rows and the data cannot both be true; the message says which rows and why."""


def seeds(
    known: Country, reviewed: Iterable[Agency], changes: Iterable[Succession]
) -> tuple[list[Agency], list[Succession]]:
    """Both tables, sorted: what the data say, and reviewed rows in place of those that they touch.

    Raises Contradiction when a reviewed row says something else of one of the two days than the data, or when the tables
    together do not hold (gaps, overlaps, successors that do not exist …).
    """
    reviewed, changes = list(reviewed), list(changes)
    agencies = _overlaid(list(_units_through_time(known)), reviewed)
    held = {day: {a.agency_code: a for a in agencies if a.valid_on(day)} for day in (LAST_OLD_DAY, FIRST_NEW_DAY)}
    _compare(known, held)
    successions = [*_generated(known, held), *changes]
    if twice := [k for k, n in Counter((s.predecessor, s.successor) for s in successions).items() if n > 1]:
        raise Contradiction(f"a reviewed succession repeats one that the data give: {twice}")
    if wrong := findings(agencies, successions):
        raise Contradiction("\n".join(map(str, wrong)))
    order = sorted(successions, key=lambda s: (len(s.from_code), s.from_code, s.from_valid_from, s.to_code))
    return sorted(agencies, key=lambda a: (len(a.agency_code), a.key)), order


def _units_through_time(known: Country) -> Iterator[Agency]:
    """One range for each old and each new unit; one for both where a province went on as it was."""
    for unit in known.old.values():
        yield _agency(unit, FIRST_DAY, None if _unchanged(known, unit) else LAST_OLD_DAY)
    unchanged = {unit.code for unit in known.old.values() if _unchanged(known, unit)}
    for unit in known.new.values():
        if unit.code not in unchanged:
            yield _agency(unit, FIRST_NEW_DAY, None)


def _unchanged(known: Country, unit: Unit) -> bool:
    """Whether a province took in no other and kept code and name. Every commune changed: districts ended."""
    if unit.level != "province":
        return False
    (successor,) = (known.new[key] for key in known.became[unit.key])
    return (successor.code, successor.name) == (unit.code, unit.name) and len(known.sources[successor.key]) == 1


def _agency(unit: Unit, starts: date, ends: date | None) -> Agency:
    return Agency(unit.code, starts, ends, unit.name, unit.level, unit.parent_code, "", None, None)


def _overlaid(generated: list[Agency], reviewed: list[Agency]) -> list[Agency]:
    """Reviewed ranges, and those of the data whose days no reviewed range of the same code touches."""
    by_code = defaultdict(list)
    for row in reviewed:
        by_code[row.agency_code].append(row)
    kept = [
        a
        for a in generated
        if not any(
            r.valid_from <= (a.valid_to or date.max) and a.valid_from <= (r.valid_to or date.max)
            for r in by_code[a.agency_code]
        )
    ]
    return [*kept, *reviewed]


def _compare(known: Country, held: dict[date, dict[str, Agency]]) -> None:
    for day, units in ((LAST_OLD_DAY, known.old), (FIRST_NEW_DAY, known.new)):
        for unit in units.values():
            row = held[day].get(unit.code)
            if row is None:
                raise Contradiction(f"{unit.code} {unit.name} is there on {day}, but reviewed rows leave that day out")
            if (row.name_vi, row.level, row.parent_code) != (unit.name, unit.level, unit.parent_code):
                raise Contradiction(
                    f"{row.place}: on {day} {unit.code} is {row.name_vi!r}, {row.level} under {row.parent_code or 'nobody'}; "
                    f"the data say {unit.name!r}, {unit.level} under {unit.parent_code or 'nobody'}"
                )


def _generated(known: Country, held: dict[date, dict[str, Agency]]) -> Iterator[Succession]:
    """Who took over on 1 July 2025, by the ranges that hold each code on either day."""
    old, new = held[LAST_OLD_DAY], held[FIRST_NEW_DAY]
    for unit in known.old.values():
        before = old[unit.code]
        if before.valid_to is None or before.valid_to > LAST_OLD_DAY:
            continue
        successors = [new[known.new[key].code] for key in known.became.get(unit.key, ())]
        if not successors:
            yield _succession(before.key, None, "level_abolished", None, DISTRICTS_ACT)
        act = PROVINCES_ACT if unit.level == "province" else COMMUNES_ACT
        for key, after in zip(known.became.get(unit.key, ()), successors, strict=True):
            kind = "split" if len(successors) > 1 else _kind(before, after, len(known.sources[key]) == 1)
            yield _succession(before.key, after.key, kind, None if kind == "split" else Decimal(1), act)


def _kind(before: Agency, after: Agency, alone: bool) -> str:
    if not alone:
        return "merge"
    if before.agency_code != after.agency_code:
        return "recode"
    return "reparent" if before.name_vi == after.name_vi else "rename"


def _succession(before: Key, after: Key | None, kind: str, weight: Decimal | None, act: str) -> Succession:
    to_code, to_valid_from = after or ("", None)
    return Succession(*before, to_code, to_valid_from, FIRST_NEW_DAY, kind, weight, act)


def csv_text(columns: tuple[str, ...], rows: Iterable[Agency | Succession]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(cells(row) for row in rows)
    return out.getvalue()


def texts() -> dict[str, str]:
    """The content of each seed by file name, from the installed package and the reviewed files."""
    reviewed = read_agencies(HERE / "reviewed_agencies.csv")
    changes = read_successions(HERE / "reviewed_successions.csv")
    agencies, successions = seeds(country(), reviewed, changes)
    return {
        "agencies.csv": csv_text(AGENCY_COLUMNS, agencies),
        "agency_successions.csv": csv_text(SUCCESSION_COLUMNS, successions),
    }


def main() -> None:
    for name, text in texts().items():
        (SEEDS / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{SEEDS / name}: {text.count(chr(10)) - 1} rows\n")


if __name__ == "__main__":
    main()

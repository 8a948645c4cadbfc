"""Containment: which failing rows leave no figure behind, which cells have to be withheld until none does, and what that
holds back, in words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from expectations.cells import HeldBack, WithheldCell
from expectations.checks import Check
from expectations.lineage import Cell, Lineage
from expectations.verdicts import AgencyRows, CheckResult

log = logging.getLogger(__name__)
_YEAR_ALONE = " (lũy kế từ đầu năm)"


@dataclass(frozen=True)
class Containment:
    """Results of one judgement, each agency's failing rows marked with the cells that no longer hold a figure.

    `open_cells` are those that still do, by check and agency; rows that cannot be placed are not in it. `rollups` are the
    agencies among them that are roll-ups.
    """

    results: list[CheckResult]
    open_cells: dict[tuple[str, str | None], frozenset[Cell]] = field(default_factory=dict)
    rollups: frozenset[str] = frozenset()
    withheld: list[WithheldCell] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)

    def cells_to_withhold(self, results: Sequence[CheckResult]) -> frozenset[Cell]:
        """What has to be withheld before the month can be published, `results` being these with their waivers.

        Empty when that would not do: something else blocks, or rows cannot be placed. A roll-up waits until the cells of its
        agencies are withheld, since its fault is mostly theirs.
        """
        of_agencies: set[Cell] = set()
        of_rollups: set[Cell] = set()
        for result in results:
            if not result.blocks:
                continue
            if result.outcome != "failed" or result.scope != "cell":
                return frozenset()
            for entry in result.uncovered:
                cells = frozenset() if entry.withheld is not None else self.open_cells.get(_key(result, entry))
                if cells is None:
                    return frozenset()
                (of_rollups if entry.agency_code in self.rollups else of_agencies).update(cells)
        found = of_agencies or of_rollups
        # A month's cell takes along the year to date that rests on it, which knows the months before.
        return frozenset(cell for cell in found if cell.scope == "month" or cell._replace(scope="month") not in found)


def contain(
    connection: duckdb.DuckDBPyConnection,
    results: Sequence[CheckResult],
    checks: Mapping[str, Check],
    names: Mapping[str, str],
) -> Containment:
    """Marks the failing rows of critical `cell` checks by what this build file holds.

    Where it lacks what lineage is read from, nothing is contained, and every failing check blocks.
    """
    lineage = Lineage(connection)
    marked: list[CheckResult] = []
    open_cells: dict[tuple[str, str | None], frozenset[Cell]] = {}
    because: dict[Cell, set[str]] = {}
    rollups: set[str] = set()
    try:
        for result in results:
            check = checks.get(result.check)
            if check is None or not _may_be_contained(result):
                marked.append(result)
                continue
            entries = []
            for entry in result.by_agency:
                cells = lineage.cells(check, entry)
                still_open = None if cells is None else lineage.open_cells(cells)
                if still_open:
                    open_cells[_key(result, entry)] = still_open
                if entry.agency_code is not None and lineage.is_rollup(entry.agency_code):
                    rollups.add(entry.agency_code)
                for cell in cells or ():
                    because.setdefault(cell, set()).add(result.check)
                contained = len(lineage.withheld_of(cells)) if cells is not None and not still_open else None
                entries.append(entry.model_copy(update={"withheld": contained}))
            marked.append(result.model_copy(update={"by_agency": entries}))
        withheld = _withheld(lineage, because)
        held_back = _held_back(lineage, withheld, names) if withheld else []
    except duckdb.Error as error:
        log.error("what rests on failing rows cannot be read: %s", str(error).splitlines()[0])
        return Containment([_unmarked(result) for result in results])
    return Containment(marked, open_cells, frozenset(rollups), withheld, held_back)


def merged(first: Sequence[CheckResult], last: Sequence[CheckResult]) -> list[CheckResult]:
    """The last results with those failing rows of the first that were seen before their figures were withheld.

    So the verdict tells why they are. Rows are told by their agency; what fails still is told as it is now.
    """
    before = {result.check: result for result in first if _may_be_contained(result)}
    found = []
    for result in last:
        now = {entry.agency_code for entry in result.by_agency}
        earlier = before[result.check].by_agency if result.check in before else []
        gone = [entry for entry in earlier if entry.agency_code not in now]
        if gone and result.outcome != "not_evaluated":
            entries = sorted([*result.by_agency, *gone], key=lambda one: (-one.rows, one.agency_code or ""))
            rows = sum(entry.rows for entry in entries)
            result = result.model_copy(update={"outcome": "failed", "by_agency": entries, "failed_rows": rows})
        found.append(result)
    return found


def _may_be_contained(result: CheckResult) -> bool:
    return (result.severity, result.scope, result.outcome) == ("critical", "cell", "failed")


def _unmarked(result: CheckResult) -> CheckResult:
    entries = [entry.model_copy(update={"withheld": None}) for entry in result.by_agency]
    return result.model_copy(update={"by_agency": entries})


def _key(result: CheckResult, entry: AgencyRows) -> tuple[str, str | None]:
    return result.check, entry.agency_code


def _withheld(lineage: Lineage, because: Mapping[Cell, set[str]]) -> list[WithheldCell]:
    """The cells withheld in the file, each with the checks that spoil it, or the month that its year to date rests on."""
    return [
        WithheldCell(
            scope=cell.scope,
            agency=cell.agency,
            indicator=cell.indicator,
            checks=sorted(because.get(cell, set()) | because.get(cell._replace(scope="month"), set())),
        )
        for cell in lineage.withheld
    ]


def _held_back(lineage: Lineage, withheld: Sequence[WithheldCell], names: Mapping[str, str]) -> list[HeldBack]:
    """What is withheld, agency by agency: a fact as a whole where no figure of the month that counts it is left."""
    scopes: dict[str, dict[str, set[str]]] = {}
    for cell in withheld:
        scopes.setdefault(cell.agency, {}).setdefault(cell.indicator, set()).add(cell.scope)
    left = _facts_left(lineage, scopes)
    found = []
    for agency, of in scopes.items():
        known = {code: lineage.indicators[code] for code in of if code in lineage.indicators}
        whole = {known[code].fact for code in known if "month" in of[code]} - left[agency]
        found.append(
            HeldBack(
                agency_code=agency,
                name_vi=names.get(agency, agency),
                facts=sorted(whole),
                indicators=sorted(
                    one.name_vi + ("" if "month" in of[code] else _YEAR_ALONE)
                    for code, one in known.items()
                    if one.fact not in whole
                ),
                rollups=[names.get(code, code) for code in lineage.rollups.get(agency, [])],
            )
        )
    return found


def _facts_left(lineage: Lineage, agencies: Iterable[str]) -> dict[str, set[str]]:
    """The facts of which a figure of the month, measured and not withheld, is left, by agency."""
    left: dict[str, set[str]] = {agency: set() for agency in agencies}
    for cell, (state, _) in lineage.states.items():
        known = lineage.indicators.get(cell.indicator)
        if cell.scope == "month" and cell.agency in left and known and state not in ("not_measured", "withheld"):
            left[cell.agency].add(known.fact)
    return left

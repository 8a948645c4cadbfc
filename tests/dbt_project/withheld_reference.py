"""What withholding makes of a month's figures, told once more: slowly, cell by cell, from the figures of the sound month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Cell = tuple[str, str, str]
# numerator, denominator, value, state, coverage
Figure = tuple[int | None, int | None, float | None, str, float]
WITHHELD: Figure = (None, None, None, "withheld", 0.0)
MEASURED = ("ok", "not_applicable")


@dataclass(frozen=True)
class World:
    """Who is summed into whom. Codes are agencies of the period's last day; `gone` is what an agency that is gone left.

    `months`: in how many months of the year so far an agency reported, the gone ones too. `opened`: agencies of whose
    opening stock the year knows; `opening_now`: those for whom this month gives it. `left` names (gone agency, indicator)
    that left anything, `left_before` those measured while they still reported.
    """

    kinds: Mapping[str, str]
    communes: Mapping[str, tuple[str, ...]]
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    opening_now: frozenset[str] = frozenset()
    left: frozenset[tuple[str, str]] = frozenset()
    left_before: frozenset[tuple[str, str]] = frozenset()

    def expected(self, agency: str, scope: str, code: str) -> int:
        if scope == "month" or self.kinds[code] == "closing_stock":
            return int(agency in self.communes)
        if self.kinds[code] == "opening_stock":
            return int(agency in self.opened)
        return self.months[agency]

    def rests_on_this_month(self, agency: str, code: str) -> bool:
        return self.kinds[code] != "opening_stock" or agency in self.opening_now

    def members(self, rollup: str) -> list[str]:
        return [agency for agency, above in (*self.communes.items(), *self.gone.items()) if rollup in above]


def after_withholding(sound: Mapping[Cell, Figure], cells: Iterable[Cell], world: World) -> dict[Cell, Figure]:
    """Every cell of the month with `cells` withheld; `sound` has every cell of the month without."""
    named = set(cells)
    return {cell: _figure(cell, figure, sound, named, world) for cell, figure in sound.items()}


def _figure(cell: Cell, figure: Figure, sound: Mapping[Cell, Figure], named: set[Cell], world: World) -> Figure:
    scope, agency, code = cell
    members = [agency] if agency in world.communes else world.members(agency)
    by_month = ("month", agency, code) in named and any(world.rests_on_this_month(m, code) for m in members)
    if cell in named or (scope == "ytd" and by_month):
        return WITHHELD
    if agency in world.communes:
        return figure
    before = [_months(member, scope, code, sound, set(), world) for member in members]
    after = [_months(member, scope, code, sound, named, world) for member in members]
    assert figure[4] == _share(before), f"the reference does not know how {cell} is made up"
    missed = any(_is_missed(member, scope, code, named, world) for member in members)
    return (None, None, None, "incomplete", _share(after)) if missed else figure


def _share(months: list[tuple[int, int]]) -> float:
    expected = sum(pair[0] for pair in months)
    return sum(pair[1] for pair in months) / expected if expected else 0.0


def _is_missed(member: str, scope: str, code: str, named: set[Cell], world: World) -> bool:
    """Whether a roll-up's figure lacks a part that is withheld."""
    by_month = ("month", member, code) in named and (scope == "month" or world.rests_on_this_month(member, code))
    if member in world.gone:
        return by_month and (member, code) in world.left
    return (by_month or (scope, member, code) in named) and world.expected(member, scope, code) > 0


def _months(
    member: str, scope: str, code: str, sound: Mapping[Cell, Figure], named: set[Cell], world: World
) -> tuple[int, int]:
    """Of a part of a roll-up: the agency-months expected of it, and those that can be counted on."""
    expected, is_missed = world.expected(member, scope, code), _is_missed(member, scope, code, named, world)
    if member in world.gone:
        return expected + is_missed, expected if (member, code) in world.left_before else 0
    measured = round(sound[scope, member, code][4] * expected)
    if not is_missed or (scope, member, code) in named:
        return expected, 0 if is_missed else measured
    return expected, measured - (sound["month", member, code][3] in MEASURED)

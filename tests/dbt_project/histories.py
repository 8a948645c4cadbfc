"""Random histories of agencies, and a slow, plain reference for who became whom. Deterministic for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Key = tuple[str, date]
BEGINNING = date(2004, 7, 8)
_DAY = timedelta(days=1)
_KINDS = ("merge", "absorb", "split", "weighted", "half_known", "rename", "recode", "keep", "keep")
_SPLITS: dict[str, tuple[Fraction | None, ...]] = {
    "split": (None, None),
    "weighted": (Fraction(1, 4), Fraction(3, 4)),
    "half_known": (Fraction(2, 5), None),
}


@dataclass(frozen=True)
class Succession:
    """`before` ended on the day before `day`; `after` has `weight` of it, or a part that nobody knows (None)."""

    before: Key
    after: Key | None
    day: date
    kind: str
    weight: Fraction | None


@dataclass
class History:
    """One province's communes, districts and successions."""

    name: str
    agencies: dict[Key, dict[str, Any]] = field(default_factory=dict)
    successions: list[Succession] = field(default_factory=list)

    def agency_rows(self) -> list[dict[str, Any]]:
        """Rows of dim_agencies; every use of a code has an identity code of its own, and every commune reports."""
        return [
            {"agency_code": code, "valid_from": start, "name_vi": code, "identity_code": f"{code}/{start}",
             "reports_from": start if agency["level"] == "commune" else None, "reports_to": None} | agency
            for (code, start), agency in self.agencies.items()
        ]  # fmt: skip

    def succession_rows(self) -> list[dict[str, Any]]:
        return [
            {"from_code": s.before[0], "from_valid_from": s.before[1], "event_date": s.day, "kind": s.kind,
             "to_code": s.after[0] if s.after else None, "to_valid_from": s.after[1] if s.after else None,
             "weight": None if s.weight is None else float(s.weight), "legal_act": ""}
            for s in self.successions
        ]  # fmt: skip

    def communes_on(self, day: date) -> list[Key]:
        return [k for k, a in self.agencies.items() if a["level"] == "commune" and self.stands(k, day)]

    def stands(self, key: Key, day: date) -> bool:
        end = self.agencies[key]["valid_to"]
        return key[1] <= day and (end is None or day <= end)

    def parts(self, key: Key, day: date) -> dict[Key, Fraction | None]:
        """What `key` is on a day, with the known share of each part."""
        found: dict[Key, list[Fraction | None]] = {}

        def walk(unit: Key, share: Fraction | None) -> None:
            steps = [s for s in self.successions if s.before == unit and s.day <= day]
            for step in steps:
                if step.after is not None:
                    walk(step.after, None if share is None or step.weight is None else share * step.weight)
            if not steps and self.stands(unit, day):
                found.setdefault(unit, []).append(share)

        walk(key, Fraction(1))
        known = {unit: [share for share in shares if share is not None] for unit, shares in found.items()}
        return {unit: sum(shares, Fraction(0)) if shares else None for unit, shares in known.items()}

    def answering(self, key: Key, day: date) -> tuple[Key, bool]:
        """The last agency that had the whole of `key` by a day, and whether it exists on that day."""
        days = sorted({key[1], day} | {s.day for s in self.successions if key[1] <= s.day <= day})
        unit = key
        for moment in days:
            unit = next((u for u, share in self.parts(key, moment).items() if share == 1), unit)
        return unit, self.stands(unit, day)

    def earlier(self, key: Key, from_day: date, day: date) -> set[Key]:
        """The agencies of an earlier `day` of which what `key` holds on `from_day` may be."""
        found = {key} if key[1] <= day else set()
        for step in self.successions:
            if step.after == key and day < step.day <= from_day:
                found |= self.earlier(step.before, step.day - _DAY, day)
        return found


def history(name: str, days: list[date], seed: int) -> History:
    """Six communes in two districts of one province, and on each of `days` whatever chance makes of them."""
    rng = random.Random(seed)
    made = History(name)
    province = f"{name}P"
    districts = [f"{name}D1", f"{name}D2"]
    made.agencies[province, BEGINNING] = _agency("province", None)
    for district in districts:
        made.agencies[district, BEGINNING] = _agency("district", province)
    for number in range(6):
        made.agencies[f"{name}{number:02d}", BEGINNING] = _agency("commune", rng.choice(districts))
    codes = (f"{name}{number:02d}" for number in range(6, 99))
    freed: list[str] = []
    for day in days:
        abolished = day == days[-1] and rng.random() < 0.5
        _live(made, rng, day, codes, freed, province if abolished else None, districts)
        if abolished:
            for district in districts:
                made.agencies[district, BEGINNING]["valid_to"] = day - _DAY
                made.successions.append(Succession((district, BEGINNING), None, day, "level_abolished", None))
    return made


def _agency(level: str, parent: str | None) -> dict[str, Any]:
    return {"level": level, "parent_code": parent, "valid_to": None}


def _live(
    made: History,
    rng: random.Random,
    day: date,
    codes: Iterator[str],
    freed: list[str],
    province: str | None,
    districts: list[str],
) -> None:
    """One day's changes; with `province` the districts go and every commune begins anew under it."""
    living = made.communes_on(day)
    rng.shuffle(living)
    taken = {code for code, _ in living}

    def ended(key: Key) -> None:
        made.agencies[key]["valid_to"] = day - _DAY
        taken.discard(key[0])

    def begun(code: str | None) -> Key:
        if code is None or code in taken:
            reusable = [c for c in freed if c not in taken]
            code = rng.choice(reusable) if reusable and rng.random() < 0.5 else next(codes)
        taken.add(code)
        made.agencies[code, day] = _agency("commune", province or rng.choice(districts))
        return code, day

    def follow(before: Key, after: Key, kind: str, weight: Fraction | None) -> None:
        made.successions.append(Succession(before, after, day, kind, weight))

    while living:
        kind = rng.choice(_KINDS)
        one = living.pop()
        if kind == "merge" and living:
            others = [living.pop() for _ in range(min(rng.choice((1, 2)), len(living)))]
            for key in (one, *others):
                ended(key)
            heir = begun(one[0] if rng.random() < 0.5 else None)
            for key in (one, *others):
                follow(key, heir, "merge", Fraction(1))
        elif kind == "absorb" and living and province is None:
            ended(one)
            follow(one, living.pop(), "merge", Fraction(1))
        elif kind in _SPLITS:
            ended(one)
            for weight in _SPLITS[kind]:
                follow(one, begun(one[0] if rng.random() < 0.4 else None), "split", weight)
        elif kind == "rename" or (province is not None and kind != "recode"):
            ended(one)
            follow(one, begun(one[0]), "rename", Fraction(1))
        elif kind == "recode":
            ended(one)
            follow(one, begun(None), "recode", Fraction(1))
        freed.extend(c for c in {one[0]} if c not in taken)

"""What is wrong with a table of agencies and one of successions: each finding names file, line and code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from cchc.agencies import Agency, Key, Place, Succession, canonical_identity

_Row = TypeVar("_Row")
_Key = TypeVar("_Key")
_DAY = timedelta(days=1)
_ABOVE = {
    "province": (),
    "district": ("province",),
    "commune": ("district", "province"),
    "department": ("district", "province"),
}
_CLOSE_ENOUGH = 1e-6  # weights are shares of people or area, rounded by whoever wrote them


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, of a row that stands at `place`."""

    rule: str
    place: Place | None
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.place or 'unknown'}: {self.code}: {self.text}"


def findings(agencies: Sequence[Agency], successions: Sequence[Succession]) -> list[Finding]:
    """All findings, by rule, in the order of the rows."""
    by_code = _grouped(agencies, lambda a: a.agency_code)
    by_key = {a.key: a for a in agencies}
    return [
        *_backwards(agencies),
        *_ranges(by_code),
        *_identity_codes(agencies),
        *_parents(agencies, by_code),
        *_levels(agencies, by_code),
        *_unknown_ends(successions, by_key),
        *_dates(successions, by_key),
        *_twice(successions),
        *_weights(successions),
        *_cycles(successions),
        *_left_behind(agencies, successions),
    ]


def _backwards(agencies: Iterable[Agency]) -> Iterator[Finding]:
    for a in agencies:
        if a.valid_to and a.valid_to < a.valid_from:
            yield _of(a, "range_backwards", f"valid_to {a.valid_to} lies before valid_from {a.valid_from}")


def _ranges(by_code: dict[str, list[Agency]]) -> Iterator[Finding]:
    """One code means one agency on a day, and on each day between two agencies that it meant."""
    for same in by_code.values():
        for earlier, later in _followed(same):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                until = f"until {earlier.valid_to}" if earlier.valid_to else "without an end"
                text = (
                    f"from {later.valid_from} it means {later.name_vi}, and {earlier.name_vi} ({earlier.place}) {until}"
                )
                yield _of(later, "code_overlap", text)
            elif earlier.valid_to + _DAY < later.valid_from:
                days = f"from {earlier.valid_to + _DAY} to {later.valid_from - _DAY}"
                yield _of(later, "code_gap", f"{days} it means nobody; before that {earlier.name_vi} ({earlier.place})")


def _identity_codes(agencies: Sequence[Agency]) -> Iterator[Finding]:
    by_identity = _grouped((a for a in agencies if a.identity_code), lambda a: canonical_identity(a.identity_code))
    for same in by_identity.values():
        for earlier, later in _followed(same):
            overlap = earlier.valid_to is None or earlier.valid_to >= later.valid_from
            if overlap and earlier.agency_code != later.agency_code:
                same_as = f"that of {earlier.agency_code} too on {later.valid_from} ({earlier.place})"
                text = f"identity code {later.identity_code} is {same_as}"
                yield _of(later, "identity_overlap", text)


def _parents(agencies: Iterable[Agency], by_code: dict[str, list[Agency]]) -> Iterator[Finding]:
    for a in agencies:
        if not a.parent_code:
            if a.level != "province":
                yield _of(a, "parent_missing", f"a {a.level} has a parent_code")
            continue
        day = a.valid_from
        for parent in sorted(by_code.get(a.parent_code, ()), key=lambda p: p.valid_from):
            if parent.valid_from <= day <= (parent.valid_to or date.max):
                day = parent.valid_to + _DAY if parent.valid_to else date.max
        if day <= (a.valid_to or date.max) and day != date.max:
            yield _of(a, "parent_missing", f"its parent {a.parent_code} does not exist on {day}")


def _levels(agencies: Iterable[Agency], by_code: dict[str, list[Agency]]) -> Iterator[Finding]:
    """A parent is of a level above; under any other one an agency would be in nobody's sum."""
    for a in agencies:
        for parent in by_code.get(a.parent_code, ()):
            together = parent.valid_from <= (a.valid_to or date.max) and a.valid_from <= (parent.valid_to or date.max)
            if together and parent.level not in _ABOVE[a.level]:
                may = " or ".join(_ABOVE[a.level]) or "nobody"
                yield _of(
                    a, "parent_level", f"a {a.level} is under a {may}, not under the {parent.level} {a.parent_code}"
                )
                break


def _unknown_ends(successions: Iterable[Succession], by_key: dict[Key, Agency]) -> Iterator[Finding]:
    for s in successions:
        if s.predecessor not in by_key:
            yield _about(s, "predecessor_missing", f"no agency {s.from_code} begins on {s.from_valid_from}")
        if s.successor and s.successor not in by_key:
            yield _about(s, "successor_missing", f"no agency {s.to_code} begins on {s.to_valid_from}")
        if not s.successor and s.kind != "level_abolished":
            yield _about(
                s, "successor_missing", f"a {s.kind} names who took over; only level_abolished leaves it blank"
            )


def _dates(successions: Iterable[Succession], by_key: dict[Key, Agency]) -> Iterator[Finding]:
    for s in successions:
        ended = by_key.get(s.predecessor)
        if ended and (ended.valid_to is None or ended.valid_to + _DAY != s.event_date):
            until = f"on {ended.valid_to}" if ended.valid_to else "never"
            yield _about(s, "date_mismatch", f"it ends {until} ({ended.place}), not on the day before {s.event_date}")
        taker = by_key.get(s.successor) if s.successor else None
        if taker and not taker.valid_on(s.event_date):
            yield _about(
                s, "date_mismatch", f"its successor {s.to_code} ({taker.place}) does not exist on {s.event_date}"
            )


def _twice(successions: Iterable[Succession]) -> Iterator[Finding]:
    for same in _grouped(successions, lambda s: (s.predecessor, s.successor)).values():
        for again in same[1:]:
            text = f"a second row says that {again.to_code or 'nobody'} took over ({same[0].place}); keep one"
            yield _about(again, "successor_twice", text)


def _weights(successions: Sequence[Succession]) -> Iterator[Finding]:
    for same in _grouped((s for s in successions if s.successor), lambda s: s.predecessor).values():
        weights = [s.weight for s in same]
        known = [w for w in weights if w is not None]
        if not known and len(same) > 1:
            continue  # split, and nobody knows the shares
        if len(known) < len(same):
            text = "it goes to one successor alone: the weight is 1" if len(same) == 1 else "give every weight or none"
            yield _about(same[0], "weight_missing", text)
        elif any(w <= 0 for w in known) or abs(float(sum(known)) - 1) > _CLOSE_ENOUGH:
            parts = ", ".join(f"{s.to_code} {w.normalize():f}" for s, w in zip(same, known, strict=True))
            yield _about(same[0], "weights_not_one", f"the weights of its successors ({parts}) do not add to 1")


def _cycles(successions: Sequence[Succession]) -> Iterator[Finding]:
    """An agency that comes after itself: what it had would be handed round for ever."""
    after: dict[Key, list[Succession]] = _grouped(successions, lambda s: s.predecessor)
    done: set[Key] = set()
    for start in after:
        path: list[Key] = []
        steps = [iter(after[start])] if start not in done else []
        if steps:
            path.append(start)
        while steps:
            step = next(steps[-1], None)
            if step is None:
                steps.pop()
                done.add(path.pop())
            elif step.successor in path:
                names = " → ".join(code for code, _ in [*path[path.index(step.successor) :], step.successor])
                yield _about(step, "cycle", f"it comes after itself: {names}")
            elif step.successor in after and step.successor not in done:
                path.append(step.successor)
                steps.append(iter(after[step.successor]))


def _left_behind(agencies: Iterable[Agency], successions: Iterable[Succession]) -> Iterator[Finding]:
    followed = {s.predecessor for s in successions}
    for a in agencies:
        if a.valid_to and a.key not in followed:
            text = (
                f"{a.name_vi} ended on {a.valid_to} and no row says who took over; if nobody did, write level_abolished"
            )
            yield _of(a, "no_successor", text)


def _followed(same: Iterable[Agency]) -> Iterator[tuple[Agency, Agency]]:
    """Each range but the first, and of those that begin before it the one that ends last."""
    ranges = iter(sorted(same, key=lambda a: a.valid_from))
    last = next(ranges)
    for later in ranges:
        yield last, later
        last = max(last, later, key=lambda a: a.valid_to or date.max)


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], _Key]) -> dict[_Key, list[_Row]]:
    found: dict[_Key, list[_Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _of(agency: Agency, rule: str, text: str) -> Finding:
    return Finding(rule, agency.place, agency.agency_code, text)


def _about(succession: Succession, rule: str, text: str) -> Finding:
    return Finding(rule, succession.place, succession.from_code, text)

"""Whether the keys that a profile reads are in the export at all, and which keys nobody had seen before.

A source that renames a key leaves every row valid and one column empty. So each mapped path must be present in one row of
a pull at least, be it blank there; the keys inside nested objects and lists are judged only where one of these has content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

from ingest.columns import Heading
from ingest.spelling import there_is
from ingest.values import shape

_Keys = Mapping[str, Set[str]]
# A key as programmers and clerks write them. Anything else may be a value in the wrong place, and is told by its shape.
_KEY = re.compile(r"[^\W\d_][^\d\n@]{0,60}\d{0,3}[^\d\n@]{0,20}")


def told(key: str) -> str:
    """A key as it may be kept: what looks like a value in the place of a key (numbers, a person's name) by its shape."""
    return key if not key or (_KEY.fullmatch(key) and not _is_name(key)) else shape(key)


def _is_name(key: str) -> bool:
    """A person's name has a capital at every word; a heading has one at the first, or is written in capitals throughout."""
    words = [word for word in re.split(r"[\s.,/_-]+", key) if word]
    capitals = len(words) > 1 and all(word[0].isupper() for word in words) and not key.isupper()
    return capitals and (len(words) > 2 or all(word[1:].islower() for word in words))


def missing(needed: Iterable[Heading], shown: Set[Heading], keys: _Keys) -> list[str]:
    """The headings that no row has, each with the key beside it that looks most like it. Keys only, never values."""
    found, keys = [], _with_shown(shown, keys)
    for heading in needed:
        if heading not in shown and (place := _place(heading, keys)) is not None:
            found.append(f"{heading}{there_is(*place)}")
    return found


def _with_shown(shown: Set[Heading], keys: _Keys) -> _Keys:
    """Keys are those of a sample of rows; what all rows have shown of the mapped ones is added."""
    found = {holder: set(held) for holder, held in keys.items()}
    for heading in shown:
        if heading.path not in keys.get("", ()):
            *way, last = heading.path.split(".")
            found.setdefault(".".join([*([f"{heading.inside}[]"] if heading.inside else []), *way]), set()).add(last)
    return found


def columns(keys: _Keys, needed: Iterable[Heading] | None = None) -> list[str]:
    """All keys as one list of paths; with what is `needed` only those beside it, as a receipt may keep them.

    The keys of objects of which nothing is read may be people's names.
    """
    if needed is not None:
        read = {f"{h.inside}[]" if h.inside else h.path.rpartition(".")[0] for h in needed} | {""}
        keys = {holder: held for holder, held in keys.items() if holder in read}
    paths = (f"{holder}.{key}" if holder else key for holder, held in keys.items() for key in held)
    return sorted({path if _KEY.fullmatch(path) else shape(path) for path in paths})


def without_numbers(column: str) -> str:
    """`supplements[0].requested_at` as `supplements.requested_at`: a column as the contract has it."""
    return re.sub(r"\[\d+\]", "", column)


def _place(heading: Heading, keys: _Keys) -> tuple[str, Set[str]] | None:
    """The key that the path needs where it ends or breaks off, and the keys that are there.

    None when that cannot be told: an object on the way has no content in any row.
    """
    if heading.inside is None and heading.path in keys.get("", ()):  # the heading of a file, dots and all
        return None
    holders = [f"{heading.inside}[]", heading.inside] if heading.inside else [""]  # a single object is a list of one
    *way, last = heading.path.split(".")
    for step in way:
        held = _held(holders, keys)
        if held and step not in held:
            return step, held
        holders = [f"{holder}.{step}" if holder else step for holder in holders]
    held = _held(holders, keys)
    return (last, held) if held and last not in held else None


def _held(holders: Iterable[str], keys: _Keys) -> Set[str]:
    return {key for holder in holders for key in keys.get(holder, ())}

"""Whether the keys that a profile reads are in the export at all.

A source that renames a key leaves every row valid and one column empty. So each mapped path must be present in one row of
a pull at least, be it blank there; the keys inside nested objects and lists are judged only where one of these has content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ingest.fields import FieldMap
from ingest.profile import ExportMap
from ingest.values import Bad, elements, is_blank, text_of


@dataclass(frozen=True)
class Heading:
    """A path of keys, in the row itself or in the elements of its nested list `inside`."""

    path: str
    inside: str | None = None

    def __str__(self) -> str:
        return f"{self.inside}[].{self.path}" if self.inside else self.path


class Headings:
    """The headings of one export that no row has shown yet."""

    def __init__(self, export: ExportMap) -> None:
        self._open = dict.fromkeys(_mapped(export))
        self._judged: set[Heading] = set()
        self._beside: defaultdict[Heading, set[str]] = defaultdict(set)

    def look(self, row: Mapping[str, Any]) -> None:
        """Crosses out what this row shows."""
        for heading in list(self._open):
            for holder in _holders(row, heading):
                place = _place(holder, heading.path)
                if place is None:
                    continue
                self._judged.add(heading)
                keys, needed = place
                if needed in keys:
                    del self._open[heading]
                    break
                self._beside[heading] |= keys

    def missing(self) -> list[str]:
        """What is still open, each with the key beside it that looks most like it. Keys only, never values."""
        return [f"{heading}{self._closest(heading)}" for heading in self._open if heading in self._judged]

    def _closest(self, heading: Heading) -> str:
        keys = sorted(text for key in self._beside[heading] if (text := text_of(key)))
        close = get_close_matches(heading.path.rpartition(".")[2], keys, n=1)
        return f" (there is {close[0]})" if close else ""


def _mapped(export: ExportMap) -> Iterator[Heading]:
    if export.withhold:
        yield Heading(export.withhold.path)
    for field in export.fields.values():
        yield from _of_field(field)
    for child in export.children.values():
        if not child.optional:
            yield Heading(child.list_path)
        for field in child.fields.values():
            yield from _of_field(field, child.list_path)


def _of_field(field: FieldMap, inside: str | None = None) -> Iterator[Heading]:
    if field.optional:
        return
    if field.when:
        yield Heading(field.when.field, inside)
    for part in field.first or ():
        yield from _of_field(part, inside)
    if field.path is not None:
        yield Heading(field.path, inside)
    for over in filter(None, (field.any, field.sum, field.count)):
        yield Heading(over.list_path, inside)
        if inside is None:
            for path in (*([over.path] if over.path else []), *over.present):
                yield Heading(path, over.list_path)


def _holders(row: Mapping[str, Any], heading: Heading) -> list[Mapping[str, Any]]:
    if heading.inside is None:
        return [row]
    try:
        return elements(row, heading.inside)
    except Bad:
        return []


def _place(row: Mapping[str, Any], path: str) -> tuple[set[str], str] | None:
    """The keys of the object in which the path ends or breaks off, and the key it needs there.

    None when that cannot be told: an object on the way is blank.
    """
    holder: Any = row
    *way, last = path.split(".")
    for step in way:
        if is_blank(holder):
            return None
        if not isinstance(holder, Mapping) or step not in holder:
            return _keys(holder), step
        holder = holder[step]
    return None if is_blank(holder) else (_keys(holder), last)


def _keys(holder: Any) -> set[str]:
    return set(holder) if isinstance(holder, Mapping) else set()

"""Source rows by column: what every transport hands on, and only what the profile reads.

A row of a source lives in memory as the texts at the paths of the profile; everything else is gone before a row is a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.fields import ChildMap, FieldMap
from ingest.formats import bytes_of

if TYPE_CHECKING:
    from ingest.profile import ExportMap

Indices = npt.NDArray[np.int64]
_Made = TypeVar("_Made")
_SAMPLE = 1_000  # texts at the beginning of a column that tell whether they come again
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Heading:
    """A path of keys, in the row itself or in the elements of its nested list `inside`."""

    path: str
    inside: str | None = None

    def __str__(self) -> str:
        return f"{self.inside}[].{self.path}" if self.inside else self.path


@dataclass(frozen=True)
class Misfit:
    """A cell of row `row` (index in the page) that has no text; a blank path means the row itself."""

    row: int
    path: str
    code: str
    expected: str


@dataclass(frozen=True)
class Nested:
    """The elements of one nested list of all rows; `parents` (int64, ascending) is the row of each element."""

    parents: Indices
    columns: Columns

    def take(self, rows: Indices, of: int) -> Nested:
        """The elements of `rows` (ascending), counted anew from 0; `of` is the number of rows there were."""
        place = np.full(of, -1, np.int64)
        place[rows] = np.arange(len(rows))
        kept = place[self.parents] >= 0
        return Nested(place[self.parents[kept]], self.columns.take(np.flatnonzero(kept)))


@dataclass(frozen=True)
class Words:
    """A column of texts as some texts and the place of each row's among them; without `places` they are the rows' own."""

    texts: pa.Array
    places: pa.Array | None = None

    def spread(self, values: pa.Array | None = None) -> pa.Array:
        """For each row its text, or what `values` has in its text's place."""
        values = self.texts if values is None else values
        return values if self.places is None else values.take(self.places)


@dataclass(frozen=True)
class Columns:
    """Some rows of a source. Texts are as the source wrote them, null where the key is absent or null.

    `shown` holds the headings that at least one row has, be it blank. `keys` are all the keys of a sample of rows, mapped or
    not, by the object that holds them: "" is the row, `From` an object, `DanhSachLePhi[]` the elements of a list.
    `numbers` are the rows' numbers in the source where they are not consecutive.
    """

    rows: int
    texts: Mapping[str, pa.Array]
    lists: Mapping[str, Nested] = field(default_factory=dict)
    misfits: tuple[Misfit, ...] = ()
    shown: frozenset[Heading] = frozenset()
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Indices | None = None

    def __len__(self) -> int:
        return self.rows

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    def once(self, name: Hashable, make: Callable[[], _Made]) -> _Made:
        """What `make` makes of these columns; made once, though several contract columns may ask for it."""
        if name not in self._made:
            self._made[name] = make()
        made: _Made = self._made[name]
        return made

    def text(self, path: str) -> pa.Array:
        """The column at `path`, NFC and trimmed, blanks as null."""
        return self.once(("text", path), lambda: self.words(path).spread())

    def words(self, path: str) -> Words:
        """The same column by its distinct texts, where they come again and again."""
        return self.once(("words", path), lambda: words_of(self.texts[path]))

    def take(self, rows: Indices) -> Columns:
        """The rows with these indices (ascending)."""
        place = {int(old): new for new, old in enumerate(rows)} if self.misfits else {}
        return replace(
            self,
            rows=len(rows),
            texts={path: texts.take(pa.array(rows)) for path, texts in self.texts.items()},
            lists={path: nested.take(rows, self.rows) for path, nested in self.lists.items()},
            misfits=tuple(replace(m, row=place[m.row]) for m in self.misfits if m.row in place),
            numbers=None if self.numbers is None else self.numbers[rows],
        )

    def equals(self, other: Columns) -> bool:
        """Whether these are the same rows, as far as the profile reads them."""
        return (
            self.rows == other.rows
            and self.misfits == other.misfits
            and all(texts.equals(other.texts[path]) for path, texts in self.texts.items())
            and all(_same(nested, other.lists[path]) for path, nested in self.lists.items())
        )


def _same(one: Nested, other: Nested) -> bool:
    return bool(np.array_equal(one.parents, other.parents)) and one.columns.equals(other.columns)


@dataclass(frozen=True)
class Page:
    """Rows that came together, and what the source says beside them: how many there are in all, and where it goes on."""

    columns: Columns
    total: int | None = None
    next: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class Reads:
    """What an export reads of a source row: the paths of single values, and those inside the elements of nested lists.

    `needed` are the headings that must be in one row of a pull at least.
    """

    paths: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]]
    needed: tuple[Heading, ...]

    @classmethod
    def of(cls, export: ExportMap) -> Reads:
        headings = dict(_headings(export))  # heading → whether it is needed
        paths = tuple(h.path for h in headings if h.inside is None and h.path not in _lists(headings, export))
        lists = {
            path: tuple(h.path for h in headings if h.inside == path)
            for path in dict.fromkeys(_lists(headings, export))
        }
        return cls(paths, lists, tuple(heading for heading, needed in headings.items() if needed))


def _lists(headings: Mapping[Heading, bool], export: ExportMap) -> list[str]:
    children = [child.list_path for child in export.children.values()]
    return children + [h.inside for h in headings if h.inside is not None]


def _headings(export: ExportMap) -> Iterator[tuple[Heading, bool]]:
    """Every heading with whether it is needed; a heading that is needed anywhere comes last, so that it wins."""
    found = list(_all_headings(export))
    yield from sorted(dict.fromkeys(found), key=lambda pair: pair[1])


def _all_headings(export: ExportMap) -> Iterator[tuple[Heading, bool]]:
    if export.withhold:
        yield Heading(export.withhold.path), True
    for mapped in export.fields.values():
        yield from _of_field(mapped)
    for child in export.children.values():
        yield from _of_child(child)


def _of_child(child: ChildMap) -> Iterator[tuple[Heading, bool]]:
    yield Heading(child.list_path), not child.optional
    for mapped in child.fields.values():
        yield from _of_field(mapped, child.list_path)


def _of_field(mapped: FieldMap, inside: str | None = None, optional: bool = False) -> Iterator[tuple[Heading, bool]]:
    needed = not (optional or mapped.optional)
    if mapped.when:
        yield Heading(mapped.when.field, inside), needed
    for part in mapped.first or ():
        yield from _of_field(part, inside, not needed)
    if mapped.path is not None:
        yield Heading(mapped.path, inside), needed
    for over in filter(None, (mapped.any, mapped.sum, mapped.count)):
        yield Heading(over.list_path), needed
        for path in (*([over.path] if over.path else []), *over.present):
            yield Heading(path, over.list_path), needed


def text_of(value: Any) -> str | None:
    """A scalar of JSON or of a cell as text: true and false in letters, half a surrogate pair as U+FFFD. Null is None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _HALF_A_CHARACTER.sub("\ufffd", value) if isinstance(value, str) else str(value)


def texts_of(values: list[Any]) -> pa.Array:
    """Scalars as a column of texts."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return pa.array([text_of(value) for value in values], pa.string())


def cleaned(texts: pa.Array) -> pa.Array:
    """Texts in NFC without white space around them; blank ones are null."""
    return words_of(texts).spread()


def words_of(texts: pa.Array) -> Words:
    """The same by its distinct texts, when these are few, or costly: normalising costs more than finding them."""
    plain = pc.all(pc.string_is_ascii(texts)).as_py() is not False
    some = texts[:_SAMPLE]
    if plain and (len(some) < _SAMPLE or len(pc.unique(some)) > _SAMPLE // 4):
        return Words(_trimmed(texts))
    coded = pc.dictionary_encode(texts)
    distinct = coded.dictionary if plain else pc.utf8_normalize(coded.dictionary, form="NFC")
    return Words(_trimmed(distinct), coded.indices)


def _trimmed(texts: pa.Array) -> pa.Array:
    if _is_tidy(texts):
        return texts
    texts = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(pc.binary_length(texts), 0), pa.scalar(None, pa.string()), texts)


def _is_tidy(texts: pa.Array) -> bool:
    """Whether every text begins and ends with a visible character of ASCII, so that there is nothing to trim."""
    if texts.null_count or not len(texts):
        return False
    ends, letters = bytes_of(texts)
    if not (ends[1:] > ends[:-1]).all():
        return False
    edges = np.concatenate([letters[ends[:-1] - ends[0]], letters[ends[1:] - ends[0] - 1]])
    return bool(((edges > 0x20) & (edges < 0x7F)).all())


def nfc(text: str) -> str:
    """A heading or key as it is compared: NFC, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())

"""JSON bodies to pages: structs made from the profile decode what it reads; nothing else of a row is ever held.

The fast way decodes a whole body at once. A body in which one value has a form that nobody expects (an object where a text
should be) is decoded again row by row, so that the fault stays with its row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import attrgetter
from typing import Any, Union

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from ingest.columns import Columns, Heading, Misfit, Nested, Page, Reads, nfc, text_of, texts_of
from ingest.errors import NotJson, ProfileError, SourceError
from ingest.headings import told
from ingest.profile import ExportMap
from ingest.values import shape

_SAMPLE = 100  # rows at the beginning and at the end of a body
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_SCALAR: Any = Union[str, int, float, bool, None, UnsetType]  # noqa: UP007  msgspec reads it at run time


@dataclass
class _Node:
    """One object of a body: its single values, the objects inside it, and the lists inside it, by key."""

    leaves: dict[str, str] = field(default_factory=dict)  # key → path
    objects: dict[str, _Node] = field(default_factory=dict)
    lists: dict[str, tuple[str, _Node]] = field(default_factory=dict)  # key → path, its elements
    struct: Any = None
    names: dict[str, str] = field(default_factory=dict)  # key → attribute

    def put(self, path: str, inner: _Node | None = None) -> None:
        """A single value at a dotted path, or with `inner` a list."""
        *way, last = path.split(".")
        node = self
        for step in way:
            node = node.objects.setdefault(step, _Node())
        if inner is None:
            node.leaves[last] = path
        else:
            node.lists[last] = (path, inner)

    def build(self, types: Mapping[str, Any] | None = None) -> _Node:
        """Makes the struct of this object and of those inside it; `types` are of single values that are no scalars."""
        keys = [*self.leaves, *self.objects, *self.lists]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise ProfileError(f"{twice} is read both as one value and as an object or list")
        self.names = {key: f"k{number}" for number, key in enumerate(keys)}
        fields: list[tuple[str, Any, Any]] = []
        for key, path in self.leaves.items():
            fields.append((self.names[key], (types or {}).get(path, _SCALAR), UNSET))
        for key, node in self.objects.items():
            kind: Any = Union[node.build(types).struct, str, None, UnsetType]  # noqa: UP007
            fields.append((self.names[key], kind, UNSET))
        for key, (_, node) in self.lists.items():
            one = node.build(types).struct
            kind = Union[list[one], one, str, None, UnsetType]  # type: ignore[valid-type]  # noqa: UP007
            fields.append((self.names[key], kind, UNSET))
        renamed = {name: key for key, name in self.names.items()}
        self.struct = msgspec.defstruct("Row", fields, rename=renamed, gc=False)
        return self


class Decoder:
    """Decodes the bodies of one export. `where` stands in messages."""

    def __init__(self, export: ExportMap, where: str) -> None:
        self._where, self._export, reads = where, export, Reads.of(export)
        self._row = _Node()
        for path in reads.paths:
            self._row.put(path)
        for path, inner in reads.lists.items():
            elements = _Node()
            for leaf in inner:
                elements.put(leaf)
            self._row.put(path, elements)
        row: Any = self._row.build().struct
        rows: Any = list[row]
        self._envelope = _Node()
        if export.rows:
            for path in dict.fromkeys((export.rows, *self._paths())):
                self._envelope.put(path)
            rows = self._envelope.build({export.rows: Union[rows, None, UnsetType]}).struct  # noqa: UP007
        self._decoder = msgspec.json.Decoder(rows)

    def page(self, body: bytes, sample: bool = True) -> Page:
        """The rows of a body; with `sample` also all the keys that they have.

        Raises NotJson, and SourceError when the body says failure or holds no rows or total where the profile says.
        """
        try:
            found = self._decoder.decode(body)
        except _UNREADABLE:
            return self._row_by_row(body)
        values = {path: _reach(self._envelope, found, path) for path in self._paths()}
        rows = _reach(self._envelope, found, self._export.rows)
        self._check(values, isinstance(rows, list))
        if not _is_plain(self._row, rows):
            return self._row_by_row(body)
        columns = _columns(self._row, rows)
        if sample:
            all_rows = _at(_plain(body), self._export.rows) or []
            columns = replace(columns, keys=_keys([*all_rows[:_SAMPLE], *all_rows[_SAMPLE:][-_SAMPLE:]]))
        return self._page(values, columns)

    def _row_by_row(self, body: bytes) -> Page:
        try:
            found = json.loads(body)  # it reads half a surrogate pair, which msgspec refuses
        except (ValueError, RecursionError):
            raise NotJson(f"{self._where}: the answer is not JSON, or is cut off") from None
        values = {path: _at(found, path) for path in self._paths()}
        rows = _at(found, self._export.rows)
        self._check(values, isinstance(rows, list))
        misfits: list[Misfit] = []
        mended = [_mended(self._row, row, number, misfits) for number, row in enumerate(rows)]
        return self._page(values, replace(_columns(self._row, mended), misfits=tuple(misfits), keys=_keys(rows)))

    def _paths(self) -> list[str]:
        """Where the body says something beside its rows."""
        export = self._export
        cursor = export.paging.next if export.paging else None
        found = (export.total, cursor, export.success.path if export.success else None)
        return list(dict.fromkeys(path for path in found if path))

    def _check(self, values: Mapping[str, Any], has_rows: bool) -> None:
        success = self._export.success
        if success and (code := text_of(_scalar(values[success.path]))) != success.equals:
            raise SourceError(f"{self._where}: {success.path} is {shape(code)!r}, not {success.equals!r}")
        if not has_rows:
            raise SourceError(f"{self._where}: no list of rows at {self._export.rows!r}")

    def _page(self, values: Mapping[str, Any], columns: Columns) -> Page:
        export, total = self._export, None
        if export.total:
            text = text_of(_scalar(values[export.total])) or ""
            if not (text.isascii() and text.isdigit()):
                raise SourceError(f"{self._where}: no declared total at {export.total!r}")
            total = int(text)
        cursor = export.paging.next if export.paging else None
        following = text_of(_scalar(values[cursor])) if cursor else None
        return Page(columns, total, following or None)


def _scalar(value: Any) -> Any:
    return None if value is UNSET or isinstance(value, (dict, list)) else value


def _reach(node: _Node, value: Any, path: str) -> Any:
    """The value of a decoded struct at a dotted path; the struct itself at a blank one."""
    if not path:
        return value
    *way, last = path.split(".")
    for step in way:
        if not isinstance(value, msgspec.Struct):
            return UNSET
        value, node = getattr(value, node.names[step]), node.objects[step]
    return getattr(value, node.names[last]) if isinstance(value, msgspec.Struct) else UNSET


def _at(value: Any, path: str) -> Any:
    """The value of plain JSON at a dotted path; None where a step is missing."""
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _plain(body: bytes) -> Any:
    """A body that could be decoded, with all its keys; values that nobody reads may be what no JSON reader takes."""
    try:
        return msgspec.json.decode(body)
    except _UNREADABLE:
        with suppress(ValueError, RecursionError):
            return json.loads(body.decode("utf-8", "replace"))
        return None


def _columns(row: _Node, rows: list[Any]) -> Columns:
    texts: dict[str, Any] = {}
    lists: dict[str, Nested] = {}
    shown: set[str] = set()
    _fill(row, rows, "", texts, lists, shown)
    inner = {Heading(heading.path, path) for path, nested in lists.items() for heading in nested.columns.shown}
    return Columns(len(rows), texts, lists, shown=frozenset(inner | {Heading(path) for path in shown}))


def _fill(
    node: _Node, rows: list[Any], prefix: str, texts: dict[str, Any], lists: dict[str, Nested], shown: set[str]
) -> None:
    """Turns structs into columns; what is no struct (a missing or blank object) has no values."""
    if set(map(type, rows)) - {node.struct}:
        empty = node.struct()
        rows = [row if isinstance(row, node.struct) else empty for row in rows]
    for key, path in node.leaves.items():
        values, seen = _values(rows, node.names[key])
        texts[path] = texts_of(values)
        if seen:
            shown.add(path)
    for key, inner in node.objects.items():
        values, seen = _values(rows, node.names[key])
        if seen:
            shown.add(prefix + key)
        _fill(inner, values, f"{prefix}{key}.", texts, lists, shown)
    for key, (path, inner) in node.lists.items():
        values, seen = _values(rows, node.names[key])
        if seen:
            shown.add(path)
        lists[path] = _nested(inner, values)


def _values(rows: list[Any], name: str) -> tuple[list[Any], bool]:
    """One attribute of all rows, absent ones as None, and whether any row has it."""
    values = list(map(attrgetter(name), rows))
    if UNSET not in values:
        return values, bool(values)
    filled = [None if value is UNSET else value for value in values]
    return filled, any(value is not UNSET for value in values)


def _nested(node: _Node, values: list[Any]) -> Nested:
    """The elements of a list in each row: a single object is a list of one, null and blank are none."""
    lists = [v if type(v) is list else [v] if isinstance(v, node.struct) else () for v in values]
    parents = np.repeat(np.arange(len(lists)), np.fromiter(map(len, lists), np.int64, len(lists)))
    return Nested(parents, _columns(node, [element for some in lists for element in some]))


def _is_plain(node: _Node, rows: list[Any]) -> bool:
    """Whether structs tell all there is to tell: no text in the place of an object, no element without a key that is read."""
    for key, inner in node.objects.items():
        values, _ = _values(rows, node.names[key])
        texts = [value for value in values if isinstance(value, str)]
        objects = [value for value in values if isinstance(value, inner.struct)]
        if not (all(map(_is_blank, texts)) and _is_plain(inner, objects)):
            return False
    for key, (_, inner) in node.lists.items():
        values, _ = _values(rows, node.names[key])
        kinds = set(map(type, values))
        if str in kinds and not all(_is_blank(value) for value in values if isinstance(value, str)):
            return False
        elements = list(chain.from_iterable(value for value in values if type(value) is list))
        empty = inner.struct()
        if empty in elements or (inner.struct in kinds and empty in values):
            return False
    return True


def _mended(node: _Node, row: Any, number: int, misfits: list[Misfit], prefix: str = "") -> Any:
    """A row as its struct, whatever it is: what has no place there becomes a misfit of row `number`."""
    if not isinstance(row, dict):
        misfits.append(Misfit(number, "", "not_a_row", "an object of named values"))
        return node.struct()
    values: dict[str, Any] = {}
    for key, path in node.leaves.items():
        if key in row:
            values[node.names[key]] = text_of(_leaf(row[key], path, number, misfits))
    for key, inner in node.objects.items():
        if key not in row:
            continue
        if isinstance(row[key], dict):
            values[node.names[key]] = _mended(inner, row[key], number, misfits)
        else:
            if not _is_blank(row[key]):
                misfits += [
                    Misfit(number, path, "nested_value", f"an object at {key}") for path in inner.leaves.values()
                ]
            values[node.names[key]] = None
    for key, (path, inner) in node.lists.items():
        if key in row:
            values[node.names[key]] = _elements(inner, row[key], path, number, misfits)
    return node.struct(**values)


def _leaf(value: Any, path: str, number: int, misfits: list[Misfit]) -> Any:
    if isinstance(value, (dict, list)):
        misfits.append(Misfit(number, path, "nested_value", "one value"))
        return None
    return value


def _elements(node: _Node, value: Any, path: str, number: int, misfits: list[Misfit]) -> list[Any]:
    """The objects of a list; a list that cannot be read must not pass for an empty one."""
    filled = [element for element in (value if isinstance(value, list) else [value]) if not _is_blank(element)]
    faults: list[Misfit] = []
    found = [_mended(node, element, number, faults) for element in filled]
    misfits += [
        Misfit(number, path, "not_a_list", f"a list of objects with one value each at {path}") for _ in faults[:1]
    ]
    return [] if faults else found


def _is_blank(value: Any) -> bool:
    return not value if isinstance(value, (dict, list)) else not (text_of(value) or "").strip()


def _keys(rows: Iterable[Any]) -> dict[str, frozenset[str]]:
    """All keys of these rows by the object that holds them; objects without keys hold none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        _collect(row, "", found)
    return {holder: frozenset(told(nfc(key)) for key in keys) for holder, keys in found.items()}


def _collect(value: Any, holder: str, found: defaultdict[str, set[str]]) -> None:
    if not isinstance(value, dict):
        return
    found[holder].update(value)
    for key, inner in value.items():
        key = told(nfc(key))
        if isinstance(inner, dict) and inner:
            _collect(inner, f"{holder}.{key}" if holder else key, found)
        elif isinstance(inner, list):
            for element in inner:
                _collect(element, f"{holder}.{key}[]" if holder else f"{key}[]", found)

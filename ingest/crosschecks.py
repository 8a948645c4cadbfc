"""What only shows when several keys of an export are seen together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ingest import placeholders
from ingest.errors import Located
from ingest.fields import FieldMap
from ingest.files.options import AGENCY, PLACEHOLDER, FileExport
from ingest.spelling import did_you_mean

if TYPE_CHECKING:
    from ingest.profile import ExportMap

_Path = tuple[str | int, ...]


def across(export: ExportMap) -> Iterator[Located]:
    """The faults of an export whose single keys are right."""
    yield from _of_params(export)
    yield from _of_file(export, export.file) if export.file else _of_endpoint(export)
    yield from _params_of_fields(export)
    yield from _words_of_conditions(export)
    yield from _twice(export)


def _of_params(export: ExportMap) -> Iterator[Located]:
    for name, template in export.params.items():
        for fault in placeholders.faults(template, export.for_each is not None):
            yield ("params", name), fault


def _of_endpoint(export: ExportMap) -> Iterator[Located]:
    if export.for_each and not any(
        placeholders.names(text) & {*placeholders.AGENCY} for text in export.params.values()
    ):
        yield (
            ("params",),
            "for_each asks agency by agency, and no parameter says which: {identity_code} or {agency_code}",
        )
    if export.endpoint and placeholders.names(export.endpoint):
        yield ("endpoint",), "an endpoint takes no placeholders; give them in params"
    paging = export.paging
    beside = {"total": export.total, "paging.next": paging.next if paging else None}
    for name, path in beside.items():
        if export.rows and (path or "").startswith(f"{export.rows}."):
            yield ("rows",), f"rows must name the list: {export.rows} is an object, since {name} is {path}"
    for key in ("position", "end_param", "size_param"):
        if paging and (name := getattr(paging, key)) in export.params:
            yield ("params", name), f"paging.{key} sets this parameter too"
    if changes := export.changes:
        for name, template in changes.params.items():
            for fault in placeholders.faults(template, export.for_each is not None, changes=True):
                yield ("changes", "params", name), fault
        if not any(placeholders.SINCE in placeholders.names(text) for text in changes.params.values()):
            yield ("changes", "params"), "no parameter says since when: {changed_since:…}"
        if "updated_at" not in export.fields:
            yield ("changes",), "changes are asked for since the newest updated_at; say in fields where it comes from"


def _of_file(export: ExportMap, file: FileExport) -> Iterator[Located]:
    texts: dict[_Path, str | None] = {("name",): file.name, ("member",): file.member}
    texts |= {("sheet", "name"): file.sheet.name if file.sheet else None}
    texts |= {("titles", cell): title for cell, title in file.titles.items()}
    named = [path for path, text in texts.items() if any(p[1] in AGENCY for p in PLACEHOLDER.finditer(text or ""))]
    if export.for_each and not named:
        yield (
            ("file", "name"),
            "for_each reads agency by agency, and no name says which: {identity_code}, {agency_code} …",
        )
    for path in named if not export.for_each else ():
        yield ("file", *path), "a placeholder of an agency needs for_each: reporting_agency"
    for path, field in _fields(export.fields, ("fields",)):
        for kind in ("any", "sum", "count"):
            if getattr(field, kind):
                yield path, f"{kind} reads a nested list; a file has none"
    for child in export.children:
        yield ("children", child), "a child comes from a nested list; a file has none"


def _fields(fields: Mapping[str, FieldMap], path: _Path) -> Iterator[tuple[_Path, FieldMap]]:
    """Every field and alternative with its key path."""
    for name, field in fields.items():
        yield from _alternatives(field, (*path, name))


def _alternatives(field: FieldMap, path: _Path) -> Iterator[tuple[_Path, FieldMap]]:
    yield path, field
    for number, alternative in enumerate(field.first or ()):
        yield from _alternatives(alternative, (*path, "first", number))


def _params_of_fields(export: ExportMap) -> Iterator[Located]:
    found = list(_fields(export.fields, ("fields",)))
    for name, child in export.children.items():
        found += _fields(child.fields, ("children", name, "fields"))
    for path, field in found:
        if field.param is None or field.param in export.params:
            continue
        there = f"there are {', '.join(export.params)}" if export.params else "there are none"
        yield (*path, "param"), f"{field.param!r} is no parameter{did_you_mean(field.param, export.params)}; {there}"


def _words_of_conditions(export: ExportMap) -> Iterator[Located]:
    """Words that a `when` waits for and that the codes of the same path do not know: no row would ever meet them."""
    yield from _unknown_words(export.fields, ("fields",))
    for name, child in export.children.items():
        yield from _unknown_words(child.fields, ("children", name, "fields"))


def _unknown_words(fields: Mapping[str, FieldMap], base: _Path) -> Iterator[Located]:
    known: dict[str, dict[str, None]] = {}
    for field in fields.values():
        leaves = [leaf for leaf in field.leaves() if leaf.path is not None]
        open_ = {leaf.path for leaf in leaves if leaf.codes is None or leaf.formats}
        for leaf in leaves:
            if leaf.path not in open_:
                known.setdefault(leaf.path or "", {}).update(dict.fromkeys(leaf.codes or ()))
    for path, field in _fields(fields, base):
        words = known.get(field.when.field) if field.when else None
        for number, word in enumerate(field.when.values if field.when and words else ()):
            if word and word not in (words or ()):
                told = f"{word!r} is not among the codes of {field.when and field.when.field}"
                yield (
                    (*path, "when", "in", number),
                    f"{told}{did_you_mean(word, words or ())}; there are {', '.join(words or ())}",
                )


def _twice(export: ExportMap) -> Iterator[Located]:
    """Paths that are read as one value here and as an object or list there: a key of a source is one of them."""
    values: list[tuple[_Path, str]] = []
    lists: list[tuple[_Path, str]] = []
    if export.withhold:
        values.append((("withhold", "path"), export.withhold.path))
    for path, field in _fields(export.fields, ("fields",)):
        values += _values(path, field)
        for kind in ("any", "sum", "count"):
            if over := getattr(field, kind):
                lists.append(((*path, kind, "list"), over.list_path))
    for name, child in export.children.items():
        lists.append((("children", name, "list"), child.list_path))
        inner = [
            pair for path, field in _fields(child.fields, ("children", name, "fields")) for pair in _values(path, field)
        ]
        yield from _clashes(inner, [])
    if not export.file:
        yield from _clashes(values, lists)


def _values(path: _Path, field: FieldMap) -> Iterator[tuple[_Path, str]]:
    if field.path is not None:
        yield (*path, "path"), field.path
    if field.when:
        yield (*path, "when", "field"), field.when.field


def _clashes(values: list[tuple[_Path, str]], lists: list[tuple[_Path, str]]) -> Iterator[Located]:
    all_lists = {name for _, name in lists}
    inside: dict[str, str] = {}
    for _, name in (*values, *lists):
        steps = name.split(".")
        inside |= {".".join(steps[:end]): name for end in range(1, len(steps))}
    for path, name in values:
        if name in all_lists:
            yield path, f"{name} is read as one value here and as a list elsewhere"
        elif name in inside:
            yield path, f"{name} is read as one value here and as an object elsewhere ({inside[name]})"
    for path, name in lists:
        if name in inside:
            yield path, f"{name} is read as a list here and as an object elsewhere ({inside[name]})"

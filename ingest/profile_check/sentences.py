"""What pydantic finds wrong, as sentences that say what was found and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.contracts import CONTRACTS
from ingest.errors import Wrong
from ingest.fields import FieldMap
from ingest.profile_check.language import annotation_at, choices, expected, keys_of, model_at
from ingest.profile_check.lines import Document, KeyPath
from ingest.spelling import closest, did_you_mean

# Patterns of the language, in words.
FORMS = {
    r"^https?://": "an address that begins with http:// or https://",
    r"^/": "a path that begins with /, such as /api/dossiers",
    r"^[a-z][a-z0-9_]*$": "small letters, digits and _, beginning with a letter, such as portal",
    r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$": "the name of a header, such as X-API-Key",
    r"^[!-~]([ -~]*[!-~])?$": "letters, digits and signs of ASCII without blanks at the ends",
    r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$": "hours such as 18:00-06:00, Vietnamese time",
    r"^\d{4}-(0[1-9]|1[0-2])$": "a month, YYYY-MM",
}
_BOUNDS = {"greater_than": "more than {gt}", "greater_than_equal": "{ge} or more", "less_than_equal": "{le} or less"}
_MAY_HOLD_A_SECRET = (("auth",), ("base_url",))


@dataclass(frozen=True)
class Found:
    """A fault at a key path. `whole` is the part whose keys were seen together, when it is one of such a part.

    `meant` is the key that an unknown one was probably meant to be.
    """

    path: KeyPath
    text: str
    whole: KeyPath | None = None
    unknown: bool = False
    meant: str | None = None


@dataclass(frozen=True)
class _Error:
    path: KeyPath
    kind: str
    ctx: dict[str, Any]
    branch: bool  # said of one alternative of several that a value may be
    key: bool  # said of the key itself


def sentences(document: Document, errors: Iterable[Any]) -> Iterator[Found]:
    """One for each place that is wrong, in the order of pydantic's errors."""
    by_path: dict[KeyPath, list[_Error]] = {}
    for error in errors:
        one = _located(document.content, error)
        by_path.setdefault(one.path, []).append(one)
    unknown = [e for errors in by_path.values() for e in errors if e.kind == "extra_forbidden"]
    meant = {(*e.path[:-1], closest(str(e.path[-1]), _free(document, e.path[:-1]))) for e in unknown}
    for path, found in by_path.items():
        if found[0].kind == "missing" and path in meant:
            continue
        deeper = any(other[: len(path)] == path and len(other) > len(path) for other in by_path)
        if deeper and all(e.branch or e.kind == "too_short" for e in found):
            continue
        yield from _said(document, path, found)


def _located(content: Any, error: Any) -> _Error:
    """The error at its place in the content: without the names that pydantic gives to alternatives."""
    value, path, branch, key = content, list[Any](), False, False
    for part in error["loc"]:
        if isinstance(value, dict) and (part in value or _is_key(value, part)):
            part = part if part in value else next(name for name in value if str(name) == part)
            value = value[part]
            path.append(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
            path.append(part)
        elif part == "[key]":
            key = True
        elif error["type"] == "missing":
            path.append(part)
        else:
            branch = True
    return _Error(tuple(path), error["type"], error.get("ctx") or {}, branch, key)


def _is_key(value: dict[Any, Any], part: object) -> bool:
    return any(str(name) == part for name in value)


def _said(document: Document, path: KeyPath, errors: list[_Error]) -> Iterator[Found]:
    ours = [error for error in errors if isinstance(error.ctx.get("error"), ValueError)]
    for error in ours or errors[:1]:
        raised = error.ctx.get("error")
        if isinstance(raised, Wrong):
            yield from (Found((*path, *inner), text, path) for inner, text in raised.faults)
        elif isinstance(raised, ValueError):
            yield Found(path, str(raised))
        elif error.kind == "extra_forbidden":
            yield _unknown(document, path)
        elif error.kind == "missing":
            wanted = f"one of {', '.join(CONTRACTS)}" if path[-1] == "entity" else expected(annotation_at(path))
            yield Found(path, f"the key {path[-1]} is missing; give {wanted}")
        else:
            yield Found(path, _sentence(document, error))


def _unknown(document: Document, path: KeyPath) -> Found:
    free = _free(document, path[:-1])
    meant = closest(str(path[-1]), free)
    allowed = ", ".join(_keys(path[:-1]))
    if place := _meant_place(document, path):
        return Found(path, f"the indentation is wrong: {path[-1]} belongs {place}", None, True, meant)
    return Found(path, f"there is no such key{did_you_mean(path[-1], free)}; allowed are {allowed}", None, True, meant)


def _meant_place(document: Document, path: KeyPath) -> str | None:
    """Where a key belongs that stands too far out or too far in, when that is plain to see."""
    *_, key = path
    around = document.at(path[:-1])
    for name, value in around.items():
        if value is None and (key in _keys((*path[:-1], name)) or (name == "fields" and _is_column(around, key))):
            return f"below {name}, further in"
    for end in range(len(path) - 2, -1, -1):
        if key in _free(document, path[:end]):
            return f"to {'.'.join(map(str, path[:end])) or 'the profile itself'}, further out"
    return None


def _is_column(export: dict[Any, Any], key: object) -> bool:
    contract = CONTRACTS.get(str(export.get("entity")))
    return contract is not None and any(column.name == key for column in contract.columns)


def _keys(path: KeyPath) -> list[str]:
    model = model_at(path)
    return list(keys_of(model)) if model else []


def _free(document: Document, path: KeyPath) -> list[str]:
    """The keys that may still be given there."""
    return [key for key in _keys(path) if not document.holds((*path, key))]


def _sentence(document: Document, error: _Error) -> str:
    path = error.path
    if error.key and error.kind == "string_type":
        return f'the key {path[-1]} must be a text: write it in quotes, "{document.keys.get(path, path[-1])}"'
    if error.kind == "literal_error":
        allowed = choices(annotation_at(path))
        return f"{_told(document, path)} is not allowed{did_you_mean(document.at(path), allowed)}; {_one_of(allowed)}"
    if error.kind in _BOUNDS:
        return f"{_told(document, path)} is out of bounds; allowed is {_BOUNDS[error.kind].format(**error.ctx)}"
    if error.kind == "string_pattern_mismatch":
        return f"{_told(document, path, error.key)} is not {FORMS[error.ctx['pattern']]}"
    if error.kind in ("too_short", "string_too_short"):
        return "it is empty; give one at least"
    return f"{_told(document, path)} is not {expected(annotation_at(path))}{_quotes(document, path)}"


def _one_of(allowed: list[str]) -> str:
    return f"allowed are {', '.join(allowed)}" if len(allowed) > 1 else f"allowed is {allowed[0]}"


def _told(document: Document, path: KeyPath, key: bool = False) -> str:
    """What stands there. Of values below `auth`, and of an address, nothing is shown: a secret may stand there."""
    value = path[-1] if key else document.at(path)
    if isinstance(value, dict):
        return "a mapping (key: value)"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "an empty value"
    written = document.words.get(path, str(value)) if not key else str(value)
    if path[:1] in _MAY_HOLD_A_SECRET and not key and path[1:] != ("type",):
        return "what stands there"
    return repr(written) if isinstance(value, str) else written


def _quotes(document: Document, path: KeyPath) -> str:
    """How to write what was probably meant: a text that YAML read as a number, a date or true and false; a path."""
    value = document.at(path)
    if isinstance(value, str) and model_at(path) is FieldMap:
        return f": write {{path: {value}}}"
    if value is None or isinstance(value, (str, list, dict)) or "a text" not in expected(annotation_at(path)):
        return ""
    if path[:1] in _MAY_HOLD_A_SECRET:
        return ": write it in quotes"
    return f': write it in quotes, "{document.words.get(path, value)}"'

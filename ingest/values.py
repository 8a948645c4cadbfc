"""Single values of a source: how they are found in a row, read as text, held against a column, and shown to people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ingest.contracts import Column

Row = Mapping[str, Any]
Value = str | int | bool | date | datetime | None

_YEAR, _CLOCK = r"(19|20)\d\d", r"([ T]\d{1,2}(:\d{1,2}){1,2})?"
# Shown as they are: up to six digits, and what may have been meant as a date. Longer runs are phone or identity numbers.
_SHOWN = re.compile(
    rf"\d{{1,6}}|{_YEAR}[01]\d[0-3]\d([0-2]\d{{5}})?"
    rf"|{_YEAR}([-/.])\d{{1,2}}\4\d{{1,2}}{_CLOCK}|\d{{1,2}}([-/.])\d{{1,2}}\7{_YEAR}{_CLOCK}"
    r"|[A-Z0-9_]{1,6}",
    re.ASCII,
)
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class Bad(Exception):
    """A value that its column does not take. `found` is the value itself: only `shape` may show it."""

    def __init__(self, code: str, found: Any, expected: str) -> None:
        super().__init__(code)
        self.code, self.found, self.expected = code, found, expected


def shape(found: Any) -> str:
    """What was found, safe to keep: dates, up to 6 digits and short codes as they are, everything else as `Aaaa 99999`."""
    text = text_of(found) or ""
    if _SHOWN.fullmatch(text):
        return text
    masked = re.sub(r"[^\W\d_]", lambda letter: "A" if letter[0].isupper() else "a", text)
    return re.sub(r"\d", "9", masked)[:60]


def text_of(value: Any) -> str | None:
    """The value as trimmed NFC text; blank is None. Nested values have no text; half a surrogate pair becomes U+FFFD."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    whole = _HALF_A_CHARACTER.sub("\ufffd", str(value))
    return unicodedata.normalize("NFC", whole).strip() or None


def at(row: Any, path: str) -> Any:
    """The value at a dotted path; None where a step is missing."""
    for step in path.split("."):
        if not isinstance(row, Mapping):
            return None
        row = row.get(step)
    return row


def elements(row: Row, path: str) -> list[Row]:
    """The objects of the nested list at `path`. A single object is a list of one; null and blank are no elements.

    Raises Bad for anything else: a list that cannot be read must not pass for an empty one.
    """
    found = at(row, path)
    listed = found if isinstance(found, list) else [found]
    filled = [e for e in listed if not is_blank(e)]
    if not all(isinstance(e, Mapping) for e in filled):
        raise Bad("not_a_list", "", f"a list of objects at {path}")
    return filled


def is_blank(value: Any) -> bool:
    """Null, blank text, or a list or object without anything in it."""
    return not value if isinstance(value, (dict, list)) else text_of(value) is None


def checked(value: Value, column: Column) -> Value:
    """`value` when the column's bounds allow it; raises Bad."""
    if column.allowed and value not in column.allowed:
        raise Bad("not_allowed", value, f"one of {', '.join(map(str, column.allowed))}")
    if column.pattern and not re.fullmatch(column.pattern, str(value)):
        raise Bad("bad_code", value, f"text of the form {column.pattern}")
    return value

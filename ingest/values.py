"""Single values: held against a column, and shown to people."""

from __future__ import annotations

import re

from ingest.contracts import RULES, Column

_YEAR, _CLOCK = r"(19|20)\d\d", r"([ T]\d{1,2}(:\d{1,2}){1,2})?"
# Shown as they are: up to six digits, and what may have been meant as a date. Longer runs are phone or identity numbers.
_SHOWN = re.compile(
    rf"\d{{1,6}}|{_YEAR}[01]\d[0-3]\d([0-2]\d{{5}})?"
    rf"|{_YEAR}([-/.])\d{{1,2}}\4\d{{1,2}}{_CLOCK}|\d{{1,2}}([-/.])\d{{1,2}}\7{_YEAR}{_CLOCK}"
    r"|[A-Z0-9_]{1,6}",
    re.ASCII,
)
# UTF-8 read as Windows-1252, Latin-1 or Windows-1258, and characters that were lost on the way.
MOJIBAKE = r"[ÃÂÄÅÆ][\x{80}-\x{BF}\x{152}-\x{17E}\x{192}\x{2013}-\x{203A}\x{20AC}\x{2122}]|á[º»]|\x{FFFD}"


def shape(text: str | None) -> str:
    """What was found, safe to keep: dates, up to 6 digits and short codes as they are, everything else as `Aaaa 99999`."""
    text = text or ""
    if _SHOWN.fullmatch(text):
        return text
    masked = re.sub(r"[^\W\d_]", lambda letter: "A" if letter[0].isupper() else "a", text)
    return re.sub(r"\d", "9", masked)[:60]


def fault_of(value: object, column: Column) -> tuple[str, str] | None:
    """The reject code and what was expected, when the column's bounds do not allow `value`."""
    if column.allowed and value not in column.allowed:
        return "not_allowed", f"one of {', '.join(map(str, column.allowed))}"
    if column.most is not None and not (isinstance(value, int) and 0 <= value <= column.most):
        return "out_of_range", f"a whole number from 0 to {column.most}"
    if column.pattern and not re.fullmatch(column.pattern, str(value)):
        return "bad_code", RULES.get(column.pattern, f"text of the form {column.pattern}")
    return None

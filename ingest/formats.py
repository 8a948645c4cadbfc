"""Declared date formats, in the letters that vendors' manuals use: yyyy MM dd HH mm ss. Never guessed, never lenient."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from cchc.period import LOCAL

_LETTERS = {"yyyy": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{2})", "dd": r"(?P<day>\d{2})",
            "HH": r"(?P<hour>\d{2})", "mm": r"(?P<minute>\d{2})", "ss": r"(?P<second>\d{2})"}  # fmt: skip
_STRFTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_TOKEN = re.compile("|".join(_LETTERS))


def is_format(text: str) -> bool:
    """Whether `text` can be read back: a year, a month and a day at least, and nothing but separators besides."""
    rest = _TOKEN.sub("", text)
    return {"yyyy", "MM", "dd"} <= set(_TOKEN.findall(text)) and not re.search(r"\w", rest.replace("T", ""))


@lru_cache
def _pattern(form: str) -> re.Pattern[str]:
    parts, at = [], 0
    for token in _TOKEN.finditer(form):
        parts += [re.escape(form[at : token.start()]), _LETTERS[token[0]]]
        at = token.end()
    return re.compile("".join(parts) + re.escape(form[at:]), re.ASCII)


def parse_local(text: str, forms: tuple[str, ...]) -> datetime | None:
    """The instant written in `text` as local time (Asia/Ho_Chi_Minh), by the first form that fits; None if none does.

    A date that does not exist (30 February) fits no form: the parts go through datetime's own checks.
    """
    for form in forms:
        found = _pattern(form).fullmatch(text)
        if found:
            try:
                return datetime(**{k: int(v) for k, v in found.groupdict().items()}, tzinfo=LOCAL)
            except ValueError:
                continue
    return None


def format_local(moment: datetime | date, form: str) -> str:
    """`moment` in the letters of `form`."""
    return moment.strftime(_TOKEN.sub(lambda token: _STRFTIME[token[0]], form))

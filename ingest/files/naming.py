"""Placeholders of a profile's file names, sheets and titles, filled for one period and agency."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cchc.agencies import Agency
from cchc.period import Period
from ingest.columns import nfc
from ingest.errors import ProfileError
from ingest.files.options import AGENCY, PLACEHOLDER

_LETTERS = {"yyyy": lambda d: f"{d:%Y}", "MM": lambda d: f"{d:%m}", "M": lambda d: str(d.month),
            "dd": lambda d: f"{d:%d}", "d": lambda d: str(d.day)}  # fmt: skip
_DIGITS = {"yyyy": "[0-9]{4}", "MM": "[0-9]{2}", "M": "[0-9]{1,2}", "dd": "[0-9]{2}", "d": "[0-9]{1,2}"}
_TOKEN = re.compile("yyyy|MM|M|dd|d")


@dataclass(frozen=True)
class Names:
    """What the placeholders stand for. Raises ProfileError when one needs an agency and there is none."""

    period: Period
    agency: Agency | None = None

    def fill(self, template: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._value(found[1], found[2]), template)

    def pattern(self, template: str) -> re.Pattern[str]:
        """Names that fit: `*` is anything but a folder. Large and small letters are the same, as they are on Windows."""
        return re.compile(self._regex(template, self._value, star="[^/]*"), re.IGNORECASE)

    def says(self, template: str, text: str) -> bool:
        """Whether `text` holds the filled template."""
        return bool(re.search(self._regex(template, self._value), nfc(text), re.IGNORECASE))

    def dates_in(self, template: str, text: str) -> str:
        """The dates that stand in `text` where the template has them, or nothing: safe to show, unlike the text."""
        digits = self._regex(template, lambda name, form: self._value(name, form) if form is None else form)
        found = re.search(digits, nfc(text), re.IGNORECASE)
        return ", ".join(found.groups()) if found else ""

    def _value(self, name: str, form: str | None) -> str:
        if name in AGENCY:
            if self.agency is None:
                raise ProfileError(f"{{{name}}} in a file's name needs `for_each: reporting_agency` on its export")
            return str(getattr(self.agency, "name_vi" if name == "agency_name" else name))
        days: dict[str, date] = {
            "period": self.period.first_of_month, "period_start": self.period.first_date,
            "period_end": self.period.end_date, "period_last_day": self.period.last_date,
        }  # fmt: skip
        return _TOKEN.sub(lambda token: _LETTERS[token[0]](days[name]), form or "")

    def _regex(self, template: str, value: Callable[[str, str | None], str], star: str | None = None) -> str:
        """The template as a regular expression; a value that is left as its date letters becomes a group of digits."""
        parts, at = [], 0
        for found in PLACEHOLDER.finditer(template):
            parts.append(_literal(template[at : found.start()], star))
            filled = value(found[1], found[2])
            if filled == found[2]:
                digits = re.split(f"({_TOKEN.pattern})", filled)
                parts.append("(" + "".join(_DIGITS.get(d, re.escape(d)) for d in digits) + ")")
            else:
                parts.append(_literal(filled))
            at = found.end()
        return "".join(parts) + _literal(template[at:], star)


def _literal(text: str, star: str | None = None) -> str:
    """Text in NFC with its single spaces; blanks at its ends count, they stand beside a placeholder."""
    ends = (" " if text[:1].isspace() else "", " " if len(text) > 1 and text[-1:].isspace() else "")
    whole = re.escape(ends[0] + nfc(text) + ends[1]) if text.strip() else " " * bool(text)
    return whole.replace(r"\*", star) if star is not None else whole

"""The placeholders of request parameters: `{period_start:yyyyMMdd}`, `{identity_code}` and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from ingest.formats import can_write, format_local

MOMENTS = ("period_start", "period_end", "period_last_day")
SINCE = "changed_since"
AGENCY = ("identity_code", "agency_code")
_PLACEHOLDER = re.compile(r"\{(\w+)(?::([^}]+))?\}")


def fill(template: str, moments: Mapping[str, date | datetime], texts: Mapping[str, str]) -> str:
    """The parameter with its values; only for templates in which `faults` finds nothing."""
    return _PLACEHOLDER.sub(lambda p: format_local(moments[p[1]], p[2]) if p[2] else texts[p[1]], template)


def names(template: str) -> set[str]:
    return {found[1] for found in _PLACEHOLDER.finditer(template)}


def faults(template: str, per_agency: bool, changes: bool = False) -> Iterator[str]:
    """What is wrong with the placeholders. Dates are written by their letters, in part too."""
    texts = AGENCY if per_agency else ()
    moments = (*MOMENTS, SINCE) if changes else MOMENTS
    known = ", ".join([*(f"{{{text}}}" for text in texts), *(f"{{{moment}:…}}" for moment in moments)])
    for found in _PLACEHOLDER.finditer(template):
        name, form = found[1], found[2]
        if name in AGENCY and not form and not per_agency:
            yield f"{found[0]} needs for_each: reporting_agency"
        elif not (name in moments and form) and not (name in texts and not form):
            yield f"{found[0]} is not one of {known}"
        elif form and not can_write(form):
            yield f"{found[0]}: write the date in yyyy MM dd HH mm ss, or as epoch_ms or epoch_s"

"""Asking for a waiver: what may be asked for, and in which words."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from difflib import get_close_matches

from cchc.period import Period
from cchc.settings import Settings
from expectations.suites import all_checks
from expectations.verdicts import ALL_AGENCIES
from expectations.waivers import DAYS_AT_MOST, Request, Waiver, WaiverRefused, expiry, record_request

_LENGTHS = range(10, 501)
_AGENCY = re.compile(r"[0-9A-Za-z.]{1,30}")
# Taken out before digits are counted: dates, and codes of dossiers, which name no person.
_HARMLESS = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d\b|\b(?:19|20)\d\d[./-]\d{1,2}(?:[./-]\d{1,2})?\b"
    r"|\b(?:[0-9]{3}(?:\.[0-9]{2,3}){1,3}\.H[0-9]{2}|H[0-9]{2}(?:\.[0-9]{1,3}){0,4})-[0-9]{6}-[0-9]{4,6}\b"
)
_PERSONAL = {
    "an e-mail address": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    "the number of a person's paper or telephone": re.compile(r"\+?(?:\d[ .,\-/()]{0,2}){8,}\d"),
    "a passport number": re.compile(r"\b[A-Z]\d{7,8}\b"),
}


def ask(
    period: Period,
    settings: Settings,
    check: str,
    *,
    agency: str,
    rows_at_most: int,
    reason: str,
    ground: str,
    requested_by: str,
    through: str,
    at: datetime,
    working_days: int | None = None,
) -> Waiver:
    """Records the request for a waiver of a critical check.

    `agency` is one agency's code, or `all` for a check of the whole period. Raises WaiverRefused when it may not be
    asked for like that, and WaiverBroken.
    """
    declared = {one.id: one for one in all_checks()}
    if check not in declared:
        near = get_close_matches(check, declared, n=3, cutoff=0.5)
        raise WaiverRefused(f"there is no check {check!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    if declared[check].severity != "critical":
        raise WaiverRefused(f"{check} is a warning: it blocks nothing and needs no waiver")
    if agency == ALL_AGENCIES and declared[check].scope != "period":
        raise WaiverRefused(f"{check} is about single agencies: name one by its code, and ask for each of them")
    if not _AGENCY.fullmatch(agency):
        raise WaiverRefused(f"agency {agency!r} is no code; give the one that the alert names, or {ALL_AGENCIES}")
    if rows_at_most < 1:
        raise WaiverRefused(f"rows at most is {rows_at_most}; give the number of failing rows that may be published")
    days = settings.waiver_days if working_days is None else working_days
    if not 1 <= days <= DAYS_AT_MOST:
        raise WaiverRefused(f"a waiver holds 1 to {DAYS_AT_MOST} working days, not {days}")
    asked = Request(
        check=check,
        period=str(period),
        agency=agency,
        rows_at_most=rows_at_most,
        reason=_words("reason", reason),
        ground=_words("ground", ground),
        expires_at=expiry(at, days, settings),
    )
    return record_request(settings, asked, requested_by, through, at)


def _words(name: str, text: str) -> str:
    """The text in one line. Raises WaiverRefused when it says too little, or holds what could belong to a person."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if len(line) not in _LENGTHS:
        raise WaiverRefused(
            f"{name} has {len(line)} characters; write {_LENGTHS.start} to {_LENGTHS.stop - 1}: it is printed wherever "
            "the waiver is used"
        )
    # Digits of other scripts and of other widths are digits too.
    searched = _HARMLESS.sub(" ", unicodedata.normalize("NFKC", line))
    for what, pattern in _PERSONAL.items():
        if pattern.search(searched):
            raise WaiverRefused(f"{name} seems to hold {what}; write it without personal data")
    return line

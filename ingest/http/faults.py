"""What an answer or a fault of the line means: try again, give up for now, or have somebody correct a setting.

Messages hold types, statuses and settings only; the texts of faults and bodies may quote headers, addresses or people.
"""

from __future__ import annotations

import ssl
from datetime import datetime
from email.utils import parsedate_to_datetime

import requests

from ingest.errors import NotAuthorised, NotJson, ProfileError, SourceError, SourceUnavailable
from ingest.http.exchange import Answer, TooLarge, TooSlow
from ingest.profile import Profile

PASSING = {429, 500, 502, 503, 504}
_NO_ADDRESS = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)
_BROKEN_LINE = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class Passing(Exception):
    """A fault that may pass: worth another try. `wait` is what the source asked for, in seconds."""

    def __init__(
        self, reason: str, wait: float | None = None, status: int | None = None, no_json: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait, self.status, self.no_json = wait, status, no_json


def passing(profile: Profile, where: str, answer: Answer, now: datetime) -> Exception:
    """What an answer with a status of PASSING means: its Retry-After is kept, or we go away until later."""
    wait, longest = _retry_after(answer, now), profile.http.longest_wait_seconds
    if wait is not None and wait > longest:
        return SourceUnavailable(
            f"{where}: status {answer.status}, the source asks to wait {wait:.0f} seconds; "
            f"longest_wait_seconds is {longest:g}: land again later",
            answer.status,
        )
    return Passing(f"status {answer.status}", wait, answer.status)


def judge(profile: Profile, where: str, answer: Answer) -> None:
    """Raises when this is no answer to read."""
    secret = profile.auth.secret
    check = f"check the secret {secret!r}" if secret else "check the endpoint, and whether it needs a login"
    if answer.status in (401, 403):
        raise NotAuthorised(f"{where}: status {answer.status}; {check}")
    if answer.status != 200:
        raise SourceError(f"{where}: status {answer.status}; check the endpoint and its parameters")
    if answer.is_markup:
        raise NotJson(
            f"{where}: expected JSON, the source answered with {answer.kind}, a page for people, perhaps to log in; {check}"
        )


def named(profile: Profile, where: str, fault: Exception) -> Exception:
    """What a fault of the line means."""
    kind, http = type(fault).__name__, profile.http
    if isinstance(fault, TooSlow):
        return Passing(f"no whole answer within {http.request_seconds:g} seconds (request_seconds)")
    if isinstance(fault, TooLarge):
        return SourceError(
            f"{where}: the answer is larger than {http.largest_page_mb:g} MB; ask for smaller pages, "
            f"or raise http.largest_page_mb in {profile.profile}"
        )
    if isinstance(fault, _NO_ADDRESS):
        return no_address(profile, kind)
    if isinstance(fault, requests.exceptions.SSLError) and not _dropped(fault):
        return SourceError(
            f"{where}: no trusted connection ({kind}); check the address and the source's certificate, "
            f"or set CCHC_CA_FILE to the authority that signed it"
        )
    if isinstance(fault, _BROKEN_LINE):
        return Passing(kind)
    return SourceError(f"{where}: the request could not be made ({kind}); check the profile and its secret")


def no_address(profile: Profile, kind: str) -> ProfileError:
    return ProfileError(
        f"source {profile.source!r} has no usable address ({kind}): set CCHC_SOURCE_URLS__{profile.source.upper()} "
        f"or base_url in {profile.profile} to one that begins with https:// or http://"
    )


def _dropped(fault: BaseException | None) -> bool:
    """Whether a TLS fault is a line that broke, not a partner who cannot be trusted."""
    while fault is not None:
        if isinstance(fault, (ssl.SSLEOFError, ConnectionError)):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def _retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds to wait, given as such or as a date (RFC 9110 10.2.3)."""
    value = answer.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):
        return None

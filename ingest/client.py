"""HTTP over requests: time limits, patient retries, secrets that stay in their header. One client per source and pull."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from cchc.settings import Secret
from ingest.errors import ProfileError, SourceError, SourceUnavailable
from ingest.paging import read_pages
from ingest.profile import Auth, ExportMap, Profile

_PASSING = {429, 500, 502, 503, 504}
_NO_ADDRESS = (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)
_BROKEN_LINE = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class _Passing(Exception):
    """A fault that may pass: worth another try. `wait` is what the source asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass
class Ledger:
    """What a pull has asked for so far."""

    requests: int = 0
    retries: int = 0
    bytes: int = 0


@dataclass
class Client:
    """Reads one source as its profile says. Secrets go into headers only, never into a message or a receipt."""

    profile: Profile
    base_url: str
    secret: Secret
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept"] = "application/json"
        _authorise(self._session, self.profile.auth, self.secret)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def pages(self, export: ExportMap, params: Mapping[str, str], size: int | None = None) -> Iterator[list[Any]]:
        """The rows page by page, to the end; see `ingest.paging`. Raises SourceError, ProfileError."""
        where = f"{self.profile.source}{export.endpoint}"
        return read_pages(where, export, params, lambda asked: self.get_json(export.endpoint, asked), size)

    def get_json(self, endpoint: str, params: Mapping[str, str]) -> Any:
        """One request, tried as often as the profile allows: on 429 (Retry-After is kept), 5xx and broken lines only."""
        http = self.profile.http
        attempts = Retrying(
            stop=stop_after_attempt(http.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_Passing),
            reraise=True,
        )
        try:
            return attempts(self._once, endpoint, params)
        except _Passing as fault:
            raise SourceUnavailable(
                f"{self.profile.source}{endpoint}: {fault} after {http.attempts} attempts; see whether the source is up"
            ) from None

    def _once(self, endpoint: str, params: Mapping[str, str]) -> Any:
        http = self.profile.http
        self.ledger.requests += 1
        where = f"{self.profile.source}{endpoint}"
        try:
            response = self._session.get(
                self.base_url.rstrip("/") + endpoint,
                params=dict(params),
                timeout=(http.connect_seconds, http.read_seconds),
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            raise self._named(where, fault) from None
        self.ledger.bytes += len(response.content)
        if response.status_code in _PASSING:
            wait = _retry_after(response)
            if wait is not None and wait > http.longest_wait_seconds:
                raise SourceUnavailable(
                    f"{where}: status {response.status_code}, the source asks to wait {wait:.0f} seconds; "
                    f"longest_wait_seconds is {http.longest_wait_seconds:g}: land again later"
                )
            self.ledger.retries += 1
            raise _Passing(f"status {response.status_code}", wait)
        if response.status_code in (401, 403):
            raise SourceError(f"{where}: status {response.status_code}; check the secret {self.profile.auth.secret!r}")
        if response.status_code != 200:
            raise SourceError(f"{where}: status {response.status_code}; check the endpoint and its parameters")
        try:
            return response.json()
        except ValueError:
            kind = response.headers.get("Content-Type", "no content type").split(";")[0]
            raise SourceError(f"{where}: expected JSON, the source answered with {kind}") from None

    def _named(self, where: str, fault: requests.RequestException) -> Exception:
        """What a fault of the line means to us. Only its type is told: its text may quote headers or addresses."""
        kind = type(fault).__name__
        if isinstance(fault, _NO_ADDRESS):
            variable = f"CCHC_SOURCE_URLS__{self.profile.source.upper()}"
            return ProfileError(
                f"source {self.profile.source!r} has no usable address ({kind}): set {variable} "
                f"or base_url in {self.profile.profile} to one that begins with https:// or http://"
            )
        if isinstance(fault, requests.exceptions.SSLError):
            return SourceError(
                f"{where}: no trusted connection ({kind}); check the address and the source's certificate"
            )
        if isinstance(fault, _BROKEN_LINE):
            self.ledger.retries += 1
            return _Passing(kind)
        return SourceError(f"{where}: the request could not be made ({kind}); check the profile and its secret")

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, _Passing) and fault.wait is not None:
            return fault.wait
        return float(wait_random_exponential(multiplier=0.5, max=self.profile.http.longest_wait_seconds)(state))


def _authorise(session: requests.Session, auth: Auth, secret: Secret) -> None:
    if auth.secret is None:
        return
    value = secret(auth.secret).strip()
    if not value or not _sendable(value, "utf-8" if auth.type == "basic" else "latin-1"):
        raise ProfileError(
            f"secret {auth.secret!r} is blank, or holds line breaks or other characters that no header can carry; set it again"
        )
    if auth.type == "bearer":
        session.headers["Authorization"] = f"Bearer {value}"
    elif auth.type == "api_key":
        session.headers[auth.header] = value
    else:
        user, _, password = value.partition(":")
        session.auth = (user.encode(), password.encode())  # type: ignore[assignment]


def _sendable(value: str, encoding: str) -> bool:
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(character) == "Cc" for character in value)


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None

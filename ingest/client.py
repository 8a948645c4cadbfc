"""HTTP over requests: time limits, patient retries, pages read to the end. One client per source and pull."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from cchc.settings import Secret
from ingest.errors import CountsDiffer, SourceError, SourceUnavailable
from ingest.profile import Auth, ExportMap, Profile
from ingest.values import at, text_of

_PASSING = {429, 500, 502, 503, 504}


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

    def pages(self, export: ExportMap, params: Mapping[str, str]) -> Iterator[list[Any]]:
        """The rows page by page, to the end, reconciled with the declared total.

        Raises CountsDiffer when the total changes on the way or is not what was read.
        """
        paging, seen, number, total = export.paging, 0, 0, None
        while True:
            position = paging.first + number if paging.style == "page_number" else seen
            body = self.get_json(
                export.endpoint, {**params, paging.position: str(position), paging.size_param: str(paging.size)}
            )
            rows = self._rows(export, body)
            declared = self._declared(export, body)
            if number and declared != total:
                raise CountsDiffer(f"the declared total went from {total} to {declared} while paging: pull again")
            total, number, seen = declared, number + 1, seen + len(rows)
            if rows:
                yield rows
            # A full page may hide more rows than declared: only a short or an empty one ends the pull.
            if not rows or (len(rows) < paging.size and (total is None or seen >= total)):
                break
        if total is not None and seen != total:
            raise CountsDiffer(f"{export.endpoint} declares {total} rows, {seen} were read in {number} pages")

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
        try:
            response = self._session.get(
                self.base_url.rstrip("/") + endpoint,
                params=dict(params),
                timeout=(http.connect_seconds, http.read_seconds),
                allow_redirects=False,
            )
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as fault:
            self.ledger.retries += 1
            raise _Passing(type(fault).__name__) from None
        self.ledger.bytes += len(response.content)
        if response.status_code in _PASSING:
            self.ledger.retries += 1
            raise _Passing(f"status {response.status_code}", _retry_after(response))
        where = f"{self.profile.source}{endpoint}"
        if response.status_code in (401, 403):
            raise SourceError(f"{where}: status {response.status_code}; check the secret {self.profile.auth.secret!r}")
        if response.status_code != 200:
            raise SourceError(f"{where}: status {response.status_code}; check the endpoint and its parameters")
        try:
            return response.json()
        except ValueError:
            kind = response.headers.get("Content-Type", "no content type").split(";")[0]
            raise SourceError(f"{where}: expected JSON, the source answered with {kind}") from None

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        longest = self.profile.http.longest_wait_seconds
        if isinstance(fault, _Passing) and fault.wait is not None:
            return min(fault.wait, longest)
        return float(wait_random_exponential(multiplier=0.5, max=longest)(state))

    def _rows(self, export: ExportMap, body: Any) -> list[Any]:
        where = f"{self.profile.source}{export.endpoint}"
        if export.success and (code := text_of(at(body, export.success.path))) != export.success.equals:
            raise SourceError(f"{where}: {export.success.path} is {code!r}, not {export.success.equals!r}")
        rows = at(body, export.rows)
        if not isinstance(rows, list):
            raise SourceError(f"{where}: no list of rows at {export.rows!r}")
        return rows

    def _declared(self, export: ExportMap, body: Any) -> int | None:
        if export.total is None:
            return None
        text = text_of(at(body, export.total))
        if text is None or not text.isdigit():
            raise SourceError(f"{self.profile.source}{export.endpoint}: no declared total at {export.total!r}")
        return int(text)


def _authorise(session: requests.Session, auth: Auth, secret: Secret) -> None:
    if auth.secret is None:
        return
    value = secret(auth.secret)
    if auth.type == "bearer":
        session.headers["Authorization"] = f"Bearer {value}"
    elif auth.type == "api_key":
        session.headers[auth.header] = value
    else:
        user, _, password = value.partition(":")
        session.auth = (user.encode(), password.encode())  # type: ignore[assignment]


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None

"""A source over HTTP: every request in its turn, tried again while a fault may pass, judged, and put into the ledger.

One client per source and pull. Secrets go to the source's own address (scheme, host, port) and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from cchc.settings import Secret
from ingest.columns import Page
from ingest.errors import NotJson, SourceError, SourceUnavailable
from ingest.http.auth import Login, Origin, login
from ingest.http.exchange import Answer, Exchange, Network, TooLarge, TooSlow
from ingest.http.faults import PASSING, Passing, judge, named, no_address, passing
from ingest.http.ledger import Asked, Ledger
from ingest.http.pace import Clock, Pacer
from ingest.http.paging import Place, Position, read_pages
from ingest.profile import ExportMap, Profile

T = TypeVar("T")

_REDIRECTS = 3


@dataclass(frozen=True)
class _Request:
    """What is asked, and how it stands in messages (`where`) and in the ledger (`what`)."""

    url: str
    where: str
    what: str
    login: Login = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass
class Client:
    """Reads one source as its profile says. `turns` is a file that all pulls of this source share to keep its rate."""

    profile: Profile
    base_url: str = field(repr=False)
    secret: Secret = field(repr=False)
    network: Network = field(default_factory=Network)
    ledger: Ledger = field(default_factory=Ledger)
    clock: Clock = field(default_factory=Clock)
    turns: Path | None = None

    def __post_init__(self) -> None:
        self._origin = self._own_origin()
        self._attempt = 1
        self._pacer = Pacer(self.profile.source, self.profile.pace, self.clock, self.turns)
        self._login = login(self.profile.source, self.profile.auth, self.secret, self.base_url, self.clock, self._post)
        self._exchange = Exchange(self.profile.http, self.network)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._exchange.close()

    def pages(
        self,
        export: ExportMap,
        params: Mapping[str, str],
        decode: Callable[[bytes], Page],
        start: Position | None = None,
        size: int | None = None,
        label: str = "",
    ) -> Iterator[tuple[Page, Position]]:
        """The pages to the end, each with the position after it, from which a later pull can go on; see `http.paging`.

        `label` says in the ledger whose pages these are, for example an agency code. Raises SourceError, ProfileError.
        """

        if export.endpoint is None or export.paging is None:
            raise TypeError(f"{export.entity} of source {self.profile.source} is read from files")
        endpoint, paging = export.endpoint, export.paging
        where = f"{self.profile.source}{endpoint}"

        def ask(place: Place) -> tuple[Page, str | None]:
            def read(answer: Answer) -> tuple[Page, str | None]:
                return decode(answer.body), self._onward(answer, where) if paging.style == "link" else None

            what = " ".join(filter(None, (label, place.told)))
            return self.get(endpoint, {**params, **place.params}, read, what=what, link=place.link)

        return read_pages(where, paging, ask, start, size)

    def get(
        self,
        endpoint: str,
        params: Mapping[str, str],
        read: Callable[[Answer], T],
        what: str = "",
        link: str | None = None,
    ) -> T:
        """One question, tried as often as the profile allows: on 429 (Retry-After is kept), 5xx, broken lines and bodies.

        `read` makes something of the answer; NotJson from it counts as a fault of the line. `link` (path and query) is
        asked instead of the endpoint and its parameters.
        """
        http, where = self.profile.http, f"{self.profile.source}{endpoint}"
        url = f"{self._origin}{link}" if link else self.base_url.rstrip("/") + endpoint
        request = _Request(url, where, f"{endpoint} {what}".strip(), self._login, {} if link else params)
        attempts = Retrying(
            stop=stop_after_attempt(http.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(Passing),
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            for attempt in attempts:
                with attempt:
                    self._attempt = attempt.retry_state.attempt_number
                    return self._once(request, read)
        except Passing as fault:
            if fault.no_json:
                raise NotJson(f"{where}: {fault} after {http.attempts} attempts; see what the source sends") from None
            raise SourceUnavailable(
                f"{where}: {fault} after {http.attempts} attempts; see whether the source is up at {self._origin}",
                fault.status,
            ) from None
        raise AssertionError("tenacity gave no attempt")

    def _once(self, request: _Request, read: Callable[[Answer], T]) -> T:
        self._login.ready()
        answer = self._followed(request)
        if self._login.renewable and (answer.status == 401 or (answer.status == 200 and answer.is_markup)):
            self._login.forget()
            self._login.ready()
            answer = self._followed(request)
        judge(self.profile, request.where, answer)
        try:
            return read(answer)
        except NotJson:
            raise Passing(
                f"expected JSON, the source answered with {answer.kind}, {len(answer.body)} bytes", no_json=True
            ) from None

    def _followed(self, request: _Request) -> Answer:
        """The answer behind redirects on the source's own address."""
        for _ in range(_REDIRECTS + 1):
            answer = self._send("GET", request)
            if answer.redirect is None:
                return answer
            self._check_origin(answer.redirect, f"{request.where}: status {answer.status}, a redirect")
            request = replace(request, url=answer.redirect, params={})
        raise SourceError(
            f"{request.where}: status {answer.status}, redirected more than {_REDIRECTS} times; check the endpoint"
        )

    def _send(self, method: str, request: _Request) -> Answer:
        """One request over the line, in its turn and in the ledger. Raises Passing, SourceError, ProfileError."""
        self._pacer.wait()
        at, began, received = self.clock.now(), time.perf_counter(), list[bytes]()
        status: int | str = "interrupted"
        try:
            answer = self._exchange.send(method, request.url, request.login, received, request.params, request.form)
            status = answer.status
        except (requests.RequestException, TooSlow, TooLarge) as fault:
            status = type(fault).__name__
            raise named(self.profile, request.where, fault) from None
        finally:
            size, seconds = sum(map(len, received)), time.perf_counter() - began
            self.ledger.rows.append(Asked(at, request.what, status, size, seconds, self._attempt))
        if answer.status in PASSING:
            raise passing(self.profile, request.where, answer, self.clock.now())
        return answer

    def _post(self, url: str, form: Mapping[str, str], headers: Login) -> tuple[int, bytes]:
        answer = self._send("POST", _Request(url, f"{self.profile.source} token", "token", headers, form=form))
        return answer.status, answer.body

    def _own_origin(self) -> Origin:
        try:
            origin = Origin.of(self.base_url)
        except ValueError:
            raise no_address(self.profile, "not an address") from None
        if origin.scheme not in ("http", "https") or not origin.host:
            raise no_address(self.profile, "not an address")
        if "@" in urlsplit(self.base_url).netloc:
            raise no_address(self.profile, "it holds a user name; give a login as the profile's secret")
        return origin

    def _check_origin(self, url: str, what: str) -> None:
        try:
            there: Origin | None = Origin.of(url)
        except ValueError:
            there = None
        if there != self._origin:
            raise SourceError(
                f"{what} leads to {there or 'no address'}, away from {self._origin}; nothing was asked there. "
                f"If the source has moved, set CCHC_SOURCE_URLS__{self.profile.source.upper()}"
            )

    def _onward(self, answer: Answer, where: str) -> str | None:
        """Path and query of the next page's link, which must stay on the source's own address."""
        if answer.next_link is None:
            return None
        self._check_origin(answer.next_link, f"{where}: the link to the next page")
        parts = urlsplit(answer.next_link)
        return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, Passing) and fault.wait is not None:
            return fault.wait
        return float(wait_random_exponential(multiplier=0.5, max=self.profile.http.longest_wait_seconds)(state))

"""One request, one answer, over requests: read to its end within a time and a size, through the network's proxy and CA."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import parse_header_links
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from ingest.errors import ProfileError
from ingest.http.auth import Login
from ingest.http.options import Http

_CHUNK = 1 << 16
_KIND = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}", re.ASCII)


class TooLarge(Exception):
    """The unpacked body is larger than the profile allows."""


class TooSlow(Exception):
    """The answer was not complete within request_seconds."""


@dataclass(frozen=True)
class Network:
    """How this machine reaches the outside: a proxy's address (it may hold a password: never shown) and a CA file."""

    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True)
class Answer:
    """A whole answer, unpacked."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    @property
    def kind(self) -> str:
        """The content type, as far as it is one: a header may say anything."""
        found = _KIND.match(self.headers.get("Content-Type", ""))
        return found[0] if found else "no content type"

    @property
    def is_markup(self) -> bool:
        """HTML or XML, whatever the content type says; some sources send JSON as text/html."""
        return self.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")

    @property
    def redirect(self) -> str | None:
        """The address that a redirect points to."""
        target = self.headers.get("Location") if self.status in (301, 302, 303, 307, 308) else None
        return urljoin(self.url, target.encode("latin-1", "replace").decode("utf-8", "replace")) if target else None

    @property
    def next_link(self) -> str | None:
        """The address of the header Link with rel=next."""
        for link in parse_header_links(self.headers.get("Link", "")):
            if "next" in link.get("rel", "").lower().split():
                return urljoin(self.url, link["url"])
        return None


class Exchange:
    """A session with one source. No netrc, proxy or CA of the environment is used: they could override the profile."""

    def __init__(self, http: Http, network: Network) -> None:
        if network.ca_file is not None and not network.ca_file.is_file():
            raise ProfileError(
                f"the CA file {network.ca_file} is not there: set CCHC_CA_FILE to a file of certificates (PEM)"
            )
        self._http = http
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept"] = "application/json"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter())
        if network.proxy:
            self._session.proxies = {"http": network.proxy, "https": network.proxy}
        if network.ca_file:
            self._session.verify = str(network.ca_file)

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        login: Login,
        received: list[bytes],
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Puts the parts of the body into `received` as they come, so that a broken answer is counted too.

        Redirects are given back, not followed. Raises TooLarge, TooSlow and what requests raises.
        """
        with _deadline(self._http.request_seconds) as deadline:
            try:
                with self._session.request(
                    method,
                    url,
                    params=dict(params or {}),
                    data=dict(form) if form is not None else None,
                    auth=login,
                    timeout=(self._http.connect_seconds, self._http.read_seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    self._read(response, received)
            except requests.RequestException:
                if deadline.expired:
                    raise TooSlow from None
                raise
        if deadline.expired:  # a body without a declared length just ends when its line is cut
            raise TooSlow
        return Answer(response.status_code, response.headers, b"".join(received), response.url)

    def _read(self, response: requests.Response, received: list[bytes]) -> None:
        left = self._http.largest_page_mb * 1e6
        try:
            for part in response.iter_content(_CHUNK):
                received.append(part)
                left -= len(part)
                if left < 0:
                    raise TooLarge
        except requests.exceptions.SSLError as fault:
            raise requests.ConnectionError from fault  # who has begun to answer is trusted: this is a broken line


class _Deadline:
    """Cuts the line of a request that takes too long; a time limit per read never ends a body that drips."""

    def __init__(self) -> None:
        self.expired = self._over = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()

    def watch(self, line: socket.socket | None) -> None:
        with self._lock:
            self._line = line
            if self.expired:
                self._cut_line()

    def cut(self) -> None:
        with self._lock:
            if self._over:
                return
            self.expired = True
            self._cut_line()

    def _cut_line(self) -> None:
        if self._line is not None:
            with suppress(OSError):  # a TLS line is cut below its TLS: no parting words to a source that hangs
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)

    def end(self) -> None:
        with self._lock:
            self._over = True


_current: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    deadline = _Deadline()
    timer = threading.Timer(seconds, deadline.cut)
    timer.daemon = True
    timer.start()
    token = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(token)
        deadline.end()
        timer.cancel()


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        return _watched(self, super().getresponse)


class _TLSConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        return _watched(self, super().getresponse)


def _watched(connection: HTTPConnection, getresponse: Any) -> HTTPResponse:
    if deadline := _current.get():
        deadline.watch(connection.sock)
    response: HTTPResponse = getresponse()
    return response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _Adapter(HTTPAdapter):
    """The usual adapter, with connections that tell the deadline of a request which line it is on."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        return manager

"""A source that can misbehave below HTTP: arbitrary bytes, silence, a reset, keep-alive, TLS."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import Source
from tests.ingest.http.talk import Tick


@dataclass
class Heard:
    """One request as the source heard it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


class Line:
    """The source's end of one connection."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self.connection, self.over = connection, over

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body: bytes = b"", status: int = 200, length: int | None = None, **headers: str) -> None:
        """A whole answer; `length` declares another one than the body has, -1 none at all."""
        lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        if length != -1:
            lines.append(f"Content-Length: {len(body) if length is None else length}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def stall(self) -> None:
        self.over.wait(20)

    def reset(self) -> None:
        """Ends the connection with RST: what the other end has not read yet is lost."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())  # close() would wait for the file that reads from this socket

    def close(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)


@dataclass
class RawSource:
    """`script(line, heard, n)` answers the n-th request (from 0) as it likes; a line it leaves open is kept alive."""

    script: Callable[[Line, Heard, int], Any] | None = None
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    tls: ssl.SSLContext | None = None


@contextlib.contextmanager
def _raw_sources() -> Iterator[Callable[..., RawSource]]:
    over, servers = threading.Event(), list[socket.socket]()

    def make(tls: ssl.SSLContext | None = None) -> RawSource:
        source, server = RawSource(tls=tls), socket.create_server(("127.0.0.1", 0))
        servers.append(server)
        source.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=_accept, args=(source, server, over), daemon=True).start()
        return source

    yield make
    over.set()
    for server in servers:
        server.close()


@pytest.fixture
def raw_sources() -> Iterator[Callable[..., RawSource]]:
    """Makes any number of raw sources."""
    with _raw_sources() as make:
        yield make


@pytest.fixture(scope="session")
def lasting_source() -> Iterator[RawSource]:
    with _raw_sources() as make:
        yield make()


@pytest.fixture
def source(lasting_source: RawSource) -> Source:
    """The scripted source of all tests, here on one server that lasts and keeps its lines open: 300 tests start none."""
    scripted = Source(url=lasting_source.url)

    def script(line: Line, heard: Heard, _: int) -> None:
        scripted.asked.append((heard.path, heard.query, heard.headers))
        assert scripted.answer is not None
        status, headers, body = scripted.answer(heard.path, heard.query)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        line.answer(data, status, **{"Content-Type": "application/json"} | headers)

    lasting_source.script = script
    return scripted


@pytest.fixture
def raw_source(raw_sources) -> RawSource:
    return raw_sources()


@pytest.fixture
def tick() -> Tick:
    return Tick()


def _accept(source: RawSource, server: socket.socket, over: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_serve, args=(source, connection, over), daemon=True).start()


def _serve(source: RawSource, connection: socket.socket, over: threading.Event) -> None:
    with contextlib.suppress(OSError, ValueError):
        if source.tls:
            connection = source.tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as reader:
            line = Line(connection, over)
            while first := reader.readline():
                method, target, _ = first.decode("latin-1").split(" ", 2)
                headers = dict[str, str]()
                while (header := reader.readline().decode("latin-1").strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name] = value.strip()
                body = reader.read(int(headers.get("Content-Length", 0)))
                source.heard.append(Heard(method, target, headers, body))
                assert source.script is not None
                source.script(line, source.heard[-1], len(source.heard) - 1)

"""A proxy and a private certificate authority, both real, on loopback."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.errors import ProfileError, SourceError, SourceUnavailable
from ingest.http.exchange import Network
from ingest.http.options import Auth
from tests.ingest.http.talk import reader, rows

ONE = json.dumps({"total": 1, "data": [7]}).encode()


@dataclass
class Proxy:
    """Forwards plain requests and tunnels; keeps the first lines that it was asked."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    server, told = socket.create_server(("127.0.0.1", 0)), Proxy()
    told.url = f"http://kho:pr0xy-secret@127.0.0.1:{server.getsockname()[1]}"

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=_forward, args=(server.accept()[0], told), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield told
    server.close()


def _forward(near: socket.socket, told: Proxy) -> None:
    with suppress(OSError), near:
        head = b""
        while b"\r\n\r\n" not in head:
            head += near.recv(65536)
        first, _, rest = head.decode("latin-1").partition("\r\n")
        method, target, version = first.split(" ")
        told.asked.append(first)
        told.headers.append(rest)
        host, _, port = target.removeprefix("http://").partition("/")[0].partition(":")
        with socket.create_connection((host, int(port))) as far:
            if method == "CONNECT":
                near.sendall(b"HTTP/1.1 200 Established\r\n\r\n")
            else:
                path = "/" + target.removeprefix("http://").partition("/")[2]
                rest = "\r\n".join(line for line in rest.split("\r\n") if not line.startswith("Proxy-"))
                far.sendall(f"{method} {path} {version}\r\nConnection: close\r\n{rest}".encode("latin-1"))
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far) if method == "CONNECT" else None
            back.join(5)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@dataclass
class Authority:
    """A private CA with one server certificate for 127.0.0.1."""

    file: Path
    context: ssl.SSLContext


def authority(folder: Path) -> Authority:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA thử nghiệm")])
    now = datetime.now(UTC)

    def certificate(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        built = x509.CertificateBuilder().subject_name(name).issuer_name(ca_name).public_key(public)
        built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return (
            built.serial_number(x509.random_serial_number())
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        )

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    root = certificate(ca_name, ca_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
    root_signed = root.add_extension(usage, critical=True).sign(ca_key, hashes.SHA256())
    server = certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), key.public_key())
    server = server.add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root_signed.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + server.sign(ca_key, hashes.SHA256()).public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return Authority(folder / "ca.pem", context)


def test_a_source_is_read_through_the_proxy(source, proxy):
    source.answer = lambda *_: (200, {}, ONE)
    assert rows(reader(source.url, Auth(type="bearer", secret="key"), network=Network(proxy=proxy.url))) == [7]
    assert proxy.asked == [f"GET {source.url}/rows?at=1&size=3 HTTP/1.1"]
    assert "Proxy-Authorization: Basic" in proxy.headers[0]
    assert "Proxy-Authorization" not in source.asked[0][2]


def test_a_proxy_of_the_environment_is_not_used(source, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    source.answer = lambda *_: (200, {}, ONE)
    assert rows(reader(source.url)) == [7]


def test_a_login_of_a_netrc_overrides_no_secret(source, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    source.answer = lambda *_: (200, {}, ONE)
    rows(reader(source.url))
    rows(reader(source.url, Auth(type="bearer", secret="key")))
    assert [headers.get("Authorization") for _, _, headers in source.asked] == [None, "Bearer s3cret-value"]


def test_a_proxy_that_is_away_is_named_without_its_password():
    network = Network(proxy="http://kho:pr0xy-secret@127.0.0.1:9")
    with pytest.raises(SourceUnavailable, match="ProxyError after 4 attempts") as fault:
        rows(reader("http://127.0.0.1:8", network=network))
    assert "pr0xy-secret" not in str(fault.value) + repr(network)


def test_a_source_with_a_private_certificate_is_read_with_its_authority(raw_sources, proxy, tmp_path):
    private = authority(tmp_path)
    source = raw_sources(private.context)
    source.script = lambda line, *_: line.answer(ONE)
    assert rows(reader(source.url, network=Network(ca_file=private.file))) == [7]
    assert rows(reader(source.url, network=Network(proxy=proxy.url, ca_file=private.file))) == [7]
    assert proxy.asked[0].startswith("CONNECT 127.0.0.1:")


def test_a_certificate_nobody_vouches_for_is_not_trusted_and_nothing_is_asked(raw_sources, tmp_path, monkeypatch):
    private = authority(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(private.file))  # the environment's does not count
    source = raw_sources(private.context)
    client = reader(source.url, Auth(type="bearer", secret="key"))
    with pytest.raises(SourceError, match=r"no trusted connection \(SSLError\).*CCHC_CA_FILE"):
        rows(client)
    assert source.heard == []
    assert client.ledger.requests == 1


def answering(data: bytes) -> socket.socket:
    """A server that says the same to everybody, whatever they speak."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = server.accept()
                near.recv(4096)
                near.sendall(data)
                near.close()

    threading.Thread(target=serve, daemon=True).start()
    return server


def test_a_source_that_speaks_no_tls_is_not_tried_again():
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        client = reader(f"https://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(SourceError, match=r"no trusted connection \(SSLError\)"):
            rows(client)
    assert client.ledger.requests == 1


@pytest.mark.parametrize("how", ["reset", "stall", "drip"])
def test_a_tls_line_that_breaks_mid_body_is_tried_again(raw_sources, tmp_path, how):
    private = authority(tmp_path)
    source = raw_sources(private.context)

    def script(line, heard, n: int) -> None:
        if n:
            line.answer(ONE)
            return
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b" " * 100_000)
        if how == "reset":
            line.reset()
        while how == "drip":
            line.send(b" ")
            line.over.wait(0.05)
        line.stall()

    source.script = script
    client = reader(source.url, network=Network(ca_file=private.file), read_seconds=0.25, request_seconds=0.5)
    assert rows(client) == [7]
    assert client.ledger.retries == 1


def test_a_tls_line_that_breaks_in_its_handshake_is_tried_again():
    with answering(b"") as server, pytest.raises(SourceUnavailable, match="after 4 attempts"):
        rows(reader(f"https://127.0.0.1:{server.getsockname()[1]}"))


def test_a_ca_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ProfileError, match=r"none\.pem is not there: set CCHC_CA_FILE"):
        reader("https://127.0.0.1:9", network=Network(ca_file=tmp_path / "none.pem"))


def test_a_ca_file_that_holds_no_certificate_is_no_crash(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises((ProfileError, SourceError)):
        rows(reader("https://127.0.0.1:9", network=Network(ca_file=tmp_path / "ca.pem")))

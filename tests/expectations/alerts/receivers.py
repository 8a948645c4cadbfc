"""Real receivers on loopback: a mail server that speaks SMTP (RFC 5321), and a webhook as chat services have one."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Letter:
    """A mail as it was accepted: whom the envelope names, and the message."""

    to: list[str]
    message: EmailMessage

    @property
    def title(self) -> str:
        return str(self.message["subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def files(self) -> dict[str, bytes]:
        return {str(part.get_filename()): part.get_content() for part in self.message.iter_attachments()}


@dataclass
class Mailbox:
    """A mail server. While `is_down`, it answers 421 and hangs up, as one that is overloaded does."""

    port: int = 0
    is_down: bool = False
    letters: list[Letter] = field(default_factory=list)
    calls: int = 0

    def address(self, who: str) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=cchc@tinh.example.vn&to={who}@tinh.example.vn"

    def to(self, who: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to == [f"{who}@tinh.example.vn"]]


def _smtp(box: Mailbox) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        timeout = 10

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            box.calls += 1
            if box.is_down:
                self.say("421 mail.tinh.example.vn is overloaded")
                return
            self.say("220 mail.tinh.example.vn ESMTP")
            sender, to = "", list[str]()
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb, _, rest = line.partition(" ")
                match verb.upper():
                    case "EHLO":
                        self.say("250-mail.tinh.example.vn")
                        self.say("250-8BITMIME")
                        self.say("250 SIZE 20000000")
                    case "HELO" | "NOOP":
                        self.say("250 OK")
                    case "MAIL":
                        sender, to = rest.partition(":")[2].split()[0].strip("<>"), []
                        self.say("250 OK")
                    case "RCPT" if sender:
                        to.append(rest.partition(":")[2].split()[0].strip("<>"))
                        self.say("250 OK")
                    case "DATA" if to:
                        self.say("354 end with a dot on a line of its own")
                        content = b"".join(iter(self._content_line, b".\r\n"))
                        message = message_from_bytes(content, policy=default)
                        assert isinstance(message, EmailMessage)
                        box.letters.append(Letter(to, message))
                        sender, to = "", []
                        self.say("250 accepted")
                    case "RSET":
                        sender, to = "", []
                        self.say("250 OK")
                    case "QUIT":
                        self.say("221 bye")
                        return
                    case _:
                        self.say("503 bad sequence of commands")

        def _content_line(self) -> bytes:
            line = self.rfile.readline()
            return line[1:] if line.startswith(b"..") else line

    return Handler


@dataclass
class Webhook:
    """A webhook; it answers with the next of `answers`, then with `status`. What it did not answer with 200 it did not take."""

    url: str = ""
    status: int = 200
    answers: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0


def _http(hook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.calls += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.answers.pop(0) if hook.answers else hook.status
            if status == 200:
                hook.messages.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Mail(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def _served(make: Callable[[], socketserver.BaseServer]) -> Iterator[Any]:
    server = make()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    box = Mailbox()
    with _served(lambda: _Mail(("127.0.0.1", 0), _smtp(box))) as server:
        box.port = server.server_address[1]
        yield box


@contextmanager
def webhook_server() -> Iterator[Webhook]:
    hook = Webhook()
    with _served(lambda: ThreadingHTTPServer(("127.0.0.1", 0), _http(hook))) as server:
        hook.url = f"json://127.0.0.1:{server.server_address[1]}/tokenAbC123"
        yield hook

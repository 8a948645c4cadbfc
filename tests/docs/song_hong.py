"""Song Hồng eGov, the made-up vendor of docs/add-a-source.md: a token endpoint, pages by cursor, epoch milliseconds.

`release` 2 renames a key and adds another, as vendors do between two months. `python -m tests.docs.song_hong` serves it
for a reader of the page until Ctrl-C; `--release 2` for its section 8, `--port` for another port than 8640.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cchc.period import LOCAL

CLIENT = "cchc-tinh"
PASSWORD = "doi-mat-khau-nay"
PERSONAL = (
    "Nguyễn Thị Ánh Nguyệt", "030190001234", "0912345678", "anhnguyet@example.vn", "Thôn Đông, xã Đại Hợp",
    "Phạm Văn Quyết", "don-xin-khai-sinh-nguyet.pdf",
)  # fmt: skip
_NAME, _IDENTITY, _PHONE, _MAIL, _ADDRESS, _OFFICER, _FILE = PERSONAL
_OFFICES = ("000.19.26.H23", "000.22.26.H23")
_STATES = ("RETURNED", "DONE", "WORKING", "ASKED", "REFUSED", "WITHDRAWN")
_PAGES_PER_TOKEN = 3
_PER_SECOND = 8  # the profile asks for four; requests do not arrive as evenly as they leave


def _ms(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL).timestamp()) * 1000


def dossier(number: int, first: date) -> dict[str, Any]:
    """The `number`-th dossier of a month that begins on `first`."""
    day = first + timedelta(days=number % 28)
    office, state = _OFFICES[number % 2], _STATES[number % len(_STATES)]
    ended = _ms(day + timedelta(days=2), 9) if state in ("RETURNED", "DONE", "REFUSED", "WITHDRAWN") else None
    return {
        "number": f"{office}-{day:%y%m%d}-{number:04d}",
        "procedure": {"code": "1.004873", "title": "Cấp giấy xác nhận tình trạng hôn nhân", "field": {"code": "HT"}},
        "handledBy": {"office": {"code": office, "title": "UBND xã"}, "officer": _OFFICER},
        "applicant": {
            "kind": "CITIZEN", "fullName": _NAME, "idNumber": _IDENTITY, "phone": _PHONE, "email": _MAIL,
            "address": _ADDRESS,
        },
        "channel": "COUNTER" if number % 5 == 0 else "WEB",
        "state": state,
        "times": {
            "submitted": _ms(day, 7), "accepted": _ms(day, 8), "promised": _ms(day + timedelta(days=3), 17),
            "ended": ended, "handedOver": ended if state == "RETURNED" else None,
        },
        "payment": {"online": number % 3 == 0, "fees": [{"title": "Lệ phí", "amount": 8000}] if number % 4 else []},
        "files": [
            {"kind": "INPUT", "name": _FILE, "storeId": f"f-{number}", "signature": None},
            *([{"kind": "RESULT", "name": _FILE, "storeId": f"r-{number}", "signature": "CMS"}] if state == "RETURNED" else []),
        ],
        "supplements": [
            {"asked": _ms(day, 10), "by": _OFFICER, "answered": _ms(day + timedelta(days=1), 8),
             "promisedBefore": _ms(day + timedelta(days=2), 17), "promisedAfter": _ms(day + timedelta(days=3), 17)}
        ] if state == "ASKED" else [],
        "modified": _ms(day + timedelta(days=2), 10),
    }  # fmt: skip


def month(first: date) -> list[dict[str, Any]]:
    """245 rows: one twice, one without an office, one with a date in words, two with a state that the manual leaves out."""
    rows = [dossier(number, first) for number in range(1, 245)]
    rows[6]["state"] = rows[150]["state"] = "PAUSED"
    rows[22]["times"]["promised"] = "hẹn lại sau"
    rows[190]["handledBy"]["office"]["code"] = ""
    rows.insert(31, rows[30])
    return rows


@dataclass
class Vendor:
    """What the server was asked, and which release of the software it runs."""

    url: str = ""
    release: int = 1
    tokens: dict[str, int] = field(default_factory=dict)  # token → pages that it is still good for
    asked: list[tuple[float, str, int]] = field(default_factory=list)  # monotonic seconds, path, status

    def answer(self, path: str, query: dict[str, str], authorization: str) -> tuple[int, Any]:
        if not authorization.startswith("Bearer ") or not self.tokens.get(authorization[7:]):
            return 401, {"error": "invalid_token"}
        if path != "/api/v1/dossiers":
            return 404, {"error": "not_found"}
        self.tokens[authorization[7:]] -= 1
        first = datetime.fromtimestamp(int(query["acceptedFrom"]) / 1000, LOCAL).date()
        rows, size = [self._released(row) for row in month(first)], min(int(query.get("limit", 20)), 50)
        begin = int(b64decode(query["after"])) if "after" in query else 0
        end = begin + size
        following = b64encode(str(end).encode()).decode() if end < len(rows) else None
        return 200, {"meta": {"count": len(rows), "next": following}, "data": {"dossiers": rows[begin:end]}}

    def token(self, authorization: str, form: dict[str, str]) -> tuple[int, Any]:
        known = "Basic " + b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()
        if authorization != known or form.get("grant_type") != "client_credentials":
            return 401, {"error": "invalid_client"}
        token = f"t{len(self.tokens)}-{'x' * 40}"
        self.tokens[token] = _PAGES_PER_TOKEN
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def too_fast(self) -> bool:
        now = time.monotonic()
        return sum(at > now - 1 for at, _, _ in self.asked) >= _PER_SECOND

    def _released(self, row: dict[str, Any]) -> dict[str, Any]:
        if self.release == 1:
            return row
        times = {("promisedAt" if name == "promised" else name): at for name, at in row["times"].items()}
        return row | {"times": times, "priority": "NORMAL"}


@contextmanager
def served(port: int = 0, release: int = 1) -> Iterator[Vendor]:
    """The vendor's server on 127.0.0.1 while the context lasts."""
    vendor = Vendor(release=release)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._send(lambda: vendor.answer(parts.path, dict(parse_qsl(parts.query)), self._authorization()))

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._send(lambda: vendor.token(self._authorization(), form))

        def _authorization(self) -> str:
            return self.headers.get("Authorization", "")

        def _send(self, answer) -> None:
            status, body = (429, {"error": "slow_down"}) if vendor.too_fast() else answer()
            vendor.asked.append((time.monotonic(), urlsplit(self.path).path, status))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    yield vendor
    server.shutdown()
    server.server_close()
    thread.join()


def main() -> None:
    """Serves the vendor until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Song Hồng eGov, the made-up vendor of docs/add-a-source.md.")
    parser.add_argument("--port", type=int, default=8640)
    parser.add_argument("--release", type=int, choices=(1, 2), default=1)
    given = parser.parse_args()
    with served(given.port, given.release) as vendor:
        sys.stdout.write(f"Song Hồng eGov, release {given.release}, at {vendor.url}/api; Ctrl-C ends it\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()

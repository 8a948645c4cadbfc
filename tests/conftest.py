"""Fixtures that several folders share: a home of its own for each test, and a scripted HTTP source on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cchc.settings import Settings, settings

# Servers, files, workbooks and whole landings: right for `make test`, too long for the inner loop.
_LONG = (
    "cchc/test_agencies.py", "cchc/test_alert_workbooks.py", "cchc/test_late.py", "cchc/test_rejects.py",
    "cchc/test_watch.py", "expectations/alerts", "docs", "ingest/files", "ingest/http", "ingest/properties", "ingest/rejects",
    "ingest/test_batch.py", "ingest/test_changes.py", "ingest/test_landing.py", "ingest/test_moving_rows.py",
    "ingest/test_profile_try.py", "ingest/test_resume.py", "ingest/test_spool.py", "sandbox/test_files.py",
    "sandbox/test_opencps.py", "sandbox/test_request_faults.py", "sandbox/test_servers.py", "deployment", "tools",
    "dbt_project/test_agency_views.py", "expectations/test_waivers.py", "expectations/test_no_other_path.py",
)  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is too long for the inner loop as slow."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(_LONG):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The settings of a deployment that lives in a temporary folder."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


@dataclass
class Source:
    """A real HTTP server whose answers a test scripts: `answer(path, query)` gives status, headers and body."""

    answer: Callable[[str, dict[str, str]], tuple[int, dict[str, str], Any]] | None = None
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def source() -> Iterator[Source]:
    scripted = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            scripted.asked.append((parts.path, query, dict(self.headers)))
            assert scripted.answer is not None
            status, headers, body = scripted.answer(parts.path, query)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (
                {"Content-Type": "application/json", "Content-Length": str(len(data))} | headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    yield scripted
    server.shutdown()
    server.server_close()
    thread.join()

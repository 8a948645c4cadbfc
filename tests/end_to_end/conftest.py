"""A whole deployment per test: the stand-in province over real HTTP, an alert receiver, the real DAG in this process."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from cchc.cli import app
from cchc.settings import PROJECT, settings
from quickstart.environment import airflow_environment, prepare_airflow
from sandbox.faults import Fault, FieldBroken
from sandbox.province import Province
from sandbox.server import SECRETS, serve

# Airflow reads its environment when it is first imported.
os.environ.update(airflow_environment(Path(tempfile.mkdtemp(prefix="cchc-airflow-"))))
sys.path.insert(0, str(PROJECT / "dags"))
DAI_HOP, HOANG_CAT = "11119", "15907"


@pytest.fixture(scope="session")
def airflow() -> Iterator[None]:
    """Airflow's database, once per test process."""
    home = Path(os.environ["AIRFLOW_HOME"])
    prepare_airflow({name: value for name, value in os.environ.items() if name.startswith("AIRFLOW")})
    yield
    shutil.rmtree(home.parent, ignore_errors=True)


@dataclass(frozen=True)
class Forgotten(Fault):
    """The portal no longer knows one dossier."""

    code: str = ""

    def spoil(self, question: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if row["MaHoSo"] != self.code]


@dataclass
class Deployment:
    """A warehouse, the province it reads, and what its alert receiver was sent."""

    home: Path
    province: Province
    alerts: list[str] = field(default_factory=list)

    def run_dag(self, period: str) -> str:
        """One run of the real DAG; its final state."""
        from _in_process import run_month

        return run_month(period)

    def published(self) -> dict[str, str]:
        """Path to sha256 of everything under published/."""
        folder = self.home / "published"
        files = sorted(p for p in folder.rglob("*") if p.is_file())
        return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(settings().analysts_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def months(self) -> dict[str, int]:
        """Published months and their current revision."""
        rows = self.query("select strftime(period_month, '%Y-%m'), revision from snapshots where is_current order by 1")
        return dict(rows)


@pytest.fixture
def province() -> Province:
    return Province()


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """A webhook receiver on loopback: its Apprise address, and the texts it was sent."""
    received: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append(f"{body['title']}\n{body['message']}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    server.server_close()


@pytest.fixture
def deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, province: Province, receiver: tuple[str, list[str]]
) -> Iterator[Deployment]:
    """An empty warehouse whose sources are the stand-in province."""
    address, alerts = receiver
    with serve(province) as urls:
        monkeypatch.setenv("CCHC_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("CCHC_SECRET_ALERT_URLS", address)
        for source, url in urls.items():
            monkeypatch.setenv(f"CCHC_SOURCE_URLS__{source.upper()}", url)
        for name, value in SECRETS.items():
            monkeypatch.setenv(f"CCHC_SECRET_{name.upper()}", value)
        settings.cache_clear()
        yield Deployment(tmp_path / "home", province, alerts)
    settings.cache_clear()


def _closed(home: Path, *months: str, province: Province | None = None, reason: str | None = None) -> Path:
    """Closes months of the stand-in province in a home of its own, which tests copy."""
    from cchc import close as steps

    with pytest.MonkeyPatch.context() as patch, serve(province or Province()) as urls:
        patch.setenv("CCHC_HOME", str(home))
        for source, url in urls.items():
            patch.setenv(f"CCHC_SOURCE_URLS__{source.upper()}", url)
        for name, value in SECRETS.items():
            patch.setenv(f"CCHC_SECRET_{name.upper()}", value)
        settings.cache_clear()
        for month in months:
            steps.close(month, reason=reason)
    settings.cache_clear()
    return home


@pytest.fixture(scope="session")
def one_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which 2023-01 is closed."""
    return _closed(tmp_path_factory.mktemp("one") / "home", "2023-01")


@pytest.fixture(scope="session")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which 2023-01 to 2023-03 are closed."""
    return _closed(tmp_path_factory.mktemp("three") / "home", "2023-01", "2023-02", "2023-03")


@pytest.fixture(scope="session")
def restated_home(three_months: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2023-01 to 03, with a second revision of 2023-02, and 2023-05 closed while 2023-04 is not.

    Revision 2 has dossiers of Đại Hợp in person that were online, and lacks one of Hoằng Cát that was pending in 2023-01.
    """
    home, province = tmp_path_factory.mktemp("restated") / "home", Province()
    shutil.copytree(three_months, home, symlinks=True)
    with duckdb.connect(str(home / "published/warehouse.duckdb"), read_only=True) as connection:
        ((pending,),) = connection.execute(
            "select min(dossier_code) from fct_dossiers where period_month = '2023-01-01' and is_pending and agency_code = ?",
            [HOANG_CAT],
        ).fetchall()
    province.poison(FieldBroken(DAI_HOP, "2023-02", field="KenhThucHien", value="1", count=20))
    province.poison(Forgotten(HOANG_CAT, "2023-02", code=pending))
    return _closed(home, "2023-02", "2023-05", province=province, reason="kênh tiếp nhận nhập sai")


@pytest.fixture
def restated(restated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """That home, to be read only."""
    yield from _settled(restated_home, monkeypatch)


@pytest.fixture
def damaged(restated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of its published folder, which a test may spoil."""
    folder = tmp_path / "published"
    shutil.copytree(restated_home / "published", folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for _ in _settled(tmp_path, monkeypatch):
        yield folder


def _settled(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CCHC_HOME", str(home))
    settings.cache_clear()
    yield home
    settings.cache_clear()


@pytest.fixture
def first_closed(deployment: Deployment, one_month: Path) -> Deployment:
    shutil.copytree(one_month, deployment.home, symlinks=True)
    return deployment


@pytest.fixture
def closed(deployment: Deployment, three_months: Path) -> Deployment:
    shutil.copytree(three_months, deployment.home, symlinks=True)
    return deployment


def cchc(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output

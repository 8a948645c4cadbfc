"""`make up`: a local Airflow with its UI beside the stand-in province, on SQLite and 127.0.0.1, until Ctrl-C or `make down`.

The DAG is unpaused, so Airflow closes the newest month at once; any other month is started from the UI by its name.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests
from pydantic import BaseModel
from rich.console import Console

from cchc.settings import Settings
from quickstart.environment import airflow_environment, prepare_airflow, source_environment
from quickstart.init import ADMIN, set_password
from quickstart.processes import Processes, created, members

DAG = "monthly_indicators"
SERVICES = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
_START_PATIENCE = 120.0
_TIMEOUT = 10
screen = Console(highlight=False, soft_wrap=True)


class Interrupted(BaseException):
    """Someone asked for the end."""


class NotStarted(RuntimeError):
    """A process ended by itself or did not become healthy; the message holds the end of its log."""


class Record(BaseModel):
    """What is running, for `make down`: `make up` itself, and the sessions of its services; each with its birth."""

    pid: int
    created: float
    sessions: dict[int, float]

    def is_up(self) -> bool:
        return self.leads() or bool(members(self.sessions))

    def leads(self) -> bool:
        """`make up` itself lives, and not another process of its number."""
        return created(self.pid) == self.created


def record_file(settings: Settings) -> Path:
    return settings.home.resolve() / "airflow" / "up.json"


def read_record(settings: Settings) -> Record | None:
    path = record_file(settings)
    return Record.model_validate_json(path.read_text()) if path.exists() else None


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when it was stopped, 1 when something it started fell, 2 when it is up already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--port", type=int, default=8080, help="of Airflow's UI; another one is taken when it is in use"
    )
    parser.add_argument("--sandbox-port", type=int, default=8765, help="of the stand-in province, likewise")
    chosen = parser.parse_args(arguments)
    settings = Settings()
    found = read_record(settings)
    if found and found.is_up():
        screen.print("it is up already: stop it with [bold]make down[/]")
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _run(settings, _free(chosen.port), _free(chosen.sandbox_port))
    except Interrupted:
        screen.print("everything is stopped")
        return 0
    except NotStarted as error:
        screen.print(str(error), style="red", markup=False)
        return 1
    finally:
        record_file(settings).unlink(missing_ok=True)


def _run(settings: Settings, port: int, sandbox_port: int) -> int:
    home = settings.home.resolve()
    url, passwords = f"http://127.0.0.1:{port}", home / "airflow" / "passwords.json"
    environment = os.environ | {"CCHC_HOME": str(home)} | source_environment(sandbox_port) | airflow_environment(home)
    environment |= {
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        # A task whose first call is not answered in time has failed; two busy cores may need more than the default 5 s.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
    }
    screen.print("preparing Airflow …")
    prepare_airflow(environment)
    password = _password(passwords)
    with Processes(home / "airflow" / "services") as processes:
        processes.start("sandbox", _python("cchc.cli", "sandbox", "up", "--port", str(sandbox_port)), environment)
        screen.print("starting Airflow and the stand-in province …")
        for name, command in SERVICES.items():
            processes.start(name, _python("airflow", *command), environment)
            _write_record(settings, processes)
            if name == "api-server":  # the others speak to it from their first second
                _wait_for(url, processes, {"metadatabase"})
        _wait_for(url, processes, {"metadatabase", "scheduler", "dag_processor", "triggerer"})
        _unpause(url, password)
        screen.print(f"[bold]Airflow[/]   {url}   login {ADMIN} / {password}", soft_wrap=True)
        screen.print(f"sources   http://127.0.0.1:{sandbox_port} (a stand-in province)")
        screen.print(f"files     {home}; what the services say: {home / 'airflow' / 'services'}")
        screen.print(f"{DAG} is on and closes the newest month now. Ctrl-C or [bold]make down[/] stops everything.")
        while not processes.fallen():
            time.sleep(0.5)
        raise NotStarted(_fall(processes))


def _write_record(settings: Settings, processes: Processes) -> None:
    record = Record(pid=os.getpid(), created=created(os.getpid()), sessions=processes.sessions())
    record_file(settings).write_text(record.model_dump_json())


def _wait_for(url: str, processes: Processes, parts: set[str]) -> None:
    """Until these parts of Airflow are healthy. Raises NotStarted."""
    deadline, healthy = time.monotonic() + _START_PATIENCE, set[str]()
    while not parts <= healthy:
        if processes.fallen():
            raise NotStarted(_fall(processes))
        if time.monotonic() > deadline:
            raise NotStarted(f"after {_START_PATIENCE:.0f} s Airflow is not healthy: {parts - healthy}")
        time.sleep(0.5)
        try:
            found = requests.get(f"{url}/api/v2/monitor/health", timeout=_TIMEOUT).json()
        except requests.RequestException:
            continue
        healthy = {part for part, state in found.items() if state["status"] == "healthy"}


def _unpause(url: str, password: str) -> None:
    """`make run` may have left the DAG in this database as paused; a new one appears once it has been parsed."""
    session = requests.Session()
    token = session.post(f"{url}/auth/token", json={"username": ADMIN, "password": password}, timeout=_TIMEOUT)
    token.raise_for_status()
    session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
    deadline = time.monotonic() + _START_PATIENCE
    while not (answer := session.patch(f"{url}/api/v2/dags/{DAG}", json={"is_paused": False}, timeout=_TIMEOUT)).ok:
        if time.monotonic() > deadline:
            raise NotStarted(f"Airflow does not list {DAG}: {answer.text}")
        time.sleep(0.5)


def _fall(processes: Processes) -> str:
    return "\n".join(f"{name} has ended:\n{processes.tail(name)}" for name in processes.fallen())


def _password(path: Path) -> str:
    """The admin's password of this home, made at the first start."""
    known: Mapping[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if ADMIN not in known:
        set_password(path, ADMIN, secrets.token_urlsafe(12))
        return _password(path)
    return known[ADMIN]


def _free(port: int) -> int:
    """`port` itself, or one that the system gives when somebody listens there."""
    for wanted in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NotStarted("no port is free on 127.0.0.1")


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _interrupt(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # stopping is under way and is not stopped
    raise Interrupted


if __name__ == "__main__":
    sys.exit(main())

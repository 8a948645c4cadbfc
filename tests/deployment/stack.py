"""The services of docker-compose.yml as processes on this machine: same commands, environment and health checks.

What is a container's own stays a process's own: each service has its AIRFLOW_HOME, and no environment but the one that
Compose gives it. Names of containers become ports on 127.0.0.1, volumes become folders.
"""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cchc.settings import PROJECT
from quickstart.processes import Processes
from tests.deployment import compose_file, postgres

LASTING = ("api-server", "scheduler", "dag-processor", "triggerer")
_START_PATIENCE = 90.0
_POLL = 1.0


@dataclass
class Stack:
    """A running deployment."""

    folder: Path
    variables: dict[str, str]
    ports: dict[str, int]
    processes: Processes
    portal_token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['api-server']}"

    @property
    def home(self) -> Path:
        return self.folder / "volumes" / "cchc"

    def here(self, service: str, text: str) -> str:
        """A value of the Compose file as it reads outside a container."""
        for there, here in {
            "@postgres:5432": f"@127.0.0.1:{self.ports['postgres']}",
            "--port=5432": f"--port={self.ports['postgres']}",
            "http://api-server:8080": self.url,
            "127.0.0.1:8080": f"127.0.0.1:{self.ports['api-server']}",
            "127.0.0.1:8974": f"127.0.0.1:{self.ports['scheduler']}",
            "/opt/warehouse": str(PROJECT),
            "/opt/airflow": str(self.folder / "containers" / service),
            "/var/lib/cchc": str(self.home),
            "/var/lib/airflow-auth": str(self.folder / "volumes" / "auth"),
            "/var/log/airflow": str(self.folder / "volumes" / "logs"),
        }.items():
            text = text.replace(there, here)
        return text

    def environment(self, service: str) -> dict[str, str]:
        """What Compose gives the service, and the ports that containers would not have to share."""
        given = compose_file.interpolated(self.variables)["services"][service]
        from_file = self.variables if given.get("env_file") == ".env" else {}
        own = {name: self.here(service, value) for name, value in given["environment"].items()}
        container = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder / "containers" / service),
            "LANG": "C.UTF-8",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.ports["api-server"]),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(self.ports["scheduler"]),
        }
        return container | from_file | own

    def command(self, service: str, command: list[str]) -> list[str]:
        return [self.here(service, part) for part in command]

    def run(self, service: str, command: list[str], patience: float = 60) -> subprocess.CompletedProcess[str]:
        """`docker compose exec SERVICE COMMAND`; the caller looks at the exit code."""
        return subprocess.run(
            self.command(service, command), env=self.environment(service), cwd=PROJECT, timeout=patience,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def start(self, service: str) -> None:
        given = compose_file.interpolated(self.variables)["services"][service]
        self.processes.start(
            service, self.command(service, given["command"]), self.environment(service), cwd=str(PROJECT)
        )

    def wait_until_healthy(self, service: str) -> None:
        """Repeats the service's own health check until it holds."""
        test = compose_file.interpolated(self.variables)["services"][service]["healthcheck"]["test"]
        deadline = time.monotonic() + _START_PATIENCE
        while (checked := self.run(service, test[1:])).returncode:
            assert service not in self.processes.fallen(), f"{service} ended"
            assert time.monotonic() < deadline, f"{service} is not healthy: {checked.stdout}{checked.stderr}"
            time.sleep(_POLL)

    def report(self) -> str:
        """The ends of all logs, for whoever reads a failed test."""
        parts = [f"--- {name}\n{self.processes.tail(name, lines=12)}" for name in self.processes.names()]
        logs = sorted((self.folder / "volumes" / "logs").glob("dag_id=*/**/*.log"), key=lambda p: p.stat().st_mtime)
        faulty = [
            path for path in logs if '"error"' in (text := path.read_text(errors="replace")) or "Traceback" in text
        ]
        parts += [
            f"--- {path.parent.name}/{path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in faulty[-3:]
        ]
        return "\n".join(parts)


def filled_in(sandbox_port: int) -> dict[str, str]:
    """`.env` as an administrator makes it from .env.example; the portal's token is left to a connection of Airflow."""
    values = compose_file.env_file()
    values |= {
        name: secrets.token_hex(32) for name in ("POSTGRES_PASSWORD", "AIRFLOW_ADMIN_PASSWORD", "AIRFLOW_JWT_SECRET")
    }
    values |= {
        "AIRFLOW_API_SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW_PARALLELISM": "3",
        "AIRFLOW_TASK_RETRY_DELAY": "3",
        "CCHC_SECRET_DMS_KEY": secrets.token_hex(16),
        "CCHC_SECRET_CA_LOGIN": f"warehouse:{secrets.token_hex(16)}",
    }
    return values | {
        f"CCHC_SOURCE_URLS__{source.upper()}": f"http://127.0.0.1:{sandbox_port}/{source}"
        for source in ("portal", "dms", "ca")
    }


@contextmanager
def deployment(folder: Path) -> Iterator[Stack]:
    """Starts everything in the order that Compose would, and ends everything, whatever happens.

    An error that leaves the block carries the ends of the logs as a note.
    """
    for volume in ("cchc", "auth", "logs"):
        (folder / "volumes" / volume).mkdir(parents=True)
    sandbox_port = postgres.free_port()
    variables = filled_in(sandbox_port)
    token = secrets.token_hex(16)
    with (
        postgres.server(variables["POSTGRES_PASSWORD"], folder / "output") as database,
        Processes(folder / "output") as running,
    ):
        ports = {"postgres": database, "sandbox": sandbox_port}
        ports |= {name: postgres.free_port() for name in ("api-server", "scheduler")}
        stack = Stack(folder, variables, ports, running, token)
        try:
            source = [sys.executable, "-m", "cchc.cli", "sandbox", "up", "--port", str(sandbox_port)]
            running.start("sandbox", source, stack.environment("scheduler") | {"CCHC_SECRET_PORTAL_TOKEN": token})
            assert (
                stack.run("postgres", compose_file.raw()["services"]["postgres"]["healthcheck"]["test"][1:]).returncode
                == 0
            )
            done = stack.run("init", compose_file.raw()["services"]["init"]["command"], patience=120)
            assert done.returncode == 0, f"init failed:\n{done.stdout}{done.stderr}"
            for service in LASTING:
                stack.start(service)
                if service == "api-server":
                    stack.wait_until_healthy(service)
            for service in LASTING:
                stack.wait_until_healthy(service)
            yield stack
        except BaseException as error:
            error.add_note(stack.report())
            raise

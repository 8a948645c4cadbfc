"""Processes that are started together and ended together, whatever they have started themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

_KILL_PATIENCE = 5.0


class Processes:
    """Each process leads a session of its own and writes to `<logs>/<name>.log`; leaving the block ends the sessions.

    A session and not a process group: Airflow puts every task into a group of its own, and a service that is ended
    alone leaves its children behind.
    """

    def __init__(self, logs: Path, patience: float = 10.0) -> None:
        """`patience`: seconds between asking the services to end and killing whatever is left."""
        self._logs, self._patience = logs, patience
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], **options: Any) -> None:
        """Starts `command` with exactly `environment`; its output is appended to the log of that name."""
        with self.log(name).open("ab") as log:
            self._started[name] = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, **options,
            )  # fmt: skip

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def tail(self, name: str, lines: int = 40) -> str:
        """The last lines of a process's output."""
        return "\n".join(self.log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def fallen(self) -> list[str]:
        """Names of the processes that have ended by themselves."""
        return [name for name, process in self._started.items() if process.poll() is not None]

    def names(self) -> list[str]:
        return list(self._started)

    def alive(self) -> list[psutil.Process]:
        """Every living process of the sessions, children's children too."""
        leaders = {process.pid for process in self._started.values()}
        return [found for found in psutil.process_iter() if _session(found.pid) in leaders and _lives(found)]

    def stop(self) -> None:
        """Asks the services to end, newest first, then kills what is left of their sessions."""
        for process in reversed(self._started.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        self._wait(self._patience)
        for left in self.alive():
            left.kill()
        self._wait(_KILL_PATIENCE)
        for process in self._started.values():
            process.poll()

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.alive() and time.monotonic() < deadline:
            for process in self._started.values():
                process.poll()
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

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

# The leader's process id, and when it was created: ids are used again.
Sessions = Mapping[int, float]
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
        self._sessions: dict[int, float] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], **options: Any) -> None:
        """Starts `command` with exactly `environment`; its output replaces the log of that name."""
        with self.log(name).open("wb") as log:
            process = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, **options,
            )  # fmt: skip
        self._started[name] = process
        self._sessions[process.pid] = created(process.pid)

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

    def sessions(self) -> dict[int, float]:
        return dict(self._sessions)

    def alive(self) -> list[psutil.Process]:
        """Every living process of the sessions, children's children too."""
        return members(self._sessions)

    def stop(self) -> None:
        """Asks the services to end, newest first, then kills what is left of their sessions."""
        for process in reversed(self._started.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        if not self._gone(self._patience):
            kill(self._sessions)
            self._gone(_KILL_PATIENCE)

    def _gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while left := self.alive():
            for process in self._started.values():
                process.poll()
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return not left

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def members(sessions: Sessions) -> list[psutil.Process]:
    """The living processes of these sessions, whether their leader lives or not."""
    return [
        process
        for process in psutil.process_iter()
        if (leader := _session(process.pid)) in sessions
        and _lives(process)
        and created(leader) in (0.0, sessions[leader])
    ]


def kill(sessions: Sessions) -> None:
    """Kills every process of these sessions."""
    for process in members(sessions):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def created(pid: int) -> float:
    """When the process was created, in seconds since 1970; 0 when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

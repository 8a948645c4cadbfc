"""Runs the dbt project on one build file, in a worker process that lives as long as this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cchc.settings import Settings

Progress = Callable[[str], None]


class BuildFailed(RuntimeError):
    """dbt could not build the month, or a structural test failed; the message names the nodes."""


def run_dbt_build(
    settings: Settings, build_file: Path, target: Path, progress: Progress, select: str | None = None
) -> None:
    """Builds every model into `build_file`, with the SQL that dbt ran in `target`, beside it. Raises BuildFailed.

    `select` names some of them in dbt's own words, such as `stg_landing__period+`; the others must be in the file.

    Data tests run too; unit tests belong to `make test`.
    """
    target.mkdir(parents=True, exist_ok=True)
    job = {
        "build_file": str(build_file.resolve()),
        "target": str(target.resolve()),
        "project": str(settings.dbt_project),
        "parse_cache": str((settings.build / "partial_parse.msgpack").resolve()),
        "select": select or "",
    }
    failed = _worker(os.getpid()).run(job, progress)
    if failed is not None:
        raise BuildFailed(failed)


@cache
def _worker(pid: int) -> _Worker:
    """One worker per process: a forked child must not talk through its parent's pipes."""
    return _Worker()


class _Worker:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(self, job: dict[str, str], progress: Progress) -> str | None:
        """Runs one job; returns what failed, or None. A job that is left early ends the worker with it."""
        with self._lock:
            process = self._alive()
            try:
                return self._follow(process, job, progress)
            except BaseException:
                process.kill()
                process.wait()
                raise

    def _follow(self, process: subprocess.Popen[str], job: dict[str, str], progress: Progress) -> str | None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            answer = json.loads(line)
            if "progress" not in answer:
                return answer["failed"]  # type: ignore[no-any-return]
            progress(f"dbt {answer['progress']}")
        return f"dbt ended with code {process.wait()}; its last words are above"

    def _alive(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cchc.dbt_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            )
        return self._process

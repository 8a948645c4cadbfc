"""Runs the dbt project on one build file, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

from cchc.settings import Settings

Progress = Callable[[str], None]
_STEP = re.compile(r"\d+ of \d+ (?!START).*")


class BuildFailed(RuntimeError):
    """dbt could not build the month, or a structural test failed; the message names the nodes."""


def run_dbt_build(settings: Settings, build_file: Path, target: Path, progress: Progress) -> None:
    """Builds every model into `build_file`, with dbt's own artefacts in `target`. Raises BuildFailed.

    The parse of the project is kept between runs (`build/partial_parse.msgpack`) and swapped in whole, so a killed
    run cannot leave half of it behind. Unit tests belong to `make test`; data tests run here.
    """
    cache = settings.build / "partial_parse.msgpack"
    target.mkdir(parents=True, exist_ok=True)
    if cache.exists():
        shutil.copyfile(cache, target / cache.name)
    command = [
        sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "unit_test",
        "--project-dir", str(settings.dbt_project), "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(target.resolve()), "--log-path", str(target.resolve()), "--log-level-file", "none",
        "--no-use-colors", "--no-version-check",
    ]  # fmt: skip
    environment = os.environ | {
        "CCHC_BUILD_FILE": str(build_file.resolve()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONUNBUFFERED": "1",
    }
    tail: deque[str] = deque(maxlen=30)
    with subprocess.Popen(
        command, cwd=settings.dbt_project, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            tail.append(line.rstrip())
            if step := _STEP.search(line):
                progress(f"dbt {step[0].rstrip('. ')}")
    if process.returncode:
        raise BuildFailed(_faults(target) or "\n".join(tail))
    parsed = target / cache.name
    if parsed.exists():
        os.replace(parsed, cache)


def _faults(target: Path) -> str:
    results = target / "run_results.json"
    if not results.exists():
        return ""
    found = [r for r in json.loads(results.read_text())["results"] if r["status"] in ("error", "fail")]
    return "\n".join(f"{r['unique_id']}: {r['status']}: {' '.join((r['message'] or '').split())}" for r in found)

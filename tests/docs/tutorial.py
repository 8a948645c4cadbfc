"""Runs the blocks of a page of documentation in order, and compares what commands print with what the page shows.

`yaml` blocks are files: one that begins with `# name.yaml` starts it, the others go on with it. `sh` blocks hold settings.
In `console` blocks every shown line must be printed, in that order; `…` stands for anything, and spaces are all alike.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cchc.cli import app
from cchc.settings import settings

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|<!-- (.*?) -->", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"export (\w+)=(.*)")


@dataclass
class Step:
    """A command of the page, the lines that it shows, and what it printed."""

    command: str
    shown: list[str]
    printed: str = ""
    exit_code: int = 0

    def missing(self) -> list[str]:
        """The shown lines that were not printed where they should be."""
        rest, lost = " ".join(self.printed.split()), []
        for line in self.shown:
            wanted = ".*?".join(re.escape(" ".join(part.split())) for part in line.split("…"))
            found = re.search(wanted.replace("\\ ", " ").replace(" .*?", " ?.*?").replace(".*? ", ".*? ?"), rest)
            if found:
                rest = rest[found.end() :]
            else:
                lost.append(line)
        return lost


@dataclass
class Tutorial:
    """A page, run in `folder`. `addresses` are what stands in the page and what is meant; `marks` are done where they stand."""

    page: Path
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    addresses: dict[str, str]
    marks: dict[str, Callable[[], None]]
    steps: list[Step] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        self.monkeypatch.chdir(self.folder)
        file: Path | None = None
        for block in _BLOCK.finditer(self.page.read_text(encoding="utf-8")):
            kind, text, mark = block.groups()
            if mark:
                self.marks[mark]()
            elif kind == "yaml":
                if named := re.match(r"# (\S+\.yaml)\n", text):
                    file = self.folder / named[1]
                    file.write_text("", encoding="utf-8")
                assert file is not None
                with file.open("a", encoding="utf-8") as out:
                    out.write(text)
            elif kind in ("sh", "console"):
                for step in _steps(text, kind):
                    self._do(step)
            else:
                self.texts.setdefault(kind, text)

    def _do(self, step: Step) -> None:
        command = step.command
        for shown, meant in self.addresses.items():
            command = command.replace(shown, meant)
        if setting := _EXPORT.fullmatch(command):
            value = shlex.split(setting[2].replace("$PWD", str(self.folder)))[0]
            self.monkeypatch.setenv(setting[1], value)
        elif command.startswith("cchc "):
            settings.cache_clear()
            done = CliRunner().invoke(app, shlex.split(command)[1:], catch_exceptions=False)
            step.printed, step.exit_code = done.output, done.exit_code
        elif not command.startswith("curl "):
            command = command.replace("python -c", f"{sys.executable} -c")
            run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
            step.printed, step.exit_code = run.stdout + run.stderr, run.returncode
        self.steps.append(step)

    def step(self, command: str) -> Step:
        """The last step whose command begins so."""
        return next(step for step in reversed(self.steps) if step.command.startswith(command))


def _steps(text: str, kind: str) -> Iterator[Step]:
    step: Step | None = None
    for line in text.splitlines():
        if line.startswith("$ ") or kind == "sh":
            if step:
                yield step
            step = Step(line.removeprefix("$ "), [])
        elif step and line.strip():
            step.shown.append(line)
    if step:
        yield step

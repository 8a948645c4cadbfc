"""docs/add-a-check.md: whoever writes what it shows into a copy of the project has one check more, which fires and holds."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cchc.settings import PROJECT
from expectations.suites import all_checks
from tests.docs.tutorial import Tutorial

PAGE = PROJECT / "docs" / "add-a-check.md"
FAULTS = PROJECT / "docs" / "seed-faults.md"


def saves(project: Path) -> dict[str, Callable[[], None]]:
    """For each mark: the block above it goes where the page says."""
    blocks = {
        mark: text
        for text, mark in re.findall(
            r"^```(?:sql|python)\n(.*?)^```\n<!-- (.*?) -->", PAGE.read_text("utf-8"), re.M | re.S
        )
    }
    expectations, cases = project / "expectations", project / "tests" / "expectations" / "cases.py"

    def insert(file: Path, before: str, mark: str) -> Callable[[], None]:
        def save() -> None:
            text = file.read_text("utf-8")
            head, found, tail = text.rpartition(before)
            assert found
            file.write_text(head + blocks[mark] + found + tail, "utf-8")

        return save

    def new(file: Path, mark: str) -> Callable[[], None]:
        def save() -> None:
            file.write_text(blocks[mark], "utf-8")

        return save

    return {
        "the frame is saved": new(expectations / "frames" / "negative_fees.sql", "the frame is saved"),
        "the check is declared": insert(expectations / "suites" / "fct_dossiers.py", ")\n", "the check is declared"),
        "its pair is added": insert(cases, "    **CASES_OF_THE_MONTH", "its pair is added"),
        "its column has a name": insert(expectations / "messages.py", '    "finished_at": ', "its column has a name"),
    }


@pytest.mark.slow
def test_a_reader_of_the_page_adds_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    left_out = shutil.ignore_patterns("__pycache__", "target", "logs")
    for folder in ("cchc", "expectations", "ingest", "snapshots", "sandbox", "tests", "dbt_project"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=left_out)
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run_here = {"pytest ": f"{sys.executable} -m pytest -p no:cacheprovider "}
    tutorial = Tutorial(PAGE, tmp_path, monkeypatch, run_here, saves(tmp_path))

    tutorial.run()

    assert [step.exit_code for step in tutorial.steps] == [1, 0], tutorial.steps[-1].printed
    assert [step.missing() for step in tutorial.steps] == [[], []], [step.printed for step in tutorial.steps]


def test_the_faults_of_the_reports_are_all_answered_and_by_checks_that_are():
    page, declared = FAULTS.read_text("utf-8"), {check.id for check in all_checks()}
    answered = set(re.findall(r"\b[FX]\d*-\d\d\b", page))

    by_report = [sum(fault.startswith(f"F00{report}-") for fault in answered) for report in range(5)]
    assert by_report == [13, 15, 10, 25, 20]
    assert set(re.findall(r"`((?:fct|dim|mart|landed|indicator|exports|build)\w*\.\w+)`", page)) <= declared
    assert set(re.findall(r"\bF\d{3}-\d\d\b", " ".join(check.why for check in all_checks()))) <= answered

"""The legal clock: the SQL against a slow, plain reference over thousands of random dossiers, and the calendar under it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.dbt_project.build_files import PROJECT, query, write_build_file
from tests.dbt_project.clock_cases import AGENCIES, OWN_HOURS, OWN_SWAPS, PERIOD, cases
from tests.dbt_project.clock_reference import Calendar, stand

pytestmark = pytest.mark.slow

Dbt = Callable[..., CompletedProcess[str]]
# The gate tries the same cases each time; `CCHC_TEST_CASES=50000 pytest …` tries others.
CASES = int(os.environ.get("CCHC_TEST_CASES", "7500"))
SEED = 20240514 if "CCHC_TEST_CASES" not in os.environ else int.from_bytes(os.urandom(4), "big")
COLUMNS = (
    "pauses", "pause_count", "working_seconds_paused", "working_seconds_used", "working_seconds_allowed", "clock_due_at",
    "timeliness", "timeliness_instant", "timeliness_reason",
)  # fmt: skip


@pytest.fixture(scope="module")
def month(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clock")
    landing = {"dossiers": cases(CASES, SEED), "local_swapped_days": OWN_SWAPS, "local_office_hours": OWN_HOURS}
    write_build_file(folder / "warehouse.duckdb", PERIOD, landing)
    done = dbt(folder, "build", "--exclude-resource-type", "unit_test", "--select", "+fct_dossiers")
    assert done.returncode == 0, done.stdout
    return folder


def test_the_clock_agrees_with_a_plain_reference_in_every_column_of_every_random_dossier(month: Path) -> None:
    calendar = Calendar(PROJECT / "seeds", OWN_SWAPS, OWN_HOURS)
    expected: dict[str, dict[str, Any]] = {}
    for row in cases(CASES, SEED):
        said = stand(row, AGENCIES[row["agency_code"]], PERIOD, calendar)
        if said is not None:
            expected[row["dossier_code"]] = said
    rows = query(month, f"select dossier_code, {', '.join(COLUMNS)} from fct_dossiers")
    found = {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in rows}
    assert found.keys() == expected.keys(), f"seed {SEED}"
    differing = {
        code: {name: (found[code][name], said[name]) for name in COLUMNS if found[code][name] != said[name]}
        for code, said in expected.items()
        if found[code] != said
    }
    assert differing == {}, f"seed {SEED}: {len(differing)} of {len(expected)} differ"
    _assert_the_cases_are_worth_it(list(expected.values()))


def _assert_the_cases_are_worth_it(rows: list[dict[str, Any]]) -> None:
    """What was compared holds enough of everything that the clock has to get right."""
    few = len(rows) // 100
    seen = Counter[str]()
    for row in rows:
        seen.update([row["timeliness_reason"]])
        seen["moved"] += row["clock_due_at"] is not None and row["working_seconds_paused"] and row["pause_count"] > 1
        seen["open"] += any(pause["to_at"] is None for pause in row["pauses"])
        seen["outside the calendar"] += row["working_seconds_used"] is None
        seen["used to the second"] += bool(row["working_seconds_allowed"]) and (
            row["working_seconds_used"] == row["working_seconds_allowed"]
        )
    for what in ("finished_on_due_day", "finished_after_due_day_within_clock", "finished_after_due_day", "moved", "open"):
        assert seen[what] > few, seen
    assert min(seen["outside the calendar"], seen["used to the second"]) > 5, seen

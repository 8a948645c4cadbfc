"""What must hold while a close runs or dies: once or never, and readers never wait or break."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from cchc.settings import settings

pytestmark = pytest.mark.slow

# The progress line that the close dies on: a part of its text, and which of its occurrences.
MOMENTS = {
    "while_a_source_is_read": ("portal_dossiers 2023-01:", 2),
    "after_the_first_landing": ("landed portal_dossiers", 1),
    "after_the_last_landing": ("landed ca_signatures", 1),
    "while_rows_are_bound": ("build 2023-01: binding", 1),
    "while_dbt_makes_the_first_model": ("dbt ", 1),
    "while_dbt_is_half_way": ("dbt ", 4),
    "after_the_build": ("built 2023-01", 1),
    "while_the_gate_runs": ("audit 2023-01:", 5),
    "after_the_verdict": ("audited 2023-01", 1),
    "after_the_snapshot_is_written": ("2023-01 revision 1 written", 1),
    "after_the_analysts_file_is_swapped": ("analysts' file swapped", 1),
}
PARSED = "partial_parse.msgpack"


def close(home: Path, kill_at: tuple[str, int] | None = None) -> int:
    """Runs `cchc close 2023-01`; kills it with SIGKILL on the chosen line of its progress."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cchc.cli", "close", "2023-01"],
        env=os.environ | {"CCHC_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    seen = 0
    for line in process.stderr:
        if kill_at and line.startswith(kill_at[0]):
            seen += 1
            if seen == kill_at[1]:
                process.send_signal(signal.SIGKILL)
                break
    process.stderr.close()
    return process.wait()


def tables(home: Path) -> dict[str, bytes]:
    """The published tables: the Parquet files of every revision, by path."""
    folder = home / "published" / "snapshots"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.parquet")}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_close_killed_at_any_moment_and_run_again_ends_with_the_tables_of_an_undisturbed_one(
    deployment, undisturbed, moment
):
    if not undisturbed:
        reference = deployment.home.with_name("undisturbed")
        assert close(reference) == 0
        undisturbed.update(tables=tables(reference), parsed=(reference / "build" / PARSED).read_bytes())
    # A deployment that has built before has the dbt project parsed; this saves the tests a minute and changes no table.
    (deployment.home / "build").mkdir(parents=True)
    (deployment.home / "build" / PARSED).write_bytes(undisturbed["parsed"])
    assert close(deployment.home, MOMENTS[moment]) == -signal.SIGKILL
    assert close(deployment.home) == 0
    assert tables(deployment.home) == undisturbed["tables"]
    assert deployment.months() == {"2023-01": 1}
    assert not list((deployment.home / "published").rglob("*draft*.duckdb*"))
    assert not workers_in(deployment.home), "a dbt that outlives its parent would never end"


def workers_in(home: Path) -> list[int]:
    """Processes that build with dbt below a folder, after the time that they need to end."""
    deadline = time.monotonic() + 10
    while True:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if "cchc.dbt_worker" in process.cmdline() and Path(process.cwd()).is_relative_to(home):
                    found.append(process.pid)
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def test_analysts_can_query_in_a_loop_while_months_are_closed_and_see_whole_releases(deployment):
    from cchc import close as steps

    steps.close("2023-01")
    done, errors, seen = threading.Event(), [], set()

    def read() -> None:
        while not done.is_set():
            try:
                with duckdb.connect(str(settings().analysts_file), read_only=True) as connection:
                    months = connection.execute(
                        "select list(distinct period_month order by period_month) from indicator_values"
                    ).fetchone()
                    for table in ("fct_dossiers", "fct_documents", "fct_signatures"):
                        found = connection.execute(
                            f"select list(distinct period_month order by period_month) from {table}"
                        ).fetchone()
                        assert found == months
                    seen.add(tuple(months[0]))
            except Exception as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for month in ("2023-02", "2023-03"):
            steps.close(month)
        deadline = time.monotonic() + 30
        while max(map(len, seen), default=0) < 3 and not errors and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        done.set()
        reader.join()
    assert errors == []
    assert sorted(map(len, seen)) == [1, 2, 3]

"""The deployment over a real PostgreSQL: a month by REST, two by backfill, one writer at a time, nothing left running."""

from __future__ import annotations

import re
import shlex
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from cchc.settings import PROJECT
from tests.deployment.airflow_rest import Airflow
from tests.deployment.stack import LASTING, Stack, deployment

WRITERS = {"build", "audit", "publish"}
POOL = "warehouse_writer"
DOCUMENT = PROJECT / "docs" / "run-in-production.md"
_RUN_PATIENCE = 150.0

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(400)]


def test_the_deployment_closes_a_month_by_rest_and_two_by_backfill_with_one_writer_at_a_time(tmp_path: Path):
    clock = time.monotonic()
    with deployment(tmp_path) as stack:
        airflow = Airflow(stack.url, "admin", stack.variables["AIRFLOW_ADMIN_PASSWORD"])
        say(clock, "all services are healthy")
        assert set(airflow.health().values()) == {"healthy"}
        assert airflow.dag(patience=60)["is_paused"], "a new deployment starts nothing by itself"
        give_the_portal_s_token_as_a_connection(airflow, stack)

        by_rest = airflow.trigger("2023-01")
        airflow.unpause()
        airflow.wait_for(1, {"manual"}, _RUN_PATIENCE)
        say(clock, "the run by REST has succeeded")
        assert "2023-01" in airflow.log(by_rest, "name_period"), "api-server reads the log that scheduler wrote"

        done = stack.run("scheduler", documented_backfill())
        assert done.returncode == 0, done.stdout + done.stderr
        airflow.trigger("2023-01")  # beside the backfill, so that two runs want to write
        runs = airflow.wait_for(2, {"backfill"}, 2 * _RUN_PATIENCE)
        assert len(runs) == 2
        say(clock, f"the backfill has succeeded; the services hold {memory(stack)} MB")
        airflow.wait_for(2, {"manual"}, _RUN_PATIENCE)
        airflow.wait_for(1, {"scheduled"}, _RUN_PATIENCE)
        say(clock, "the same month again, and the newest one, which unpausing starts, have succeeded")

        assert_one_writer_at_a_time(airflow)
        assert {"2023-01", "2023-02", "2023-03"} <= published(stack)
        assert not list(stack.home.glob("published/snapshots/2023-01/revision=002")), "equal content, no new revision"
        stack.processes.stop()
        assert stack.processes.alive() == []
    say(clock, "everything has ended")


def give_the_portal_s_token_as_a_connection(airflow: Airflow, stack: Stack) -> None:
    """api-server encrypts the password, a task of scheduler reads it: both need the same Fernet key and JWT secret."""
    assert "CCHC_SECRET_PORTAL_TOKEN" not in {n for s in LASTING for n, value in stack.environment(s).items() if value}
    connection = {"connection_id": "cchc_portal_token", "conn_type": "generic", "password": stack.portal_token}
    airflow.call("POST", "/connections", connection)


def documented_backfill() -> list[str]:
    """The command that run-in-production.md tells people to type."""
    found = re.search(
        r"^docker compose exec scheduler (airflow backfill create(?: *\\\n|.)*)$", DOCUMENT.read_text(), re.M
    )
    assert found, "the document shows the backfill command"
    return shlex.split(found[1].replace("\\\n", " "))


def assert_one_writer_at_a_time(airflow: Airflow) -> None:
    assert airflow.call("GET", f"/pools/{POOL}")["slots"] == 1
    writers = [task for task in airflow.task_instances() if task["task_id"] in WRITERS]
    assert len(writers) == 5 * len(WRITERS)
    assert {task["pool"] for task in writers} == {POOL}
    writers.sort(key=lambda task: when(task["start_date"]))
    waited = 0
    for one, other in pairwise(writers):
        names = [f"{task['dag_run_id']} {task['task_id']}" for task in (one, other)]
        assert when(one["end_date"]) <= when(other["start_date"]), f"{' and '.join(names)} wrote at the same time"
        waited += one["dag_run_id"] != other["dag_run_id"] and when(other["scheduled_when"]) < when(one["end_date"])
    assert waited, "no run ever waited for another: the pool was not put to the proof"


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def published(stack: Stack) -> set[str]:
    """The months that analysts find, each with its manifest beside it."""
    with duckdb.connect(str(stack.home / "published" / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute("select distinct period_month from indicator_values").fetchall()
    months = {f"{row[0]:%Y-%m}" for row in rows}
    sealed = {path.parent.parent.name for path in stack.home.glob("published/snapshots/*/revision=001/manifest.json")}
    assert months == sealed
    return months


def memory(stack: Stack) -> int:
    """Of all processes, pages that several share counted once, in MB."""
    return sum(process.memory_full_info().pss for process in stack.processes.alive()) // 2**20


def say(clock: float, what: str) -> None:
    print(f"{time.monotonic() - clock:6.1f} s  {what}")  # noqa: T201

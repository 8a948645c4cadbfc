"""Policy of the DAG files: what they may import, what their tasks may do, and what parsing them costs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cchc.settings import PROJECT
from quickstart.environment import airflow_environment

pytestmark = pytest.mark.slow
DAGS = PROJECT / "dags"
DAG_IDS = {"monthly_indicators", "late_exports", "publication_watch", "waiver_approval"}
BY_HAND = {"waiver_approval"}

# Run in a process of its own, so that what other tests imported does not count. No database exists at this address.
INSPECT = """
import json, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
from unittest import mock
from airflow.sdk import Connection
with mock.patch.object(Connection, "get", side_effect=AssertionError("a connection was read while parsing")):
    from airflow.dag_processing.dagbag import DagBag
    airflow_alone = set(sys.modules)
    bag = DagBag(sys.argv[1])
tasks = {d.dag_id: {t.task_id: {"retries": t.retries, "pool": t.pool, "alerts": bool(t.on_failure_callback)}
                    for t in d.tasks} for d in bag.dags.values()}
about = {d.dag_id: {"doc": d.doc_md, "tags": sorted(d.tags), "catchup": d.catchup, "max_active_runs": d.max_active_runs,
                    "timetable": type(d.timetable).__name__, "cron": getattr(d.timetable, "expression", None),
                    "params": sorted(d.params)} for d in bag.dags.values()}
print("@" + json.dumps({"errors": bag.import_errors, "tasks": tasks, "about": about,
                        "imported": sorted({m.split(".")[0] for m in set(sys.modules) - airflow_alone})}))
"""


def inspect(tmp_path: Path, **environment: str) -> dict:
    missing = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/nowhere/none.db"}
    variables = os.environ | airflow_environment(tmp_path) | missing | environment
    done = subprocess.run(
        [sys.executable, "-c", INSPECT, str(DAGS)], env=variables, capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("@")]
    assert lines, done.stderr[-3000:]
    return json.loads(lines[-1][1:])


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict:
    return inspect(tmp_path_factory.mktemp("airflow"))


def test_every_dag_file_imports_without_a_database_or_a_connection(seen):
    assert DAGS.is_dir()
    assert seen["errors"] == {}
    assert set(seen["tasks"]) == DAG_IDS


def test_parsing_imports_nothing_heavy(seen):
    heavy = {
        "pandas",
        "duckdb",
        "great_expectations",
        "dbt",
        "pyarrow",
        "requests",
        "ingest",
        "expectations",
        "snapshots",
    }
    assert heavy & set(seen["imported"]) == set()


def test_every_dag_says_what_it_does_and_runs_one_month_at_a_time(seen):
    for name, about in seen["about"].items():
        assert about["doc"]
        assert about["tags"]
        assert about["catchup"] is False
        if name in BY_HAND:  # it waits for people, and one month's answer must not wait for another's
            assert about["timetable"] == "NullTimetable"
            continue
        assert about["max_active_runs"] == 1
        assert about["timetable"] == "CronDataIntervalTimetable"


def test_the_schedule_follows_the_reporting_calendar(seen, tmp_path):
    assert seen["about"]["monthly_indicators"]["cron"] == "0 0 15 * *"
    calendar = inspect(tmp_path, CCHC_CALENDAR="calendar")
    assert calendar["about"]["monthly_indicators"]["cron"] == "0 0 1 * *"


def test_writers_share_one_slot_and_a_verdict_is_never_retried(seen, tmp_path):
    retrying = inspect(tmp_path, AIRFLOW__CORE__DEFAULT_TASK_RETRIES="3")["tasks"]["monthly_indicators"]
    for writer in ("build", "audit", "publish"):
        assert retrying[writer]["pool"] == "warehouse_writer"
        assert retrying[writer]["retries"] == 0
    assert retrying["land_export"]["retries"] == 3
    assert retrying["land_export"]["pool"] == "default_pool"


def test_every_task_alerts_when_it_fails(seen):
    assert all(task["alerts"] for tasks in seen["tasks"].values() for task in tasks.values())


def test_no_parameter_of_a_run_says_yes_for_the_gate(seen):
    assert {name: about["params"] for name, about in seen["about"].items()} == {
        "monthly_indicators": ["accept_fewer_rows_because", "period", "reason"],
        "late_exports": ["until"],
        "publication_watch": ["on"],
        "waiver_approval": ["period", "reason"],
    }


def test_a_waiver_is_judged_and_published_in_the_writers_turn_and_nothing_is_tried_again(seen, tmp_path):
    retrying = inspect(tmp_path, AIRFLOW__CORE__DEFAULT_TASK_RETRIES="3")["tasks"]["waiver_approval"]
    assert set(retrying) == {"name_period", "list_requests", "decide", "stop_if_all_were_refused", "audit", "publish"}
    assert {name for name, task in retrying.items() if task["pool"] == "warehouse_writer"} == {"audit", "publish"}
    assert {task["retries"] for task in retrying.values()} == {0}


def test_late_exports_are_read_daily_and_judged_in_the_writers_turn(seen):
    assert seen["about"]["late_exports"]["cron"] == "0 3 * * *"
    tasks = seen["tasks"]["late_exports"]
    assert set(tasks) == {
        "list_open_months", "list_exports", "reread_export", "find_restatements", "ask_for_restatement",
    }  # fmt: skip
    assert (tasks["find_restatements"]["pool"], tasks["find_restatements"]["retries"]) == ("warehouse_writer", 0)
    assert tasks["reread_export"]["pool"] == "default_pool"


def test_the_watch_looks_daily_and_never_waits_for_a_writer(seen):
    assert seen["about"]["publication_watch"]["cron"] == "30 7 * * *"
    assert set(seen["tasks"]["publication_watch"]) == {"watch"}
    assert seen["tasks"]["publication_watch"]["watch"]["pool"] == "default_pool"


def test_dag_files_are_short_and_only_dags_import_airflow():
    assert all(len(p.read_text().splitlines()) < 100 for p in DAGS.glob("*.py"))
    for folder in ("cchc", "ingest", "expectations", "snapshots", "sandbox", "quickstart"):
        for path in (PROJECT / folder).rglob("*.py"):
            assert not re.search(r"^\s*(import|from) airflow\b", path.read_text(), flags=re.MULTILINE), path

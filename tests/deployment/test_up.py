"""`make up`: a whole local Airflow that closes last month by itself, and leaves no process when it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cchc.settings import PROJECT
from quickstart.processes import Processes, members
from quickstart.up import Record
from tests.deployment.airflow_rest import DAG, Airflow
from tests.deployment.postgres import free_port

_UP = [sys.executable, "-m", "quickstart.up"]
_PATIENCE = 150.0


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator[tuple[Processes, Airflow]]:
    """`make up` with a home of its own, logged in as it told; ended with all that it started, whatever happens."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CCHC_HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
    }
    with Processes(folder / "output", patience=30) as running:
        running.start("up", [*_UP, *arguments], environment, cwd=str(PROJECT))
        try:
            yield running, logged_in(running)
        except BaseException as error:
            services = sorted((folder / "home" / "airflow" / "services").glob("*.log"))
            ends = [f"--- {path.stem}\n{path.read_text(errors='replace')[-1500:]}" for path in services]
            error.add_note("\n".join([f"--- up\n{running.tail('up')}", *ends]))
            raise


def logged_in(running: Processes) -> Airflow:
    deadline = time.monotonic() + _PATIENCE
    while not (told := re.search(r"Airflow +(http\S+) +login (\S+) / (\S+)", running.tail("up"))):
        assert not running.fallen(), "make up has ended"
        assert time.monotonic() < deadline, "make up did not become ready"
        time.sleep(0.5)
    return Airflow(told[1], told[2], told[3])


def services(home: Path) -> dict[int, float]:
    return Record.model_validate_json((home / "airflow" / "up.json").read_text()).sessions


@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_make_up_closes_last_month_and_ctrl_c_leaves_no_process(tmp_path: Path):
    home = tmp_path / "home"
    with up(tmp_path, "--port", str(free_port()), "--sandbox-port", str(free_port())) as (running, airflow):
        dag = airflow.dag(patience=10)
        assert (dag["dag_id"], dag["is_paused"]) == (DAG, False)
        (newest,) = airflow.wait_for(1, {"scheduled"}, _PATIENCE)
        last_month = newest["data_interval_end"][:7]
        assert list(home.glob(f"published/snapshots/{last_month}/revision=001/manifest.json"))
        sessions = services(home)
        assert len(sessions) == 5
        assert members(sessions)
        again = subprocess.run(
            _UP, env=os.environ | {"CCHC_HOME": str(home)}, cwd=PROJECT, capture_output=True, check=False
        )
        assert again.returncode == 2, "a second one beside it would fight over the database"

        airflow.trigger("2023-01")  # so that a task is at work when the end comes
        time.sleep(3)
        (leader,) = running.sessions()
        os.kill(leader, signal.SIGINT)
        deadline = time.monotonic() + 40
        while not running.fallen() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert running.fallen() == ["up"]
        assert members(sessions) == []
        assert "everything is stopped" in running.tail("up")
        assert running.log("up").read_text().count("login admin /") == 1
        assert not (home / "airflow" / "up.json").exists()


def test_a_session_is_ended_with_what_it_started_itself(tmp_path: Path):
    stubborn = "trap '' TERM; set -m; sleep 300 & (trap '' TERM; sleep 300) & sleep 300"  # -m: a group for each child
    with Processes(tmp_path, patience=0.5) as running:
        running.start("stubborn", ["bash", "-c", stubborn], {"PATH": os.environ["PATH"]})
        deadline = time.monotonic() + 5
        while len(running.alive()) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(running.alive()) >= 4
    assert running.alive() == []


def test_a_process_id_that_is_used_again_is_left_alone(tmp_path: Path):
    with Processes(tmp_path) as running:
        running.start("other", ["sleep", "60"], {"PATH": os.environ["PATH"]})
        ((pid, born),) = running.sessions().items()
        assert len(members({pid: born})) == 1
        assert members({pid: born - 1000}) == []


def test_down_ends_the_services_of_a_make_up_that_was_killed(tmp_path: Path):
    with Processes(tmp_path / "output", patience=1) as running:
        running.start("service", ["bash", "-c", "sleep 60 & sleep 60"], {"PATH": os.environ["PATH"]})
        record = Record(pid=2**22 + 1, created=1.0, sessions=running.sessions())
        (tmp_path / "airflow").mkdir()
        (tmp_path / "airflow" / "up.json").write_text(record.model_dump_json())
        assert _down(tmp_path) == (0, "everything is stopped")
        assert running.alive() == []
    assert not (tmp_path / "airflow" / "up.json").exists()


def test_down_says_so_when_nothing_is_up(tmp_path: Path):
    assert _down(tmp_path) == (0, "nothing is up")


def _down(home: Path) -> tuple[int, str]:
    command, environment = [sys.executable, "-m", "quickstart.down"], os.environ | {"CCHC_HOME": str(home)}
    done = subprocess.run(command, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout.strip()

"""A person's or a program's way into Airflow: its REST API, with a token of the simple auth manager."""

from __future__ import annotations

import time
from typing import Any

import requests

DAG = "monthly_indicators"
_TIMEOUT = 20


class Airflow:
    """One logged-in user of one api-server."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._session = requests.Session()
        answer = self._session.post(
            f"{url}/auth/token", json={"username": user, "password": password}, timeout=_TIMEOUT
        )
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: str | int) -> Any:
        answer = self._session.request(method, f"{self._url}/api/v2{path}", json=body, params=query, timeout=_TIMEOUT)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def health(self) -> dict[str, str]:
        return {part: found["status"] for part, found in self.call("GET", "/monitor/health").items()}

    def dag(self, patience: float) -> dict[str, Any]:
        """The DAG as listed, once the dag-processor has brought it in."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = self.call("GET", "/dags")["dags"]
            if found:
                return next(dag for dag in found if dag["dag_id"] == DAG)
            time.sleep(1)
        raise AssertionError(f"no DAG after {patience:.0f} s; import errors: {self.call('GET', '/importErrors')}")

    def unpause(self) -> None:
        self.call("PATCH", f"/dags/{DAG}", {"is_paused": False})

    def trigger(self, period: str) -> str:
        """Starts a manual run that names its month; returns the run's id."""
        return self.call("POST", f"/dags/{DAG}/dagRuns", {"logical_date": None, "conf": {"period": period}})[
            "dag_run_id"
        ]

    def runs(self) -> list[dict[str, Any]]:
        return self.call("GET", f"/dags/{DAG}/dagRuns", limit=100)["dag_runs"]

    def task_instances(self) -> list[dict[str, Any]]:
        return self.call("GET", f"/dags/{DAG}/dagRuns/~/taskInstances", limit=200)["task_instances"]

    def log(self, run: str, task: str, attempt: int = 1) -> str:
        return str(self.call("GET", f"/dags/{DAG}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}"))

    def wait_for(self, wanted: int, kinds: set[str], patience: float) -> list[dict[str, Any]]:
        """Waits until `wanted` runs of these kinds have succeeded; fails at once when one has failed."""
        deadline = time.monotonic() + patience
        while True:
            found = [run for run in self.runs() if run["run_type"] in kinds]
            states = {run["dag_run_id"]: run["state"] for run in found}
            assert "failed" not in states.values(), f"a run failed: {states}; {self.failed_tasks()}"
            if list(states.values()).count("success") >= wanted:
                return found
            assert time.monotonic() < deadline, f"after {patience:.0f} s: {states}; {self.failed_tasks()}"
            time.sleep(2)

    def failed_tasks(self) -> list[str]:
        bad = [
            t for t in self.task_instances() if t["state"] not in ("success", None, "scheduled", "queued", "running")
        ]
        return [f"{t['dag_run_id']} {t['task_id']}[{t['map_index']}] {t['state']}" for t in bad]

"""People who answer Airflow's required actions: its real REST API over the test's database, one user a token."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# An answer within about a second of `awaiting_input` makes the task fail.
_BEFORE_ANSWERING = 3.0
_PATIENCE = 60.0


class Person:
    """Somebody with an account in Airflow."""

    def __init__(self, account: str) -> None:
        from airflow.api_fastapi.app import create_app, get_auth_manager
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from starlette.testclient import TestClient

        self._client = TestClient(create_app())
        token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=account, role="op"))
        self._client.headers["Authorization"] = f"Bearer {token}"
        self.asked: list[dict[str, Any]] = []

    @contextmanager
    def answering(self, option: str) -> Iterator[None]:
        """Meanwhile answers, in a thread, the first action that is required."""
        failures: list[BaseException] = []

        def answer() -> None:
            try:
                self._answer(option)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield
        thread.join(_PATIENCE)
        if failures:
            raise failures[0]

    def _answer(self, option: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not (waiting := self._waiting()):
            assert time.monotonic() < deadline, "no action was required"
            time.sleep(0.5)
        time.sleep(_BEFORE_ANSWERING)
        instance = waiting[0]["task_instance"]
        self.asked.append(waiting[0])
        path = f"/dags/{instance['dag_id']}/dagRuns/{instance['dag_run_id']}/taskInstances/{instance['task_id']}"
        answered = self._client.patch(
            f"/api/v2{path}/{instance['map_index']}/hitlDetails", json={"chosen_options": [option], "params_input": {}}
        )
        assert answered.status_code == 200, answered.text

    def _waiting(self) -> list[dict[str, Any]]:
        found = self._client.get(
            "/api/v2/dags/~/dagRuns/~/hitlDetails", params={"response_received": False, "state": "awaiting_input"}
        )
        assert found.status_code == 200, found.text
        return found.json()["hitl_details"]

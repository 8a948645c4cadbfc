"""`cchc status` says how far a gate has come while it runs, and that one was stopped."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from cchc.cli import app
from cchc.settings import Settings
from expectations.running import told_while_running
from tests.expectations.alerts.conftest import FINISHED, failing
from tests.expectations.conftest import PERIOD


def status(*more: str) -> str:
    done = CliRunner().invoke(app, ["status", "2023-04", *more], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.stdout


def gate() -> dict:
    return json.loads(status("--json"))[0]["gate"]


def test_status_tells_what_has_not_held_while_the_gate_runs(home: Settings):
    assert gate() is None
    with told_while_running(PERIOD, 21, home) as running:
        running.starts("dossiers")
        assert (gate()["running"], gate()["at_frame"], gate()["failures"]) == (True, "dossiers", [])
        running.judged("dossiers", [failing(FINISHED, 7)])
        running.starts("exports")

        seen = gate()
        assert (seen["frames_done"], seen["frames"], seen["at_frame"]) == (1, 21, "exports")
        (failure,) = seen["failures"]
        assert (failure["check"], failure["failed_rows"], failure["agencies"]) == (FINISHED, 7, ["11122"])
        assert len(failure["sample_keys"]) == 5
        assert "running: 1/21 frames, 1 check not held so far" in status()
    assert gate() is None


def test_a_gate_that_was_stopped_is_to_be_repeated(home: Settings):
    try:
        with told_while_running(PERIOD, 21, home) as running:
            running.starts("dossiers")
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass

    assert gate()["running"] is False
    assert "cchc audit 2023-04: the gate was stopped after 0 of 21 frames" in json.loads(status("--json"))[0]["to_do"]

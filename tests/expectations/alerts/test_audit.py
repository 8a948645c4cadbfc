"""The audit of a month: its verdict is on disk before anybody is told, and nothing that happens to an alert hides it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from cchc.settings import Settings
from cchc.tables import PUBLISHED
from expectations import alerts
from expectations.audit import GateFailed, audit_period
from expectations.reading import NothingToAudit, open_build_file
from expectations.running import running_gate
from expectations.suites import critical_ids
from expectations.verdicts import content_of, newest_verdict
from tests.expectations.alerts.conftest import CHECKS, FINISHED, ledger, no_secret, secret_with, write_contacts
from tests.expectations.alerts.receivers import Webhook
from tests.expectations.cases import CASES
from tests.expectations.conftest import PERIOD


@pytest.mark.slow
def test_a_clean_month_is_judged_without_an_alert(build: Callable[..., Path], configured: Settings, receiver: Webhook):
    build()

    verdict = audit_period(PERIOD, configured, secret_with(receiver.url))

    assert verdict.outcome == "held"
    assert verdict.passes(critical_ids())
    assert newest_verdict(PERIOD, configured) == verdict
    assert receiver.messages == []


@pytest.mark.slow
def test_a_month_with_warnings_only_passes_and_tells_nobody(
    build: Callable[..., Path], configured: Settings, receiver: Webhook
):
    build(CASES["exports.not_far_fewer_rows"].fires + "; update landing.exports set declared_rows = 3, accepted = 3")
    build("update fct_dossiers set due_at = received_at - interval 1 day where dossier_code = '11122-1'")

    verdict = audit_period(PERIOD, configured, secret_with(receiver.url))

    assert [r.check for r in verdict.warnings()] == ["fct_dossiers.due_not_before_received"]
    assert verdict.passes(critical_ids())
    assert receiver.messages == []


@pytest.mark.slow
def test_a_failed_month_is_on_disk_and_told_once_before_it_raises(
    build: Callable[..., Path], configured: Settings, receiver: Webhook
):
    build(CASES[FINISHED].fires, CASES["fct_dossiers.no_version_conflict"].fires)

    with pytest.raises(GateFailed) as raised:
        audit_period(PERIOD, configured, secret_with(receiver.url))

    assert raised.value.alerted is True
    assert raised.value.verdict == newest_verdict(PERIOD, configured)
    assert {r.check for r in raised.value.verdict.blocking()} == {FINISHED, "fct_dossiers.no_version_conflict"}
    assert len(raised.value.verdict.results) == len(CHECKS)
    (message,) = receiver.messages
    assert "Xã Quảng Nghiệp (11122)" in message["message"]
    assert ledger(configured)[0].message.run == raised.value.verdict.run


@pytest.mark.slow
def test_an_alert_channel_that_is_down_does_not_hide_the_failed_month(build: Callable[..., Path], configured: Settings):
    build(CASES[FINISHED].fires)

    with pytest.raises(GateFailed) as raised:
        audit_period(PERIOD, configured, secret_with("json://127.0.0.1:9/x"), checks=[CHECKS[FINISHED]])

    assert raised.value.alerted is True  # the ledger has it, and the watch sends it
    assert newest_verdict(PERIOD, configured) == raised.value.verdict
    assert [attempt.outcome for attempt in ledger(configured)[0].attempts] == ["not_reached"]


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["secrets", "workbooks", "contacts", "ledger", "text"])
def test_a_crash_in_the_alert_code_does_not_hide_the_failed_month(
    broken: str, build: Callable[..., Path], configured: Settings, monkeypatch: pytest.MonkeyPatch, receiver: Webhook
):
    build(CASES[FINISHED].fires)
    secret, more = secret_with(receiver.url), {}

    def crash(*_: object, **__: object) -> NoReturn:
        raise OSError("broken")

    match broken:
        case "secrets":
            secret = crash
        case "workbooks":
            more = {"workbooks": crash}
        case "contacts":
            write_contacts(configured, "no,contacts\n")
        case "ledger":
            (configured.audit / "deliveries").parent.mkdir(parents=True)
            (configured.audit / "deliveries").write_text("no folder", encoding="utf-8")
        case "text":
            monkeypatch.setattr(alerts, "digest_text", crash)

    with pytest.raises(GateFailed) as raised:
        audit_period(PERIOD, configured, secret, checks=[CHECKS[FINISHED]], **more)

    assert newest_verdict(PERIOD, configured) == raised.value.verdict
    still_told = broken in ("workbooks", "contacts")
    assert (raised.value.alerted, len(receiver.messages)) == (still_told, int(still_told))


@pytest.mark.slow
def test_the_bounds_that_rows_were_compared_with_stand_in_the_verdict(build: Callable[..., Path], configured: Settings):
    build()

    results = {result.check: result for result in audit_period(PERIOD, configured, no_secret).results}

    assert results["exports.reject_share"].bounds["reject_share_max"] == configured.reject_share_max
    assert results["fct_dossiers.dates_not_too_old"].bounds["plausible_from"] == "2011-03-15 00:00:00"
    assert results[FINISHED].bounds == dict(CHECKS[FINISHED].arguments)
    assert all(result.bounds and result.rows_checked for result in results.values())


@pytest.mark.slow
def test_how_far_the_gate_has_come_is_seen_while_it_runs(build: Callable[..., Path], configured: Settings):
    build(CASES[FINISHED].fires)
    seen = []

    def look(frame: str) -> None:
        running = running_gate(PERIOD, configured)
        assert running is not None
        seen.append((frame, running.at, running.is_alive, len(running.done), [r.check for r in running.failures]))

    with pytest.raises(GateFailed):
        audit_period(PERIOD, configured, no_secret, progress=look)

    frames = len({check.frame.name for check in CHECKS.values()})
    assert [done for *_, done, _ in seen] == list(range(frames))
    assert all(frame == at and alive for frame, at, alive, *_ in seen)
    assert seen[0][-1] == []
    assert seen[-1][-1] == [FINISHED]
    assert running_gate(PERIOD, configured) is None


@pytest.mark.slow
def test_a_gate_that_was_killed_is_not_called_running(build: Callable[..., Path], configured: Settings):
    build()

    def killed(frame: str) -> None:
        if frame == "exports":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit_period(PERIOD, configured, no_secret, progress=killed)

    running = running_gate(PERIOD, configured)
    assert running is not None
    assert (running.is_alive, running.at) == (False, "exports")
    assert newest_verdict(PERIOD, configured) is None
    audit_period(PERIOD, configured, no_secret)
    assert running_gate(PERIOD, configured) is None


@pytest.mark.slow
def test_a_build_without_a_table_fails_in_words_and_not_with_a_stack_trace(
    build: Callable[..., Path], configured: Settings
):
    build("drop table dim_agencies")

    with pytest.raises(GateFailed) as raised:
        audit_period(PERIOD, configured, no_secret)

    outcomes = {r.check: r.outcome for r in raised.value.verdict.blocking()}
    assert outcomes["build.tables_present"] == "failed"
    assert outcomes["dim_agencies.validity_in_order"] == "not_evaluated"


def test_a_missing_build_and_a_build_of_another_month_are_no_verdict(build: Callable[..., Path], configured: Settings):
    with pytest.raises(NothingToAudit, match="nothing is built for 2023-04"):
        audit_period(PERIOD, configured, no_secret)
    build("update landing.period set period_month = '2023-05-01'")
    with pytest.raises(NothingToAudit, match="was built for"):
        audit_period(PERIOD, configured, no_secret)

    assert newest_verdict(PERIOD, configured) is None


def test_the_same_content_has_the_same_fingerprint_and_another_content_another(
    build: Callable[..., Path], configured: Settings
):
    def judged(*changes: str) -> str:
        build(*changes)
        connection = open_build_file(PERIOD, configured)
        found, tables = content_of(connection)
        connection.close()
        assert set(tables) == {table.name for table in PUBLISHED}
        return found

    first, again = judged(), judged()
    changed = judged("update fct_dossiers set finished_at = finished_at + interval 1 second")

    assert first == again != changed

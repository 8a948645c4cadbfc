"""A verdict is written once, sealed, and lets nothing through that it did not see."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from cchc.settings import Settings
from expectations.audit import GateFailed
from expectations.verdicts import (
    AgencyRows,
    CheckResult,
    Sample,
    Verdict,
    VerdictBroken,
    all_runs,
    newest_verdict,
    read_verdict,
    run_folder,
    seal_of,
    verdicts_of,
    write_verdict,
)


def result(check: str = "a.b", outcome: str = "held", severity: str = "critical") -> CheckResult:
    failing = AgencyRows(agency_code="11122", name_vi="Xã Quảng Nghiệp", rows=1, samples=[Sample(key="k")])
    return CheckResult(
        check=check,
        severity=severity,
        scope="cell",
        outcome=outcome,
        rows_checked=9,
        failed_rows=1 if outcome == "failed" else 0,
        by_agency=[failing] if outcome == "failed" else [],
    )


def verdict(*results: CheckResult, period: str = "2023-04") -> Verdict:
    return Verdict(
        period=period,
        calendar="nd09",
        run="",
        evaluated_at=datetime(2023, 4, 15, 1, 2, 3, tzinfo=UTC),
        fingerprint="f" * 64,
        tables={"fct_dossiers": "0" * 64},
        results=list(results),
        outcome="failed" if any(r.blocks for r in results) else "held",
    )


def test_a_verdict_passes_when_every_declared_critical_check_held():
    assert verdict(result("a.b"), result("c.d", "failed", "warning")).passes({"a.b"})


@pytest.mark.parametrize(
    ("results", "declared"),
    [
        pytest.param([result("a.b")], {"a.b", "e.f"}, id="a check declared since is missing"),
        pytest.param([result("a.b", "failed")], {"a.b"}, id="failed"),
        pytest.param([result("a.b", "not_evaluated")], {"a.b"}, id="not evaluated"),
        pytest.param([result("a.b"), result("x.y", "failed")], {"a.b"}, id="a check no longer declared failed"),
        pytest.param([result("a.b"), result("a.b", "failed")], {"a.b"}, id="held once, failed once"),
        pytest.param([result("a.b", "failed", "warning")], {"a.b"}, id="it was a warning then and is critical now"),
        pytest.param([], set(), id="nothing was checked and nothing is declared"),
    ],
)
def test_a_verdict_does_not_pass(results: list[CheckResult], declared: set[str]):
    assert not verdict(*results).passes(declared)


def test_a_verdict_that_calls_itself_held_is_not_believed():
    lying = verdict(result("a.b", "failed")).model_copy(update={"outcome": "held"})

    assert not lying.passes({"a.b"})


def test_runs_are_numbered_and_none_is_overwritten(configured: Settings):
    first = write_verdict(configured.audit, verdict(result(outcome="failed")))
    second = write_verdict(configured.audit, verdict(result()))

    assert (first.run, second.run) == ("0001", "0002")
    assert verdicts_of("2023-04", configured) == [first, second]
    assert newest_verdict("2023-04", configured) == second
    assert newest_verdict("2023-05", configured) is None


def test_all_runs_are_in_the_order_of_periods_and_runs(configured: Settings):
    for period in ("2023-05", "2023-04", "2023-05"):
        write_verdict(configured.audit, verdict(result(), period=period))

    assert all_runs(configured) == [
        ("2023-04", "0001"),
        ("2023-05", "0001"),
        ("2023-05", "0002"),
    ]


def test_a_run_that_was_killed_while_writing_leaves_no_run(configured: Settings):
    write_verdict(configured.audit, verdict(result()))
    left = configured.audit / "2023-04" / ".writing-99999"
    left.mkdir()
    (left / "verdict.json").write_text("{", encoding="utf-8")

    assert [v.run for v in verdicts_of("2023-04", configured)] == ["0001"]
    assert write_verdict(configured.audit, verdict(result())).run == "0002"


def test_a_number_taken_by_another_process_is_not_used_twice(configured: Settings):
    with ThreadPoolExecutor(max_workers=2) as pool:
        runs = list(pool.map(lambda i: write_verdict(configured.audit, verdict(result(f"a.b{i}"))).run, range(20)))

    assert sorted(runs) == [f"{number:04d}" for number in range(1, 21)]
    assert sorted(v.results[0].check for v in verdicts_of("2023-04", configured)) == sorted(
        f"a.b{i}" for i in range(20)
    )


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content | {"outcome": "held"},
        lambda content: content | {"fingerprint": "0" * 64},
        lambda content: content | {"results": []},
        lambda content: content | {"seal": ""},
        lambda content: {key: value for key, value in content.items() if key != "seal"},
    ],
)
def test_an_edited_verdict_is_refused(configured: Settings, edit):
    written = write_verdict(configured.audit, verdict(result(outcome="failed")))
    path = run_folder(configured.audit, written) / "verdict.json"
    path.write_text(json.dumps(edit(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")

    with pytest.raises(VerdictBroken, match="seal"):
        newest_verdict("2023-04", configured)


def test_a_truncated_verdict_is_refused(configured: Settings):
    path = run_folder(configured.audit, write_verdict(configured.audit, verdict(result()))) / "verdict.json"
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")

    with pytest.raises(VerdictBroken, match="no verdict"):
        read_verdict(path)


def test_a_verdict_copied_from_another_month_is_refused(configured: Settings):
    path = run_folder(configured.audit, write_verdict(configured.audit, verdict(result()))) / "verdict.json"
    stolen = configured.audit / "2023-05" / "0001" / "verdict.json"
    stolen.parent.mkdir(parents=True)
    stolen.write_bytes(path.read_bytes())

    with pytest.raises(VerdictBroken, match="moved or copied"):
        newest_verdict("2023-05", configured)


def test_the_failure_survives_being_sent_between_processes():
    failure = GateFailed(verdict(result(outcome="failed")).sealed(), alerted=True)

    again = pickle.loads(pickle.dumps(failure))

    assert (again.verdict, again.alerted) == (failure.verdict, True)
    assert "a.b: 1 row of 11122" in str(again)


def test_a_verdict_from_before_there_were_waivers_keeps_its_seal_and_lets_nothing_more_through(configured: Settings):
    written = write_verdict(configured.audit, verdict(result("a.b", "failed"), result("c.d")))
    path = run_folder(configured.audit, written) / "verdict.json"
    content = json.loads(path.read_text())
    for one in content["results"]:
        del one["waivers"]
    path.write_text(json.dumps(content | {"seal": seal_of(content)}))

    old = read_verdict(path)

    assert [one.check for one in old.blocking()] == ["a.b"]
    assert not old.passes({"a.b", "c.d"})

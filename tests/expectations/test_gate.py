"""The three outcomes: what was not looked at never counts as held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cchc.settings import Settings
from expectations import gate
from expectations.checks import BETWEEN, GREATER, NOT_NULL, Check, Frame, at_least
from expectations.gate import GateBroken, evaluate, evaluate_frame
from expectations.reading import set_bounds
from expectations.suites import all_checks
from tests.expectations.conftest import PERIOD, fill

CHECK = Check(
    id="things.count_positive",
    frame=Frame("dossiers", rows_vi="hồ sơ"),
    expect=BETWEEN,
    arguments={"column": "count", "min_value": 1},
    severity="critical",
    scope="cell",
    why="A count below one is no thing; made for these tests only.",
    message_vi="Số lượng không dương",
    action_vi="Sửa số lượng",
)
THINGS = pd.DataFrame({"agency_code": ["11122", "11119", "11122"], "row_key": ["c", "a", "b"], "count": [0, 1, -1]})
DOCUMENTS = next(check for check in all_checks() if check.id == "fct_documents.agency_known")


@pytest.fixture
def month(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    fill(connection)
    set_bounds(connection, PERIOD, Settings(home=tmp_path))
    yield connection
    connection.close()


def test_a_gate_without_checks_judges_nothing(month: duckdb.DuckDBPyConnection):
    with pytest.raises(GateBroken, match="no check is declared"):
        evaluate(month, [], {})


def test_an_empty_frame_is_not_evaluated():
    (result,) = evaluate_frame(THINGS.head(0), [CHECK], {})

    assert (result.outcome, result.blocks) == ("not_evaluated", True)
    assert "empty" in (result.detail or "")


def test_a_frame_whose_source_this_deployment_lacks_may_be_empty(month: duckdb.DuckDBPyConnection):
    month.execute("delete from fct_documents; delete from landing.exports where entity = 'documents'")

    (result,) = evaluate(month, [DOCUMENTS], {})

    assert (result.outcome, result.rows_checked) == ("held", 0)


def test_a_frame_whose_source_was_read_may_not_be_empty(month: duckdb.DuckDBPyConnection):
    month.execute("delete from fct_documents")

    (result,) = evaluate(month, [DOCUMENTS], {})

    assert result.outcome == "not_evaluated"


def test_a_frame_that_cannot_be_read_leaves_its_checks_unevaluated(month: duckdb.DuckDBPyConnection):
    month.execute("drop table fct_documents")

    (result,) = evaluate(month, [DOCUMENTS], {})

    assert result.outcome == "not_evaluated"
    assert "fct_documents" in (result.detail or "")


@pytest.mark.slow
def test_a_failed_check_names_agencies_counts_and_keys_worst_first():
    data = pd.concat(
        [THINGS, pd.DataFrame({"agency_code": ["11119"], "row_key": ["d"], "count": [-5]}), THINGS.head(1)]
    )

    (result,) = evaluate_frame(data, [CHECK], {"11122": "Xã Quảng Nghiệp"})

    assert (result.outcome, result.failed_rows, result.rows_checked) == ("failed", 4, 5)
    assert [(entry.agency_code, entry.name_vi, entry.rows) for entry in result.by_agency] == [
        ("11122", "Xã Quảng Nghiệp", 3),
        ("11119", None, 1),
    ]
    assert result.by_agency[0].samples[0].model_dump() == {"key": "b", "values": {"count": -1}}


@pytest.mark.slow
def test_at_most_five_sample_rows_are_kept_of_an_agency():
    data = pd.DataFrame({"agency_code": "11122", "row_key": [f"k{i:02d}" for i in range(30)], "count": 0})

    (result,) = evaluate_frame(data, [CHECK], {})

    assert (result.failed_rows, len(result.by_agency[0].samples)) == (30, 5)
    assert result.sample_keys == ["k00", "k01", "k02", "k03", "k04"]


@pytest.mark.slow
def test_rows_of_no_agency_are_counted_too():
    data = THINGS.assign(agency_code=[None, None, "11119"])

    (result,) = evaluate_frame(data, [CHECK], {})

    assert [(entry.agency_code, entry.rows) for entry in result.by_agency] == [(None, 1), ("11119", 1)]
    assert result.agencies == ["11119"]


@pytest.mark.slow
def test_a_crashed_check_is_not_evaluated_and_leaves_its_neighbours_alone():
    crashing = replace(CHECK, id="things.no_such_column", arguments={"column": "nothing", "min_value": 1})
    uncomparable = replace(CHECK, id="things.text_above_one", arguments={"column": "row_key", "min_value": 1})

    results = evaluate_frame(THINGS, [crashing, uncomparable, CHECK], {})

    assert [r.outcome for r in results] == ["not_evaluated", "not_evaluated", "failed"]
    assert "nothing" in (results[0].detail or "")


@pytest.mark.slow
def test_an_expectation_that_does_not_exist_is_not_evaluated():
    unknown = replace(CHECK, id="things.unknown", expect="expect_the_unexpected")
    misdeclared = replace(CHECK, id="things.misdeclared", arguments={"min_value": 1})

    results = evaluate_frame(THINGS, [unknown, misdeclared, CHECK], {})

    assert [r.outcome for r in results] == ["not_evaluated", "not_evaluated", "failed"]


@pytest.mark.slow
def test_an_expectation_that_names_no_rows_cannot_be_a_check():
    table = replace(CHECK, id="things.many", expect="expect_table_row_count_to_be_between", arguments={"min_value": 9})

    (result,) = evaluate_frame(THINGS, [table], {})

    assert result.outcome == "not_evaluated"
    assert "row-based" in (result.detail or "")


@pytest.mark.slow
def test_a_missing_result_is_not_evaluated(monkeypatch: pytest.MonkeyPatch):
    whole = gate._validate
    monkeypatch.setattr(gate, "_validate", lambda data, checks: whole(data, list(checks)[1:]))
    other = replace(CHECK, id="things.key", expect=NOT_NULL, arguments={"column": "row_key"})

    results = evaluate_frame(THINGS, [CHECK, other], {})

    assert [r.outcome for r in results] == ["not_evaluated", "held"]
    assert "0 results" in (results[0].detail or "")


def test_a_library_that_fails_as_a_whole_lets_nothing_through(monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise ImportError("no great_expectations")

    monkeypatch.setattr(gate, "_validate", broken)

    (result,) = evaluate_frame(THINGS, [CHECK], {})

    assert result.outcome == "not_evaluated"


@pytest.mark.slow
def test_a_failed_warning_does_not_block_and_does_not_spoil_a_critical_check_that_holds():
    warning = replace(CHECK, id="things.warned", severity="warning")
    critical = replace(CHECK, id="things.key", expect=NOT_NULL, arguments={"column": "row_key"})

    results = evaluate_frame(THINGS, [warning, critical], {})

    assert [(r.outcome, r.blocks) for r in results] == [("failed", False), ("held", False)]


@pytest.mark.slow
def test_two_checks_with_one_expectation_have_a_result_each():
    twin = replace(CHECK, id="things.twin", severity="warning")

    results = evaluate_frame(THINGS, [CHECK, twin], {})

    assert [(r.check, r.outcome) for r in results] == [(CHECK.id, "failed"), (twin.id, "failed")]


@pytest.mark.slow
def test_instants_in_samples_are_local_time():
    data = pd.DataFrame(
        {
            "agency_code": ["11122"],
            "row_key": ["a"],
            "received_at": pd.to_datetime(["2023-03-20 17:30:00"], utc=True),
            "finished_at": pd.to_datetime(["2023-03-19 17:30:00"], utc=True),
        }
    )
    order = replace(CHECK, expect=GREATER, arguments=at_least("finished_at", "received_at"))

    (result,) = evaluate_frame(data, [order], {})

    assert result.by_agency[0].samples[0].values == {
        "received_at": "2023-03-21 00:30:00",
        "finished_at": "2023-03-20 00:30:00",
    }

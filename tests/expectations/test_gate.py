"""The three outcomes: what was not looked at never counts as held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from cchc.settings import Settings
from expectations.checks import BETWEEN, GREATER, NOT_NULL, UNIQUE, UNIQUE_TOGETHER, Check, Frame, at_least
from expectations.gate import GateBroken, evaluate, evaluate_frame
from expectations.reading import FrameTable, lay_out_frame, set_bounds
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


Laid = Callable[[pd.DataFrame], pd.DataFrame | FrameTable]


@pytest.fixture(params=["in pandas", "in DuckDB"])
def laid(request: pytest.FixtureRequest) -> Iterator[Laid]:
    """Gives rows to the gate in either way that it evaluates a frame: what holds of one holds of the other."""
    connection = duckdb.connect()

    def in_duckdb(data: pd.DataFrame) -> FrameTable:
        connection.register("things", data)
        return FrameTable(connection, "from things")

    yield in_duckdb if request.param == "in DuckDB" else lambda data: data
    connection.close()


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


def test_an_empty_frame_is_not_evaluated(laid: Laid):
    (result,) = evaluate_frame(laid(THINGS.head(0)), [CHECK], {})

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
def test_a_failed_check_names_agencies_counts_and_keys_worst_first(laid: Laid):
    data = pd.concat(
        [THINGS, pd.DataFrame({"agency_code": ["11119"], "row_key": ["d"], "count": [-5]}), THINGS.head(1)]
    )

    (result,) = evaluate_frame(laid(data), [CHECK], {"11122": "Xã Quảng Nghiệp"})

    assert (result.outcome, result.failed_rows, result.rows_checked) == ("failed", 4, 5)
    assert [(entry.agency_code, entry.name_vi, entry.rows) for entry in result.by_agency] == [
        ("11122", "Xã Quảng Nghiệp", 3),
        ("11119", None, 1),
    ]
    assert result.by_agency[0].samples[0].model_dump() == {"key": "b", "values": {"count": -1}}


@pytest.mark.slow
def test_at_most_five_sample_rows_are_kept_of_an_agency(laid: Laid):
    data = pd.DataFrame({"agency_code": "11122", "row_key": [f"k{i:02d}" for i in range(30)], "count": 0})

    (result,) = evaluate_frame(laid(data), [CHECK], {})

    assert (result.failed_rows, len(result.by_agency[0].samples)) == (30, 5)
    assert result.sample_keys == ["k00", "k01", "k02", "k03", "k04"]


@pytest.mark.slow
def test_rows_of_no_agency_are_counted_too(laid: Laid):
    data = THINGS.assign(agency_code=[None, None, "11119"])

    (result,) = evaluate_frame(laid(data), [CHECK], {})

    assert [(entry.agency_code, entry.rows) for entry in result.by_agency] == [(None, 1), ("11119", 1)]
    assert result.agencies == ["11119"]


@pytest.mark.slow
def test_a_crashed_check_is_not_evaluated_and_leaves_its_neighbours_alone(laid: Laid):
    crashing = replace(CHECK, id="things.no_such_column", arguments={"column": "nothing", "min_value": 1})
    uncomparable = replace(CHECK, id="things.text_above_one", arguments={"column": "row_key", "min_value": 1})

    results = evaluate_frame(laid(THINGS), [crashing, uncomparable, CHECK], {})

    assert [r.outcome for r in results] == ["not_evaluated", "not_evaluated", "failed"]
    assert "nothing" in (results[0].detail or "")


@pytest.mark.slow
def test_an_expectation_that_does_not_exist_is_not_evaluated(laid: Laid):
    unknown = replace(CHECK, id="things.unknown", expect="expect_the_unexpected")
    misdeclared = replace(CHECK, id="things.misdeclared", arguments={"min_value": 1})

    results = evaluate_frame(laid(THINGS), [unknown, misdeclared, CHECK], {})

    assert [r.outcome for r in results] == ["not_evaluated", "not_evaluated", "failed"]


@pytest.mark.slow
def test_an_expectation_that_names_no_rows_cannot_be_a_check(laid: Laid):
    table = replace(CHECK, id="things.many", expect="expect_table_row_count_to_be_between", arguments={"min_value": 9})

    (result,) = evaluate_frame(laid(THINGS), [table], {})

    assert result.outcome == "not_evaluated"
    assert "row-based" in (result.detail or "")


@pytest.mark.slow
def test_a_missing_result_is_not_evaluated(laid: Laid, monkeypatch: pytest.MonkeyPatch):
    from expectations import asking

    monkeypatch.setattr(asking, "_validate", lambda *_: [])
    other = replace(CHECK, id="things.key", expect=NOT_NULL, arguments={"column": "row_key"})

    results = evaluate_frame(laid(THINGS), [CHECK, other], {})

    assert [r.outcome for r in results] == ["not_evaluated", "held"]
    assert "0 results" in (results[0].detail or "")


@pytest.mark.slow
def test_a_library_that_fails_as_a_whole_lets_nothing_through(laid: Laid, monkeypatch: pytest.MonkeyPatch):
    from expectations import asking

    def broken(*_: object) -> None:
        raise ImportError("no great_expectations")

    monkeypatch.setattr(asking, "_failing_rows", broken)

    (result,) = evaluate_frame(laid(THINGS), [CHECK], {})

    assert (result.outcome, result.rows_checked) == ("not_evaluated", 3)


@pytest.mark.slow
def test_every_failing_row_is_named_beyond_what_the_library_shows_of_them(laid: Laid):
    data = pd.DataFrame(
        {"agency_code": "11122", "row_key": [f"k{i % 900:03d}" for i in range(1000)], "count": range(1000)}
    )
    checks = [
        replace(CHECK, id="things.above", arguments={"column": "count", "min_value": 700}),
        replace(CHECK, id="things.key_unique", expect=UNIQUE, arguments={"column": "row_key"}),
    ]

    results = evaluate_frame(laid(data), checks, {})

    assert [r.failed_rows for r in results] == [700, 200]
    assert [entry.rows for r in results for entry in r.by_agency] == [700, 200]


@pytest.mark.slow
def test_a_key_of_several_columns_is_not_evaluated_in_duckdb_where_no_row_would_be_named(
    month: duckdb.DuckDBPyConnection,
):
    columns = {"column_list": ["row_key", "agency_code"], "ignore_row_if": "never"}
    together = replace(DOCUMENTS, id="fct_documents.together", expect=UNIQUE_TOGETHER, arguments=columns)

    results = evaluate(month, [together, DOCUMENTS], {})

    assert [r.outcome for r in results] == ["not_evaluated", "held"]
    assert "how often the key occurs" in (results[0].detail or "")


@pytest.mark.slow
def test_a_check_of_which_not_every_failing_row_is_named_is_not_evaluated(laid: Laid, monkeypatch: pytest.MonkeyPatch):
    from expectations import asking

    whole = asking._naming_rows
    monkeypatch.setattr(asking, "_naming_rows", lambda rows: whole(rows) | {"partial_unexpected_count": 1})

    (result,) = evaluate_frame(laid(THINGS), [CHECK], {})

    assert (result.outcome, result.detail) == ("not_evaluated", "2 failing rows are counted and 1 named")


@pytest.mark.slow
def test_what_a_check_calls_mostly_right_has_failing_rows_all_the_same(laid: Laid):
    mostly = replace(CHECK, arguments={"column": "count", "min_value": 1, "mostly": 0.1})

    (result,) = evaluate_frame(laid(THINGS), [mostly], {})

    assert (result.outcome, result.failed_rows) == ("failed", 2)


@pytest.mark.slow
def test_the_gate_neither_commits_nor_ends_what_its_connection_has_begun(month: duckdb.DuckDBPyConnection):
    month.execute("begin")
    month.execute("update fct_documents set agency_code = '99999'")

    (found,) = evaluate(month, [DOCUMENTS], {})
    month.execute("rollback")
    (afterwards,) = evaluate(month, [DOCUMENTS], {})

    assert (found.outcome, found.failed_rows, afterwards.outcome) == ("failed", found.rows_checked, "held")


def test_a_frame_in_place_has_the_columns_that_its_expectations_read_and_no_others(month: duckdb.DuckDBPyConnection):
    dated = next(check for check in all_checks() if check.id == "fct_documents.dates_not_too_old")
    lost = replace(dated, arguments=at_least("no_such_column", "plausible_from"))

    table = lay_out_frame(month, DOCUMENTS.frame, [DOCUMENTS, dated, lost])

    assert table.columns == ("earliest_at", "plausible_from", "known_agency")
    assert len(table) == len(table.numbered({"row_key"})) == 4


@pytest.mark.slow
def test_a_column_that_a_frame_in_place_lacks_leaves_its_check_alone_unevaluated(month: duckdb.DuckDBPyConnection):
    lost = replace(DOCUMENTS, id="fct_documents.lost", arguments={"column": "no_such_column"})

    results = evaluate(month, [lost, DOCUMENTS], {})

    assert [r.outcome for r in results] == ["not_evaluated", "held"]
    assert "no_such_column" in (results[0].detail or "")


@pytest.mark.slow
def test_a_failed_warning_does_not_block_and_does_not_spoil_a_critical_check_that_holds(laid: Laid):
    warning = replace(CHECK, id="things.warned", severity="warning")
    critical = replace(CHECK, id="things.key", expect=NOT_NULL, arguments={"column": "row_key"})

    results = evaluate_frame(laid(THINGS), [warning, critical], {})

    assert [(r.outcome, r.blocks) for r in results] == [("failed", False), ("held", False)]


@pytest.mark.slow
def test_two_checks_with_one_expectation_have_a_result_each(laid: Laid):
    twin = replace(CHECK, id="things.twin", severity="warning")

    results = evaluate_frame(laid(THINGS), [CHECK, twin], {})

    assert [(r.check, r.outcome) for r in results] == [(CHECK.id, "failed"), (twin.id, "failed")]


@pytest.mark.slow
def test_instants_in_samples_are_local_time(laid: Laid):
    data = pd.DataFrame(
        {
            "agency_code": ["11122"],
            "row_key": ["a"],
            "received_at": pd.to_datetime(["2023-03-20 17:30:00"], utc=True),
            "finished_at": pd.to_datetime(["2023-03-19 17:30:00"], utc=True),
        }
    )
    order = replace(CHECK, expect=GREATER, arguments=at_least("finished_at", "received_at"))

    (result,) = evaluate_frame(laid(data), [order], {})

    assert result.by_agency[0].samples[0].values == {
        "received_at": "2023-03-21 00:30:00",
        "finished_at": "2023-03-20 00:30:00",
    }

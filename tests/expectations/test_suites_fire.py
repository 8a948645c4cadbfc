"""Every declared check fires on its fault, names agency and rows, and stays quiet on the near miss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from cchc.settings import Settings
from expectations.checks import NOT_NULL, UNIQUE_TOGETHER, Check
from expectations.gate import evaluate
from expectations.messages import _COLUMNS
from expectations.reading import FRAMES, agency_names, read_frame, set_bounds
from expectations.suites import all_checks, critical_ids
from expectations.verdicts import CheckResult
from tests.expectations.cases import CASES
from tests.expectations.conftest import PERIOD, fill

CHECKS = {check.id: check for check in all_checks()}


@pytest.fixture(scope="module")
def clean_month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    fill(connection)
    connection.execute("set timezone = 'UTC'")
    set_bounds(connection, PERIOD, Settings(home=tmp_path_factory.mktemp("home")))
    yield connection
    connection.close()


@pytest.fixture
def month(clean_month: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The clean month; what a test changes is undone."""
    clean_month.execute("begin")
    yield clean_month
    clean_month.execute("rollback")


def judged(month: duckdb.DuckDBPyConnection, check: Check) -> CheckResult:
    """The result of a check, which must be the same in pandas and in DuckDB, wherever its frame is evaluated."""
    names = agency_names(month, PERIOD)
    (result,) = evaluate(month, [check], names)
    if check.expect != UNIQUE_TOGETHER:
        moved = replace(check, frame=replace(check.frame, in_place=not check.frame.in_place))
        assert evaluate(month, [moved], names) == [result]
    return result


def holds_by_its_expectation(month: duckdb.DuckDBPyConnection, check: Check) -> bool:
    """What the expectation itself says, which the gate asks only when its count of failing rows is not zero."""
    from expectations import asking

    engine = asking._engine(read_frame(month, check.frame))
    (result,) = asking._validate(engine, check, {"result_format": "BOOLEAN_ONLY"})
    return bool(result.success)


def test_every_declared_check_has_a_fault_and_a_near_miss():
    assert set(CASES) == set(CHECKS)


def test_every_frame_is_used_and_every_frame_used_exists():
    assert {path.stem for path in FRAMES.glob("*.sql")} == {check.frame.name for check in all_checks()}


def test_every_column_shown_has_a_name_in_vietnamese():
    # The figure's own name needs none, and what is missing is not printed.
    shown = {
        column for check in all_checks() for column in check.columns_shown if check.show or check.expect != NOT_NULL
    }
    assert not shown - {"indicator_vi"} - set(_COLUMNS)


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_every_check_says_why_and_what_to_do_in_vietnamese(check: Check):
    assert len(check.why) > 40
    for text in (check.message_vi, check.action_vi, check.owner):
        assert any(letter in text.lower() for letter in "ăâđêôơưạảấầậắằếềệịộốồớờợụủứừựỳáàãéèíìóòõúùý"), text
    assert check.id.count(".") == 1


def test_the_critical_checks_are_those_declared_so():
    assert critical_ids() == {check.id for check in all_checks() if check.severity == "critical"}
    assert "indicator_values.taken_on_equals_accounted_for" in critical_ids()
    assert "exports.not_far_fewer_rows" not in critical_ids()


@pytest.mark.slow
def test_every_check_holds_on_a_clean_month_and_has_looked_at_rows(month: duckdb.DuckDBPyConnection):
    results = evaluate(month, all_checks(), agency_names(month, PERIOD))

    assert [r.check for r in results] == list(CHECKS)
    assert {r.outcome for r in results} == {"held"}
    assert all(r.rows_checked > 0 for r in results)


@pytest.mark.slow
@pytest.mark.parametrize("check_id", sorted(CASES))
def test_a_check_fires_on_its_fault_and_names_agency_and_rows(check_id: str, month: duckdb.DuckDBPyConnection):
    case = CASES[check_id]
    month.execute(case.fires)

    result = judged(month, CHECKS[check_id])

    assert result.outcome == "failed", result
    assert result.failed_rows == case.rows
    assert result.agencies == case.agencies
    assert 1 <= len(result.sample_keys) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("check_id", sorted(CASES))
def test_a_check_stays_quiet_on_the_near_miss(check_id: str, month: duckdb.DuckDBPyConnection):
    month.execute(CASES[check_id].holds)

    result = judged(month, CHECKS[check_id])

    assert result.outcome == "held", result
    assert holds_by_its_expectation(month, CHECKS[check_id])


@pytest.mark.slow
def test_a_new_code_of_the_catalogue_is_asked_of_every_agency(month: duckdb.DuckDBPyConnection):
    month.execute(
        "insert into dim_indicators (indicator_code, definition_version, kind, valid_from) "
        "values ('new', '1', 'flow', '2023-04-14')"
    )

    result = judged(month, CHECKS["indicator_values.complete"])

    assert (result.outcome, result.failed_rows) == ("failed", 3 * 2)

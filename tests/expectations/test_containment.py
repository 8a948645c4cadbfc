"""Failing rows become cells of who answers for them; what cannot be placed keeps the month from being published."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from expectations.cells import Figure
from expectations.checks import Check, Frame
from expectations.containment import Containment, contain, merged
from expectations.lineage import Cell
from expectations.verdicts import AgencyRows, CheckResult
from tests.expectations.conftest import fill
from tests.expectations.publishable import FOR_LINEAGE

RECEIVED, PENDING, SHARE = "dossiers_received", "dossiers_pending", "online_share"
NAMES = {"11122": "Xã Quảng Nghiệp", "11119": "Xã Đại Hợp", "30": "Tỉnh Hải Dương"}


def check(*spoils: str, scope: str = "cell", severity: str = "critical", id_: str = "a.b") -> Check:
    return Check(
        id=id_, frame=Frame("f", "hồ sơ"), expect="", arguments={}, severity=severity, scope=scope,  # type: ignore[arg-type]
        why="", message_vi="", action_vi="", spoils=spoils,
    )  # fmt: skip


def failed(*entries: AgencyRows, of: Check) -> CheckResult:
    return CheckResult(
        check=of.id, severity=of.severity, scope=of.scope, outcome="failed", rows_checked=9,
        failed_rows=sum(entry.rows for entry in entries), by_agency=list(entries),
    )  # fmt: skip


def rows(agency: str | None, *figures: tuple[str, str], count: int = 1) -> AgencyRows:
    named = [Figure(scope=scope, indicator=code) for scope, code in figures]  # type: ignore[arg-type]
    return AgencyRows(agency_code=agency, rows=count, figures=named)


@pytest.fixture(scope="module")
def clean_month() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        fill(connection)
        connection.execute(FOR_LINEAGE)
        yield connection


@pytest.fixture
def month(clean_month: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    clean_month.execute("begin")
    yield clean_month
    clean_month.execute("rollback")


def contained(month: duckdb.DuckDBPyConnection, one: Check, *entries: AgencyRows) -> Containment:
    return contain(month, [failed(*entries, of=one)], {one.id: one}, NAMES)


def asked_for(found: Containment) -> set[tuple[str, str, str]]:
    return {tuple(cell) for cell in found.cells_to_withhold(found.results)}  # type: ignore[misc]


def answering(month: duckdb.DuckDBPyConnection, code: str, heir: str, *, is_allocated: bool = True) -> None:
    month.execute(
        "insert into int_answering_agencies values (?, '2010-01-01', null, null, ?, '2010-01-01', ?, ?)",
        [code, heir, is_allocated, heir if is_allocated else None],
    )


def test_a_column_of_records_spoils_the_figures_that_count_by_it_and_their_year_with_them(month):
    found = contained(month, check("fct_dossiers.channel"), rows("11122"))
    assert asked_for(found) == {("month", "11122", SHARE)}
    assert found.open_cells["a.b", "11122"] == {Cell("month", "11122", SHARE), Cell("ytd", "11122", SHARE)}
    assert asked_for(contained(month, check("fct_dossiers.finished_at"), rows("11122"))) == {
        ("month", "11122", PENDING)
    }
    whole = contained(month, check("fct_dossiers"), rows("11122"), rows("11119"))
    assert {cell[1:] for cell in asked_for(whole)} == {
        (a, i) for a in ("11122", "11119") for i in (RECEIVED, PENDING, SHARE)
    }


def test_what_no_figure_rests_on_is_contained_as_it_is(month):
    found = contained(month, check("fct_dossiers.returned_at"), rows("11122"))
    (result,) = found.results
    assert (result.is_contained, result.blocks, result.cells_withheld) == (True, False, 0)
    assert asked_for(found) == set()


def test_what_no_figure_rests_on_needs_no_place(month):
    assert not contained(month, check("fct_signatures"), rows(None)).results[0].blocks
    assert not contained(month, check("fct_dossiers.returned_at"), rows("99999")).results[0].blocks


def test_rows_that_say_which_of_the_facts_they_are_of_spoil_no_other(month):
    both = check("fct_dossiers", "fct_signatures")
    of_signatures = rows("11122").model_copy(update={"tables": ["fct_signatures"]})
    assert asked_for(contained(month, both, of_signatures)) == set()
    of_dossiers = rows("11122").model_copy(update={"tables": ["fct_dossiers"]})
    assert {cell[2] for cell in asked_for(contained(month, both, of_dossiers))} == {RECEIVED, PENDING, SHARE}


def test_a_row_about_a_figure_spoils_that_figure_alone(month):
    found = contained(month, check(), rows("11122", ("ytd", RECEIVED)), rows("11119", ("month", SHARE)))
    assert asked_for(found) == {("ytd", "11122", RECEIVED), ("month", "11119", SHARE)}


def test_a_row_that_names_its_scope_alone_spoils_what_the_check_declares_in_that_scope(month):
    entry = AgencyRows(agency_code="11122", rows=1, figures=[Figure(scope="ytd")])
    assert asked_for(contained(month, check("fct_dossiers.channel"), entry)) == {("ytd", "11122", SHARE)}


def test_the_rows_of_an_agency_that_is_gone_spoil_figures_of_who_answers_for_it(month):
    answering(month, "11120", "11122")
    assert asked_for(contained(month, check("fct_dossiers.channel"), rows("11120"))) == {("month", "11122", SHARE)}


def test_what_a_divided_agency_left_has_figures_of_its_own(month):
    answering(month, "11120", "11120", is_allocated=False)
    month.execute(
        "insert into unallocated_values values ('2023-04-01', 'nd09', '11120', '2010-01-01', 'online_share', 1, 2, '1')"
    )
    assert asked_for(contained(month, check("fct_dossiers.channel"), rows("11120"))) == {("month", "11120", SHARE)}


def test_an_agency_that_does_not_report_here_spoils_nothing(month):
    answering(month, "99001", "99001")
    assert not contained(month, check("fct_dossiers"), rows("99001")).results[0].blocks


@pytest.mark.parametrize("agency", [None, "99999"])
def test_rows_of_no_agency_or_of_one_that_nobody_knows_block_and_nothing_is_withheld_then(agency, month):
    found = contained(month, check("fct_dossiers.channel"), rows(agency), rows("11122"))
    assert found.results[0].blocks
    assert asked_for(found) == set()


def test_nothing_is_withheld_beside_a_check_of_the_period_or_one_that_was_not_evaluated(month):
    cells, period = check("fct_dossiers.channel"), check(scope="period", id_="c.d")
    both = [failed(rows("11122"), of=cells), failed(rows("11122"), of=period)]
    found = contain(month, both, {one.id: one for one in (cells, period)}, NAMES)
    assert asked_for(found) == set()
    broken = both[1].model_copy(update={"scope": "cell", "outcome": "not_evaluated", "failed_rows": 0, "by_agency": []})
    assert found.cells_to_withhold([found.results[0], broken]) == frozenset()


def test_a_roll_up_waits_for_its_agencies_and_is_withheld_only_if_it_fails_alone(month):
    both = contained(month, check(), rows("11122", ("month", RECEIVED)), rows("30", ("month", RECEIVED)))
    assert asked_for(both) == {("month", "11122", RECEIVED)}
    assert asked_for(contained(month, check(), rows("30", ("month", RECEIVED)))) == {("month", "30", RECEIVED)}


def test_a_warning_withholds_nothing(month):
    found = contained(month, check("fct_dossiers", severity="warning"), rows("11122"))
    assert asked_for(found) == set()
    assert not found.results[0].is_contained


def test_rows_are_contained_once_none_of_their_figures_is_left(month):
    month.execute(
        "update indicator_values set numerator = null, denominator = null, value = null, state = 'withheld' "
        "where agency_code = '11122' and indicator_code = 'online_share'"
    )
    found = contained(month, check("fct_dossiers.channel"), rows("11122"))
    (result,) = found.results
    assert (result.blocks, result.cells_withheld) == (False, 2)
    assert [(c.scope, c.agency, c.indicator, c.checks) for c in found.withheld] == [
        (scope, "11122", SHARE, ["a.b"]) for scope in ("month", "ytd")
    ]
    (held_back,) = found.held_back
    assert (held_back.name_vi, held_back.facts) == ("Xã Quảng Nghiệp", [])
    assert (held_back.indicators, held_back.rollups) == (["Tỷ lệ hồ sơ trực tuyến"], ["Tỉnh Hải Dương"])


def test_all_figures_of_a_fact_are_told_as_one(month):
    month.execute(
        "update indicator_values set numerator = null, value = null, state = 'withheld' where agency_code = '11122' "
        "and indicator_code in (select indicator_code from dim_indicators where fact = 'dossiers')"
    )
    (held_back,) = contained(month, check("fct_dossiers"), rows("11122")).held_back
    assert (held_back.facts, held_back.indicators) == (["dossiers"], [])


def test_a_build_file_without_lineage_contains_nothing(month):
    month.execute("drop table int_answering_agencies")
    found = contained(month, check("fct_dossiers.channel"), rows("11122"))
    assert found.results[0].blocks
    assert asked_for(found) == set()


def test_the_rows_that_were_seen_before_their_figures_were_withheld_are_told_with_those_that_fail_still():
    one = check()
    first = failed(rows("11122", ("month", SHARE), count=2), rows("30", ("month", SHARE)), of=one)
    held = first.model_copy(update={"outcome": "held", "failed_rows": 0, "by_agency": []})
    assert merged([first], [held])[0].by_agency == first.by_agency
    still = failed(rows("30", ("month", SHARE), count=5), of=one)
    (both,) = merged([first], [still])
    assert [(entry.agency_code, entry.rows) for entry in both.by_agency] == [("30", 5), ("11122", 2)]
    assert both.failed_rows == 7
    broken = held.model_copy(update={"outcome": "not_evaluated"})
    assert merged([first], [broken])[0].outcome == "not_evaluated"

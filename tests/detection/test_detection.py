"""What the gate must find, what it must not say of clean months, and that every check is needed: measured, not claimed."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from cchc.settings import PROJECT
from expectations.suites import all_checks
from sandbox.detection.catalogue import RECORD_FAULTS, dose_of, must_catch
from sandbox.detection.grading import PROGRAM_DOSE
from sandbox.detection.measure import Measured, measure
from sandbox.detection.period_faults import FAULTS as PERIOD_FAULTS
from sandbox.detection.program_faults import FAULTS as PROGRAM_FAULTS

PAGE = (PROJECT / "docs" / "detection.md").read_text(encoding="utf-8")
# Of whole sources and of our own program: they have no doses.
ONCE = {fault.name for fault in (*PERIOD_FAULTS, *PROGRAM_FAULTS)}
CHECKS = {check.id for check in all_checks()}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measured]:
    """Every fault of the must-catch list at its dose, after as many clean months as the checks on history need."""
    pairs = dict.fromkeys((row.fault, row.dose) for row in must_catch() if row.dose != PROGRAM_DOSE)
    wanted = [dose_of(*pair) for pair in pairs]
    logging.disable(logging.ERROR)
    yield measure(
        tmp_path_factory.mktemp("detection"), wanted, communes=max(len(wanted) + 12, 70), spare=12, months=4,
        progress=lambda line: None,
    )  # fmt: skip
    logging.disable(logging.NOTSET)


def test_there_are_at_least_forty_kinds_of_faults():
    assert len(RECORD_FAULTS) >= 40


def test_the_must_catch_list_names_faults_doses_and_checks_that_exist():
    for row in must_catch():
        assert row.check in CHECKS, row
        assert row.fault in ONCE if row.dose == PROGRAM_DOSE else dose_of(row.fault, row.dose), row


def test_every_check_is_on_the_must_catch_list():
    assert {row.check for row in must_catch()} == CHECKS


@pytest.mark.slow
def test_every_fault_of_the_list_is_found_by_its_check(measured: Measured):
    missed = []
    for row in must_catch():
        found = measured.grades.caught(row.fault, row.dose)
        assert found, f"{row} was not tried"
        missed += [(row, sorted(one.checks)) for one in found if row.check not in one.checks]
    assert missed == []


@pytest.mark.slow
def test_without_any_one_check_a_fault_slips(measured: Measured):
    declared = all_checks()

    assert [check.id for check in declared if not measured.grades.needed_for(check, declared)] == []


@pytest.mark.slow
def test_every_check_was_evaluated(measured: Measured):
    assert measured.grades.unevaluated == {}


@pytest.mark.slow
def test_clean_months_raise_no_critical_and_hardly_a_warning(measured: Measured):
    assert measured.clean.criticals == {}
    assert measured.clean.warnings_per_thousand <= 1, dict(measured.clean.warnings)


@pytest.mark.slow
def test_clean_communes_beside_faulty_ones_are_left_alone(measured: Measured):
    named_for_nothing = measured.grades.false_alarms
    critical = {check.id for check in all_checks() if check.severity == "critical"}

    assert not critical & set(named_for_nothing)
    assert sum(named_for_nothing.values()) <= 0.02 * sum(len(one.checks) for one in measured.grades.found), (
        named_for_nothing
    )


@pytest.mark.slow
def test_landing_turns_away_what_no_contract_allows(measured: Measured):
    assert [one.fault for one in measured.rejected if not one.caught] == []


def test_the_page_tells_of_every_check_and_every_fault():
    told = {part for line in PAGE.splitlines() if line.startswith("| `") for part in [line.split("`")[1]]}
    assert CHECKS | set(RECORD_FAULTS) | ONCE <= told

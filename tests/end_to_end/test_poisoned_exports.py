"""Six poisoned exports through the real DAG: nothing of the month appears, one alert goes out, the repair publishes."""

from __future__ import annotations

import pytest

from sandbox.faults import (
    CatalogueTooSmall,
    CommuneMissing,
    DuplicateCodes,
    EmptyExport,
    FinishedBeforeReceived,
    TotalDisagrees,
)

pytestmark = pytest.mark.slow

POISONS = {
    "finished_before_received": (
        FinishedBeforeReceived("11119", "2023-02", count=3), ["finished_not_before_received", "11119", "3"]),
    "duplicate_codes_with_different_content": (DuplicateCodes("11119", "2023-02", count=2), ["version_conflict", "11119", "2"]),
    "a_commune_missing": (CommuneMissing("11137", "2023-02"), ["agency", "11137", "1"]),
    "a_total_that_disagrees_with_the_pages": (
        TotalDisagrees("", "2023-02", by=7, of="dms_documents"), ["dms_documents", "declares", "7"]),
    "fewer_procedures_than_have_online_dossiers": (
        CatalogueTooSmall("11122", "2023-02", keep=2), ["numerator_within_denominator", "11122"]),
    "an_empty_export": (EmptyExport("", "2023-02", of="ca_signatures"), ["ca_signatures", "no rows at all"]),
}  # fmt: skip


@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_month_is_not_published_and_never_rides_along(airflow, first_closed, poison):
    deployment, (fault, says) = first_closed, POISONS[poison]
    before = deployment.published()

    deployment.province.poison(fault)
    assert deployment.run_dag("2023-02") == "failed"
    assert deployment.published() == before
    assert len(deployment.alerts) == 1
    for words in says:
        assert words in deployment.alerts[0]

    assert deployment.run_dag("2023-03") == "success"
    assert deployment.months() == {"2023-01": 1, "2023-03": 1}
    for table in ("indicator_values", "fct_dossiers", "fct_documents", "fct_signatures", "dossiers"):
        assert deployment.query(f"select count(*) from {table} where period_month = '2023-02-01'") == [(0,)]
    incomplete = deployment.query(
        "select distinct state from indicator_values where period_month = '2023-03-01' and scope = 'ytd' "
        "and indicator_code = 'dossiers_received'"
    )
    assert incomplete == [("incomplete",)]

    deployment.province.repair(fault)
    assert deployment.run_dag("2023-02") == "success"
    assert deployment.months() == {"2023-01": 1, "2023-02": 1, "2023-03": 1}
    assert len(deployment.alerts) == 1

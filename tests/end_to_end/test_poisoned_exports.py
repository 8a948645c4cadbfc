"""Poisoned exports through the real DAG: what a source contradicts itself in publishes nothing, what spoils figures of one agency
withholds those; one alert goes out, and the repair publishes.
"""

from __future__ import annotations

import json

import pytest

from cchc import close as steps
from cchc.status import statuses
from sandbox.faults import (
    CatalogueTooSmall,
    CommuneMissing,
    DuplicateCodes,
    EmptyExport,
    FieldBroken,
    FinishedBeforeReceived,
    TotalDisagrees,
)
from tests.end_to_end.conftest import cchc

pytestmark = pytest.mark.slow
PERIOD_POISONS = {
    "a_total_that_disagrees_with_the_pages": (
        TotalDisagrees("", "2023-02", by=7, of="dms_documents"), ["dms_documents", "declares", "7"]),
    "an_empty_export": (EmptyExport("", "2023-02", of="ca_signatures"), ["ca_signatures", "no rows at all"]),
    "too_many_rejects": (
        FieldBroken("11119", "2023-02", field="KenhThucHien", value="9", count=60), ["exports.reject_share", "60"]),
}  # fmt: skip
DOSSIERS = "dossiers_received"
# What fails, whose figures are withheld, one that is and one that is not.
CELL_POISONS = {
    "finished_before_received": (
        FinishedBeforeReceived("11119", "2023-02", count=3), "fct_dossiers.finished_not_before_received", "11119",
        DOSSIERS, "documents_incoming"),
    "duplicate_codes_with_different_content": (
        DuplicateCodes("11119", "2023-02", count=2), "fct_dossiers.no_version_conflict", "11119",
        DOSSIERS, "signed_share"),
    "a_commune_missing": (
        CommuneMissing("11137", "2023-02"), "fct_dossiers.agency_present", "11137",
        DOSSIERS, "certificates_personal"),
    "fewer_procedures_than_have_online_dossiers": (
        CatalogueTooSmall("11122", "2023-02", keep=2), "indicator_values.numerator_within_denominator", "11122",
        "procedures_with_online_dossiers_share", DOSSIERS),
}  # fmt: skip


@pytest.mark.parametrize("poison", PERIOD_POISONS)
def test_a_poisoned_month_is_not_published_and_never_rides_along(airflow, first_closed, poison):
    deployment, (fault, says) = first_closed, PERIOD_POISONS[poison]
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


@pytest.mark.parametrize("poison", CELL_POISONS)
def test_a_fault_of_one_agency_withholds_its_figures_until_the_repair(airflow, first_closed, poison):
    deployment, (fault, check, agency, spoiled, untouched) = first_closed, CELL_POISONS[poison]

    def states(month: str, scope: str, indicator: str) -> dict[str, str]:
        rows = deployment.query(
            f"select agency_code, state from indicator_values where period_month = '{month}-01' and scope = '{scope}' "
            f"and indicator_code = '{indicator}'"
        )
        return dict(rows)

    deployment.province.poison(fault)
    assert deployment.run_dag("2023-02") == "success"
    assert deployment.months() == {"2023-01": 1, "2023-02": 1}
    (alert,) = deployment.alerts
    for words in (check, agency, "Đang giữ lại, chưa công bố", "đủ điều kiện công bố, trừ phần đang giữ lại"):
        assert words in alert
    for scope in ("month", "ytd"):
        of = states("2023-02", scope, spoiled)
        assert (of[agency], of["298"], of["30"]) == ("withheld", "incomplete", "incomplete")
        assert {of[one] for one in of if one not in (agency, "298", "30")} == {"ok"}
    assert set(states("2023-02", "month", untouched).values()) == {"ok"}
    ((outcome, cells),) = deployment.query(
        f"select outcome, withheld_cells from quality_results where period_month = '2023-02-01' and check_id = '{check}'"
    )
    assert outcome == "withheld"
    assert cells > 0
    ((in_all,),) = deployment.query("select withheld from snapshots where period_month = '2023-02-01'")
    status = statuses("2023-02")[0]
    assert status["withheld"] == in_all
    assert status["verdict"] == f"0001 held, {in_all} cells withheld"
    assert any(check in step and "withheld until then" in step for step in status["to_do"])
    code, said = cchc("explain", "2023-02", agency, spoiled)
    assert code == 0
    assert check in said
    assert "Việc cần làm: " in said

    if poison == "a_commune_missing":  # judged again, and the year goes on without the figure
        assert f"{in_all} cells withheld" in cchc("audit", "2023-02")[1]
        assert steps.close("2023-03")["withheld"] == 0
        of = states("2023-03", "ytd", spoiled)
        assert (of[agency], of["30"], of["11122"]) == ("incomplete", "incomplete", "ok")

    deployment.province.repair(fault)
    code, said = cchc("close", "2023-02", "--reason", "nguồn đã sửa", "--json")
    assert (code, json.loads(said.splitlines()[-1])) == (
        0, {"period": "2023-02", "revision": 2, "is_new": True, "withheld": 0})  # fmt: skip
    assert set(states("2023-02", "month", spoiled).values()) == {"ok"}
    assert deployment.query("select count(distinct revision) from withheld_cells") == [(1,)]
    assert statuses("2023-02")[0]["to_do"] == []
    assert len(deployment.alerts) == 1

"""A waiver through real Airflow: asked for at the command line, approved by another person in Airflow, printed everywhere."""

from __future__ import annotations

import json

import pytest

from cchc.status import statuses
from cchc.waive import APPROVE
from sandbox.faults import DuplicateCodes
from tests.end_to_end.conftest import Deployment, cchc
from tests.end_to_end.required_actions import Person

pytestmark = pytest.mark.slow
CHECK = "fct_dossiers.no_version_conflict"
REASON = "hai bản của một hồ sơ chỉ khác kênh tiếp nhận, đã đối chiếu sổ giấy"
GROUND = "Công văn 1234/UBND-KSTT ngày 10/02/2023"


def ask(rows: int) -> str:
    code, said = cchc(
        "waive", CHECK, "--period", "2023-02", "--agency", "11119", "--rows-at-most", str(rows), "--reason", REASON,
        "--ground", GROUND, "--requested-by", "lan.pham", "--json",
    )  # fmt: skip
    assert code == 0, said
    return json.loads(said.splitlines()[0])["waiver"]


def received(deployment: Deployment) -> list[tuple]:
    """The state of the figure that the waived rows spoil."""
    return deployment.query(
        "select state from indicator_values where period_month = '2023-02-01' and scope = 'month' "
        "and agency_code = '11119' and indicator_code = 'dossiers_received'"
    )


def snapshots(deployment: Deployment) -> dict[str, str]:
    return {path: digest for path, digest in deployment.published().items() if path.startswith("snapshots/")}


def test_withheld_figures_are_published_when_another_person_approves_it_in_airflow(airflow, first_closed):
    from _in_process import run_month, run_waiver_approval

    deployment = first_closed
    deployment.province.poison(DuplicateCodes("11119", "2023-02", count=3))
    assert deployment.run_dag("2023-02") == "success"
    before = snapshots(deployment)
    assert run_month("2023-02", marked_success="build|audit") == "success"
    assert snapshots(deployment) == before
    assert received(deployment) == [("withheld",)]

    waiver = ask(rows=3)
    assert f"cchc waive approve {waiver}" in " ".join(statuses("2023-02")[0]["to_do"])
    requester, approver = Person("lan.pham"), Person("minh.vo")
    with requester.answering(APPROVE):
        assert run_waiver_approval("2023-02") == "failed"
    assert "lan.pham asked for W0001: another person has to approve it" in deployment.alerts[-1]
    assert snapshots(deployment) == before

    with approver.answering(APPROVE):
        assert run_waiver_approval("2023-02") == "success"
    (question,) = approver.asked
    assert "ngoại lệ W0001 cho kỳ 02/2023" in question["subject"]
    for words in (REASON, GROUND, "lan.pham", "tối đa 3 hồ sơ", "11119): 3 hồ sơ"):
        assert words in question["body"]

    assert deployment.months() == {"2023-01": 1, "2023-02": 2}
    assert received(deployment) == [("ok",)]
    manifest = json.loads((deployment.home / "published/snapshots/2023-02/revision=002/manifest.json").read_text())
    assert manifest["withheld"] == []
    (used,) = manifest["waivers"]
    assert (used["check"], used["agency"], used["rows"], used["reason"], used["ground"]) == (
        CHECK, "11119", 3, REASON, GROUND,
    )  # fmt: skip
    assert (used["requested_by"], used["approved_by"], used["approved_through"]) == ("lan.pham", "minh.vo", "Airflow")
    assert deployment.query(
        "select outcome, failed_rows, agency_codes, waivers[1].approved_by from quality_results "
        f"where period_month = '2023-02-01' and check_id = '{CHECK}' order by run desc limit 1"
    ) == [("waived", 3, ["11119"], "minh.vo")]
    assert deployment.query(
        "select waivers, withheld > 0 from snapshots where period_month = '2023-02-01' order by revision"
    ) == [(0, True), (1, False)]
    assert "Ngoại lệ W0001 đang áp dụng" in deployment.alerts[-1]
    assert "W0001" in statuses("2023-02")[0]["waivers"][0]

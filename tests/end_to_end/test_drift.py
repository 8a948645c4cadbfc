"""A source that changes: far fewer rows, and columns that nobody had seen before."""

from __future__ import annotations

import pytest

from cchc import close as steps
from cchc.settings import settings
from ingest.store import Receipt, Store
from sandbox.faults import FieldRenamed, NewField, RowsVanish
from tests.end_to_end.conftest import cchc

pytestmark = pytest.mark.slow
WHY = "tỉnh sáp nhập, nhiều xã không còn báo cáo"


def newest(month: str) -> Receipt:
    found = Store(settings().raw).newest("portal_dossiers", settings().period(month))
    assert found is not None
    return found


@pytest.mark.usefixtures("airflow")
def test_far_fewer_rows_than_usual_are_refused_told_and_taken_with_a_reason_that_is_kept(closed):
    closed.province.poison(RowsVanish("", "2023-04", share=0.5))

    assert closed.run_dag("2023-04") == "failed"
    (alert,) = closed.alerts
    assert "TooFewRows: portal_dossiers 2023-04" in alert
    assert 'cchc land portal_dossiers 2023-04 --because "…"' in alert
    assert "accept_fewer_rows_because" in alert
    assert newest("2023-04").status == "failed"

    code, said = cchc("land", "portal_dossiers", "2023-04")
    assert (code, "under 80%" in said) == (3, True)
    assert cchc("land", "portal_dossiers", "2023-04", "--because", WHY)[0] == 0
    assert (newest("2023-04").status, newest("2023-04").accepted_because) == ("landed", WHY)

    from _in_process import run_month

    run_month("2023-04", because="theo công văn 12/UBND")
    assert newest("2023-04").accepted_because == "theo công văn 12/UBND"
    assert newest("2023-04").status == "landed"


def test_a_new_column_is_landed_without_named_in_the_receipt_and_told_once(closed):
    for month in ("2023-02", "2023-03"):
        closed.province.poison(NewField("", month, name="NguonHoSo"))
    assert cchc("land", "portal_dossiers", "2023-02")[0] == 0
    steps.refresh()
    assert cchc("land", "portal_dossiers", "2023-02")[0] == 0
    assert cchc("land", "portal_dossiers", "2023-03")[0] == 0

    (alert,) = closed.alerts
    assert alert.startswith("[CCHC] Cảnh báo: nguồn hồ sơ – cổng dịch vụ công [portal_dossiers] có 1 cột mới")
    assert "- NguonHoSo\n" in alert
    assert "cấu hình nguồn dvcqg" in alert
    health = "select open_rejects, corrected_rejects, repeat_offenders, hours_to_repair from source_health"
    assert closed.query(f"{health} where export = 'portal_dossiers' and period_month = '2023-02-01'") == [
        (0, 0, [], None)
    ]
    told = (
        "select new_columns, last_status, kind from source_health where export = 'portal_dossiers' and period_month = "
    )
    assert closed.query(f"{told} '2023-02-01'") == [(["NguonHoSo"], "landed", "read")]
    assert steps.close("2023-02") == {"period": "2023-02", "revision": 1, "is_new": False, "withheld": 0}


def test_a_column_that_is_gone_is_told_with_what_to_do(closed):
    closed.province.poison(FieldRenamed("", "2023-04", field="NgayTiepNhan", to="NgayTiepNhanHS"))
    with pytest.raises(Exception, match="NgayTiepNhanHS") as raised:
        steps.land("portal_dossiers", "2023-04")
    steps.alert_failed_task(
        "2023-04", "land_export", "portal_dossiers", "a", raised.value, steps.secret_from_environment
    )
    (alert,) = closed.alerts
    assert "HeadingsMissing" in alert
    assert "Tổ dữ liệu sửa đường dẫn trong cấu hình nguồn" in alert


def test_every_request_of_every_read_is_in_the_analysts_file(closed):
    asked = (
        "select count(*), count(distinct read), sum(r.bytes) from source_requests r where export = 'portal_dossiers'"
    )
    ((requests, reads, size),) = closed.query(f"{asked} and period_month = '2023-02-01'")
    health = "from source_health where export = 'portal_dossiers' and period_month = '2023-02-01'"
    assert closed.query(f"select requests, reads, bytes, len(requests_log) {health}") == [
        (requests, reads, size, requests)
    ]

    steps.land("portal_dossiers", "2023-02")
    steps.refresh()

    assert closed.query(f"{asked} and period_month = '2023-02-01'") == [(2 * requests, 2, 2 * size)]
    assert closed.query(f"select requests, len(requests_log) {health}") == [(requests, requests)]
    assert closed.query("select distinct status from source_requests") == [("200",)]
    steps.refresh(rebuild=True)
    assert closed.query(f"{asked} and period_month = '2023-02-01'") == [(2 * requests, 2, 2 * size)]

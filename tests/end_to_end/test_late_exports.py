"""Records that come late: found by the daily DAG, asked for once with the reason, counted by the run that was asked for."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from cchc import close as steps
from cchc.late import late
from cchc.settings import settings
from ingest.store import Store
from sandbox.faults import LateRows, TotalDisagrees
from sandbox.province import Province
from sandbox.server import SECRETS, serve
from tests.end_to_end.conftest import Deployment, cchc

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("airflow")]
PROFILES = "opencps,qcvn102_dms,ca_register"
PUBLISHED_ON = datetime(2023, 2, 20)  # noqa: DTZ001 - the province's local day
LATER = datetime(2023, 2, 26)  # noqa: DTZ001


def asked() -> dict[str, dict[str, str]]:
    """The runs of monthly_indicators that were asked for and have not begun: their conf by id."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        runs = session.query(DagRun).filter(DagRun.dag_id == "monthly_indicators", DagRun.run_id.like("late__%"))
        return {run.run_id: dict(run.conf) for run in runs}


def forget_runs() -> None:
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.query(DagRun).delete()


def run_late(until: str) -> str:
    from _in_process import run_late

    return run_late(until)


def run_month(period: str, reason: str) -> str:
    from _in_process import run_month

    return run_month(period, reason)


def newest(month: str, export: str = "portal_dossiers"):
    found = Store(settings().raw).newest(export, settings().period(month))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which 2023-01 and 2023-02 were closed from OpenCPS on 20 February."""
    home = tmp_path_factory.mktemp("opencps") / "home"
    with pytest.MonkeyPatch.context() as patch, serve(Province(today=PUBLISHED_ON)) as urls:
        environment(patch, home, urls)
        for month in ("2023-01", "2023-02"):
            steps.close(month)
    settings.cache_clear()
    return home


def environment(patch: pytest.MonkeyPatch, home: Path, urls: dict[str, str]) -> None:
    patch.setenv("CCHC_HOME", str(home))
    patch.setenv("CCHC_PROFILES", PROFILES)
    for source, url in urls.items():
        patch.setenv(f"CCHC_SOURCE_URLS__{source.upper()}", url)
    patch.setenv("CCHC_SOURCE_URLS__PORTAL", urls["opencps"])
    for name, value in SECRETS.items():
        patch.setenv(f"CCHC_SECRET_{name.upper()}", value)
    settings.cache_clear()


@pytest.fixture
def province() -> Province:
    return Province(today=PUBLISHED_ON)


@pytest.fixture
def opencps(deployment: Deployment, two_months: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    forget_runs()
    shutil.copytree(two_months, deployment.home, symlinks=True)
    environment(monkeypatch, deployment.home, settings().source_urls)
    return deployment


def test_late_records_are_asked_for_once_with_their_reason_and_counted_by_the_run(opencps):
    received = "select numerator from indicator_values where period_month = '2023-01-01' and scope = 'month' and " \
               "agency_code = '11122' and indicator_code = 'dossiers_received'"  # fmt: skip
    ((before,),) = opencps.query(received)
    opencps.province.poison(LateRows("11122", "2023-01", count=3, registered_on=date(2023, 2, 25)))
    opencps.province.today = LATER

    assert (run_late("2023-02-26"), run_late("2023-02-26")) == ("success", "success")

    ((run_id, conf),) = asked().items()  # of February records changed as well, but after its last day
    assert run_id.startswith("late__2023-01__after_revision_1__")
    assert conf["period"] == "2023-01"
    assert "sau lần công bố 1: portal_dossiers: 3 dòng thêm" in conf["reason"]
    assert opencps.months() == {"2023-01": 1, "2023-02": 1}
    assert (newest("2023-01").kind, newest("2023-02").kind) == ("changes", "changes")
    assert newest("2023-01").rows_read < 20

    assert run_month(conf["period"], conf["reason"]) == "success"
    assert opencps.months() == {"2023-01": 2, "2023-02": 1}
    assert opencps.query(received) == [(before + 3,)]
    ((reason,),) = opencps.query("select reason from snapshots where period_month = '2023-01-01' and is_current")
    assert reason == conf["reason"]

    assert run_late("2023-02-27") == "success"
    assert asked() == {}  # the runner of the tests forgets runs that were done
    assert (newest("2023-01").accepted, newest("2023-01").status) == (newest("2023-01").rows_read, "landed")
    assert opencps.alerts == []


def test_an_export_that_cannot_be_read_again_is_told_and_stops_no_other(opencps):
    opencps.province.poison(LateRows("11122", "2023-01", count=2, registered_on=date(2023, 2, 25)))
    opencps.province.poison(TotalDisagrees("", "2023-02", of="opencps_dossiers"))
    opencps.province.today = LATER

    run_late("2023-02-26")

    (alert,) = opencps.alerts
    assert alert.startswith("[CCHC] Dữ liệu đến muộn: lỗi ở bước đọc lại dữ liệu đến muộn (hồ sơ – cổng dịch vụ công")
    assert "CountsDiffer: " in alert
    assert "Số liệu các kỳ đã công bố không thay đổi." in alert
    assert newest("2023-02").status == "failed"
    assert newest("2023-02", "dms_documents").status == "landed"
    assert [conf["period"] for conf in asked().values()] == ["2023-01"]


def test_by_hand_it_says_what_to_restate_and_publishes_nothing(opencps):
    before = opencps.published()
    code, said = cchc("late", "--until", "2023-02-13")
    assert (code, "open months: 2023-01\n" in said, "nothing to restate" in said) == (0, True, True)
    opencps.province.poison(LateRows("11122", "2023-01", count=3, registered_on=date(2023, 2, 25)))
    opencps.province.today = LATER
    code, said = cchc("late")
    assert code == 0
    assert 'cchc close 2023-01 --reason "dữ liệu đến muộn' in said
    assert "cchc close 2023-02" not in said
    assert opencps.published() == before
    opencps.province.poison(TotalDisagrees("", "2023-02", of="opencps_dossiers"))
    assert cchc("late", "--json")[0] == 3
    assert cchc("late", "--until", "tomorrow")[0] == 2


def test_a_month_that_is_judged_at_the_moment_is_published_all_the_same(opencps):
    steps.build("2023-01")
    steps.audit("2023-01")
    opencps.province.poison(LateRows("11122", "2023-01", count=3, registered_on=date(2023, 2, 25)))
    opencps.province.today = LATER
    assert len(late("2023-02-26")[0]) == 1
    assert steps.publish("2023-01") == {"period": "2023-01", "revision": 1, "is_new": False, "withheld": 0}

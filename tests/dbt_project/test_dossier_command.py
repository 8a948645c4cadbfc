"""`cchc dossier` on months that the real dbt built and that were published from there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from cchc.cli import app
from cchc.period import Period
from cchc.settings import Settings, settings
from expectations.permit import Permit
from snapshots.analysts import release
from snapshots.clock_words import statement_text
from snapshots.publish import publish_snapshot
from snapshots.store import Manifest
from tests.dbt_project.build_files import write_build_file

pytestmark = pytest.mark.slow

Dbt = Callable[..., CompletedProcess[str]]
QUANG_NGHIEP = "000.22.26.H23"
# Tết 2023 lies in the life of it: 20 to 26 January.
CODE = "000.22.26.H23-230109-0001"
LANDING: dict[str, list[dict[str, Any]]] = {
    "dossiers": [
        {
            "dossier_code": CODE, "agency_code": QUANG_NGHIEP, "procedure_code": "1.004884", "channel": "online",
            "status": 10, "submitted_at": "2023-01-08 20:15", "received_at": "2023-01-09 08:00",
            "due_at": "2023-01-18 17:00", "finished_at": "2023-02-01 10:30", "returned_at": "2023-02-01 11:00",
            "supplements": [{"requested_at": "2023-01-11 13:30", "answered_at": "2023-01-30 07:00"}],
            "steps": [{"step": 6, "started_at": "2023-01-16 08:00", "finished_at": "2023-01-17 08:00"}],
        },
        {
            "dossier_code": "000.22.26.H23-230110-0002", "agency_code": QUANG_NGHIEP, "procedure_code": "1.004884",
            "channel": "in_person", "status": 4, "received_at": "2023-01-10 08:00",
        },
        {
            "dossier_code": "000.22.26.H23-170110-0003", "agency_code": QUANG_NGHIEP, "procedure_code": "1.004884",
            "channel": "postal", "status": 3, "received_at": "2017-01-10 08:00", "refused_at": "2023-01-11 09:00",
        },
    ],
    "procedures": [
        {"procedure_code": "1.004884", "agency_code": QUANG_NGHIEP, "field_code": "TP-HT", "field_name": "Hộ tịch"}
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def published(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """January and February 2023 of one commune, built by dbt and published from the build files."""
    configured = Settings(home=tmp_path_factory.mktemp("published") / "home")
    for period in (Period(2023, 1), Period(2023, 2)):
        path = configured.build_file(period)
        path.parent.mkdir(parents=True)
        write_build_file(path, period, LANDING)
        done = dbt(path.parent, "build", "--exclude-resource-type", "unit_test", "test")
        assert done.returncode == 0, done.stdout
        with duckdb.connect(str(path)) as connection:
            for column in ("sequence", "rows_read", "accepted", "rejected", "exact_duplicates", "withheld"):
                connection.execute(f"alter table landing.exports add column {column} bigint")
            connection.execute("alter table landing.exports add column batch_id varchar")
            connection.execute("create table landing.ytd_basis (period_month date, revision integer)")
        with pytest.MonkeyPatch.context() as patched:
            # One commune is no month that the gate would let through; what it says is not what is tested here.
            patched.setattr("snapshots.publish.permit", lambda *_: Permit({"run": "0001", "warnings": 0}, [], []))
            publish_snapshot(period, configured, {}, None)
        release(None, configured, [], [], [], [])
    return configured


@pytest.fixture
def cchc(published: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CCHC_HOME", str(published.home))
    settings.cache_clear()

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["dossier", *arguments])
        return done.exit_code, done.output

    yield run
    settings.cache_clear()


def test_an_official_reads_every_step_of_the_clock_and_the_law_behind_it(cchc: Any) -> None:
    code, said = cchc(CODE)
    assert code == 0, said
    text = " ".join(said.split())
    for part in (
        "kỳ 02/2023, lần công bố 1",
        "Đơn vị tiếp nhận: Xã Quảng Nghiệp (mã 11122).",
        "Thủ tục: 1.004884, lĩnh vực Hộ tịch.",
        "Kênh tiếp nhận: trực tuyến.",
        "Tiếp nhận: 08:00 ngày 09/01/2023.",
        "Hẹn trả kết quả: 17:00 ngày 18/01/2023.",
        "Kết thúc xử lý: 10:30 ngày 01/02/2023.",
        "07:00–11:30, 13:30–17:00 (thứ Hai đến thứ Sáu).",
        "23/01/2023 (thứ Hai): nghỉ lễ – Mùng hai Tết Nguyên Đán. Căn cứ: Bộ luật Lao động 2019, Điều 112.",
        # 3.5 hours of the 11th, 12th, 13th, 16th to 19th, 27th of January; Tết and weekends are no working time.
        "Chờ bổ sung hồ sơ: từ 13:30 ngày 11/01/2023 đến 07:00 ngày 30/01/2023; 7 ngày 3 giờ 30 phút (59 giờ 30 phút)",
        "Căn cứ: Nghị định 61/2018/NĐ-CP; Thông tư 01/2018/TT-VPCP, mẫu số 02 (Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ).",
        "Chờ thực hiện nghĩa vụ tài chính: từ 08:00 ngày 16/01/2023 đến 08:00 ngày 17/01/2023; 1 ngày (8 giờ)",
        "Các lần tạm dừng trùng nhau chỉ tính một lần.",
        "Đã dùng: 4 ngày 7 giờ (39 giờ).",
        "Được giao (từ tiếp nhận đến ngày hẹn trả đầu tiên): 7 ngày 7 giờ (63 giờ).",
        "Hạn tính theo thời gian làm việc, đã cộng các lần tạm dừng: 10:30 ngày 06/02/2023.",
        "Theo ngày (cách tính của số liệu công bố): QUÁ HẠN – kết thúc xử lý sau ngày hẹn trả, nhưng chưa qua ngày đến hạn "
        "tính theo thời gian làm việc",
        "Theo thời điểm (xét cả giờ, phút; để đối chiếu): quá hạn.",
        "Xin lỗi và hẹn lại khi quá hạn: Nghị định 61/2018/NĐ-CP; Thông tư 01/2018/TT-VPCP, mẫu số 04",
    ):
        assert part in text, said


def test_an_earlier_month_says_what_stood_at_its_end(cchc: Any) -> None:
    code, said = cchc(CODE, "--period", "2023-01")
    text = " ".join(said.split())
    assert code == 0
    assert "kỳ 01/2023" in text
    assert "Đang giải quyết." in text
    assert "từ 13:30 ngày 11/01/2023 chưa kết thúc khi hết kỳ; 2 ngày 3 giờ 30 phút (19 giờ 30 phút) làm việc" in text
    assert "nghĩa vụ tài chính" not in text
    assert "chưa qua vào ngày cuối kỳ" in text


def test_without_due_date_or_outside_the_calendar_the_statement_says_so(cchc: Any) -> None:
    text = " ".join(cchc("000.22.26.H23-230110-0002")[1].split())
    assert "Hẹn trả kết quả: không có." in text
    assert "Được giao (từ tiếp nhận đến ngày hẹn trả đầu tiên): không tính được." in text
    assert "Đang giải quyết, không có ngày hẹn trả." in text
    code, said = cchc("000.22.26.H23-170110-0003")
    assert code == 0, said
    assert "Đã dùng: không tính được." in said
    assert "Hồ sơ bị từ chối, không xét hạn." in said


def test_machines_get_the_same_with_instants_and_seconds(cchc: Any) -> None:
    said = json.loads(cchc(CODE, "--json")[1])
    assert (said["working_seconds_used"], said["working_seconds_allowed"]) == (39 * 3600, 63 * 3600)
    assert said["clock_due_at"] == "2023-02-06T10:30:00+07:00"
    assert [pause["working_seconds"] for pause in said["pauses"]] == [59.5 * 3600, 8 * 3600]
    assert (said["period_month"], said["revision"], said["timeliness"]) == ("2023-02-01", 1, "late")
    assert len(said["special_days"]) == 7


@pytest.mark.parametrize(
    ("holder", "told"),
    [
        ("'11119'", "Đơn vị chịu trách nhiệm vào ngày cuối kỳ: Xã Đại Hợp (mã 11119)."),
        ("null", "chưa có đơn vị nào kế thừa toàn bộ: hồ sơ chưa phân bổ."),
        ("'11122'", None),
    ],
)
def test_who_answers_for_a_dossier_of_an_agency_that_is_gone_is_named(
    published: Settings, tmp_path: Path, holder: str, told: str | None
) -> None:
    from snapshots.clock_statement import clock_statement

    here = Settings(home=tmp_path / "home", calendar="calendar")
    here.analysts_file.parent.mkdir(parents=True)
    shutil.copyfile(published.analysts_file, here.analysts_file)
    with duckdb.connect(str(here.analysts_file)) as connection:
        connection.execute(f"update fct_dossiers set reporting_agency_code = {holder}")
    text = " ".join(statement_text(clock_statement(CODE, None, here), 1000).split())
    assert told in text if told else "vào ngày cuối kỳ:" not in text
    # The month's own last day counts, whatever calendar the settings name.
    january = clock_statement(CODE, Period(2023, 1), here)
    assert f"{january['until_at']:%Y-%m-%dT%H:%M%z}" == "2023-01-15T00:00+0700"


def test_a_narrow_terminal_cuts_no_word_and_no_line(published: Settings) -> None:
    from snapshots.clock_statement import clock_statement

    said = clock_statement(CODE, None, published)
    lines = statement_text(said, 40).splitlines()
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines).split()) == " ".join(statement_text(said, 1000).split())


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (
            ("000.22.26.H23-230109-9999",),
            "no published month has dossier 000.22.26.H23-230109-9999. Look whether it was",
        ),
        ((CODE.lower(),), f"did you mean {CODE}?"),
        ((CODE, "--period", "2022-12"), "these months have: 2023-01, 2023-02"),
        ((CODE, "--period", "2023"), "write it as YYYY-MM"),
    ],
)
def test_what_is_not_published_ends_with_code_2_and_what_to_do(
    cchc: Any, arguments: tuple[str, ...], hint: str
) -> None:
    code, said = cchc(*arguments)
    assert (code, hint in said) == (2, True), said


def test_an_empty_home_says_how_to_publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    settings.cache_clear()
    done = CliRunner().invoke(app, ["dossier", CODE])
    settings.cache_clear()
    assert (done.exit_code, "nothing is published yet" in done.output) == (2, True)


def test_a_month_published_before_the_calendar_existed_leaves_that_of_the_others(
    published: Settings, tmp_path: Path
) -> None:
    older = Settings(home=tmp_path / "home")
    shutil.copytree(published.home, older.home)
    path = older.snapshots / "2023-02" / "revision=001" / "manifest.json"
    manifest = Manifest.model_validate_json(path.read_bytes())
    tables = {name: table for name, table in manifest.tables.items() if name != "dim_working_days"}
    path.chmod(0o644)
    path.write_text(manifest.model_copy(update={"tables": tables}).sealed().model_dump_json(), encoding="utf-8")
    assert release(None, older, [], [], [], [])
    with duckdb.connect(str(older.analysts_file), read_only=True) as connection:
        assert connection.execute("select count(*) from dim_working_days").fetchone() == (4748,)

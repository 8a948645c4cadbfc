"""Alerts: Vietnamese text that names check, agency and count; told once; a channel that is down hides nothing."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cchc.cli import app
from cchc.settings import MissingSecret, Secret, Settings
from cchc.tables import PUBLISHED
from expectations.alerts import alert_failure, alert_new_columns, alert_urls, alert_verdict, read_alert
from expectations.audit import GateFailed, audit_period
from expectations.failures import failure_text
from expectations.messages import verdict_text
from expectations.reading import NothingToAudit, open_build_file
from expectations.suites import all_checks, critical_ids
from expectations.verdicts import (
    EMPTY_FRAME,
    AgencyRows,
    CheckResult,
    Sample,
    Verdict,
    content_of,
    newest_verdict,
    run_folder,
    write_verdict,
)
from tests.expectations.cases import CASES
from tests.expectations.conftest import PERIOD

CHECKS = {check.id: check for check in all_checks()}
FINISHED = "fct_dossiers.finished_not_before_received"


@dataclass
class Receiver:
    """A webhook on loopback, as a chat or mail gateway would be. `status` is what it answers."""

    url: str = ""
    status: int = 200
    messages: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    heard = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if heard.status == 200:
                heard.messages.append(json.loads(body))
            self.send_response(heard.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    heard.url = f"json://127.0.0.1:{server.server_port}/tokenAbC123"
    yield heard
    server.shutdown()
    server.server_close()
    thread.join()


def secret_with(*urls: str) -> Secret:
    def secret(name: str) -> str:
        assert name == "alert_urls"
        return ", ".join(urls)

    return secret


def no_secret(name: str) -> str:
    raise MissingSecret(name)


def failing(check: str, rows: int = 1, outcome: str = "failed", **values: str) -> CheckResult:
    declared = CHECKS[check]
    keys = [Sample(key=f"000.22.26.H23-230320-{i:04d}", values=values) for i in range(1, min(rows, 5) + 1)]
    agency = AgencyRows(agency_code="11122", name_vi="Xã Quảng Nghiệp", rows=rows, samples=keys)
    return CheckResult(
        check=check,
        severity=declared.severity,
        scope=declared.scope,
        outcome=outcome,
        rows_checked=1000,
        failed_rows=rows if outcome == "failed" else 0,
        by_agency=[agency] if outcome == "failed" else [],
        detail=None if outcome == "failed" else "CatalogException: no such table",
    )


def recorded(settings: Settings, *results: CheckResult, fingerprint: str = "f") -> Verdict:
    return write_verdict(
        settings.audit,
        Verdict(
            period="2023-04",
            calendar="nd09",
            run="",
            evaluated_at=datetime.now(UTC),
            fingerprint=fingerprint,
            tables={},
            results=list(results),
            outcome="failed" if any(r.blocks for r in results) else "held",
        ),
    )


def told(settings: Settings, secret: Secret, *results: CheckResult, fingerprint: str = "f") -> bool:
    verdict = recorded(settings, *results, fingerprint=fingerprint)
    return alert_verdict(verdict, PERIOD, all_checks(), settings, secret)


def test_the_text_reads_as_an_official_needs_it(configured: Settings):
    verdict = recorded(
        configured,
        failing(FINISHED, 1234, received_at="2023-03-20 08:00:00", finished_at="2023-03-19 00:00:00"),
        failing("fct_documents.agency_known", outcome="not_evaluated"),
        failing("fct_dossiers.returned_not_before_finished", 2),
    )

    title, text = verdict_text(verdict, PERIOD, CHECKS)

    assert title == "[CCHC] Kỳ 04/2023: chưa công bố số liệu, 2 nội dung kiểm tra bắt buộc không đạt"
    assert "kỳ 04/2023 (từ 15/03/2023 đến hết 14/04/2023) CHƯA được công bố" in text
    assert f"1. Ngày kết thúc xử lý trước ngày tiếp nhận [{FINISHED}]: 1.234 hồ sơ" in text
    assert "• Xã Quảng Nghiệp (11122): 1.234 hồ sơ" in text
    assert "- 000.22.26.H23-230320-0001 (tiếp nhận 20/03/2023 08:00, kết thúc xử lý 19/03/2023 00:00)" in text
    assert "… và 1.229 hồ sơ khác" in text
    assert "Việc cần làm: Đơn vị mở hồ sơ theo mã" in text
    assert "Phụ trách: Bộ phận Một cửa của đơn vị" in text
    assert (
        "2. KHÔNG KIỂM TRA ĐƯỢC: Văn bản của đơn vị chưa có trong danh mục đơn vị [fct_documents.agency_known]" in text
    )
    assert "Đang giữ lại: toàn bộ số liệu kỳ 04/2023" in text
    assert "Cảnh báo kèm theo (không chặn công bố): 1" in text
    assert text.index("CHƯA được công bố") < text.index("Đang giữ lại") < text.index("Cảnh báo kèm theo")


def test_causes_come_before_the_figures_they_spoil_and_figures_are_named_in_words(configured: Settings):
    identity = "indicator_values.taken_on_equals_accounted_for"
    share = "indicator_values.numerator_within_denominator"
    sample = Sample(
        key="ytd online_share", values={"indicator_vi": "Tỷ lệ hồ sơ trực tuyến", "numerator": 4, "denominator": 3}
    )
    figure = failing(share).model_copy(
        update={"by_agency": [AgencyRows(agency_code="11122", name_vi="Xã Quảng Nghiệp", rows=1, samples=[sample])]}
    )

    _, text = verdict_text(recorded(configured, failing(identity, 9), figure, failing(FINISHED)), PERIOD, CHECKS)

    assert text.index(FINISHED) < text.index(identity) < text.index(share)
    assert "- Tỷ lệ hồ sơ trực tuyến, lũy kế từ đầu năm [online_share] (tử số 4, mẫu số 3)" in text


@pytest.mark.parametrize(
    ("indicator", "values", "said"),
    [
        ("Hồ sơ tiếp nhận trong kỳ", {"value": 1823.0, "numerator": 1823}, "giá trị 1.823, tử số 1.823"),
        ("Tỷ lệ hồ sơ trực tuyến", {"value": 0.9939, "numerator": 163, "denominator": 164}, "giá trị 99,39 %"),
        (
            "Tỷ lệ hồ sơ trực tuyến",
            {"value": 1.0, "state": "not_measured"},
            "giá trị 100 %, trạng thái chưa có số liệu",
        ),
        ("Hồ sơ tiếp nhận trong kỳ", {"value": 0.5}, "giá trị 0,5000"),
    ],
)
def test_counts_read_as_counts_and_shares_as_percent(
    indicator: str, values: dict[str, int | float | str], said: str, configured: Settings
):
    sample = Sample(key="month some_code", values={"indicator_vi": indicator} | values)
    result = failing("indicator_values.value_is_the_quotient").model_copy(
        update={"by_agency": [AgencyRows(agency_code=None, name_vi=None, rows=1, samples=[sample])]}
    )

    _, text = verdict_text(recorded(configured, result), PERIOD, CHECKS)

    assert f"({said}" in text
    assert "• Chung, không gắn với đơn vị cụ thể: 1 chỉ tiêu" in text


def test_every_command_that_a_text_tells_people_to_run_exists():
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    commands |= {str(group.name) for group in app.registered_groups}
    texts = [text for check in all_checks() for text in (check.message_vi, check.action_vi)]
    texts += [failure_text("2023-04", task, "no answer")[1] for task in ("land", "build", "audit", "publish")]
    texts.append(failure_text("2023-04", "land", "TooFewRows: 1 row")[1])

    named = {word for text in texts for word in re.findall(r"cchc (\w+)", text)}

    assert commands >= {"land", "build", "audit", "publish", "close", "status", "query", "sandbox"}
    assert named <= commands
    assert "land" in named


@pytest.mark.parametrize("check_id", sorted(CHECKS))
def test_every_check_has_an_alert_text_without_technical_column_names(check_id: str, configured: Settings):
    check = CHECKS[check_id]
    result = failing(check_id, **dict.fromkeys(check.columns_shown if check.show else (), "2023-04-01"))
    verdict = recorded(configured, result)

    _, text = verdict_text(verdict.model_copy(update={"results": [result]}), PERIOD, CHECKS)

    assert not [name for name in check.show if "_" in name and name in text.replace(check_id, "")]


def test_one_message_is_delivered_and_recorded(configured: Settings, receiver: Receiver):
    assert told(configured, secret_with(receiver.url), failing(FINISHED))

    (message,) = receiver.messages
    assert "04/2023" in message["title"]
    assert FINISHED in message["message"]
    assert "Xã Quảng Nghiệp (11122): 1 hồ sơ" in message["message"]
    alert = read_alert(configured.audit / "2023-04" / "0001" / "alert.json")
    assert alert is not None
    assert (alert.delivered, list(alert.channels.values())) == (True, [True])


def test_a_repeated_audit_of_the_same_fault_tells_once(configured: Settings, receiver: Receiver):
    for _ in range(3):
        assert told(configured, secret_with(receiver.url), failing(FINISHED))

    assert len(receiver.messages) == 1
    alert = read_alert(configured.audit / "2023-04" / "0003" / "alert.json")
    assert alert is not None
    assert alert.told_before_in == "0001"


def test_another_fault_and_a_fault_that_came_back_are_told_again(configured: Settings, receiver: Receiver):
    secret = secret_with(receiver.url)
    told(configured, secret, failing(FINISHED), fingerprint="bad")
    told(configured, secret, failing(FINISHED, 2), fingerprint="worse")
    recorded(configured, fingerprint="repaired")
    told(configured, secret, failing(FINISHED, 2), fingerprint="worse")

    assert len(receiver.messages) == 3


def test_a_channel_that_was_down_is_told_by_the_next_run_and_the_others_are_not_told_twice(
    configured: Settings, receiver: Receiver
):
    secret = secret_with(receiver.url, receiver.url.replace("json://", "json://user@"))
    receiver.status = 503
    assert not told(configured, secret, failing(FINISHED))
    receiver.status = 200

    assert told(configured, secret, failing(FINISHED))
    assert told(configured, secret, failing(FINISHED))

    assert len(receiver.messages) == 2


def test_without_an_address_the_alert_stands_in_log_and_record(configured: Settings, caplog: pytest.LogCaptureFixture):
    assert told(configured, no_secret, failing(FINISHED))

    assert FINISHED in caplog.text
    alert = read_alert(configured.audit / "2023-04" / "0001" / "alert.json")
    assert alert is not None
    assert (alert.delivered, alert.channels) == (False, {})


def test_an_address_set_after_the_first_alert_is_told(configured: Settings, receiver: Receiver):
    told(configured, no_secret, failing(FINISHED))
    told(configured, secret_with(receiver.url), failing(FINISHED))

    assert len(receiver.messages) == 1


@pytest.mark.parametrize("url", ["json://127.0.0.1:9/tokenAbC123", "nonsense://tokenAbC123", "tokenAbC123"])
def test_an_address_never_reaches_a_log_or_a_record(
    url: str, configured: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)

    assert not told(configured, secret_with(url), failing(FINISHED))

    written = "".join(path.read_text(encoding="utf-8") for path in configured.home.rglob("*") if path.is_file())
    out, err = capfd.readouterr()
    assert "tokenAbC123" not in caplog.text + written + out + err
    assert "could not be reached" in caplog.text


def test_addresses_are_split_at_commas_before_an_address_only():
    urls = alert_urls(secret_with("mailto://a:b@mail.vn?to=x@y.vn,z@y.vn", "json://127.0.0.1/a"))

    assert list(urls.values()) == ["mailto://a:b@mail.vn?to=x@y.vn,z@y.vn", "json://127.0.0.1/a"]
    assert [name.partition("-")[0] for name in urls] == ["mailto", "json"]


def test_a_step_that_failed_before_the_gate_is_told_with_its_own_words(configured: Settings, receiver: Receiver):
    error = RuntimeError("portal_dossiers 2023-04: the source declares 538 rows, 438 were read")

    assert alert_failure(
        "2023-04", "land_export", error, configured, secret_with(receiver.url), subject="portal_dossiers"
    )

    (message,) = receiver.messages
    assert (
        message["title"]
        == "[CCHC] Kỳ 04/2023: lỗi ở bước đọc dữ liệu từ nguồn (hồ sơ – cổng dịch vụ công [portal_dossiers])"
    )
    assert "538 rows, 438 were read" in message["message"]
    assert "CHƯA được công bố" in message["message"]


def test_an_export_without_words_is_named_by_its_code_alone():
    title, text = failure_text("2023-04", "land", "no answer", subject="one_gate_system")

    assert title == "[CCHC] Kỳ 04/2023: lỗi ở bước đọc dữ liệu từ nguồn (one_gate_system)"
    assert "Nguồn dữ liệu: one_gate_system\n" in text


def test_a_step_with_a_key_is_told_once_and_without_one_every_time(configured: Settings, receiver: Receiver):
    secret = secret_with(receiver.url)
    for _ in range(2):
        alert_failure("2023-04", "build", "dbt broke", configured, secret, key="run 1 build")
        alert_failure(None, "period", "no month named", configured, secret)

    assert len(receiver.messages) == 3


def test_a_gate_that_has_alerted_is_not_told_again_and_one_that_could_not_is(configured: Settings, receiver: Receiver):
    verdict = recorded(configured, failing(FINISHED))
    secret = secret_with(receiver.url)

    alert_failure("2023-04", "audit", GateFailed(verdict, alerted=True), configured, secret)
    assert receiver.messages == []
    alert_failure("2023-04", "audit", GateFailed(verdict, alerted=False), configured, secret)
    assert len(receiver.messages) == 1
    assert FINISHED in receiver.messages[0]["message"]


def test_a_failure_to_alert_never_hides_the_failure(configured: Settings):
    def broken(name: str) -> str:
        raise OSError("the secrets' store is down")

    assert alert_failure("2023-04", "build", "dbt broke", configured, broken) is False


def test_new_columns_are_told_once_for_each_set_of_them_whatever_the_month(configured: Settings, receiver: Receiver):
    secret = secret_with(receiver.url)
    for month, columns in (("2023-04", ["B", "A"]), ("2023-05", ["A", "B"]), ("2023-05", ["A"])):
        assert alert_new_columns(month, "dms_documents", "qcvn102_dms", columns, configured, secret)

    first, second = receiver.messages
    assert first["title"] == "[CCHC] Cảnh báo: nguồn văn bản [dms_documents] có 2 cột mới"
    assert "- A\n" in first["message"]
    assert "cấu hình nguồn qcvn102_dms" in first["message"]
    assert "có 1 cột mới" in second["title"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("TooFewRows: 12 rows", 'cchc land portal_dossiers 2023-04 --because "…"'),
        ("HeadingsMissing: no row has NgayTra (there is NgayTraKQ)", "Tổ dữ liệu sửa đường dẫn trong cấu hình nguồn"),
        ("NotAuthorised: 401", "xin khóa mới"),
        ("SourceUnavailable: 503", "Kiểm tra hệ thống nguồn"),
    ],
)
def test_what_to_do_follows_from_what_happened(error: str, said: str):
    assert said in failure_text("2023-04", "land_export", error, subject="portal_dossiers")[1]


def test_a_late_step_that_failed_holds_no_figure_back():
    title, text = failure_text("unnamed", "reread_export", "RereadFailed: CountsDiffer: 3, 2", subject="dms_documents")

    assert title == "[CCHC] Dữ liệu đến muộn: lỗi ở bước đọc lại dữ liệu đến muộn (văn bản [dms_documents])"
    assert "Số liệu các kỳ đã công bố không thay đổi." in text
    assert "CHƯA được công bố" not in text
    assert "vào lúc ít người dùng" in text


@pytest.mark.parametrize("task", ["list_open_months", "find_restatements", "ask_for_restatement", "list_exports"])
def test_a_late_step_that_asks_no_source_sends_people_to_the_log(task: str):
    title, text = failure_text("unnamed", task, "OSError: no space", months=["2023-03", "2023-04"])

    assert title.endswith(", kỳ 03/2023, 04/2023")
    assert text.startswith("Kỳ 03/2023, 04/2023: bước ")
    assert "Tổ dữ liệu xem nhật ký" in text
    assert "hệ thống nguồn" not in text


def test_a_reread_that_failed_names_its_month_and_the_command_for_it():
    title, text = failure_text(
        "unnamed", "reread_export", "RereadFailed: TooFewRows: 3", subject="dms_documents", months=["2023-04"]
    )

    assert title.endswith("(văn bản [dms_documents]), kỳ 04/2023")
    assert "cchc land dms_documents 2023-04 --because" in text


def test_a_month_that_is_published_already_is_not_called_unpublished(configured: Settings):
    verdict = recorded(configured, failing(FINISHED))

    title, text = verdict_text(verdict, PERIOD, CHECKS, 2)
    step_title, step_text = failure_text("2023-04", "build", "dbt broke", revision=2)

    assert title == "[CCHC] Kỳ 04/2023: chưa công bố lại được số liệu, 1 nội dung kiểm tra bắt buộc không đạt"
    for told in (text, step_text):
        assert "chưa công bố lại được (lần công bố 2 vẫn có hiệu lực)" in told
        assert "CHƯA được công bố" not in told
        assert "toàn bộ số liệu" not in told
    assert "04/2023" in step_title
    assert "is not published again, revision 2 stays in force" in str(GateFailed(verdict, alerted=True, revision=2))


def test_checks_without_any_row_to_look_at_are_told_in_one_line(configured: Settings):
    empty = [
        failing(check, outcome="not_evaluated").model_copy(update={"detail": EMPTY_FRAME})
        for check in ("fct_documents.agency_known", "fct_dossiers.returned_not_before_finished", FINISHED)
    ]

    _, text = verdict_text(recorded(configured, *empty), PERIOD, CHECKS)

    blocking = sum(result.severity == "critical" for result in empty)
    assert text.count("KHÔNG KIỂM TRA ĐƯỢC") == 1 + (blocking < len(empty))
    assert f"1. KHÔNG KIỂM TRA ĐƯỢC {blocking} nội dung vì kỳ này không có dữ liệu để kiểm tra: " in text
    assert "the frame is empty" not in text


def test_the_advice_about_rejects_is_the_command_that_makes_the_lists(configured: Settings):
    _, text = verdict_text(recorded(configured, failing("exports.reject_share")), PERIOD, CHECKS)

    assert "cchc rejects export 2023-04" in text
    assert "cchc rejects import" in text
    assert "cchc close 2023-04" in text


def test_an_agency_that_is_the_fault_itself_is_not_counted(configured: Settings):
    (check,) = (c.id for c in CHECKS.values() if c.message_vi == "Không có hồ sơ nào của đơn vị trong dữ liệu của kỳ")

    _, text = verdict_text(recorded(configured, failing(check)), PERIOD, CHECKS)

    assert "• Xã Quảng Nghiệp (11122)\n" in text


@pytest.mark.slow
def test_a_clean_month_is_judged_without_an_alert(build: Callable[..., Path], configured: Settings, receiver: Receiver):
    build()

    verdict = audit_period(PERIOD, configured, secret_with(receiver.url))

    assert verdict.outcome == "held"
    assert verdict.passes(critical_ids())
    assert newest_verdict(PERIOD, configured) == verdict
    assert receiver.messages == []


@pytest.mark.slow
def test_a_month_with_warnings_only_passes_and_tells_nobody(
    build: Callable[..., Path], configured: Settings, receiver: Receiver
):
    build(CASES["exports.not_far_fewer_rows"].fires + "; update landing.exports set declared_rows = 3, accepted = 3")
    build("update fct_dossiers set due_at = received_at - interval 1 day where dossier_code = '11122-1'")

    verdict = audit_period(PERIOD, configured, secret_with(receiver.url))

    assert [r.check for r in verdict.warnings()] == ["fct_dossiers.due_not_before_received"]
    assert verdict.passes(critical_ids())
    assert receiver.messages == []


@pytest.mark.slow
def test_a_failed_month_is_on_disk_and_told_once_before_it_raises(
    build: Callable[..., Path], configured: Settings, receiver: Receiver
):
    build(CASES[FINISHED].fires, CASES["fct_dossiers.no_version_conflict"].fires)

    with pytest.raises(GateFailed) as raised:
        audit_period(PERIOD, configured, secret_with(receiver.url))

    assert raised.value.alerted is True
    assert raised.value.verdict == newest_verdict(PERIOD, configured)
    assert {r.check for r in raised.value.verdict.blocking()} == {FINISHED, "fct_dossiers.no_version_conflict"}
    assert len(raised.value.verdict.results) == len(CHECKS)
    (message,) = receiver.messages
    assert "Xã Quảng Nghiệp (11122)" in message["message"]
    assert run_folder(configured.audit, raised.value.verdict).joinpath("alert.json").exists()


@pytest.mark.slow
def test_an_alert_channel_that_is_down_does_not_hide_the_failed_month(build: Callable[..., Path], configured: Settings):
    build(CASES[FINISHED].fires)

    def broken(name: str) -> str:
        raise OSError("the secrets' store is down")

    for secret in (secret_with("json://127.0.0.1:9/x"), broken):
        with pytest.raises(GateFailed) as raised:
            audit_period(PERIOD, configured, secret, checks=[CHECKS[FINISHED]])
        assert raised.value.alerted is False
        assert newest_verdict(PERIOD, configured) == raised.value.verdict


@pytest.mark.slow
def test_a_build_without_a_table_fails_in_words_and_not_with_a_stack_trace(
    build: Callable[..., Path], configured: Settings
):
    build("drop table dim_agencies")

    with pytest.raises(GateFailed) as raised:
        audit_period(PERIOD, configured, no_secret)

    outcomes = {r.check: r.outcome for r in raised.value.verdict.blocking()}
    assert outcomes["build.tables_present"] == "failed"
    assert outcomes["dim_agencies.key_unique"] == "not_evaluated"


def test_a_missing_build_and_a_build_of_another_month_are_no_verdict(build: Callable[..., Path], configured: Settings):
    with pytest.raises(NothingToAudit, match="nothing is built for 2023-04"):
        audit_period(PERIOD, configured, no_secret)
    build("update landing.period set period_month = '2023-05-01'")
    with pytest.raises(NothingToAudit, match="was built for"):
        audit_period(PERIOD, configured, no_secret)

    assert newest_verdict(PERIOD, configured) is None


def test_the_same_content_has_the_same_fingerprint_and_another_content_another(
    build: Callable[..., Path], configured: Settings
):
    def judged(*changes: str) -> str:
        build(*changes)
        connection = open_build_file(PERIOD, configured)
        found, tables = content_of(connection)
        connection.close()
        assert set(tables) == {table.name for table in PUBLISHED}
        return found

    first, again = judged(), judged()
    changed = judged("update fct_dossiers set finished_at = finished_at + interval 1 second")

    assert first == again != changed

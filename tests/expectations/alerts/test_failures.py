"""Steps that failed and sources that changed are told in words, once."""

from __future__ import annotations

import pytest

from cchc.settings import Settings
from expectations.alerts import alert_failure, alert_new_columns
from expectations.audit import GateFailed
from expectations.failures import failure_text
from tests.expectations.alerts.conftest import FINISHED, failing, recorded, secret_with
from tests.expectations.alerts.receivers import Webhook


def test_a_step_that_failed_before_the_gate_is_told_with_its_own_words(configured: Settings, receiver: Webhook):
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


def test_a_step_with_a_key_is_told_once_and_without_one_every_time(configured: Settings, receiver: Webhook):
    secret = secret_with(receiver.url)
    for _ in range(2):
        alert_failure("2023-04", "build", "dbt broke", configured, secret, key="run 1 build")
        alert_failure(None, "period", "no month named", configured, secret)

    assert len(receiver.messages) == 3


def test_a_gate_that_has_alerted_is_not_told_again_and_one_that_could_not_is(configured: Settings, receiver: Webhook):
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


def test_new_columns_are_told_once_for_each_set_of_them_whatever_the_month(configured: Settings, receiver: Webhook):
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

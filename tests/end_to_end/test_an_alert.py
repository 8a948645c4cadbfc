"""The alert as a reader sees it: the real DAG, a mail server that was down, and the page that shows the mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO

import apprise
import openpyxl
import pytest

from cchc.period import LOCAL
from cchc.settings import PROJECT, settings
from cchc.working_calendar import add_working_days
from expectations import channels
from expectations.deliveries import entries
from expectations.messages import day_words, weekday_words
from expectations.verdicts import newest_verdict
from sandbox.faults import DuplicateCodes, FieldBroken, FinishedBeforeReceived
from tests.expectations.alerts.receivers import Letter, Mailbox, mail_server

pytestmark = pytest.mark.slow
CONTACTS = """contact,role_vi,owner,agency_code,secret,escalate_to
mot-cua-dai-hop,Bộ phận Một cửa xã Đại Hợp,portal,11119,alert_dai_hop,phong-noi-vu
mot-cua-phuong-ky,Bộ phận Một cửa xã Phượng Kỳ,portal,11137,alert_phuong_ky,phong-noi-vu
to-du-lieu,Tổ dữ liệu cải cách hành chính tỉnh,*,*,alert_data,
phong-noi-vu,Phòng Nội vụ huyện Tứ Kỳ,,,alert_phong,
"""
POISONS = (
    FinishedBeforeReceived("11119", "2023-02", count=7),
    DuplicateCodes("11119", "2023-02", count=2),
    FieldBroken("11119", "2023-02", field="KenhThucHien", value="9", count=2),
    FinishedBeforeReceived("11137", "2023-02", count=1),
)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    monkeypatch.setattr(channels, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(apprise.NotifyBase, "request_rate_per_sec", 0)
    with mail_server() as box:
        for who in ("dai_hop", "phuong_ky", "data", "phong"):
            monkeypatch.setenv(f"CCHC_SECRET_ALERT_{who.upper()}", box.address(who))
        yield box


PAGE = PROJECT / "docs" / "an-alert.md"
_MAIL = re.compile(r"(?<=^```text\n).*?(?=^```$)", flags=re.MULTILINE | re.DOTALL)


def page_with(*mails: str) -> str:
    """The page with these mails on it, each as its subject, a blank line, and its text."""
    told = iter(mails)
    return _MAIL.sub(lambda _: next(told), PAGE.read_text(encoding="utf-8"))


def as_read(letter: Letter, due: date) -> str:
    """The mail with the deadline of the page's run, on 15 February 2023, in place of this run's."""
    text = f"{letter.title}\n\n{letter.text.rstrip()}\n".replace(weekday_words(due), "thứ Sáu, ngày 17/02/2023")
    return text.replace(day_words(due), "17/02/2023")


def test_a_poisoned_month_reaches_those_who_can_repair_it_as_the_page_shows(
    airflow, first_closed, mailbox, caplog, tmp_path
):
    from _in_process import run_watch

    deployment = first_closed
    (deployment.home / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    for poison in POISONS:
        deployment.province.poison(poison)
    mailbox.is_down = True

    assert deployment.run_dag("2023-02") == "success"
    assert deployment.months() == {"2023-01": 1, "2023-02": 1}
    assert mailbox.letters == []
    assert deployment.alerts == []  # nothing went to alert_urls: every fault has somebody

    assert run_watch("2023-02-15") == "failed"
    mailbox.is_down = False
    for _ in range(2):
        assert run_watch("2023-02-15") == "success"

    assert sorted(letter.to[0].partition("@")[0] for letter in mailbox.letters) == ["dai_hop", "data", "phuong_ky"]
    (commune,), (team,), (other,) = (mailbox.to(who) for who in ("dai_hop", "data", "phuong_ky"))
    book = openpyxl.load_workbook(BytesIO(commune.files["can-sua-2023-02-11119.xlsx"]))
    cells = [str(cell.value) for row in book["Cần sửa"].iter_rows() for cell in row if cell.value]
    assert sum(cell == "Hình thức nộp hồ sơ" for cell in cells) == 2
    assert (list(team.files), other.files) == (["can-sua-2023-02-11119.xlsx"], {})
    assert "11119" not in other.text

    verdict = newest_verdict("2023-02", settings())
    assert verdict is not None
    due = add_working_days(verdict.evaluated_at.astimezone(LOCAL).date(), 2, settings())
    assert any(f"Hạn gửi lại: {day_words(due)}" in cell for cell in cells)
    (tmp_path / PAGE.name).write_text(page_with(as_read(commune, due), as_read(team, due)), encoding="utf-8")
    assert (tmp_path / PAGE.name).read_text() == PAGE.read_text(), (
        f"if the new words are right: cp {tmp_path / PAGE.name} {PAGE}"
    )

    # Published without figures is no answer, and no overdue month either; told by the next day's run, not by its repetition.
    past = add_working_days(due, 1, settings()).isoformat()
    for _ in range(2):
        assert run_watch("2023-02-17") == "success"
        assert run_watch(past) == "success"
    (first, second) = mailbox.to("phong")
    assert first.title == "[CCHC] Quá hạn: kỳ 02/2023 còn 2 nội dung chưa xử lý (Bộ phận Một cửa xã Đại Hợp)"
    assert "• Xã Đại Hợp (11119): toàn bộ chỉ tiêu hồ sơ" in first.text
    assert ("Phượng Kỳ" in first.text, "Đại Hợp" in second.text) == (False, False)
    assert [
        letter.title for letter in mailbox.letters if "Quá hạn công bố" in letter.title and "02/2023" in letter.title
    ] == []

    for poison in POISONS:
        deployment.province.repair(poison)
    assert deployment.run_dag("2023-02") == "success"
    assert deployment.months() == {"2023-01": 1, "2023-02": 2}
    told_so_far = len(mailbox.letters)
    assert run_watch(past) == "success"
    assert len(mailbox.letters) == told_so_far
    rows = deployment.query(
        "select contact, outcome, count(*) from alert_deliveries where kind = 'verdict' group by all"
    )
    told = {(contact, outcome): count for contact, outcome, count in rows}
    assert [told[contact, "delivered"] for contact in ("mot-cua-dai-hop", "mot-cua-phuong-ky", "to-du-lieu")] == [
        1,
        1,
        1,
    ]
    ((bound, checked),) = deployment.query(
        "select bounds->>'reject_share_max', rows_checked from quality_results "
        "where period_month = '2023-02-01' and run = '0001' and check_id = 'exports.reject_share'"
    )
    assert (float(bound), checked) == (settings().reject_share_max, 5)

    files = [path for path in deployment.home.rglob("*") if path.is_file()]
    assert [path for path in files if b"tinh.example.vn" in path.read_bytes()] == []
    assert "tinh.example.vn" not in caplog.text
    assert {entry.message.contact for entry in entries(settings())} <= {
        line.split(",")[0] for line in CONTACTS.splitlines()
    }

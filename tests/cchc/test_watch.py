"""The watch: what nobody answers goes further up, once a step; a month that should be out is named; nothing is told twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from cchc.cli import app
from cchc.period import PeriodError
from cchc.settings import Settings
from cchc.watch import Undelivered, day_of_run, watch, watch_of_run
from expectations.alerts import alert_failure
from expectations.deliveries import entries
from snapshots.store import Manifest, revision_folder
from tests.expectations.alerts.conftest import (
    AT,
    CONTACTS,
    FINISHED,
    KNOWN,
    failing,
    letters_to,
    of_both,
    recorded,
    secret_with,
    told,
    write_contacts,
)
from tests.expectations.alerts.conftest import _short_waits as _short_waits
from tests.expectations.alerts.receivers import Mailbox, mail_server

DUE, PAST, LATER, MUCH_LATER = date(2023, 4, 18), date(2023, 4, 19), date(2023, 4, 21), date(2023, 6, 1)


@pytest.fixture
def mailbox(home: Settings) -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def published(configured: Settings, month: str, at: datetime) -> None:
    """A sealed manifest, as publishing writes it, of a month without tables."""
    period = configured.period(month)
    manifest = Manifest(
        period=month, calendar="nd09", revision=1, reason="first", published_at=at, tables={}, receipts=[],
        month_content="", ytd_basis={}, versions={}, verdict={},
    ).sealed()  # fmt: skip
    folder = revision_folder(configured, period, 1)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")


def months_before(configured: Settings) -> None:
    published(configured, "2023-03", datetime(2023, 3, 16, tzinfo=UTC))


def test_a_fault_is_taken_up_when_its_day_has_passed_once_a_step(home: Settings, mailbox: Mailbox):
    months_before(home)
    write_contacts(home)
    secret = letters_to(mailbox)
    told(home, secret, of_both(FINISHED, 3, 2))

    assert watch(DUE, secret=secret)["unanswered"] == []
    assert mailbox.to("phong") == []
    for _ in range(3):
        found = watch(PAST, secret=secret)

    assert [one["contact"] for one in found["unanswered"]] == ["mot-cua-qn", "mot-cua-dh"]
    assert found["unanswered"][0]["told"] == ["phong-nv"]
    first, second = mailbox.to("phong")
    assert first.title == "[CCHC] Quá hạn: kỳ 04/2023 còn 1 nội dung chưa xử lý (Bộ phận Một cửa xã Quảng Nghiệp)"
    assert "Ngày 15/04/2023, hệ thống đã báo Bộ phận Một cửa xã Quảng Nghiệp" in first.text
    assert "xong trước hết thứ Ba, ngày 18/04/2023. Đã quá hạn mà chưa có kết quả." in first.text
    assert "Xã Quảng Nghiệp (11122): 3 hồ sơ" in first.text
    assert "Đại Hợp" in second.text
    assert [word for word in ("cchc", "fct_", "[") if word in first.text] == []

    for _ in range(2):
        watch(LATER, secret=secret)
    assert (len(mailbox.to("phong")), len(mailbox.to("qn")), len(mailbox.to("dh"))) == (2, 1, 1)
    assert [letter.title for letter in mailbox.to("so")][:2] == [first.title, second.title]


def test_a_fault_that_a_later_run_repaired_is_answered(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    told(home, letters_to(mailbox), of_both(FINISHED, 3, 2))
    told(home, letters_to(mailbox), failing(FINISHED, 2, agency="11119"), at=AT.replace(day=18))

    found = watch(PAST, secret=letters_to(mailbox))

    assert [one["contact"] for one in found["unanswered"]] == ["mot-cua-dh"]
    recorded(home, at=AT.replace(day=19))
    assert watch(MUCH_LATER, secret=letters_to(mailbox))["unanswered"] == []


def test_repairing_some_rows_does_not_start_the_days_anew(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    for day, rows in ((15, 9), (18, 5), (19, 1)):
        told(home, letters_to(mailbox), failing(FINISHED, rows), at=AT.replace(day=day))

    (unanswered,) = watch(PAST, secret=letters_to(mailbox))["unanswered"]

    assert (unanswered["since"], unanswered["due"]) == ("2023-04-15", "2023-04-18")


def test_a_published_revision_and_a_waiver_are_answers(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    told(home, letters_to(mailbox), failing(FINISHED), failing(KNOWN))

    def all_waived(verdict, result):
        return True

    def one_waived(verdict, result):
        return result.check == FINISHED

    assert watch(PAST, secret=letters_to(mailbox), is_waived=all_waived)["unanswered"] == []
    (left,) = watch(PAST, secret=letters_to(mailbox), is_waived=one_waived)["unanswered"]
    assert left["contact"] == "to-du-lieu"
    published(home, "2023-04", datetime(2023, 4, 19, tzinfo=UTC))
    assert watch(MUCH_LATER, secret=letters_to(mailbox))["unanswered"] == []


def test_without_contacts_who_has_not_answered_is_reminded_once(home: Settings, mailbox: Mailbox):
    months_before(home)
    secret = secret_with(mailbox.address("data"))
    told(home, secret, failing(FINISHED))
    for day in (PAST, PAST, LATER, MUCH_LATER):
        watch(day, secret=secret)

    reminders = [letter for letter in mailbox.letters if "còn 1 nội dung chưa xử lý" in letter.title]
    assert len(reminders) == 1
    assert "Đề nghị xử lý ngay." in reminders[0].text


def test_a_digest_that_did_not_arrive_is_sent_by_the_watch(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    mailbox.is_down = True
    told(home, letters_to(mailbox), failing(FINISHED))
    assert not watch(DUE, secret=letters_to(mailbox))["delivered"]
    mailbox.is_down = False

    assert watch(DUE, secret=letters_to(mailbox))["delivered"]
    assert watch(DUE, secret=letters_to(mailbox))["delivered"]

    assert len(mailbox.to("qn")) == 1


def test_a_failed_step_that_did_not_arrive_is_sent_later_unless_its_month_is_out(home: Settings, mailbox: Mailbox):
    secret = secret_with(mailbox.address("data"))
    mailbox.is_down = True
    for month in ("2023-03", "2023-04"):
        alert_failure(month, "build", "dbt broke", home, secret, key=month)
    published(home, "2023-03", datetime.now(UTC))
    mailbox.is_down = False

    watch(date(2023, 4, 16), secret=secret)
    watch(date(2023, 4, 16), secret=secret)

    assert [letter.title for letter in mailbox.letters] == ["[CCHC] Kỳ 04/2023: lỗi ở bước dựng dữ liệu của kỳ"]


def test_another_address_is_not_sent_what_others_have_heard_and_old_faults_are_history(
    home: Settings, mailbox: Mailbox
):
    today = datetime.now(UTC).date()
    alert_failure("2023-04", "build", "dbt broke", home, secret_with(mailbox.address("data")), key="heard")
    mailbox.is_down = True
    alert_failure("2023-04", "publish", "no space", home, secret_with(mailbox.address("data")), key="unheard")
    mailbox.is_down = False
    months_before(home)
    moved = secret_with(mailbox.address("moved"))

    watch(today + timedelta(days=30), secret=moved)
    steps = [letter.title for letter in mailbox.to("moved") if "lỗi ở bước" in letter.title]
    assert steps == []
    watch(today, secret=moved)

    steps = [letter.title for letter in mailbox.to("moved") if "lỗi ở bước" in letter.title]
    assert steps == ["[CCHC] Kỳ 04/2023: lỗi ở bước công bố số liệu"]


def test_a_month_is_overdue_when_its_working_days_have_passed(home: Settings, mailbox: Mailbox):
    months_before(home)
    write_contacts(home, CONTACTS)
    secret = letters_to(mailbox)

    # The month ends on Friday 14 April 2023: two working days later is Tuesday.
    assert watch(date(2023, 4, 18), secret=secret)["overdue"] == []
    for _ in range(2):
        (overdue,) = watch(date(2023, 4, 19), secret=secret)["overdue"]

    assert overdue == {"period": "2023-04", "due": "2023-04-18", "why": "chưa đọc nguồn dữ liệu nào"}
    (letter,) = mailbox.letters
    assert letter.title == "[CCHC] Quá hạn công bố số liệu: kỳ 04/2023"
    assert "• Kỳ 04/2023, hạn 18/04/2023: chưa đọc nguồn dữ liệu nào." in letter.text
    assert "cchc status" in letter.text
    watch(date(2023, 4, 21), secret=secret)
    assert [letter.to for letter in mailbox.letters] == [["data@tinh.example.vn"], ["so@tinh.example.vn"]]
    assert "cchc" not in mailbox.to("so")[0].text.replace("CCHC", "")


def test_months_that_are_overdue_together_are_told_together_and_a_further_one_alone(home: Settings, mailbox: Mailbox):
    months_before(home)
    secret = secret_with(mailbox.address("data"))

    assert [one["period"] for one in watch(MUCH_LATER, secret=secret)["overdue"]] == ["2023-04", "2023-05"]
    watch(date(2023, 7, 1), secret=secret)

    named = [letter.title.partition(": ")[2] for letter in mailbox.letters]
    assert named == ["kỳ 04/2023, 05/2023", "kỳ 06/2023"]


def test_a_deployment_that_has_seen_no_month_is_asked_for_the_newest_only(home: Settings):
    assert [one["period"] for one in watch(MUCH_LATER, secret=secret_with())["overdue"]] == ["2023-05"]


def test_a_verdict_that_cannot_be_read_is_named_and_stops_nothing(home: Settings, mailbox: Mailbox):
    told(home, secret_with(mailbox.address("data")), failing(FINISHED))
    (home.audit / "2023-03" / "0001").mkdir(parents=True)
    (home.audit / "2023-03" / "0001" / "verdict.json").write_text("{", encoding="utf-8")

    found = watch(PAST, secret=secret_with(mailbox.address("data")))

    assert "0001/verdict.json is no verdict" in found["unreadable"][0]
    assert len(found["unanswered"]) == 1


def test_the_day_of_a_run_is_named_or_that_of_its_interval_and_never_today():
    assert day_of_run("2023-04-19", None) == date(2023, 4, 19)
    assert day_of_run(None, datetime(2023, 4, 18, 23, 30, tzinfo=UTC)) == date(2023, 4, 19)  # 06:30 in Vietnam
    with pytest.raises(PeriodError, match="must name its day"):
        day_of_run(None, None)
    with pytest.raises(PeriodError, match="'19/04/2023' is not a date"):
        day_of_run("19/04/2023", None)


def test_a_run_that_could_not_deliver_fails_and_is_not_told_through_the_same_channels(home: Settings, mailbox: Mailbox):
    told(home, secret_with(mailbox.address("data")), failing(FINISHED))
    mailbox.is_down = True

    with pytest.raises(Undelivered) as raised:
        watch_of_run(PAST, secret_with(mailbox.address("data")))

    assert raised.value.alerted
    mailbox.is_down = False
    assert watch_of_run(PAST, secret_with(mailbox.address("data")))["delivered"]


def test_the_command_says_what_is_late_with_exit_code_1(
    home: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    months_before(home)
    monkeypatch.setenv("CCHC_SECRET_ALERT_URLS", mailbox.address("data"))
    run = CliRunner().invoke

    assert run(app, ["watch", "--on", "2023-04-18"]).exit_code == 0
    done = run(app, ["watch", "--on", "2023-04-19", "--json"])

    assert done.exit_code == 1
    assert json.loads(done.stdout.splitlines()[-1])["overdue"][0]["period"] == "2023-04"
    assert [entry.message.months for entry in entries(home)] == [["2023-04"]]


def test_the_command_contacts_shows_duties_and_no_address(
    home: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
):
    write_contacts(home)
    monkeypatch.setenv("CCHC_SECRET_ALERT_QN", mailbox.address("qn"))
    run = CliRunner().invoke

    done = run(app, ["contacts"])

    assert done.exit_code == 0
    assert "mot-cua-qn: portal 11122; mailto-" in done.output
    assert "mot-cua-dh: portal 11119; no address in alert_dh, above: phong-nv" in done.output
    assert "example.vn" not in done.output
    write_contacts(home, CONTACTS.replace("portal,11119", "ga,11119"))
    done = run(app, ["contacts"])
    assert (done.exit_code, "line 3: column owner" in done.output) == (2, True)

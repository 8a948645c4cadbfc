"""Mail over a real SMTP server: each contact gets one digest with its own faults, and nothing of anybody else's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cchc.period import Period
from cchc.settings import Settings
from expectations.alerts import alert_verdict
from expectations.checks import DATA_OWNER
from expectations.suites import all_checks
from tests.expectations.alerts.conftest import (
    AT,
    CONTACTS,
    FINISHED,
    KNOWN,
    failing,
    ledger,
    letters_to,
    of_both,
    recorded,
    secret_with,
    told,
    write_contacts,
)
from tests.expectations.alerts.receivers import Mailbox
from tests.expectations.conftest import PERIOD


def test_each_contact_gets_one_digest_of_its_own_agencies(configured: Settings, mailbox: Mailbox):
    write_contacts(configured)

    assert told(configured, letters_to(mailbox), of_both(FINISHED, 3, 2), failing(KNOWN, 4, agency="30"))

    assert len(mailbox.letters) == 3
    (letter,) = mailbox.to("qn")
    assert letter.title == (
        "[CCHC] Kỳ 04/2023: chưa công bố số liệu, 1 nội dung kiểm tra bắt buộc không đạt, hạn xử lý 18/04/2023"
    )
    assert letter.text.startswith("Kính gửi: Bộ phận Một cửa xã Quảng Nghiệp\n")
    assert (
        "vì 2 nội dung kiểm tra bắt buộc không đạt, trong đó 1 nội dung thuộc phần việc của quý cơ quan" in letter.text
    )
    assert "1. Ngày kết thúc xử lý trước ngày tiếp nhận: 3 hồ sơ\n" in letter.text
    assert "Xã Quảng Nghiệp (11122): 3 hồ sơ" in letter.text
    assert "Đề nghị xử lý xong trước hết thứ Ba, ngày 18/04/2023." in letter.text  # two working days after a Saturday
    assert "Đang giữ lại: toàn bộ số liệu kỳ 04/2023" in letter.text
    for others in ("Đại Hợp", "Hải Dương", "văn bản", "cchc", "fct_", "["):
        assert others not in letter.text
    (other,) = mailbox.to("dh")
    assert "Xã Đại Hợp (11119): 2 hồ sơ" in other.text
    assert "Quảng Nghiệp" not in other.text
    (team,) = mailbox.to("data")
    assert KNOWN in team.text
    assert FINISHED not in team.text


def test_a_contact_of_several_agencies_gets_one_digest(configured: Settings, mailbox: Mailbox):
    more = "mot-cua-qn,Bộ phận Một cửa xã Quảng Nghiệp,portal,11119,alert_qn,phong-nv\n"
    write_contacts(configured, CONTACTS.replace("mot-cua-dh", "xa-khac") + more)

    told(configured, letters_to(mailbox), of_both(FINISHED, 3, 2), of_both("fct_dossiers.no_version_conflict", 7, 1))

    (letter,) = mailbox.to("qn")
    assert letter.text.index("1. Cùng một mã hồ sơ") < letter.text.index("2. Ngày kết thúc xử lý")
    assert "Xã Quảng Nghiệp (11122): 7 hồ sơ" in letter.text
    assert "Xã Đại Hợp (11119): 2 hồ sơ" in letter.text


def test_five_rows_are_named_and_the_others_counted(configured: Settings, mailbox: Mailbox):
    write_contacts(configured)

    told(configured, letters_to(mailbox), failing(FINISHED, 1234, received_at="2023-03-20 08:00:00"))

    (letter,) = mailbox.to("qn")
    assert letter.text.count("- 000.22.26.H23-230320-000") == 5
    assert "- 000.22.26.H23-230320-0005 (tiếp nhận 20/03/2023 08:00)" in letter.text
    assert "… và 1.229 hồ sơ khác" in letter.text


def test_a_check_that_could_not_be_evaluated_is_the_data_teams(configured: Settings, mailbox: Mailbox):
    write_contacts(configured)

    told(configured, letters_to(mailbox), failing(FINISHED, outcome="not_evaluated"))

    (letter,) = mailbox.letters
    assert letter == mailbox.to("data")[0]
    assert f"KHÔNG KIỂM TRA ĐƯỢC: Ngày kết thúc xử lý trước ngày tiếp nhận [{FINISHED}]" in letter.text


def test_who_has_warnings_only_is_not_told_of_a_month_that_others_hold_back(configured: Settings, mailbox: Mailbox):
    write_contacts(configured)

    warning = failing("fct_dossiers.returned_not_before_finished", agency="11119")
    told(configured, letters_to(mailbox), failing(FINISHED), warning)

    assert [letter.to for letter in mailbox.letters] == [["qn@tinh.example.vn"]]


def test_a_contact_without_an_address_is_no_reason_to_tell_the_others_twice(configured: Settings, mailbox: Mailbox):
    write_contacts(configured, CONTACTS.replace("alert_dh", "alert_missing"))
    for _ in range(2):
        assert not told(configured, letters_to(mailbox), of_both(FINISHED, 3, 2))

    assert [letter.to for letter in mailbox.letters] == [["qn@tinh.example.vn"]]
    outcomes = {entry.message.contact: [a.outcome for a in entry.attempts] for entry in ledger(configured)}
    assert outcomes == {"mot-cua-qn": ["delivered"], "mot-cua-dh": ["no_address"]}


@pytest.mark.parametrize("check", [FINISHED, "exports.reject_share"])
def test_the_workbooks_of_a_contacts_agencies_are_attached(check: str, configured: Settings, mailbox: Mailbox):
    write_contacts(configured)
    asked = []

    def workbooks(period: Period, folder: Path, due: date) -> dict[str | None, Path]:
        asked.append((period, due))
        folder.mkdir(parents=True)
        files: dict[str | None, Path] = {code: folder / f"can-sua-{code}.xlsx" for code in ("11122", "11119", "11137")}
        for path in files.values():
            path.write_bytes(path.name.encode())
        return files

    for _ in range(2):
        verdict = recorded(configured, failing(check, agency="11122" if check == FINISHED else None))
        alert_verdict(verdict, PERIOD, all_checks(), configured, letters_to(mailbox), workbooks=workbooks)

    assert asked == [(PERIOD, date(2023, 4, 18))]
    (letter,) = mailbox.letters
    names = (
        ["can-sua-11122.xlsx"]
        if check == FINISHED
        else [f"can-sua-{code}.xlsx" for code in ("11122", "11119", "11137")]
    )
    assert letter.files == {name: name.encode() for name in names}
    assert f"Tệp kèm theo ({len(names)}): {', '.join(names)}." in letter.text


def test_a_mail_server_that_comes_back_gets_the_digest_as_it_was_written(configured: Settings, mailbox: Mailbox):
    write_contacts(configured)
    mailbox.is_down = True
    assert not told(configured, letters_to(mailbox), of_both(FINISHED, 3, 2))
    mailbox.is_down = False

    assert told(configured, letters_to(mailbox), of_both(FINISHED, 3, 2), at=AT.replace(day=20))

    assert [len(mailbox.to(who)) for who in ("qn", "dh")] == [1, 1]
    assert "trước hết thứ Ba, ngày 18/04/2023" in mailbox.to("qn")[0].text


def test_without_contacts_one_mail_says_everything(configured: Settings, mailbox: Mailbox):
    assert told(configured, secret_with(mailbox.address("data")), of_both(FINISHED, 3, 2), failing(KNOWN))

    (letter,) = mailbox.letters
    assert letter.text.startswith(f"Kính gửi: {DATA_OWNER}\n")
    for words in (FINISHED, KNOWN, "Xã Quảng Nghiệp (11122)", "Xã Đại Hợp (11119)", "Phụ trách:"):
        assert words in letter.text

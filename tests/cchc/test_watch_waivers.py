"""Waivers and alerts: who is covered by a waiver is told nothing, and a live waiver answers an alert that has gone out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from cchc.settings import Settings
from cchc.watch import watch
from expectations.alerts import alert_verdict
from expectations.suites import all_checks
from expectations.waivers import approve
from tests.expectations.alerts.conftest import (
    FINISHED,
    KNOWN,
    failing,
    letters_to,
    of_both,
    recorded,
    told,
    write_contacts,
)
from tests.expectations.alerts.receivers import Mailbox, mail_server
from tests.expectations.conftest import PERIOD
from tests.expectations.test_waivers import MONDAY, asked, with_waivers


@pytest.fixture
def mailbox(home: Settings) -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def test_a_contact_whose_rows_a_waiver_covers_is_not_told(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    waiver = approve(home, asked(home).id, "minh.vo", "test", MONDAY)
    verdict = recorded(home, with_waivers(of_both(FINISHED, 3, 2), waiver), failing(KNOWN, agency="30"))

    assert alert_verdict(verdict, PERIOD, all_checks(), home, letters_to(mailbox))

    assert sorted(letter.to[0].partition("@")[0] for letter in mailbox.letters) == ["data", "dh"]
    assert "Quảng Nghiệp" not in mailbox.to("dh")[0].text
    assert "Ngoại lệ" not in mailbox.to("dh")[0].text
    assert "Ngoại lệ đang áp dụng trong lần kiểm tra này:" in mailbox.to("data")[0].text
    assert f"{waiver.id} đang áp dụng cho Xã Quảng Nghiệp (11122): 3 hồ sơ (tối đa 3)" in mailbox.to("data")[0].text


def test_a_waiver_is_an_answer_until_it_expires(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    told(home, letters_to(mailbox), failing(FINISHED, 3))
    waiting = asked(home)
    assert watch(date(2023, 4, 19), secret=letters_to(mailbox))["unanswered"] != []
    approve(home, waiting.id, "minh.vo", "test", MONDAY)

    assert watch(date(2023, 4, 20), secret=letters_to(mailbox))["unanswered"] == []
    assert watch(date(2023, 4, 24), secret=letters_to(mailbox))["unanswered"] == []
    assert watch(date(2023, 4, 25), secret=letters_to(mailbox))["unanswered"] != []
    assert ["còn 1 nội dung chưa xử lý" in letter.title for letter in mailbox.to("so")].count(True) == 1


def test_a_waiver_of_fewer_rows_is_no_answer(home: Settings, mailbox: Mailbox):
    write_contacts(home)
    told(home, letters_to(mailbox), failing(FINISHED, 4))
    approve(home, asked(home).id, "minh.vo", "test", MONDAY)

    assert watch(date(2023, 4, 20), secret=letters_to(mailbox))["unanswered"] != []

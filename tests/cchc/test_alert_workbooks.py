"""The workbook on an alert is that of `cchc rejects export`, with the rows that were really rejected, over real mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest

from cchc import workbooks
from cchc.settings import settings
from expectations.alerts import alert_verdict
from expectations.suites import all_checks
from expectations.verdicts import CheckResult, Verdict, write_verdict
from tests.expectations.alerts.conftest import AT, FINISHED, failing, secret_with
from tests.expectations.alerts.receivers import Mailbox, mail_server
from tests.ingest.conftest import deployment  # noqa: F401
from tests.ingest.landings import PERIOD, land_now
from tests.ingest.rejects.conftest import province  # noqa: F401
from tests.ingest.rejects.people import dossier

FAULTY = [dossier(2, NgayTiepNhan="03-01-2023"), dossier(3, KenhThucHien="Quầy")]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def alerted(mailbox: Mailbox, result: CheckResult) -> None:
    verdict = write_verdict(
        settings().audit,
        Verdict(period=str(PERIOD), calendar=PERIOD.calendar, run="", evaluated_at=AT, fingerprint="f", tables={},
                results=[result], outcome="failed"),
    )  # fmt: skip
    secret = secret_with(mailbox.address("data"))
    assert alert_verdict(verdict, PERIOD, all_checks(), settings(), secret, workbooks=workbooks.reject_workbooks)


def test_the_attached_workbook_opens_and_holds_the_rejects_of_the_agency(province, mailbox):  # noqa: F811
    province(portal_dossiers=[dossier(1), *FAULTY])
    land_now("portal_dossiers")

    alerted(mailbox, failing(FINISHED))
    alerted(mailbox, failing(FINISHED))

    (letter,) = mailbox.letters
    assert list(letter.files) == ["can-sua-2023-01-11122.xlsx"]
    sheet = openpyxl.load_workbook(BytesIO(letter.files["can-sua-2023-01-11122.xlsx"]))["Cần sửa"]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert {row["MaHoSo"] for row in FAULTY} <= cells
    assert any(f"Hạn gửi lại: {AT + timedelta(days=3):%d/%m/%Y}" in cell for cell in cells)
    assert "Tệp kèm theo (1): can-sua-2023-01-11122.xlsx." in letter.text


def test_a_month_without_rejects_has_no_attachment(province, mailbox):  # noqa: F811
    province(portal_dossiers=[dossier(1)])
    land_now("portal_dossiers")

    alerted(mailbox, failing(FINISHED))

    assert mailbox.letters[0].files == {}
    assert "Tệp kèm theo" not in mailbox.letters[0].text


def test_more_rejects_than_people_can_correct_are_not_attached(province, mailbox, monkeypatch):  # noqa: F811
    monkeypatch.setattr(workbooks, "MOST_REJECTS", 1)
    province(portal_dossiers=[dossier(1), *FAULTY])
    land_now("portal_dossiers")

    alerted(mailbox, failing("exports.reject_share", agency=None))

    assert mailbox.letters[0].files == {}
    assert "cchc rejects export 2023-01" in mailbox.letters[0].text

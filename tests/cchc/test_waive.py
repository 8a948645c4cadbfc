"""What people answer in Airflow becomes approvals and revocations; an answer that may not count is refused."""

from __future__ import annotations

from typing import Any

import pytest

from cchc.settings import Settings
from cchc.waive import APPROVE, REJECT, NothingToDecide, decide, listed, offers, record_decisions, request
from expectations.waivers import WaiverRefused

CHECK = "fct_dossiers.finished_not_before_received"


def asked() -> str:
    done = request(
        CHECK, "2023-04", agency="11122", rows_at_most=1, reason="đã đối chiếu sổ giấy của xã",
        ground="Công văn 1234/UBND-KSTT", requested_by="lan.pham",
    )  # fmt: skip
    return str(done["waiver"])


def answer(option: str, person: str | None = "minh.vo") -> dict[str, Any]:
    return {"chosen_options": [option], "responded_by_user": {"id": "7", "name": person} if person else None}


def states() -> list[tuple[str, str | None]]:
    return [(row["state"], row["approved_by"]) for row in listed("2023-04")]


def test_each_answer_is_recorded_for_its_request_and_running_again_changes_nothing(home: Settings):
    asked(), asked()
    offered, answers = offers("2023-04"), [answer(APPROVE), answer(REJECT)]

    for _ in range(2):
        assert record_decisions(offered, answers)
        assert states() == [("live", "minh.vo"), ("revoked", None)]
    with pytest.raises(NothingToDecide):
        offers("2023-04")


def test_when_everything_is_rejected_nothing_is_to_be_judged(home: Settings):
    asked()
    assert not record_decisions(offers("2023-04"), [answer(REJECT)])


@pytest.mark.parametrize("person", ["lan.pham", "Lan.Phạm", None, "Võ Văn Minh"])
def test_an_answer_by_who_asked_by_nobody_or_by_no_account_approves_nothing(home: Settings, person: str | None):
    asked(), asked()
    decide("W0002", "an.le", approved=False)
    with pytest.raises(WaiverRefused):
        record_decisions(offers("2023-04"), [answer(APPROVE, person)])
    assert states() == [("open", None), ("revoked", None)]


def test_one_answer_that_may_not_count_hides_no_other(home: Settings):
    asked(), asked()
    with pytest.raises(WaiverRefused, match="another person"):
        record_decisions(offers("2023-04"), [answer(APPROVE, "lan.pham"), answer(APPROVE)])
    assert states() == [("open", None), ("live", "minh.vo")]


def test_what_the_approver_reads_says_what_is_asked(home: Settings):
    asked()
    (offer,) = offers("2023-04")
    assert offer["subject"] == "Phê duyệt ngoại lệ W0001 cho kỳ 04/2023: Ngày kết thúc xử lý trước ngày tiếp nhận"
    for words in (CHECK, "tối đa 1 hồ sơ", "đơn vị 11122", "lan.pham", "Công văn 1234/UBND-KSTT", "chưa có"):
        assert words in offer["body"]

"""What somebody answers in Airflow is an approval or a revocation; an answer that may not count is refused."""

from __future__ import annotations

import pytest

from cchc.settings import Settings
from cchc.waive import APPROVE, REJECT, NothingToDecide, decide, listed, open_requests, question, record_answer, request
from expectations.waivers import WaiverRefused

CHECK = "fct_dossiers.finished_not_before_received"


def asked() -> str:
    done = request(
        CHECK, "2023-04", agency="11122", rows_at_most=1, reason="đã đối chiếu sổ giấy của xã",
        ground="Công văn 1234/UBND-KSTT", requested_by="lan.pham",
    )  # fmt: skip
    return str(done["waiver"])


def person(account: str) -> dict[str, str]:
    return {"id": "7", "name": account}


def states() -> list[tuple[str, str | None]]:
    return [(row["state"], row["approved_by"]) for row in listed("2023-04")]


def test_a_yes_approves_and_a_no_ends_the_request(home: Settings):
    first, second = asked(), asked()
    assert open_requests("2023-04") == [first, second]

    assert record_answer(first, [APPROVE], person("minh.vo"))
    assert not record_answer(second, [REJECT], person("minh.vo"))

    assert states() == [("live", "minh.vo"), ("revoked", None)]
    with pytest.raises(NothingToDecide):
        open_requests("2023-04")


@pytest.mark.parametrize("account", ["lan.pham", "Lan.Phạm", None, "Võ Văn Minh"])
def test_a_yes_of_who_asked_of_nobody_or_of_no_account_approves_nothing(home: Settings, account: str | None):
    waiver = asked()
    with pytest.raises(WaiverRefused):
        record_answer(waiver, [APPROVE], person(account) if account else None)
    assert states() == [("open", None)]


def test_an_answer_counts_once(home: Settings):
    waiver = asked()
    record_answer(waiver, [REJECT], person("minh.vo"))
    with pytest.raises(WaiverRefused, match="is revoked"):
        record_answer(waiver, [APPROVE], person("an.le"))
    other = asked()
    decide(other, "an.le", approved=True)
    with pytest.raises(WaiverRefused, match="is live"):
        record_answer(other, [APPROVE], person("minh.vo"))


def test_what_the_approver_reads_is_the_record(home: Settings):
    subject, body = question(asked())
    assert subject == "Phê duyệt ngoại lệ W0001 cho kỳ 04/2023: Ngày kết thúc xử lý trước ngày tiếp nhận"
    for words in (CHECK, "tối đa 1 hồ sơ", "đơn vị 11122", "lan.pham", "Công văn 1234/UBND-KSTT", "chưa có"):
        assert words in body
    with pytest.raises(WaiverRefused, match="there is no waiver W0009"):
        question("W0009")

"""What a digest says: worst first, in the words of an official, with counts, days and places."""

from __future__ import annotations

import re

import pytest

from cchc.cli import app
from cchc.settings import Settings
from expectations.audit import GateFailed
from expectations.cells import HeldBack, WithheldCell
from expectations.contacts import Contact
from expectations.digests import digests, told_of
from expectations.failures import failure_text
from expectations.suites import all_checks
from expectations.verdicts import EMPTY_FRAME, AgencyRows, Sample, Verdict
from tests.expectations.alerts.conftest import CHECKS, FINISHED, failing, recorded, text_for


def test_the_text_reads_as_an_official_needs_it(configured: Settings):
    verdict = recorded(
        configured,
        failing(FINISHED, 1234, received_at="2023-03-20 08:00:00", finished_at="2023-03-19 00:00:00"),
        failing("fct_documents.agency_known", outcome="not_evaluated"),
        failing("fct_dossiers.returned_not_before_finished", 2),
    )

    title, text = text_for(verdict)

    assert title == (
        "[CCHC] Kỳ 04/2023: chưa công bố số liệu, 2 nội dung kiểm tra bắt buộc không đạt, hạn xử lý 15/04/2023"
    )
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

    _, text = text_for(recorded(configured, failing(identity, 9), figure, failing(FINISHED)))

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

    _, text = text_for(recorded(configured, result))

    assert f"({said}" in text
    assert "• Chung, không gắn với đơn vị cụ thể: 1 chỉ tiêu" in text


@pytest.mark.parametrize("check_id", sorted(CHECKS))
def test_every_check_has_an_alert_text_without_technical_column_names(check_id: str, configured: Settings):
    check = CHECKS[check_id]
    result = failing(check_id, **dict.fromkeys(check.columns_shown if check.show else (), "2023-04-01"))
    blocking = result.model_copy(update={"severity": "critical"})  # a warning alone alerts nobody

    _, text = text_for(recorded(configured, blocking))

    assert not [name for name in check.show if "_" in name and name in text.replace(check_id, "")]


def test_checks_without_any_row_to_look_at_are_told_in_one_line(configured: Settings):
    empty = [
        failing(check, outcome="not_evaluated").model_copy(update={"detail": EMPTY_FRAME})
        for check in ("fct_documents.agency_known", "fct_dossiers.returned_not_before_finished", FINISHED)
    ]

    _, text = text_for(recorded(configured, *empty))

    blocking = sum(result.severity == "critical" for result in empty)
    assert text.count("KHÔNG KIỂM TRA ĐƯỢC") == 1 + (blocking < len(empty))
    assert f"1. KHÔNG KIỂM TRA ĐƯỢC {blocking} nội dung vì kỳ này không có dữ liệu để kiểm tra: " in text
    assert "the frame is empty" not in text


def test_the_advice_about_rejects_is_the_command_that_makes_the_lists(configured: Settings):
    _, text = text_for(recorded(configured, failing("exports.reject_share")))

    assert "cchc rejects export 2023-04" in text
    assert "cchc rejects import" in text
    assert "cchc close 2023-04" in text


def test_an_agency_that_is_the_fault_itself_is_not_counted(configured: Settings):
    (check,) = (c.id for c in CHECKS.values() if c.message_vi == "Không có hồ sơ nào của đơn vị trong dữ liệu của kỳ")

    _, text = text_for(recorded(configured, failing(check)))

    assert "• Xã Quảng Nghiệp (11122)\n" in text


def test_a_month_that_is_published_already_is_not_called_unpublished(configured: Settings):
    verdict = recorded(configured, failing(FINISHED))

    title, text = text_for(verdict, revision=2)
    step_title, step_text = failure_text("2023-04", "build", "dbt broke", revision=2)

    assert title == (
        "[CCHC] Kỳ 04/2023: chưa công bố lại được số liệu, 1 nội dung kiểm tra bắt buộc không đạt, hạn xử lý 15/04/2023"
    )
    for told in (text, step_text):
        assert "chưa công bố lại được (lần công bố 2 vẫn có hiệu lực)" in told
        assert "CHƯA được công bố" not in told
        assert "toàn bộ số liệu" not in told
    assert "04/2023" in step_title
    assert "is not published again, revision 2 stays in force" in str(GateFailed(verdict, alerted=True, revision=2))


def withheld(configured: Settings, *held_back: HeldBack, failing_agency: str = "11122") -> Verdict:
    """A month that may be published without figures of these agencies, because of rows of one."""
    result = failing(FINISHED, 2, agency=failing_agency)
    entries = [entry.model_copy(update={"withheld": 2}) for entry in result.by_agency]
    cells = [
        WithheldCell(scope="month", agency=one.agency_code, indicator="dossiers_received", checks=[FINISHED])
        for one in held_back
    ]
    verdict = recorded(configured, result.model_copy(update={"by_agency": entries}))
    assert verdict.outcome == "held"
    return verdict.model_copy(update={"withheld": cells, "held_back": list(held_back)})


def test_a_month_that_is_published_without_some_figures_says_whose_and_which(configured: Settings):
    names = [f"Chỉ tiêu {number}" for number in range(1, 9)]
    one = HeldBack(
        agency_code="11122", name_vi="Xã Quảng Nghiệp", facts=["dossiers"], indicators=names, rollups=["Huyện Tứ Kỳ"]
    )

    title, text = text_for(withheld(configured, one))

    assert title.startswith("[CCHC] Kỳ 04/2023: tạm giữ một phần số liệu, 1 nội dung kiểm tra bắt buộc không đạt")
    assert "đủ điều kiện công bố, trừ phần đang giữ lại nêu dưới đây" in text
    assert "CHƯA được công bố" not in text
    assert "• Xã Quảng Nghiệp (11122): toàn bộ chỉ tiêu hồ sơ, “Chỉ tiêu 1”, " in text
    assert "“Chỉ tiêu 6”, và 2 chỉ tiêu khác\n" in text
    assert "số tổng hợp các chỉ tiêu này của Huyện Tứ Kỳ chưa đầy đủ" in text
    assert 'cchc close 2023-04 --reason "…"' in text


def test_a_month_that_was_published_whole_before_is_not_said_to_be_as_it_was(configured: Settings):
    one = HeldBack(agency_code="11122", name_vi="Xã Quảng Nghiệp", facts=["dossiers"])
    first, again = (text_for(withheld(configured, one), revision=revision)[1] for revision in (None, 2))

    assert "Số liệu các kỳ đã công bố không thay đổi." in first
    assert "Số liệu các kỳ đã công bố không thay đổi." not in again
    assert "Lần công bố thứ 2 của kỳ được lưu nguyên vẹn; lần công bố mới thay thế lần đó" in again


def test_figures_of_more_agencies_than_anybody_reads_are_counted(configured: Settings):
    many = [HeldBack(agency_code=str(n), name_vi=f"Xã {n}", facts=["documents"]) for n in range(13)]
    assert "• … và 3 đơn vị khác\n" in text_for(withheld(configured, *many))[1]


def test_rows_that_no_figure_rests_on_hold_nothing_back(configured: Settings):
    title, text = text_for(withheld(configured))
    assert "dữ liệu chưa đạt" in title
    assert "Không có số liệu nào bị giữ lại" in text


def test_who_answers_for_an_agency_that_is_gone_is_told_with_its_rows(configured: Settings):
    verdict = withheld(
        configured, HeldBack(agency_code="11119", name_vi="Xã Đại Hợp", facts=["dossiers"]), failing_agency="11120"
    )
    commune = Contact("a", "Bộ phận Một cửa", "alert_a", None, (("portal", "11120"),))
    (digest,) = digests(verdict, CHECKS, [commune])
    assert told_of(digest, verdict) == {"11119", "11120"}


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

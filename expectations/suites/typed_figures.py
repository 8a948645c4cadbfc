"""Checks on what communes typed into form 01b. None of it is published as ours: it is compared, and told to who typed it."""

from __future__ import annotations

from typing import Any

from expectations.checks import EQUAL, GREATER, NULL, OFFICE_OWNER, Check, Frame, at_least, equal

FIGURES = Frame("typed_figures", rows_vi="dòng của biểu 01b")
SUMS = Frame("typed_sums", rows_vi="tổng trong biểu 01b")
FORMS = Frame("typed_forms", rows_vi="biểu 01b")


def _typed(
    name: str, frame: Frame, expect: str, arguments: dict[str, Any], why: str, message_vi: str, show: tuple[str, ...]
) -> Check:
    return Check(
        id=f"fct_reported_figures.{name}",
        frame=frame,
        expect=expect,
        arguments=arguments,
        severity="warning",
        scope="cell",
        spoils=("fct_reported_figures",),
        why=why,
        message_vi=message_vi,
        action_vi="Đơn vị kiểm tra lại biểu 01b của tháng, sửa ô được nêu rồi gửi lại; nếu biểu đúng thì báo Tổ dữ liệu.",
        owner=OFFICE_OWNER,
        show=show,
    )


CHECKS: tuple[Check, ...] = (
    _typed(
        "count_as_recorded", FIGURES, NULL, {"column": "typed_count"},
        "Text and form gave two numbers for one thing (F003-03, F003-09), 1.467 was read as 1.467 (F000-03), dossiers were "
        "called procedures (F002-07, F004-08): beside the records each shows at once.",
        "Số trong biểu 01b khác số liệu tính từ hồ sơ, văn bản",
        ("indicator_vi", "typed_count", "of_records"),
    ),
    _typed(
        "share_as_recorded", FIGURES, NULL, {"column": "typed_share"},
        "100 % beside 892 of 907 (F004-01), 100 % beside 56 of 212 (F003-08): printed shares are counted again. Half a "
        "point covers rounding and cutting off (F000-02, F004-02).",
        "Tỷ lệ trong biểu 01b khác tỷ lệ tính từ dữ liệu",
        ("indicator_vi", "typed_share", "recorded_share"),
    ),
    _typed(
        "not_blank_beside_records", FIGURES, NULL, {"column": "left_blank"},
        "3.1.3, 3.3.3 and 3.4.1 were left blank (F003-13) or 'could not be extracted' (F001-12) while the records have the "
        "number: neither is a zero.",
        "Biểu 01b để trống ô mà hệ thống có số liệu",
        ("indicator_vi", "of_records"),
    ),
    _typed(
        "whole_is_its_parts", SUMS, EQUAL, equal("whole_typed", "parts_typed"),
        "3.2 = 123 over 2 + 87 + 100 (F003-02); 10 + 7 staff and 18 accounts (F004-05); 89 + 238 + 145 + 272 + 159 = 903 is "
        "one that adds up.",
        "Biểu 01b: dòng tổng không bằng tổng các dòng thành phần",
        ("whole_typed", "parts_typed"),
    ),
    _typed(
        "parts_within_whole", SUMS, GREATER, at_least("at_most", "parts_typed"),
        "15 tasks done of 11 given (F003-06), all 212 procedures abolished and none in force (F003-01), 100 % electronic and "
        "100 % on paper too (F003-05): parts are no more than the whole.",
        "Biểu 01b: các phần cộng lại lớn hơn toàn bộ",
        ("at_most", "parts_typed"),
    ),
    _typed(
        "form_complete", FORMS, GREATER, at_least("typed_rows", "rows_expected"),
        "A form ended at 7.6 without its value (F003-24). A form is whole when it has nine tenths of the rows that the others "
        "have; none at all is told where the others have sent theirs.",
        "Biểu 01b của đơn vị thiếu dòng hoặc chưa được gửi",
        ("typed_rows", "rows_expected"),
    ),
)  # fmt: skip

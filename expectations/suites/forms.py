"""Checks on Biểu 06: every identity between its columns, and its totals against its rows and against the figures."""

from __future__ import annotations

from expectations.checks import EQUAL, Check, Frame, equal

FORM = Frame("form_b06", rows_vi="dòng của Biểu 06")
TOTALS = Frame("form_b06_totals", rows_vi="cột của Biểu 06")

_ASK_DATA_TEAM = (
    "Tổ dữ liệu đối chiếu Biểu 06 với dữ liệu chi tiết của đơn vị, xử lý nguyên nhân rồi chạy lại kỳ báo cáo."
)


def _adds_up(name: str, whole: str, parts: str, message_vi: str, why: str, spoils: tuple[str, ...]) -> Check:
    return Check(
        id=f"mart_form_b06.{name}",
        frame=FORM,
        expect=EQUAL,
        arguments=equal(whole, parts),
        severity="critical",
        scope="cell",
        spoils=tuple(f"fct_dossiers.{column}" for column in spoils),
        why=why,
        message_vi=message_vi,
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", whole, parts),
    )


_ENDS = ("finished_at", "refused_at", "withdrawn_at")

CHECKS: tuple[Check, ...] = (
    _adds_up(
        "taken_on_equals_its_parts", "c3", "c4_c5_c6",
        "Biểu 06: cột 3 không bằng tổng các cột 4, 5 và 6",
        "Biểu số 06/VPCP/KSTT states (3)=(4)+(5)+(6); 510 online here and 238 there was printed (F003-09).",
        ("received_at", "channel"),
    ),
    _adds_up(
        "ended_equals_its_parts", "c7", "c8_c9_c10",
        "Biểu 06: cột 7 không bằng tổng các cột 8, 9 và 10",
        "Biểu số 06/VPCP/KSTT states (7)=(8)+(9)+(10); totals without their split were printed (F001-02, F003-12).",
        ("due_at", *_ENDS),
    ),
    _adds_up(
        "pending_equals_its_parts", "c11", "c12_c13",
        "Biểu 06: cột 11 không bằng tổng các cột 12 và 13",
        "Biểu số 06/VPCP/KSTT states (11)=(12)+(13); a parent is the sum of its children (F003-02, F004-06).",
        ("due_at", *_ENDS),
    ),
    _adds_up(
        "taken_on_is_ended_or_pending", "c3", "c7_c11",
        "Biểu 06: cột 3 không bằng tổng các cột 7 và 11",
        "Biểu số 06/VPCP/KSTT states (3)=(7)+(11); 1823 against 1819 and 6 was printed (F002-01).",
        ("received_at", *_ENDS),
    ),
    Check(
        id="mart_form_b06.total_equals_its_fields",
        frame=TOTALS,
        expect=EQUAL,
        arguments=equal("in_form", "in_fields"),
        severity="critical",
        scope="period",
        why="123 stood over 2, 87 and 100 (F003-02): a total is the sum of the rows printed under it. Both are made of the same "
        "records, so that a difference is our own fault, and no figure could be withheld for it.",
        message_vi="Biểu 06: dòng tổng cộng không bằng tổng các lĩnh vực",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "in_form", "in_fields"),
    ),
    Check(
        id="mart_form_b06.total_equals_figures",
        frame=TOTALS,
        expect=EQUAL,
        arguments=equal("in_form", "in_indicators"),
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers",),
        why="One code, one value in every place where it is printed (text 123 + 89, form 189: F003-03; F004-01). Form and "
        "figures are summed apart from one another.",
        message_vi="Biểu 06: dòng tổng cộng khác số liệu của các chỉ tiêu tương ứng",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "in_form", "in_indicators"),
    ),
)  # fmt: skip

"""Checks against the agency's own past: months before and the same season of earlier years, working day by working day.

Their bounds are statistics, so that they warn. An agency that a merger made new has no past, and is not judged by them.
"""

from __future__ import annotations

from expectations.checks import GREATER, NULL, Check, Frame, at_least

VOLUMES = Frame("volumes", rows_vi="chỉ tiêu")
STOCKS = Frame("stocks", rows_vi="chỉ tiêu")
SHARES = Frame("share_jumps", rows_vi="chỉ tiêu")

_ASK_AGENCY = (
    "Tổ dữ liệu hỏi đơn vị về nguyên nhân; nguồn gửi thiếu hoặc trùng thì đọc lại nguồn rồi chạy lại kỳ báo cáo."
)

CHECKS: tuple[Check, ...] = (
    Check(
        id="indicator_values.count_not_far_below",
        frame=VOLUMES,
        expect=GREATER,
        arguments=at_least("counted", "usual_least"),
        severity="warning",
        scope="cell",
        why="Half of a commune's rows may be lost while the total that is declared agrees. 50 in a year and 218 in eight "
        "months were compared as they stood (F001-07): per working day, like months with like.",
        message_vi="Số liệu của đơn vị thấp hơn hẳn mức thường thấy",
        action_vi=_ASK_AGENCY,
        show=("indicator_vi", "counted", "usual_least"),
    ),
    Check(
        id="indicator_values.count_not_far_above",
        frame=VOLUMES,
        expect=GREATER,
        arguments=at_least("usual_most", "counted"),
        severity="warning",
        scope="cell",
        why="A join at the source multiplies rows, or a wider window takes more in (+336 % between unlike windows: "
        "F001-07).",
        message_vi="Số liệu của đơn vị cao hơn hẳn mức thường thấy",
        action_vi=_ASK_AGENCY,
        show=("indicator_vi", "counted", "usual_most"),
    ),
    Check(
        id="indicator_values.stock_moves_slowly",
        frame=STOCKS,
        expect=NULL,
        arguments={"column": "counted_before"},
        severity="warning",
        scope="cell",
        why="In one district 163, 162 and 164 procedures were in force (X-01): a catalogue changes by a few, and so do "
        "certificates. A fifth and more than five in a month is half a list, or another one.",
        message_vi="Số thủ tục hành chính hoặc chứng thư số của đơn vị thay đổi quá nhiều so với tháng trước",
        action_vi=_ASK_AGENCY,
        show=("indicator_vi", "counted", "counted_before"),
    ),
    Check(
        id="indicator_values.share_does_not_jump",
        frame=SHARES,
        expect=NULL,
        arguments={"column": "share_before"},
        severity="warning",
        scope="cell",
        why="A share moves when people work differently, or when a code changes its meaning (510 online, or 238 and 272: "
        "F003-09, X-05). Told once, in the month of the step.",
        message_vi="Tỷ lệ của đơn vị thay đổi đột ngột so với các tháng trước",
        action_vi="Tổ dữ liệu kiểm tra cách ghi của nguồn (mã kênh, mã trạng thái, dấu ký số) và hỏi đơn vị về nguyên nhân.",
        show=("indicator_vi", "value", "share_before"),
    ),
)

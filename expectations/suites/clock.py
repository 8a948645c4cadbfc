"""Checks on the legal clock: due dates that no pause explains, and a working calendar that ends too soon."""

from __future__ import annotations

from expectations.checks import BETWEEN, GREATER, PORTAL_OWNER, PORTAL_SYSTEM, Check, Frame, at_least

CLOCK = Frame("clock", rows_vi="hồ sơ", in_place=True)

CHECKS: tuple[Check, ...] = (
    Check(
        id="fct_dossiers.due_not_beyond_clock",
        frame=CLOCK,
        expect=BETWEEN,
        arguments={"column": "working_days_beyond", "max_value": 1},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at",),
        why="A due date moved further than the pauses lasted turns late dossiers into ones on time. One working day is "
        "allowed: sources count the day of the request or of the answer in full, and round up.",
        message_vi="Ngày hẹn trả được lùi muộn hơn thời gian tạm dừng cho phép quá một ngày làm việc",
        action_vi=f"Đơn vị kiểm tra các lần yêu cầu bổ sung, tạm dừng và văn bản xin lỗi, hẹn lại của hồ sơ trên "
        f"{PORTAL_SYSTEM}; ghi đủ các lần tạm dừng hoặc sửa lại ngày hẹn trả rồi đồng bộ lại.",
        owner=PORTAL_OWNER,
        show=("due_at", "clock_due_at", "working_days_beyond"),
    ),
    Check(
        id="dim_working_days.reaches_beyond_period",
        frame=CLOCK,
        expect=GREATER,
        arguments=at_least("calendar_to", "needed_to"),
        severity="warning",
        scope="period",
        why="Outside the calendar the clock says nothing (working time is null). No figure rests on it, so it warns, half "
        "a year before due dates of the usual length fall outside.",
        message_vi="Lịch làm việc (ngày lễ, ngày làm bù) sắp hết, chưa có cho sáu tháng sau kỳ báo cáo",
        action_vi="Tổ dữ liệu cập nhật lịch làm việc của các năm tiếp theo (tools/README.md) rồi chạy lại kỳ báo cáo.",
        show=("calendar_to",),
    ),
)

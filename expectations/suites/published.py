"""Checks on what is published as a whole: no personal data in any text, and not a month of gaps."""

from __future__ import annotations

from expectations.checks import BETWEEN, Check, Frame

TEXTS = Frame("personal_data", rows_vi="cột dữ liệu")
WITHHELD = Frame("withheld_shares", rows_vi="chỉ tiêu")

CHECKS: tuple[Check, ...] = (
    Check(
        id="build.no_personal_data",
        frame=TEXTS,
        expect=BETWEEN,
        arguments={"column": "personal", "max_value": 0},
        severity="critical",
        scope="period",
        why="Names of two members of staff stood in a report (F001-15), and what is published is published for ever. Landing "
        "lets no such text in; a list that the deployment adds itself, or a new column, is looked at here. No value is shown.",
        message_vi="Có dấu hiệu dữ liệu cá nhân (số giấy tờ, số điện thoại, thư điện tử, họ tên) trong bảng sẽ công bố",
        action_vi="Tổ dữ liệu xem cột được nêu trong tệp dữ liệu của kỳ, tìm nguồn của giá trị, xóa ở nguồn hoặc sửa danh mục "
        "của tỉnh rồi dựng lại.",
        show=("personal",),
    ),
    Check(
        id="indicator_values.not_withheld_nearly_everywhere",
        frame=WITHHELD,
        expect=BETWEEN,
        arguments={"column": "withheld_share", "max_value": 0.75},
        severity="critical",
        scope="period",
        why="Figures are withheld one by one where one agency's records are at fault. A fault of more than three agencies in "
        "four is one of the source or of this program, and a month without them is no month of the province.",
        message_vi="Chỉ tiêu phải tạm giữ ở hầu hết các đơn vị, nhiều khả năng do nguồn dữ liệu hoặc do cách đọc nguồn",
        action_vi="Tổ dữ liệu xem các nội dung kiểm tra không đạt nêu cùng lượt này, tìm nguyên nhân chung (thay đổi ở nguồn, "
        "bảng mã, khai báo đọc nguồn), xử lý rồi đọc lại nguồn và chạy lại kỳ báo cáo.",
        show=("indicator_vi", "agencies_withheld", "agencies"),
    ),
)

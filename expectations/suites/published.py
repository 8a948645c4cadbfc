"""Checks on all that is published: no personal data in any text, whatever its table and column."""

from __future__ import annotations

from expectations.checks import BETWEEN, Check, Frame

TEXTS = Frame("personal_data", rows_vi="cột dữ liệu")

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
)

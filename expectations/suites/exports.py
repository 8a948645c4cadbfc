"""Checks on what was landed, export by export, and on the build as a whole."""

from __future__ import annotations

from expectations.checks import EQUAL, GREATER, NOT_NULL, Check, Frame, at_least, equal

EXPORTS = Frame("exports", rows_vi="nguồn dữ liệu")
TABLES = Frame("tables", rows_vi="bảng")

_READ_AGAIN = "Tổ dữ liệu đọc lại nguồn (lệnh cchc land) và đối chiếu số dòng với đơn vị quản lý hệ thống nguồn."

CHECKS: tuple[Check, ...] = (
    Check(
        id="exports.reject_share",
        frame=EXPORTS,
        expect=GREATER,
        arguments=at_least("reject_share_max", "reject_share"),
        severity="critical",
        scope="period",
        why="A rejected row is missing from every figure. Single bad rows are normal, so the bound is a small share "
        "(CCHC_REJECT_SHARE_MAX, 2 %): above it a format has changed, not a clerk erred.",
        message_vi="Quá nhiều dòng dữ liệu bị loại vì không đúng quy cách",
        action_vi="Tổ dữ liệu xuất danh sách cần sửa cho từng đơn vị bằng lệnh cchc rejects export <kỳ>, gửi đơn vị sửa, "
        "nhận lại bằng lệnh cchc rejects import <tệp>, rồi chốt lại kỳ (lệnh cchc close <kỳ>). Nếu lỗi do nguồn đổi cách "
        "ghi thì sửa cấu hình nguồn và đọc lại nguồn.",
        show=("rejected", "rows_read"),
    ),
    Check(
        id="exports.rows_accounted_for",
        frame=EXPORTS,
        expect=EQUAL,
        arguments=equal("rows_read", "rows_accounted_for"),
        severity="critical",
        scope="period",
        why="Nothing is lost: rows read = accepted + rejected + exact duplicates + withheld. Landing refuses it too; "
        "the gate believes "
        "nobody.",
        message_vi="Số dòng đọc được không bằng số dòng nhận, loại, trùng và giữ lại",
        action_vi=_READ_AGAIN,
        show=("rows_read", "rows_accounted_for"),
    ),
    Check(
        id="exports.rows_as_declared",
        frame=EXPORTS,
        expect=EQUAL,
        arguments=equal("declared_rows", "rows_read"),
        severity="critical",
        scope="period",
        why="What the source says it has is what was read, where it says so: a lost last page is the classic.",
        message_vi="Số dòng đọc được khác số dòng nguồn khai báo",
        action_vi=_READ_AGAIN,
        show=("declared_rows", "rows_read"),
    ),
    Check(
        id="exports.not_far_fewer_rows",
        frame=EXPORTS,
        expect=GREATER,
        arguments=at_least("rows_read", "usual_least"),
        severity="warning",
        scope="period",
        why="Below half of the smallest of the last twelve months, with at least three to compare: half is wide "
        "enough for Tết "
        "and harvest, and narrow enough for a commune group that stopped sending.",
        message_vi="Nguồn gửi ít dữ liệu hơn hẳn các tháng trước",
        action_vi=_READ_AGAIN,
        show=("rows_read", "usual_least"),
    ),
    Check(
        id="exports.not_far_more_rows",
        frame=EXPORTS,
        expect=GREATER,
        arguments=at_least("usual_most", "rows_read"),
        severity="warning",
        scope="period",
        why="Above twice the largest of the last twelve months: rows multiplied by a join at the source, or a window "
        "too wide "
        "(+336 % between unlike windows: F001-07).",
        message_vi="Nguồn gửi nhiều dữ liệu hơn hẳn các tháng trước",
        action_vi=_READ_AGAIN,
        show=("rows_read", "usual_most"),
    ),
    Check(
        id="build.tables_present",
        frame=TABLES,
        expect=NOT_NULL,
        arguments={"column": "found"},
        severity="critical",
        scope="period",
        why="A snapshot holds all its tables or is none; a table that was not built cannot be fingerprinted either.",
        message_vi="Thiếu bảng dữ liệu phải công bố",
        action_vi="Tổ dữ liệu chạy lại bước dựng dữ liệu (lệnh cchc build) và xem lỗi của bước đó.",
    ),
)

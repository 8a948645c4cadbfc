"""Checks on when sources were read and how far they reach, and on what was rejected agency by agency."""

from __future__ import annotations

from expectations.checks import BETWEEN, GREATER, NULL, OFFICE_OWNER, PORTAL_OWNER, Check, Frame, at_least

READS = Frame("reads", rows_vi="nguồn dữ liệu")
DAYS = Frame("export_days", rows_vi="ngày của nguồn dữ liệu")
REJECTED = Frame("rejected_rows", rows_vi="đơn vị")

_READ_AGAIN = (
    "Tổ dữ liệu đọc lại nguồn (lệnh cchc land) và hỏi đơn vị quản lý hệ thống nguồn về các ngày thiếu dữ liệu."
)


def _few_rejected(entity: str, table: str, owner: str, system_vi: str, rows_vi: str) -> Check:
    return Check(
        id=f"{table}.few_rejected",
        frame=REJECTED,
        expect=BETWEEN,
        arguments={"column": f"{entity}_rejected_share", "max_value": 0.05},
        severity="critical",
        scope="cell",
        spoils=(table,),
        why="The share of an export hides one agency whose rows are all refused. Beyond a twentieth, and five rows, its "
        "figures lack more than single slips explain (what could not be extracted is no zero: F001-12).",
        message_vi=f"Quá nhiều {rows_vi} của đơn vị bị loại vì không đúng quy cách",
        action_vi=f"Đơn vị sửa các dòng trong danh sách cần sửa trên {system_vi}, hoặc sửa ngay trong tệp đính kèm và gửi "
        "lại Tổ dữ liệu.",
        owner=owner,
        show=(f"{entity}_rejected_share",),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="exports.read_after_period_end",
        frame=READS,
        expect=GREATER,
        arguments=at_least("read_at", "ends_at"),
        severity="critical",
        scope="period",
        why="A nine-month report was signed before the nine months were over (F001-08). What was read before the period "
        "ended lacks its last days, whatever the source says.",
        message_vi="Nguồn được đọc khi kỳ báo cáo chưa kết thúc",
        action_vi="Tổ dữ liệu đọc lại nguồn (lệnh cchc land) sau ngày cuối kỳ rồi chạy lại kỳ báo cáo.",
        show=("read_at",),
    ),
    Check(
        id="exports.reaches_the_end",
        frame=DAYS,
        expect=BETWEEN,
        arguments={"column": "working_days_silent", "max_value": 2},
        severity="critical",
        scope="period",
        why="Two cut-offs in one document (F000-04, F004-17). Three working days without a single event where 30 were due: "
        "the source serves a copy that stopped. Weekends and holidays, Tết too, are no working days.",
        message_vi="Dữ liệu của nguồn dừng lại trước khi kết thúc kỳ báo cáo",
        action_vi=_READ_AGAIN,
        show=("newest_date", "working_days_silent"),
    ),
    Check(
        id="exports.no_day_without_events",
        frame=DAYS,
        expect=NULL,
        arguments={"column": "usual_events"},
        severity="warning",
        scope="period",
        why="Communes report days on which nobody could log in (F001-12); a page lost on the way looks the same. A day with "
        "none where 20 are usual is no chance, but may be an outage with nothing to repair, so it warns.",
        message_vi="Một ngày làm việc không có dữ liệu nào từ nguồn",
        action_vi=_READ_AGAIN,
        show=("usual_events",),
    ),
    _few_rejected("dossiers", "fct_dossiers", PORTAL_OWNER, "hệ thống một cửa", "hồ sơ"),
    _few_rejected("documents", "fct_documents", OFFICE_OWNER, "hệ thống quản lý văn bản", "văn bản"),
    _few_rejected("procedures", "dim_procedures", PORTAL_OWNER, "cơ sở dữ liệu thủ tục", "thủ tục hành chính"),
    _few_rejected("certificates", "dim_certificates", OFFICE_OWNER, "danh sách chứng thư số", "chứng thư số"),
)

"""Checks that everybody delivered, from every source, until the end: silence is a fault."""

from __future__ import annotations

from expectations.checks import BETWEEN, NULL, Check, Frame

SILENCE = Frame("silence", rows_vi="chỉ tiêu")
DELIVERIES = Frame("deliveries", rows_vi="loại dữ liệu")
DAYS = Frame("agency_days", rows_vi="loại dữ liệu")

_RECONNECT = (
    "Tổ dữ liệu cùng đơn vị kiểm tra việc kết nối, đồng bộ của hệ thống nguồn (tài khoản, mã định danh, lịch đồng bộ), "
    "đồng bộ lại rồi chạy lại kỳ báo cáo."
)

CHECKS: tuple[Check, ...] = (
    Check(
        id="indicator_values.source_not_silent",
        frame=SILENCE,
        expect=NULL,
        arguments={"column": "usual_least"},
        severity="critical",
        scope="cell",
        why="An agency that delivered in each of the last months and delivers nothing now has lost its connection, not its "
        "work: zero would be printed for 'could not be extracted' (F001-12). The bound leaves no room for chance.",
        message_vi="Không nhận được dữ liệu nào của đơn vị, trong khi các tháng trước đều có",
        action_vi=_RECONNECT,
        show=("indicator_vi", "usual_least"),
    ),
    Check(
        id="fct_signatures.agency_not_silent",
        frame=DELIVERIES,
        expect=NULL,
        arguments={"column": "usual_least"},
        severity="warning",
        scope="cell",
        spoils=("fct_signatures",),
        why="The same for signatures, ten or more in each of the last months (F001-12). No figure counts them yet, so it "
        "warns; without them nothing vouches for the documents flagged as signed.",
        message_vi="Không nhận được chữ ký số nào của đơn vị, trong khi các tháng trước đều có",
        action_vi=_RECONNECT,
        show=("usual_least",),
    ),
    Check(
        id="indicator_values.not_without_what_others_have",
        frame=DELIVERIES,
        expect=NULL,
        arguments={"column": "usual_beside"},
        severity="warning",
        scope="cell",
        spoils=("fct_documents", "fct_signatures", "dim_certificates", "dim_procedures"),
        why="In its first months an agency has no past to be silent against. Four in five others deliver, and many: then "
        "none at all is an account that was never opened (accounts for 10 of 18: F003-16). It may be so, so it warns.",
        message_vi="Đơn vị chưa từng có loại dữ liệu mà hầu hết các đơn vị khác đều có",
        action_vi=_RECONNECT,
        show=("usual_beside",),
    ),
    Check(
        id="indicator_values.agency_does_not_stop_early",
        frame=DAYS,
        expect=BETWEEN,
        arguments={"column": "working_days_silent", "max_value": 4},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers", "fct_documents"),
        why="Nine more days and no new post (F001-06). A working week without a single event where 25 were due is a "
        "synchronisation that broke in the middle of the month. Offices have quiet weeks, so it warns.",
        message_vi="Dữ liệu của đơn vị dừng lại trước khi kết thúc kỳ báo cáo",
        action_vi=_RECONNECT,
        show=("newest_date", "working_days_silent"),
    ),
)

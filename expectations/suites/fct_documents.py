"""Checks on the month's documents."""

from __future__ import annotations

from expectations.checks import (
    BETWEEN,
    GREATER,
    NOT_NULL,
    NULL,
    OFFICE_OWNER,
    Check,
    Frame,
    at_least,
)

DOCUMENTS = Frame("documents", rows_vi="văn bản", entity="documents", in_place=True)

_CORRECT = "Văn thư đơn vị sửa ngày của văn bản trên hệ thống quản lý văn bản rồi báo Tổ dữ liệu chạy lại."

CHECKS: tuple[Check, ...] = (
    Check(
        id="fct_documents.key_unique",
        frame=DOCUMENTS,
        expect=BETWEEN,
        arguments={"column": "copies", "max_value": 1},
        severity="critical",
        scope="period",
        why="One document has one row per agency and direction (one number with two dates: F004-14).",
        message_vi="Một văn bản xuất hiện nhiều lần trong dữ liệu của kỳ",
        action_vi="Tổ dữ liệu kiểm tra các nguồn cùng gửi một văn bản và bước loại bỏ bản ghi trùng rồi chạy lại kỳ báo "
        "cáo.",
        show=("direction",),
    ),
    Check(
        id="fct_documents.agency_known",
        frame=DOCUMENTS,
        expect=NOT_NULL,
        arguments={"column": "known_agency"},
        severity="critical",
        scope="period",
        why="A document of an unknown agency is counted in no figure, and nobody misses it.",
        message_vi="Văn bản của đơn vị chưa có trong danh mục đơn vị",
        action_vi="Tổ dữ liệu bổ sung đơn vị hoặc mã định danh vào danh mục đơn vị (kèm ngày hiệu lực) rồi chạy lại "
        "kỳ báo cáo.",
        show=("direction",),
    ),
    Check(
        id="fct_documents.dates_not_too_old",
        frame=DOCUMENTS,
        expect=GREATER,
        arguments=at_least("earliest_at", "plausible_from"),
        severity="critical",
        scope="cell",
        spoils=("fct_documents.received_at", "fct_documents.sent_at", "fct_documents.issued_date"),
        why="Dates lie near the period (F001-01); the bound of years is CCHC_PLAUSIBLE_YEARS.",
        message_vi="Văn bản có ngày quá xa trong quá khứ",
        action_vi=_CORRECT,
        owner=OFFICE_OWNER,
        show=("earliest_at",),
    ),
    Check(
        id="fct_documents.dates_before_period_end",
        frame=DOCUMENTS,
        expect=GREATER,
        arguments=at_least("ends_at", "latest_at", strictly=True),
        severity="critical",
        scope="cell",
        spoils=("fct_documents.received_at", "fct_documents.sent_at", "fct_documents.issued_date"),
        why="Nothing sent, issued or received at or after the period's end belongs to it (F001-06: nine more days, no "
        "new post).",
        message_vi="Văn bản có ngày đến, ngày gửi hoặc ngày ban hành sau kỳ báo cáo",
        action_vi=_CORRECT,
        owner=OFFICE_OWNER,
        show=("latest_at",),
    ),
    Check(
        id="fct_documents.sent_not_before_issued",
        frame=DOCUMENTS,
        expect=GREATER,
        arguments=at_least("sent_at", "issued_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_documents.sent_at", "fct_documents.issued_date"),
        why="A document is sent after it is issued (a plan 23 days older than the plan it carries out: F001-14). It "
        "is counted by "
        "sent_at, so it warns.",
        message_vi="Văn bản đi được gửi trước ngày ban hành",
        action_vi=_CORRECT,
        owner=OFFICE_OWNER,
        show=("issued_at", "sent_at"),
    ),
    Check(
        id="fct_documents.flagged_signed_has_signature",
        frame=DOCUMENTS,
        expect=BETWEEN,
        arguments={"column": "signatures_of_flagged", "min_value": 1},
        severity="warning",
        scope="cell",
        spoils=("fct_documents.is_signed",),
        why="The figure is the DMS flag; the register of signatures cross-checks it (167 signed of 347 against a duty "
        "to sign all: "
        "F001-03; 574/574 copied from a neighbour: F004-18). The register may lag, so it warns.",
        message_vi="Văn bản đi được ghi là đã ký số nhưng không tìm thấy chữ ký số hợp lệ",
        action_vi="Văn thư đơn vị kiểm tra việc ký số của văn bản và trạng thái ký số trên hệ thống quản lý văn bản.",
        owner=OFFICE_OWNER,
        show=("signatures_of_flagged",),
    ),
    Check(
        id="fct_documents.signature_has_flag",
        frame=DOCUMENTS,
        expect=NULL,
        arguments={"column": "signatures_of_unflagged"},
        severity="warning",
        scope="cell",
        spoils=("fct_documents.is_signed",),
        why="The other direction: a valid signature on an outgoing document that the DMS does not call signed lowers "
        "the share "
        "unjustly (F001-03).",
        message_vi="Văn bản đi có chữ ký số hợp lệ nhưng hệ thống quản lý văn bản chưa ghi nhận là đã ký số",
        action_vi="Văn thư đơn vị cập nhật trạng thái ký số của văn bản trên hệ thống quản lý văn bản.",
        owner=OFFICE_OWNER,
        show=("signatures_of_unflagged",),
    ),
)

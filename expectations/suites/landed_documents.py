"""Checks on documents as landed: one without a day, or with a day outside the period, is in no fact and would vanish unseen.

Documents that are secret, or may be, never leave the extractor, so they are not among the rows looked at.
"""

from __future__ import annotations

from expectations.checks import GREATER, NOT_NULL, OFFICE_OWNER, Check, Frame, at_least

LANDED = Frame("landed_documents", rows_vi="văn bản", entity="documents", in_place=True)

_CORRECT = (
    "Văn thư đơn vị sửa ngày đến (văn bản đến), ngày gửi hoặc ngày ban hành (văn bản đi) trên hệ thống quản lý văn bản "
    "rồi báo Tổ dữ liệu chạy lại."
)

CHECKS: tuple[Check, ...] = (
    Check(
        id="landed_documents.counted_before_period_end",
        frame=LANDED,
        expect=GREATER,
        arguments=at_least("last_date", "counted_date"),
        severity="critical",
        scope="cell",
        spoils=("fct_documents.received_at", "fct_documents.sent_at", "fct_documents.issued_date"),
        why="The document system is asked for the documents of the period. A later day in its answer is a mistyped year or "
        "a shifted window (F001-06), and the document would be missing from the figures without a trace.",
        message_vi="Văn bản có ngày tính vào số liệu nằm sau kỳ báo cáo, nên không được tính",
        action_vi=_CORRECT,
        owner=OFFICE_OWNER,
        show=("direction", "counted_date"),
    ),
    Check(
        id="landed_documents.counted_after_period_start",
        frame=LANDED,
        expect=GREATER,
        arguments=at_least("counted_date", "first_date"),
        severity="warning",
        scope="cell",
        spoils=("fct_documents.received_at", "fct_documents.sent_at", "fct_documents.issued_date"),
        why="A document of an earlier day belongs to another month and is not counted in this one. A source may serve what "
        "was touched in the period, so it warns.",
        message_vi="Văn bản có ngày tính vào số liệu nằm trước kỳ báo cáo, nên không được tính",
        action_vi=_CORRECT,
        owner=OFFICE_OWNER,
        show=("direction", "counted_date"),
    ),
    Check(
        id="landed_documents.counted_date_present",
        frame=LANDED,
        expect=NOT_NULL,
        arguments={"column": "counted_date"},
        severity="warning",
        scope="cell",
        spoils=("fct_documents.received_at", "fct_documents.sent_at", "fct_documents.issued_date"),
        why="Without a day (arrival of an incoming document, dispatch or issue of an outgoing one) a document is counted in "
        "no month. It may be a draft, so it warns.",
        message_vi="Văn bản không có ngày đến, ngày gửi hoặc ngày ban hành, nên không được tính vào số liệu",
        action_vi=_CORRECT,
        owner=OFFICE_OWNER,
        show=("direction",),
    ),
)

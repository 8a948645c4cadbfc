"""Checks on the month's signatures."""

from __future__ import annotations

from expectations.checks import BETWEEN, GREATER, NOT_NULL, Check, Frame, at_least

SIGNATURES = Frame("signatures", rows_vi="chữ ký số", entity="signatures", in_place=True)

_ASK_REGISTER = "Tổ dữ liệu đối chiếu với đơn vị quản lý chứng thư số; đơn vị rà soát chứng thư số đang sử dụng."

CHECKS: tuple[Check, ...] = (
    Check(
        id="fct_signatures.key_unique",
        frame=SIGNATURES,
        expect=BETWEEN,
        arguments={"column": "copies", "max_value": 1},
        severity="critical",
        scope="period",
        why="A signature is one event; counted twice it would vouch for two documents.",
        message_vi="Một chữ ký số xuất hiện nhiều lần trong dữ liệu của kỳ",
        action_vi="Tổ dữ liệu kiểm tra dữ liệu chữ ký số nhận được và bước loại bỏ bản ghi trùng rồi chạy lại kỳ báo cáo.",
        show=("serial",),
    ),
    Check(
        id="fct_signatures.certificate_known",
        frame=SIGNATURES,
        expect=NOT_NULL,
        arguments={"column": "known_serial"},
        severity="warning",
        scope="cell",
        spoils=("fct_signatures.serial",),
        why="A signature belongs to an agency through its certificate only; without it the signature vouches for "
        "nobody. No "
        "figure counts signatures yet, so it warns.",
        message_vi="Chữ ký số được tạo bằng chứng thư số không có trong danh sách",
        action_vi=_ASK_REGISTER,
        show=("serial",),
    ),
    Check(
        id="fct_signatures.signed_after_certificate_start",
        frame=SIGNATURES,
        expect=GREATER,
        arguments=at_least("signed_at", "certificate_starts_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_signatures.signed_at",),
        why="A signature made before its certificate was valid proves nothing (accounts not closed: F004-05).",
        message_vi="Chữ ký số được tạo trước khi chứng thư số có hiệu lực",
        action_vi=_ASK_REGISTER,
        show=("signed_at", "certificate_starts_at"),
    ),
    Check(
        id="fct_signatures.signed_before_certificate_end",
        frame=SIGNATURES,
        expect=GREATER,
        arguments=at_least("certificate_ends_at", "signed_at", strictly=True),
        severity="warning",
        scope="cell",
        spoils=("fct_signatures.signed_at",),
        why="The same, after its last day (F004-05: somebody left, the account stayed).",
        message_vi="Chữ ký số được tạo sau khi chứng thư số hết hiệu lực",
        action_vi=_ASK_REGISTER,
        show=("signed_at", "certificate_ends_at"),
    ),
    Check(
        id="fct_signatures.signed_before_revocation",
        frame=SIGNATURES,
        expect=GREATER,
        arguments=at_least("revoked_at", "signed_at", strictly=True),
        severity="warning",
        scope="cell",
        spoils=("fct_signatures.signed_at",),
        why="A revoked certificate that still signs is in the wrong hands.",
        message_vi="Chữ ký số được tạo sau khi chứng thư số bị thu hồi",
        action_vi=_ASK_REGISTER,
        show=("signed_at", "revoked_at"),
    ),
)

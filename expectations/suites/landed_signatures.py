"""Checks on signatures as landed: the fact holds those made in the period, so others are looked at here."""

from __future__ import annotations

from expectations.checks import GREATER, Check, Frame, at_least

LANDED = Frame("landed_signatures", rows_vi="chữ ký số", entity="signatures", in_place=True)

_ASK_REGISTER = "Tổ dữ liệu đối chiếu thời điểm ký với đơn vị quản lý chứng thư số rồi chạy lại kỳ báo cáo."

CHECKS: tuple[Check, ...] = (
    Check(
        id="landed_signatures.signed_before_period_end",
        frame=LANDED,
        expect=GREATER,
        arguments=at_least("ends_at", "signed_at", strictly=True),
        severity="critical",
        scope="cell",
        spoils=("fct_signatures.signed_at",),
        why="The register is asked for the signatures of the period; a later instant is a wrong clock or a shifted window "
        "(F001-06), and the signature would be missing from the fact without a trace.",
        message_vi="Chữ ký số có thời điểm ký sau kỳ báo cáo",
        action_vi=_ASK_REGISTER,
        show=("signed_at",),
    ),
    Check(
        id="landed_signatures.signed_after_period_start",
        frame=LANDED,
        expect=GREATER,
        arguments=at_least("signed_at", "starts_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_signatures.signed_at",),
        why="An earlier instant is the other end of a shifted window (F001-06), or a register that serves more than it was "
        "asked for, so it warns.",
        message_vi="Chữ ký số có thời điểm ký trước kỳ báo cáo",
        action_vi=_ASK_REGISTER,
        show=("signed_at",),
    ),
)

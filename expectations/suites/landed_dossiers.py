"""Checks on rows as landed: what no fact counts, or what was chosen away, is looked at here, or it would vanish unseen."""

from __future__ import annotations

from expectations.checks import GREATER, NULL, PORTAL_OWNER, PORTAL_SYSTEM, Check, Frame, at_least

LANDED = Frame("landed_dossiers", rows_vi="hồ sơ", in_place=True)
UNRECEIVED = Frame("unreceived_dossiers", rows_vi="hồ sơ")
SUPPLEMENTS = Frame("supplements", rows_vi="lần yêu cầu bổ sung", in_place=True)

KEYS = Frame("key_conflicts", rows_vi="mã trùng")

_CORRECT_SUPPLEMENT = (
    f"Đơn vị kiểm tra các lần yêu cầu bổ sung của hồ sơ trên {PORTAL_SYSTEM}, sửa ngày cho đúng rồi đồng bộ lại."
)


def _ends_on_a_date(ending: str, message_vi: str, why: str) -> Check:
    return Check(
        id=f"landed_dossiers.{ending}_has_its_date",
        frame=LANDED,
        expect=NULL,
        arguments={"column": f"{ending}_undated"},
        severity="critical",
        scope="cell",
        spoils=(f"fct_dossiers.{ending}_at",),
        why=why,
        message_vi=message_vi,
        action_vi=f"Đơn vị bổ sung ngày còn thiếu (hoặc sửa lại trạng thái) của hồ sơ trên {PORTAL_SYSTEM}, đồng bộ lại "
        "rồi báo Tổ dữ liệu chạy lại.",
        owner=PORTAL_OWNER,
        show=(f"{ending}_undated",),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="landed_dossiers.received_before_period_end",
        frame=LANDED,
        expect=GREATER,
        arguments=at_least("ends_at", "received_at", strictly=True),
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers.received_at",),
        why="The portal is asked for what was received, closed or open in the period. A later date in its answer is a "
        "mistyped "
        "year or a shifted window (F001-08), and the dossier would be missing from the received without a trace.",
        message_vi="Ngày tiếp nhận nằm sau kỳ báo cáo",
        action_vi=f"Đơn vị sửa ngày tiếp nhận của hồ sơ trên {PORTAL_SYSTEM}, đồng bộ lại rồi báo Tổ dữ liệu chạy lại.",
        owner=PORTAL_OWNER,
        show=("received_at",),
    ),
    Check(
        id="landed_dossiers.received_at_present",
        frame=UNRECEIVED,
        expect=NULL,
        arguments={"column": "status_past_registration"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.received_at",),
        why="Without a time of reception a dossier is counted nowhere. That is right for a new registration (1), a "
        "refused one (3) or "
        "a withdrawn one (7); any other status says that it was received.",
        message_vi="Hồ sơ đã được xử lý nhưng không có ngày tiếp nhận, nên không được tính vào số liệu",
        action_vi=f"Đơn vị bổ sung ngày tiếp nhận của hồ sơ trên {PORTAL_SYSTEM} rồi đồng bộ lại.",
        owner=PORTAL_OWNER,
        show=("status_past_registration",),
    ),
    Check(
        id="landed_dossiers.supplement_not_before_received",
        frame=SUPPLEMENTS,
        expect=GREATER,
        arguments=at_least("requested_at", "received_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at", "fct_dossiers.received_at"),
        why="A supplement is asked of what was received. Only the due date it moves is used, so it warns.",
        message_vi="Yêu cầu bổ sung giấy tờ trước ngày tiếp nhận",
        action_vi=_CORRECT_SUPPLEMENT,
        owner=PORTAL_OWNER,
        show=("received_at", "requested_at"),
    ),
    Check(
        id="landed_dossiers.supplement_answered_not_before_requested",
        frame=SUPPLEMENTS,
        expect=GREATER,
        arguments=at_least("answered_at", "requested_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at",),
        why="An answer follows its question; the other order is a copied date.",
        message_vi="Ngày nộp bổ sung trước ngày yêu cầu bổ sung",
        action_vi=_CORRECT_SUPPLEMENT,
        owner=PORTAL_OWNER,
        show=("requested_at", "answered_at"),
    ),
    Check(
        id="landed_dossiers.supplement_does_not_shorten",
        frame=SUPPLEMENTS,
        expect=GREATER,
        arguments=at_least("new_due_at", "old_due_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at",),
        why="A supplement gives time back; a due date moved forward in time would turn on-time dossiers late.",
        message_vi="Ngày hẹn trả kết quả sau khi bổ sung sớm hơn ngày hẹn trả cũ",
        action_vi=_CORRECT_SUPPLEMENT,
        owner=PORTAL_OWNER,
        show=("old_due_at", "new_due_at"),
    ),
    Check(
        id="landed_dossiers.later_supplement_keeps_old_due",
        frame=SUPPLEMENTS,
        expect=NULL,
        arguments={"column": "moved_later_without_old_due"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at",),
        why="The due date as of the period's end needs the one before a later supplement; where the source does not "
        "keep it, "
        "timeliness of the month rests on a date that did not exist yet.",
        message_vi="Yêu cầu bổ sung sau kỳ báo cáo không ghi ngày hẹn trả kết quả cũ",
        action_vi=_CORRECT_SUPPLEMENT,
        owner=PORTAL_OWNER,
        show=("requested_at", "new_due_at"),
    ),
    _ends_on_a_date(
        "finished",
        "Hồ sơ có trạng thái đã xử lý xong nhưng không có ngày kết thúc xử lý",
        "Without its date a finished dossier (9, 10) is counted as pending, month after month, and the resolved ones look "
        "fewer. Sync tools are known to drop the date and keep the status.",
    ),
    _ends_on_a_date(
        "refused",
        "Hồ sơ đã tiếp nhận, có trạng thái từ chối nhưng không có ngày từ chối",
        "A received dossier that was refused (3) without a date stays pending for ever. One never received is counted "
        "nowhere and may lack it.",
    ),
    _ends_on_a_date(
        "withdrawn",
        "Hồ sơ đã tiếp nhận, có trạng thái rút nhưng không có ngày rút",
        "A received dossier that was withdrawn (7) without a date stays pending for ever and turns overdue.",
    ),
    Check(
        id="landed.one_content_per_key",
        frame=KEYS,
        expect=NULL,
        arguments={"column": "versions"},
        severity="critical",
        scope="cell",
        spoils=("fct_documents", "dim_procedures", "dim_certificates", "fct_signatures", "staffing"),
        why="Documents, procedures, certificates, signatures and staffing carry no update time: of two contents under "
        "one key "
        "either choice would be a guess (two dates for one plan number: F004-14).",
        message_vi="Cùng một mã nhưng nội dung khác nhau, không xác định được nội dung đúng",
        action_vi="Đơn vị quản lý hệ thống nguồn xác định nội dung đúng, hủy hoặc sửa bản trùng mã rồi báo Tổ dữ liệu "
        "chạy lại.",
        show=("entity", "versions"),
    ),
)

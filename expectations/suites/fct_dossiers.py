"""Checks on the month's dossiers: each dossier once, of a known agency, with dates that can be."""

from __future__ import annotations

from expectations.checks import (
    BETWEEN,
    GREATER,
    NOT_NULL,
    NULL,
    PORTAL_OWNER,
    PORTAL_SYSTEM,
    Check,
    Frame,
    at_least,
)

DOSSIERS = Frame("dossiers", rows_vi="hồ sơ", in_place=True)
VERSIONS = Frame("version_conflicts", rows_vi="hồ sơ")
CARRY_OVER = Frame("carry_over", rows_vi="hồ sơ")
AGENCIES = Frame("reporting_agencies", rows_vi="đơn vị")

_CORRECT_DATES = (
    f"Đơn vị mở hồ sơ theo mã trên {PORTAL_SYSTEM}, sửa lại ngày cho đúng với thực tế, đồng bộ lại rồi báo Tổ dữ liệu "
    "chạy lại."
)


def _not_before_reception(event: str, event_vi: str, why: str) -> Check:
    return Check(
        id=f"fct_dossiers.{event}_not_before_received",
        frame=DOSSIERS,
        expect=GREATER,
        arguments=at_least(f"{event}_at", "received_at"),
        severity="critical",
        scope="cell",
        spoils=(f"fct_dossiers.{event}_at", "fct_dossiers.received_at"),
        why=why,
        message_vi=f"{event_vi} trước ngày tiếp nhận",
        action_vi=_CORRECT_DATES,
        owner=PORTAL_OWNER,
        show=("received_at", f"{event}_at"),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        id="fct_dossiers.agency_present",
        frame=AGENCIES,
        expect=BETWEEN,
        arguments={"column": "dossiers", "min_value": 1},
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers",),
        why="The facts themselves, not only the figures made of them, must hold every agency that reports in the "
        "period.",
        message_vi="Không có hồ sơ nào của đơn vị trong dữ liệu của kỳ",
        action_vi="Kiểm tra việc đồng bộ hồ sơ của đơn vị lên cổng dịch vụ công trong kỳ (tài khoản, mã định danh, "
        "lịch đồng bộ), "
        "đồng bộ lại rồi báo Tổ dữ liệu chạy lại kỳ báo cáo.",
        owner=PORTAL_OWNER,
        show=("dossiers",),
    ),
    Check(
        id="fct_dossiers.key_unique",
        frame=DOSSIERS,
        expect=BETWEEN,
        arguments={"column": "copies", "max_value": 1},
        severity="critical",
        scope="period",
        why="A dossier counted twice raises every figure; the same case lives in two systems (F002-09).",
        message_vi="Một hồ sơ xuất hiện nhiều lần trong dữ liệu của kỳ",
        action_vi="Tổ dữ liệu kiểm tra các nguồn cùng gửi một mã hồ sơ và bước loại bỏ bản ghi trùng rồi chạy lại kỳ báo "
        "cáo.",
        show=("received_at",),
    ),
    Check(
        id="fct_dossiers.no_version_conflict",
        frame=VERSIONS,
        expect=NULL,
        arguments={"column": "versions"},
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers",),
        why="Two contents for one code with nothing that says which is newer: any choice would be a guess "
        "(one subject, two numbers: F004-14, F004-15).",
        message_vi="Cùng một mã hồ sơ nhưng nội dung khác nhau, không xác định được bản mới nhất",
        action_vi=f"Đơn vị xác định nội dung đúng của hồ sơ, hủy hoặc sửa bản trùng mã trên {PORTAL_SYSTEM}, đồng bộ "
        "lại rồi báo Tổ dữ liệu chạy lại.",
        owner=PORTAL_OWNER,
        show=("versions",),
    ),
    _not_before_reception(
        "finished",
        "Ngày kết thúc xử lý",
        "One sync tool falls back to other dates when the end is missing, and F002-08 admits that ends are entered at "
        "other times "
        "than they happened. Equal instants are allowed: a certification is done at the counter.",
    ),
    _not_before_reception(
        "refused", "Ngày từ chối", "What was never received cannot be refused afterwards (the order of F001-14)."
    ),
    _not_before_reception(
        "withdrawn", "Ngày rút hồ sơ", "A dossier is withdrawn from where it was received; counted in the identity."
    ),
    _not_before_reception(
        "returned", "Ngày trả kết quả", "A result is returned after reception; F002-08: system and paper differ."
    ),
    Check(
        id="fct_dossiers.returned_not_before_finished",
        frame=DOSSIERS,
        expect=GREATER,
        arguments=at_least("returned_at", "finished_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.finished_at", "fct_dossiers.returned_at"),
        why="The system's end lags the real one, which makes dossiers late that were not (F002-08). No figure rests on "
        "returned_at, so it warns.",
        message_vi="Ngày trả kết quả trước ngày kết thúc xử lý, có thể hồ sơ được kết thúc muộn trên hệ thống",
        action_vi="Đơn vị cập nhật kết thúc hồ sơ trên hệ thống ngay khi xử lý xong.",
        owner=PORTAL_OWNER,
        show=("finished_at", "returned_at"),
    ),
    Check(
        id="fct_dossiers.submitted_not_after_received",
        frame=DOSSIERS,
        expect=GREATER,
        arguments=at_least("received_at", "submitted_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.submitted_at", "fct_dossiers.received_at"),
        why="Nothing is received before it is submitted; known sync tools copy one date into the other, so equality is "
        "usual and only the wrong order is told. No figure rests on submitted_at.",
        message_vi="Ngày nộp hồ sơ sau ngày tiếp nhận",
        action_vi=_CORRECT_DATES,
        owner=PORTAL_OWNER,
        show=("submitted_at", "received_at"),
    ),
    Check(
        id="fct_dossiers.due_not_before_received",
        frame=DOSSIERS,
        expect=GREATER,
        arguments=at_least("due_at", "received_at"),
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at", "fct_dossiers.received_at"),
        why="A dossier due before it came in is late from birth. It stays countable (late), so it warns.",
        message_vi="Ngày hẹn trả kết quả trước ngày tiếp nhận",
        action_vi=_CORRECT_DATES,
        owner=PORTAL_OWNER,
        show=("received_at", "due_at"),
    ),
    Check(
        id="fct_dossiers.dates_not_too_old",
        frame=DOSSIERS,
        expect=GREATER,
        arguments=at_least("earliest_at", "plausible_from"),
        severity="critical",
        scope="cell",
        spoils=(
            "fct_dossiers.submitted_at",
            "fct_dossiers.received_at",
            "fct_dossiers.finished_at",
            "fct_dossiers.refused_at",
            "fct_dossiers.withdrawn_at",
            "fct_dossiers.returned_at",
            "fct_dossiers.due_at",
        ),
        why="Event dates lie near the period (F001-01: an act of 2019 counted in 2020). The bound is years "
        "(CCHC_PLAUSIBLE_YEARS), since land dossiers stay open for years; it catches 1900 and two-digit years.",
        message_vi="Hồ sơ có ngày quá xa trong quá khứ",
        action_vi=_CORRECT_DATES,
        owner=PORTAL_OWNER,
        show=("earliest_at", "received_at"),
    ),
    Check(
        id="fct_dossiers.due_not_too_far",
        frame=DOSSIERS,
        expect=GREATER,
        arguments=at_least("plausible_to", "due_at"),
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers.due_at",),
        why="A due date decades ahead (a mistyped year) makes a dossier early for ever; the same bound of years, "
        "forwards.",
        message_vi="Ngày hẹn trả kết quả quá xa trong tương lai",
        action_vi=_CORRECT_DATES,
        owner=PORTAL_OWNER,
        show=("received_at", "due_at"),
    ),
    Check(
        id="fct_dossiers.agency_known",
        frame=DOSSIERS,
        expect=NOT_NULL,
        arguments={"column": "known_agency"},
        severity="critical",
        scope="period",
        why="A dossier of an agency that the list does not know is counted in no figure, and nobody misses it (X-01: "
        "lists differ).",
        message_vi="Hồ sơ của đơn vị chưa có trong danh mục đơn vị",
        action_vi="Tổ dữ liệu bổ sung đơn vị hoặc mã định danh vào danh mục đơn vị (kèm ngày hiệu lực) rồi chạy lại "
        "kỳ báo cáo.",
        show=("received_at",),
    ),
    Check(
        id="fct_dossiers.agency_reports",
        frame=DOSSIERS,
        expect=NOT_NULL,
        arguments={"column": "reporting_agency"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.agency_code",),
        why="Dossiers of an agency whose successor does not report stand in no figure. Known agencies with one successor "
        "only: the others are told above and below.",
        message_vi="Hồ sơ của đơn vị (hoặc đơn vị kế thừa) không thuộc diện báo cáo trong kỳ",
        action_vi=f"Đơn vị kế thừa nhận bàn giao hồ sơ trên {PORTAL_SYSTEM}; Tổ dữ liệu kiểm tra ngày báo cáo trong danh "
        "mục đơn vị.",
        show=("received_at",),
    ),
    Check(
        id="fct_dossiers.successor_known",
        frame=DOSSIERS,
        expect=NOT_NULL,
        arguments={"column": "answering_agency"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.agency_code",),
        why="A dossier of an agency that was divided (471 communes on 1 July 2025) or that ended without a successor in "
        "the list is in the figures of the province and of no commune until it is handed over.",
        message_vi="Hồ sơ của đơn vị đã chia tách hoặc giải thể, chưa xác định được đơn vị kế thừa",
        action_vi=f"Các đơn vị mới nhận bàn giao hồ sơ trên {PORTAL_SYSTEM}; Tổ dữ liệu kiểm tra bảng kế thừa đơn vị.",
        show=("received_at",),
    ),
    Check(
        id="fct_dossiers.carried_over_equals_pending_before",
        frame=CARRY_OVER,
        expect=NULL,
        arguments={"column": "kind"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers",),
        why="Carried over (m) is pending (m-1), agency by agency. A difference means that the earlier month has "
        "changed at the "
        "source; that month is to be restated, this one is still right in itself.",
        message_vi="Hồ sơ chuyển từ kỳ trước sang không khớp với hồ sơ đang giải quyết cuối kỳ trước",
        action_vi="Tổ dữ liệu chốt và công bố lại số liệu kỳ trước; đơn vị xem lại các hồ sơ được nêu (bị xóa, bị sửa "
        "ngày hoặc nhập bổ sung).",
        owner=PORTAL_OWNER,
        show=("kind",),
    ),
)

"""Words of alerts, in Vietnamese: agencies, exports, failing rows and their values. Texts are put together in `digests.py`."""

from __future__ import annotations

import re
from datetime import date, datetime

from cchc.period import Period
from expectations.cells import HeldBack
from expectations.verdicts import AgencyRows, Sample

_COLUMNS = {
    "accounted_for": "giải quyết + đang giải quyết + từ chối + rút",
    "all_perfect": "số tỷ lệ (đơn vị) bằng nhau",
    "answered_at": "nộp bổ sung",
    "answered_though_open": "số hồ sơ đã có văn bản trả lời",
    "at_most": "toàn bộ",
    "busiest_day_share": "tỷ lệ trong một ngày",
    "c11": "cột 11",
    "c12_c13": "cột 12 + 13",
    "c3": "cột 3",
    "c4_c5_c6": "cột 4 + 5 + 6",
    "c7": "cột 7",
    "c7_c11": "cột 7 + 11",
    "c8_c9_c10": "cột 8 + 9 + 10",
    "calendar_to": "lịch làm việc có đến ngày",
    "cases": "số trường hợp",
    "certificate_ends_at": "chứng thư số hết hạn",
    "certificate_starts_at": "chứng thư số có hiệu lực",
    "certificates_rejected_share": "tỷ lệ bị loại",
    "clock_due_at": "hạn theo thời gian làm việc",
    "copied_share": "tỷ lệ trùng thời điểm",
    "counted": "số của kỳ",
    "counted_before": "số của tháng trước",
    "counted_date": "ngày tính",
    "declared_rows": "nguồn khai báo",
    "denominator": "mẫu số",
    "direction": "chiều văn bản",
    "documents_not_received": "số văn bản chưa đến nơi nhận",
    "documents_rejected_share": "tỷ lệ bị loại",
    "dossiers": "số hồ sơ",
    "dossiers_rejected_share": "tỷ lệ bị loại",
    "due_at": "ngày hẹn trả kết quả",
    "due_far_at": "ngày hẹn trả kết quả",
    "earliest_at": "ngày sớm nhất",
    "entity": "loại dữ liệu",
    "finished_at": "kết thúc xử lý",
    "finished_undated": "mã trạng thái",
    "first_export": "nguồn thứ nhất",
    "first_month_value": "số của tháng",
    "in_fields": "cộng các lĩnh vực",
    "in_form": "dòng tổng cộng",
    "in_indicators": "theo chỉ tiêu",
    "issued_at": "ban hành",
    "kind": "",
    "latest_at": "ngày muộn nhất",
    "leaner_half": "số hồ sơ trong buổi",
    "month_value": "số của tháng",
    "new_due_at": "ngày hẹn trả mới",
    "newest_date": "ngày mới nhất",
    "next_valid_from": "đơn vị sau có hiệu lực từ",
    "numerator": "tử số",
    "of_records": "theo dữ liệu",
    "old_due_at": "ngày hẹn trả cũ",
    "only_rating": "mức đánh giá",
    "open_status": "mã trạng thái",
    "parts_total": "các xã + phần chưa phân bổ",
    "parts_typed": "cộng các phần",
    "parts_unanswered": "số chỉ tiêu còn thiếu",
    "pending": "đang giải quyết",
    "pending_by_due_date": "trong hạn + quá hạn",
    "personal": "số giá trị nghi là dữ liệu cá nhân",
    "procedures_rejected_share": "tỷ lệ bị loại",
    "rated": "lượt đánh giá",
    "read_at": "đọc lúc",
    "received": "tiếp nhận",
    "received_at": "tiếp nhận",
    "received_by_channel": "trực tuyến + trực tiếp + bưu chính",
    "received_or_carried_over": "số hồ sơ",
    "recorded_share": "theo dữ liệu",
    "refused_at": "từ chối",
    "refused_undated": "mã trạng thái",
    "rejected": "dòng bị loại",
    "requested_at": "yêu cầu bổ sung",
    "resolved": "đã giải quyết",
    "resolved_by_timeliness": "trước hạn + đúng hạn + quá hạn + không có hạn",
    "results_unsigned": "số kết quả chưa thấy chữ ký số",
    "returned_at": "trả kết quả",
    "revoked_at": "thu hồi",
    "rows_accounted_for": "nhận + loại + trùng + giữ lại",
    "rows_expected": "số dòng cần có",
    "rows_found": "số dòng",
    "rows_read": "dòng đọc được",
    "same_as": "trùng với hồ sơ",
    "same_days_as": "giống đơn vị có mã",
    "same_figures_as": "giống đơn vị có mã",
    "second_export": "nguồn thứ hai",
    "sent_at": "gửi",
    "serial": "số hiệu chứng thư số",
    "share_before": "các tháng trước",
    "signatures_of_flagged": "số chữ ký số",
    "signatures_of_unflagged": "số chữ ký số",
    "signatures_without_document": "số chữ ký số không có văn bản",
    "signed_at": "ký",
    "signed_with": "chứng thư số của đơn vị",
    "state": "trạng thái",
    "status_past_registration": "mã trạng thái",
    "submitted_at": "nộp",
    "taken_on": "tiếp nhận + kỳ trước chuyển sang",
    "total": "huyện, tỉnh",
    "typed_count": "số đã ghi",
    "typed_rows": "số dòng đã ghi",
    "typed_share": "tỷ lệ đã ghi",
    "unknown_yet_at": "ngày",
    "usual_beside": "mức thường gặp ở đơn vị khác",
    "usual_events": "mức thường gặp trong ngày",
    "usual_least": "mức thấp thường gặp",
    "usual_most": "mức cao thường gặp",
    "valid_from": "hiệu lực từ",
    "valid_to": "hết hiệu lực",
    "value": "giá trị",
    "versions": "số bản khác nhau",
    "whole_typed": "dòng tổng",
    "withdrawn_at": "rút",
    "withdrawn_undated": "mã trạng thái",
    "working_days_beyond": "số ngày làm việc vượt",
    "working_days_silent": "số ngày làm việc không có dữ liệu",
    "year_value": "lũy kế từ đầu năm",
    "agencies": "số đơn vị",
    "agencies_withheld": "số đơn vị tạm giữ",
}
_VALUES = {
    ("kind", "vanished"): "đang giải quyết cuối kỳ trước nhưng không còn trong kỳ này",
    ("kind", "appeared"): "chuyển từ kỳ trước sang nhưng kỳ trước không có",
    ("entity", "documents"): "văn bản",
    ("entity", "procedures"): "thủ tục hành chính",
    ("entity", "certificates"): "chứng thư số",
    ("entity", "signatures"): "chữ ký số",
    ("entity", "staffing"): "biên chế",
    ("direction", "incoming"): "đến",
    ("direction", "outgoing"): "đi",
    ("state", "ok"): "hợp lệ",
    ("state", "not_applicable"): "không phát sinh",
    ("state", "not_measured"): "chưa có số liệu",
    ("state", "incomplete"): "chưa đầy đủ",
    ("state", "withheld"): "tạm giữ",
}
_EXPORTS = {
    "portal_dossiers": "hồ sơ – cổng dịch vụ công",
    "portal_procedures": "danh mục thủ tục hành chính",
    "dms_documents": "văn bản",
    "ca_certificates": "chứng thư số",
    "ca_signatures": "chữ ký số",
    "reports_form_01b": "biểu mẫu thống kê 01b của các xã",
    "received": "hồ sơ tiếp nhận",
    "incoming": "văn bản đến",
    "outgoing": "văn bản đi",
    "signatures": "chữ ký số",
    "certificates": "chứng thư số",
    "procedures": "thủ tục hành chính",
}
# What the catalogue's indicators count.
_FACTS = {
    "dossiers": "hồ sơ",
    "documents": "văn bản",
    "certificates": "chứng thư số",
    "procedures": "thủ tục hành chính",
    "staffing": "cán bộ, công chức",
}
INDICATORS_LISTED = 6
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SCOPES = {"month": "trong tháng", "ytd": "lũy kế từ đầu năm"}


def not_published(revision: int | None) -> str:
    """That the figures of a month are held back, and which revision of them stays in force."""
    if revision is None:
        return "CHƯA được công bố"
    return f"chưa công bố lại được (lần công bố {revision} vẫn có hiệu lực)"


def agency_words(entry: AgencyRows) -> str:
    """An agency by name and code."""
    if entry.agency_code is None:
        return "Chung, không gắn với đơn vị cụ thể"
    return f"{entry.name_vi or 'Đơn vị chưa có trong danh mục'} ({entry.agency_code})"


def held_back_words(one: HeldBack) -> str:
    """What is held back of one agency: whole facts in one phrase, other indicators by name."""
    listed = one.indicators[:INDICATORS_LISTED]
    parts = [f"toàn bộ chỉ tiêu {_FACTS.get(fact, fact)}" for fact in one.facts] + [f"“{name}”" for name in listed]
    if len(one.indicators) > len(listed):
        parts.append(f"và {count_words(len(one.indicators) - len(listed))} chỉ tiêu khác")
    return f"{one.name_vi} ({one.agency_code}): {', '.join(parts)}"


def export_words(code: str, *, with_code: bool = True) -> str:
    """An export in words, with its code if wished; one we have no words for by its code alone."""
    return _EXPORTS[code] + (f" [{code}]" if with_code else "") if code in _EXPORTS else code


def sample_words(sample: Sample, entry: AgencyRows, *, with_codes: bool) -> str:
    """A failing row: its key, what it is called, and the values that made it fail.

    `with_codes` adds this program's own codes of indicators and exports behind their words.
    """
    values = dict(sample.values)
    name = values.pop("indicator_vi", None)
    key = "" if sample.key == entry.agency_code else sample.key
    scope, _, code = key.partition(" ")
    if scope in _SCOPES and not code:
        key = _SCOPES[scope]
    elif scope in _SCOPES:
        key = f"{name or code}, {_SCOPES[scope]}" + (f" [{code}]" if name and with_codes else "")
    elif name:
        key = f"{name} [{key}]" if with_codes else str(name)
    else:
        key = export_words(key, with_code=with_codes)
    # `value` is a count or a share: of a denominator, or by its name.
    shares = {name for name in values if name.endswith("share")} | {"share_before"}
    if values.get("denominator") is not None or str(name).startswith("Tỷ lệ"):
        shares.add("value")
    said = ", ".join(
        f"{_COLUMNS.get(column, column)} {_value(column, value, is_share=column in shares)}".strip()
        for column, value in values.items()
        if value is not None
    )
    return f"{key} ({said})" if key and said else key or said or "không có dữ liệu"


def _value(column: str, value: str | int | float | bool | None, *, is_share: bool = False) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if is_share and isinstance(value, int | float):
        percent = round(value * 100.0, 9)
        return f"{percent:.0f} %" if percent.is_integer() else f"{percent:.2f} %".replace(".", ",")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return count_words(value)
    if isinstance(value, float):
        return f"{value:.4f}".replace(".", ",")
    known = _VALUES.get((column, str(value)))
    if known:
        return known
    try:
        moment = datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - local time as text
        return moment.strftime("%d/%m/%Y %H:%M")
    except ValueError:
        pass
    try:
        return day_words(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def count_words(number: int) -> str:
    """Thousands with a dot, as officials write them."""
    return f"{number:,}".replace(",", ".")


def day_words(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def weekday_words(day: date) -> str:
    """A day with its weekday, as a deadline is given."""
    return f"{_WEEKDAYS[day.weekday()]}, ngày {day_words(day)}"


def month_words(period: Period) -> str:
    return f"{period.month:02d}/{period.year}"


def is_month(period: str) -> bool:
    """Whether the text is a month written YYYY-MM, and no word for a step that has none."""
    return re.fullmatch(r"\d{4}-\d{2}", period) is not None


def month_of(period: str) -> str:
    """A month written YYYY-MM as officials write it."""
    year, _, month = period.partition("-")
    return f"{month}/{year}" if month else "chưa xác định"

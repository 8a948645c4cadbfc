"""Words of alerts, in Vietnamese: agencies, exports, failing rows and their values. Texts are put together in `digests.py`."""

from __future__ import annotations

import re
from datetime import date, datetime

from cchc.period import Period
from expectations.cells import HeldBack
from expectations.verdicts import AgencyRows, Sample

_COLUMNS = {
    "accounted_for": "giải quyết + đang giải quyết + từ chối + rút",
    "answered_at": "nộp bổ sung",
    "calendar_to": "lịch làm việc có đến ngày",
    "certificate_ends_at": "chứng thư số hết hạn",
    "certificate_starts_at": "chứng thư số có hiệu lực",
    "clock_due_at": "hạn theo thời gian làm việc",
    "counted_date": "ngày tính",
    "declared_rows": "nguồn khai báo",
    "denominator": "mẫu số",
    "direction": "chiều văn bản",
    "dossiers": "số hồ sơ",
    "due_at": "ngày hẹn trả kết quả",
    "earliest_at": "ngày sớm nhất",
    "entity": "loại dữ liệu",
    "finished_at": "kết thúc xử lý",
    "finished_undated": "mã trạng thái",
    "first_month_value": "số của tháng",
    "issued_at": "ban hành",
    "kind": "",
    "latest_at": "ngày muộn nhất",
    "month_value": "số của tháng",
    "new_due_at": "ngày hẹn trả mới",
    "next_valid_from": "đơn vị sau có hiệu lực từ",
    "numerator": "tử số",
    "old_due_at": "ngày hẹn trả cũ",
    "parts_total": "các xã + phần chưa phân bổ",
    "parts_unanswered": "số chỉ tiêu còn thiếu",
    "pending": "đang giải quyết",
    "pending_by_due_date": "trong hạn + quá hạn",
    "received": "tiếp nhận",
    "received_at": "tiếp nhận",
    "received_by_channel": "trực tuyến + trực tiếp + bưu chính",
    "received_or_carried_over": "số hồ sơ",
    "refused_at": "từ chối",
    "refused_undated": "mã trạng thái",
    "rejected": "dòng bị loại",
    "requested_at": "yêu cầu bổ sung",
    "resolved": "đã giải quyết",
    "resolved_by_timeliness": "trước hạn + đúng hạn + quá hạn + không có hạn",
    "returned_at": "trả kết quả",
    "revoked_at": "thu hồi",
    "rows_accounted_for": "nhận + loại + trùng + giữ lại",
    "rows_found": "số dòng",
    "rows_read": "dòng đọc được",
    "sent_at": "gửi",
    "serial": "số hiệu chứng thư số",
    "signatures_of_flagged": "số chữ ký số",
    "signatures_of_unflagged": "số chữ ký số",
    "signed_at": "ký",
    "state": "trạng thái",
    "status_past_registration": "mã trạng thái",
    "submitted_at": "nộp",
    "taken_on": "tiếp nhận + kỳ trước chuyển sang",
    "total": "huyện, tỉnh",
    "usual_least": "mức thấp thường gặp",
    "usual_most": "mức cao thường gặp",
    "valid_from": "hiệu lực từ",
    "valid_to": "hết hiệu lực",
    "value": "giá trị",
    "versions": "số bản khác nhau",
    "withdrawn_at": "rút",
    "withdrawn_undated": "mã trạng thái",
    "working_days_beyond": "số ngày làm việc vượt",
    "year_value": "lũy kế từ đầu năm",
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
    shares = {"share", "reject_share"}
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

"""Vietnamese words for what `cchc explain` prints: tokens of the facts, states, units, dates and numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

# Tokens with a value, `name:value`: what the name asks, and what each value says.
FAMILIES: dict[str, tuple[str, dict[str, str]]] = {
    "timeliness": (
        "Tiến độ",
        {
            "early": "trước hạn",
            "on_time": "đúng hạn",
            "late": "quá hạn",
            "without_due_date": "không có ngày hẹn trả",
        },
    ),
    "channel": ("Kênh tiếp nhận", {"in_person": "trực tiếp", "online": "trực tuyến", "postal": "bưu chính công ích"}),
    "level": (
        "Mức độ dịch vụ",
        {"full": "toàn trình", "partial": "một phần", "information": "cung cấp thông tin"},
    ),
    "applicant": (
        "Người nộp",
        {
            "citizen": "công dân",
            "business": "doanh nghiệp",
            "state_body": "cơ quan nhà nước",
            "organisation": "tổ chức khác",
        },
    ),
    "direction": ("Loại", {"incoming": "văn bản đến", "outgoing": "văn bản đi"}),
    "form": (
        "Hình thức gửi nhận",
        {
            "electronic": "chỉ bản điện tử",
            "electronic_and_paper": "bản điện tử kèm bản giấy",
            "paper": "chỉ bản giấy",
        },
    ),
    "holder": ("Chủ thể chứng thư", {"person": "cá nhân", "organisation": "cơ quan, tổ chức"}),
    "role": ("Vai trò", {"leader": "lãnh đạo", "staff": "công chức", "organisation": "cơ quan, tổ chức"}),
}
# Tokens without a value: what is said of a row that has it, and of a row that has it not.
FLAGS: dict[str, tuple[str, str]] = {
    "received": ("tiếp nhận trong kỳ", "không tiếp nhận trong kỳ"),
    "carried_over": ("chuyển từ kỳ trước", "không phải hồ sơ kỳ trước chuyển sang"),
    "resolved": ("đã giải quyết trong kỳ", "chưa giải quyết trong kỳ"),
    "refused": ("bị từ chối", "không bị từ chối"),
    "withdrawn": ("đã rút", "không rút"),
    "pending": ("đang giải quyết", "đã kết thúc"),
    "overdue": ("đang giải quyết, đã quá hạn", "chưa quá hạn"),
    "in_time": ("đang giải quyết, còn trong hạn", "không còn trong hạn"),
    "within_due_date": ("trước hạn hoặc đúng hạn", "không trước hạn hoặc đúng hạn"),
    "e_certification": ("chứng thực bản sao điện tử", "không phải chứng thực bản sao điện tử"),
    "input_digitised": ("đã số hóa thành phần hồ sơ", "chưa số hóa thành phần hồ sơ"),
    "result_digitised": ("đã số hóa kết quả", "chưa số hóa kết quả"),
    "result_electronic": ("có kết quả điện tử", "không có kết quả điện tử"),
    "result_electronic_known": ("biết có kết quả điện tử hay không", "không rõ có kết quả điện tử hay không"),
    "data_reused_known": ("biết có tái sử dụng dữ liệu hay không", "không rõ có tái sử dụng dữ liệu hay không"),
    "rated": ("đã được đánh giá", "chưa được đánh giá"),
    "disliked": ("được đánh giá không hài lòng", "không bị đánh giá không hài lòng"),
    "data_reused": ("có tái sử dụng dữ liệu", "không tái sử dụng dữ liệu"),
    "with_fee": ("có phí, lệ phí", "không có phí, lệ phí"),
    "paid_online": ("thanh toán trực tuyến", "chưa thanh toán trực tuyến"),
    "counted": ("được tính", "không được tính"),
    "recalled": ("bị thu hồi", "không bị thu hồi"),
    "signed": ("đã ký số", "chưa ký số"),
    "processed_online": ("xử lý trên môi trường mạng", "chưa xử lý trên môi trường mạng"),
    "published_on_web": ("đã đăng trang thông tin điện tử", "chưa đăng trang thông tin điện tử"),
    "valid": ("còn hiệu lực", "không còn hiệu lực"),
    "in_force": ("còn hiệu lực", "không còn hiệu lực"),
    "staff": ("cán bộ, công chức", "không phải cán bộ, công chức"),
}
# A dossier without a due date can be neither in time nor overdue.
PENDING_WITHOUT_DUE_DATE = "đang giải quyết, không có ngày hẹn trả"
# Versions of definitions that are named by their rule.
VERSIONS = {"date": "theo ngày"}
STATES = {
    "ok": "đủ số liệu",
    "not_applicable": "không phát sinh (mẫu số bằng 0)",
    "not_measured": "chưa đo được (không có nguồn số liệu)",
    "withheld": "chưa công bố (không đạt kiểm tra)",
    "incomplete": "chưa đủ số liệu",
}
KINDS = {
    "flow": "cộng dồn",
    "opening_stock": "số đầu năm",
    "closing_stock": "số cuối kỳ",
    "distinct": "đếm lại trên hồ sơ của cả năm, mỗi thủ tục một lần",
}
LEVELS = {"commune": "cấp xã", "district": "cấp huyện", "province": "cấp tỉnh"}
FACTS = {
    "dossiers": "hồ sơ",
    "documents": "văn bản",
    "certificates": "chứng thư số",
    "procedures": "thủ tục",
    "staffing": "cán bộ, công chức",
}
HEADINGS = {
    "month": "Kỳ",
    "agency_code": "Đơn vị",
    "dossier_code": "Mã hồ sơ",
    "procedure_code": "Thủ tục",
    "field": "Lĩnh vực",
    "received_date": "Tiếp nhận",
    "due_date": "Hẹn trả",
    "ended_date": "Kết thúc",
    "days_late": "Trễ (ngày)",
    "document_id": "Mã văn bản",
    "document_type": "Loại văn bản",
    "counted_date": "Ngày tính",
    "serial": "Số chứng thư",
    "valid_from": "Hiệu lực từ",
    "valid_to": "Hiệu lực đến",
    "reason": "Lý do",
}


# The reasons that publishing gives itself; those that people gave stand as they were given.
_PUBLICATIONS = {
    "first publication": "công bố lần đầu",
    "records, or the year before them, differ from revision ": "hồ sơ hoặc các kỳ trước trong năm đã khác lần công bố ",
}


def publication(reason: str) -> str:
    for english, words in _PUBLICATIONS.items():
        reason = reason.replace(english, words)
    return reason


def family(name: str) -> str:
    return FAMILIES[name][0] if name in FAMILIES else name


def family_value(name: str, value: str) -> str:
    return FAMILIES[name][1].get(value, value) if name in FAMILIES else value


def told(tokens: Collection[str]) -> str:
    """How a dossier stands: its timeliness, or its state."""
    states = [token for token in ("overdue", "in_time", "refused", "withdrawn") if token in tokens]
    ended = [family_value("timeliness", t.partition(":")[2]) for t in tokens if t.startswith("timeliness:")]
    return ", ".join([*ended, *(FLAGS[state][0] for state in states)])


def reason(wanted: Collection[str], tokens: Collection[str]) -> str:
    """Why a row that has `tokens` is not counted by a filter that asks for `wanted`."""
    reasons = []
    for token in wanted:
        if token in tokens:
            continue
        name, _, value = token.partition(":")
        if name in ("timeliness", "within_due_date"):
            reasons.append(told(tokens) or "không ghi tiến độ")
        elif value:
            found = [t.partition(":")[2] for t in tokens if t.startswith(f"{name}:")]
            said = ", ".join(family_value(name, one) for one in found) or "không ghi"
            reasons.append(f"{family(name).lower()}: {said}")
        else:
            reasons.append(FLAGS[name][1] if name in FLAGS else f"không có {name}")
    return "; ".join(dict.fromkeys(reasons))


def number(value: float | int | None, is_share: bool = False) -> str:
    """`1.467`, or `97,14 %` for a share from 0 to 1; a dash for null."""
    if value is None:
        return "-"
    if is_share:
        return f"{value * 100:.2f}".replace(".", ",") + " %"
    return f"{int(value):,}".replace(",", ".")


def cell(value: Any) -> str:
    """A table cell: dates as officials write them, nothing for null."""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)

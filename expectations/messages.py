"""The words of an alert, in Vietnamese, for an official who knows dossiers and agencies and not this software."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from cchc.period import Period
from expectations.checks import Check
from expectations.verdicts import EMPTY_FRAME, AgencyRows, CheckResult, Sample, Verdict
from expectations.waiver_words import waiver_lines

AGENCIES_LISTED = 10
SAMPLES_LISTED = 5

_COLUMNS = {
    "accounted_for": "giải quyết + đang giải quyết + từ chối + rút",
    "answered_at": "nộp bổ sung",
    "certificate_ends_at": "chứng thư số hết hạn",
    "certificate_starts_at": "chứng thư số có hiệu lực",
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
    "usual_least": "mức thấp thường gặp",
    "usual_most": "mức cao thường gặp",
    "valid_from": "hiệu lực từ",
    "valid_to": "hết hiệu lực",
    "value": "giá trị",
    "versions": "số bản khác nhau",
    "withdrawn_at": "rút",
    "withdrawn_undated": "mã trạng thái",
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
}
_EXPORTS = {
    "portal_dossiers": "hồ sơ – cổng dịch vụ công",
    "portal_procedures": "danh mục thủ tục hành chính",
    "dms_documents": "văn bản",
    "ca_certificates": "chứng thư số",
    "ca_signatures": "chữ ký số",
    "reports_form_01b": "biểu mẫu thống kê 01b của các xã",
}
_SCOPES = {"month": "trong tháng", "ytd": "lũy kế từ đầu năm"}


def verdict_text(
    verdict: Verdict, period: Period, checks: Mapping[str, Check], revision: int | None = None
) -> tuple[str, str]:
    """Title and text of the alert about a failed verdict: worst first, then what is held back, then the warnings.

    `revision` is the one of the period that is published already and stays in force.
    Faults of records come before the figures that they spoil: the cause before its consequence.
    """
    blocking = sorted(
        verdict.blocking(),
        key=lambda r: (r.outcome == "not_evaluated", r.check.startswith("indicator_values."), -r.failed_rows),
    )
    what = "chưa công bố số liệu" if revision is None else "chưa công bố lại được số liệu"
    title = f"[CCHC] Kỳ {_month(period)}: {what}, {len(blocking)} nội dung kiểm tra bắt buộc không đạt"
    lines = [
        f"Số liệu cải cách hành chính kỳ {_month(period)} (từ {_day(period.first_date)} đến hết "
        f"{_day(period.last_date)}) {not_published(revision)} vì {len(blocking)} nội dung kiểm tra bắt buộc không đạt.",
        "",
    ]
    judged = [result for result in blocking if result.detail != EMPTY_FRAME]
    for number, result in enumerate(judged, start=1):
        lines += _fault(f"{number}. ", result, checks.get(result.check), period)
    lines += _nothing_to_check(f"{len(judged) + 1}. ", blocking, checks)
    held_back = (
        f"toàn bộ số liệu kỳ {_month(period)} và số lũy kế từ đầu năm của kỳ này"
        if revision is None
        else f"số liệu của lần công bố lại kỳ {_month(period)}"
    )
    lines += [
        f"Đang giữ lại: {held_back}. Số liệu các kỳ đã công bố không thay đổi.",
        "Sau khi dữ liệu ở nguồn được sửa, Tổ dữ liệu chạy lại kỳ báo cáo; số liệu chỉ được công bố khi mọi nội dung "
        "kiểm tra bắt buộc đều đạt.",
    ]
    if verdict.warnings():
        lines += ["", f"Cảnh báo kèm theo (không chặn công bố): {len(verdict.warnings())}", ""]
        for result in verdict.warnings():
            if result.detail != EMPTY_FRAME:
                lines += _fault("- ", result, checks.get(result.check), period)
        lines += _nothing_to_check("- ", verdict.warnings(), checks)
    if lines[-1]:
        lines.append("")
    lines += [f"Lần kiểm tra: {verdict.period}, lượt {verdict.run}."]
    return title, "\n".join(lines).rstrip() + "\n"


def not_published(revision: int | None) -> str:
    """That the figures of a month are held back, and which revision of them stays in force."""
    if revision is None:
        return "CHƯA được công bố"
    return f"chưa công bố lại được (lần công bố {revision} vẫn có hiệu lực)"


def _nothing_to_check(bullet: str, results: Sequence[CheckResult], checks: Mapping[str, Check]) -> list[str]:
    """All checks that had no row to look at, as one fault: they have one cause."""
    empty = [result.check for result in results if result.detail == EMPTY_FRAME]
    if not empty:
        return []
    indent = " " * len(bullet)
    rows = sorted({checks[check].frame.rows_vi for check in empty if check in checks})
    return [
        f"{bullet}KHÔNG KIỂM TRA ĐƯỢC {len(empty)} nội dung vì kỳ này không có dữ liệu để kiểm tra"
        f"{': ' if rows else ''}{', '.join(rows)} [{', '.join(empty)}]",
        f"{indent}Việc cần làm: Tổ dữ liệu xem nguồn đã gửi dữ liệu của kỳ chưa, đọc lại nguồn rồi chốt lại kỳ. "
        "Chưa kiểm tra được thì không công bố.",
        "",
    ]


def _fault(bullet: str, result: CheckResult, check: Check | None, period: Period) -> list[str]:
    """One check in words: what, where, how many, which rows, what to do, who."""
    indent = " " * len(bullet)
    what = check.message_vi if check else result.check
    if result.outcome == "not_evaluated":
        return [
            f"{bullet}KHÔNG KIỂM TRA ĐƯỢC: {what} [{result.check}]",
            f"{indent}Lý do hệ thống ghi lại: {result.detail}",
            f"{indent}Việc cần làm: Tổ dữ liệu xem nhật ký, xử lý nguyên nhân rồi chạy lại. "
            "Chưa kiểm tra được thì không công bố.",
            "",
        ]
    rows_vi = check.frame.rows_vi if check else "dòng"
    lines = [f"{bullet}{what} [{result.check}]: {_count(result.failed_rows)} {rows_vi}"]
    for entry in result.by_agency[:AGENCIES_LISTED]:
        is_itself = rows_vi == "đơn vị" and entry.rows == 1 and entry.agency_code is not None
        lines.append(f"{indent}• {_agency(entry)}" + ("" if is_itself else f": {_count(entry.rows)} {rows_vi}"))
        lines += [f"{indent}  - {_sample(sample, entry)}" for sample in entry.samples[:SAMPLES_LISTED]]
        if entry.rows > len(entry.samples):
            lines.append(f"{indent}  - … và {_count(entry.rows - len(entry.samples))} {rows_vi} khác")
    if len(result.by_agency) > AGENCIES_LISTED:
        lines.append(f"{indent}• … và {len(result.by_agency) - AGENCIES_LISTED} đơn vị khác")
    lines += [f"{indent}{line}" for line in waiver_lines(result, rows_vi)]
    if check:
        todo = check.action_vi.replace("<kỳ>", str(period))
        lines += [f"{indent}Việc cần làm: {todo}", f"{indent}Phụ trách: {check.owner}"]
    return [*lines, ""]


def _agency(entry: AgencyRows) -> str:
    if entry.agency_code is None:
        return "Chung, không gắn với đơn vị cụ thể"
    return f"{entry.name_vi or 'Đơn vị chưa có trong danh mục'} ({entry.agency_code})"


def export_words(code: str) -> str:
    """An export in words, with its code; one we have no words for by its code alone."""
    return f"{_EXPORTS[code]} [{code}]" if code in _EXPORTS else code


def _sample(sample: Sample, entry: AgencyRows) -> str:
    """A failing row: its key, what it is called, and the values that made it fail."""
    values = dict(sample.values)
    name = values.pop("indicator_vi", None)
    key = "" if sample.key == entry.agency_code else sample.key
    scope, _, code = key.partition(" ")
    if scope in _SCOPES and not code:
        key = _SCOPES[scope]
    elif scope in _SCOPES:
        key = f"{name or code}, {_SCOPES[scope]}" + (f" [{code}]" if name else "")
    elif name:
        key = f"{name} [{key}]"
    else:
        key = export_words(key)
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
        return _count(value)
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
        return _day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _count(number: int) -> str:
    """Thousands with a dot, as officials write them."""
    return f"{number:,}".replace(",", ".")


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _month(period: Period) -> str:
    return f"{period.month:02d}/{period.year}"


def is_month(period: str) -> bool:
    """Whether the text is a month written YYYY-MM, and no word for a step that has none."""
    return re.fullmatch(r"\d{4}-\d{2}", period) is not None


def month_of(period: str) -> str:
    """A month written YYYY-MM as officials write it."""
    year, _, month = period.partition("-")
    return f"{month}/{year}" if month else "chưa xác định"

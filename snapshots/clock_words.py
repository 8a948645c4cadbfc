"""The clock statement in Vietnamese, for an official who has to answer for a dossier; lines wrap at the given width."""

from __future__ import annotations

import textwrap
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]
_WORKING_DAY = 8 * 3600
_CHANNELS = {"in_person": "trực tiếp", "online": "trực tuyến", "postal": "bưu chính công ích"}
_PAUSES = {
    "supplement": "Chờ bổ sung hồ sơ",
    "financial_duty": "Chờ thực hiện nghĩa vụ tài chính",
    "stopped": "Dừng giải quyết",
}
_DAYS = {"holiday": "nghỉ lễ", "swapped_off": "nghỉ, làm bù ngày khác", "swapped_on": "làm bù"}
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_VERDICTS = {"early": "trước hạn", "on_time": "đúng hạn", "late": "quá hạn", "without_due_date": "không có hạn trả"}
_STEPS = {
    "received": "Tiếp nhận và hẹn trả", "finished": "Kết thúc giải quyết", "refused": "Từ chối", "withdrawn": "Rút hồ sơ",
    "late": "Xin lỗi và hẹn lại khi quá hạn",
}  # fmt: skip
_ENDS = {"resolved": "Kết thúc xử lý", "refused": "Từ chối", "withdrawn": "Công dân rút hồ sơ"}
_REASONS = {
    "finished_before_due_day": "kết thúc xử lý trước ngày hẹn trả",
    "finished_on_due_day": "kết thúc xử lý đúng ngày hẹn trả; không xét giờ",
    "finished_after_due_day": "kết thúc xử lý sau ngày hẹn trả",
    "finished_after_due_day_within_clock": "kết thúc xử lý sau ngày hẹn trả, nhưng chưa qua ngày đến hạn tính theo "
    "thời gian làm việc: ngày hẹn trả chưa được lùi theo các lần tạm dừng",
    "finished_without_due_date": "hồ sơ không có ngày hẹn trả, nên không tính là đúng hạn",
    "pending_in_time": "đang giải quyết, ngày hẹn trả chưa qua vào ngày cuối kỳ",
    "pending_overdue": "đang giải quyết, ngày hẹn trả đã qua trước ngày cuối kỳ",
    "pending_without_due_date": "đang giải quyết, không có ngày hẹn trả",
    "refused": "hồ sơ bị từ chối, không xét hạn",
    "withdrawn": "hồ sơ được rút, không xét hạn",
    "ended_before_received": "ngày kết thúc trước ngày tiếp nhận: dữ liệu ở nguồn sai, cần sửa",
}


def statement_text(said: Row, width: int) -> str:
    """The whole statement; no line is longer than `width`, continuations are indented."""
    sections = [
        ("", [f"PHIẾU TÍNH THỜI GIAN GIẢI QUYẾT HỒ SƠ {said['dossier_code']}", _source(said)]),
        ("Hồ sơ", _about(said)),
        ("Thời gian làm việc áp dụng", _calendar(said)),
        ("Tạm dừng", _pauses(said)),
        ("Tính giờ", _counted(said)),
        ("Kết luận", _verdicts(said)),
        ("Căn cứ", [f"{_STEPS[step]}: {ground}." for step, ground in said["grounds"].items()]),
    ]
    lines = []
    for title, entries in sections:
        lines += ["", title.upper()] if title else []
        indent = "  " if title else ""
        for entry in entries:
            lines += textwrap.wrap(
                entry, max(width, 30), initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
            )
    return "\n".join(lines)


def _source(said: Row) -> str:
    return (
        f"Theo số liệu đã công bố: kỳ {said['period_month']:%m/%Y}, lần công bố {said['revision']} "
        f"({said['published_at']:%d/%m/%Y}); trạng thái tính đến hết ngày {said['last_date']:%d/%m/%Y}."
    )


def _about(said: Row) -> list[str]:
    agency = f"{said['agency_name']} (mã {said['agency_code']})" if said["agency_name"] else f"mã {said['agency_code']}"
    field = f", lĩnh vực {said['field_name']}" if said["field_name"] else ""
    lines = [
        f"Đơn vị tiếp nhận: {agency}.",
        *_answering(said),
        f"Thủ tục: {said['procedure_code']}{field}.",
        f"Kênh tiếp nhận: {_CHANNELS.get(said['channel'], said['channel'])}.",
    ]
    if said["submitted_at"]:
        lines.append(f"Nộp: {_at(said['submitted_at'])}.")
    lines.append(f"Tiếp nhận: {_at(said['received_at'])}.")
    lines.append(f"Hẹn trả kết quả: {_at(said['due_at'])}." if said["due_at"] else "Hẹn trả kết quả: không có.")
    if said["ended_at"]:
        lines.append(f"{_ENDS[said['state']]}: {_at(said['ended_at'])}.")
    else:
        lines.append("Đang giải quyết.")
    if said["returned_at"]:
        lines.append(f"Trả kết quả: {_at(said['returned_at'])}.")
    return lines


def _answering(said: Row) -> list[str]:
    """Who answers for the dossier where the agency that took it in is gone."""
    code, name = said["reporting_agency_code"], said["reporting_agency_name"]
    if code is None and said["agency_valid_from"] is not None:
        return [
            "Vào ngày cuối kỳ đơn vị tiếp nhận không còn và chưa có đơn vị nào kế thừa toàn bộ: hồ sơ chưa phân bổ."
        ]
    if code is None or (code, name) == (said["agency_code"], said["agency_name"]):
        return []
    return [f"Đơn vị chịu trách nhiệm vào ngày cuối kỳ: {name} (mã {code})."]


def _calendar(said: Row) -> list[str]:
    lines = [f"{one['hours']} ({_weekdays(one['weekdays'])})." for one in said["hours"]]
    for day in said["special_days"]:
        weekday = _WEEKDAYS[day["calendar_date"].weekday()]
        kind = _DAYS[day["day_kind"]]
        lines.append(
            f"{_day(day['calendar_date'])} ({weekday}): {kind} – {day['name_vi']}. Căn cứ: {day['legal_ground']}."
        )
    return lines or ["Ngày tiếp nhận nằm ngoài lịch làm việc đã có."]


def _pauses(said: Row) -> list[str]:
    lines = []
    for pause in said["pauses"]:
        end = f"đến {_at(pause['to_at'])}" if pause["to_at"] else "chưa kết thúc khi hết kỳ"
        lines.append(
            f"{_PAUSES[pause['kind']]}: từ {_at(pause['from_at'])} {end}; {_long(pause['working_seconds'])} làm việc. "
            f"Căn cứ: {pause['ground']}."
        )
    if sum(pause["working_seconds"] for pause in said["pauses"]) > (said["working_seconds_paused"] or 0):
        lines.append("Các lần tạm dừng trùng nhau chỉ tính một lần.")
    return lines or ["Không có."]


def _counted(said: Row) -> list[str]:
    used, allowed = said["working_seconds_used"], said["working_seconds_allowed"]
    lines = [
        f"Tạm dừng: {_long(said['working_seconds_paused'])}.",
        f"Đã dùng: {_long(used)}.",
        f"Được giao (từ tiếp nhận đến ngày hẹn trả đầu tiên): {_long(allowed)}.",
    ]
    if used is not None and allowed is not None:
        left = allowed - used
        lines.append(f"Còn lại: {_long(left)}." if left >= 0 else f"Vượt: {_long(-left)}.")
    if said["clock_due_at"]:
        lines.append(f"Hạn tính theo thời gian làm việc, đã cộng các lần tạm dừng: {_at(said['clock_due_at'])}.")
    lines.append("Một ngày làm việc là 8 giờ.")
    return lines


def _verdicts(said: Row) -> list[str]:
    reason = _REASONS[said["timeliness_reason"]]
    if said["timeliness"] is None:
        return [f"{reason[0].upper()}{reason[1:]}."]
    return [
        f"Theo ngày (cách tính của số liệu công bố): {_VERDICTS[said['timeliness']].upper()} – {reason}.",
        f"Theo thời điểm (xét cả giờ, phút; để đối chiếu): {_VERDICTS[said['timeliness_instant']]}.",
    ]


def _at(instant: datetime) -> str:
    return f"{instant:%H:%M} ngày {instant:%d/%m/%Y}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _weekdays(numbers: list[int]) -> str:
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{_WEEKDAYS[numbers[0] - 1]} đến {_WEEKDAYS[numbers[-1] - 1]}"
    return ", ".join(_WEEKDAYS[number - 1] for number in numbers)


def _long(seconds: int | None) -> str:
    """Working time in days of 8 hours and, when it is more than one, in hours too."""
    if seconds is None:
        return "không tính được"
    days, rest = divmod(seconds, _WORKING_DAY)
    text = " ".join(part for part in (f"{days} ngày" if days else "", _hours(rest) if rest or not days else "") if part)
    return f"{text} ({_hours(seconds)})" if days else text


def _hours(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{hours} giờ" if hours else "", f"{minutes} phút" if minutes else "", f"{rest} giây" if rest else ""]
    return " ".join(part for part in parts if part) or "0 giờ"

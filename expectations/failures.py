"""The words of alerts about steps that failed and sources that changed, in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Sequence

from expectations.messages import export_words, is_month, month_of, not_published

_STEPS = {
    "land": "đọc dữ liệu từ nguồn",
    "land_export": "đọc dữ liệu từ nguồn",
    "list_exports": "liệt kê các nguồn dữ liệu",
    "build": "dựng dữ liệu của kỳ",
    "audit": "kiểm tra số liệu",
    "publish": "công bố số liệu",
    "list_requests": "tìm đề nghị áp dụng ngoại lệ",
    "decide": "phê duyệt ngoại lệ",
}
# Steps that look at months already published; when one fails, no figure is held back.
_LATE_STEPS = {
    "list_exports": _STEPS["list_exports"],
    "list_open_months": "tìm các kỳ còn được đọc lại",
    "reread_export": "đọc lại dữ liệu đến muộn",
    "find_restatements": "xác định kỳ phải công bố lại",
    "ask_for_restatement": "yêu cầu công bố lại",
}
_WATCH = "watch"
_NOT_LOOKED_AT = "Hồ sơ đến muộn hoặc được sửa ở nguồn của các kỳ này CHƯA được xem xét."
_READ_AGAIN = "sau đó chạy lại bước đọc dữ liệu."
_NEXT_DAY = "Lần đọc lại của ngày hôm sau tự thử lại; muốn sớm hơn thì chạy lại bước này."
_TODO = {
    "land": f"Kiểm tra hệ thống nguồn (kết nối, tài khoản, số dòng nguồn khai báo), {_READ_AGAIN}",
    "build": "Tổ dữ liệu xem nhật ký của bước này, xử lý nguyên nhân rồi chạy lại kỳ báo cáo.",
    "reread": "Kiểm tra hệ thống nguồn (kết nối, tài khoản, số dòng nguồn khai báo). " + _NEXT_DAY,
    "watch": "Tổ dữ liệu xem nhật ký của bước này, xử lý nguyên nhân rồi chạy lại bước này.",
    "late": f"Tổ dữ liệu xem nhật ký của bước này và xử lý nguyên nhân. {_NEXT_DAY}",
}
# What can be done about an error whose type says what happened.
_TODO_OF = {
    "TooFewRows": "Hỏi đơn vị quản lý nguồn vì sao số dòng ít hơn hẳn các kỳ trước và đề nghị kết xuất lại cho đủ. Nếu số "
    "dòng này là đúng thì chạy lại và ghi rõ lý do: lệnh {command} --because \"…\", hoặc trên Airflow chạy kỳ báo cáo với "
    "tham số accept_fewer_rows_because; lý do được lưu cùng lần đọc.",
    "HeadingsMissing": "Nguồn đã bỏ hoặc đổi tên trường đang được đọc; trường bị thiếu và tên mới gần giống nhất (nếu "
    "có) ghi trong lỗi ở trên. Nếu chỉ đổi tên, Tổ dữ liệu sửa đường dẫn trong cấu hình nguồn; nếu bị bỏ, đề nghị đơn vị "
    f"quản lý nguồn bổ sung lại trường đó, {_READ_AGAIN}",
    "CountsDiffer": "Số dòng đọc được khác số dòng nguồn khai báo, có thể do dữ liệu đang được nhập. Chạy lại bước đọc dữ "
    "liệu vào lúc ít người dùng; nếu vẫn lỗi thì báo đơn vị quản lý nguồn.",
    "EmptyExport": "Nguồn trả lời nhưng không có dòng nào. Đề nghị đơn vị quản lý nguồn kiểm tra và kết xuất lại, "
    + _READ_AGAIN,
    "NotAuthorised": "Nguồn từ chối tài khoản hoặc khóa truy cập. Tổ dữ liệu xin khóa mới của đơn vị quản lý nguồn, cập nhật "
    f"vào kết nối trên Airflow hoặc tệp .env, {_READ_AGAIN}",
    "SourceClosed": "Nguồn chỉ cho đọc trong khung giờ ghi trong cấu hình nguồn. Chạy lại bước đọc dữ liệu trong khung giờ đó; "
    "phần đã đọc được giữ lại.",
}  # fmt: skip


def failure_text(
    period: str,
    task: str,
    error: str,
    *,
    subject: str | None = None,
    months: Sequence[str] = (),
    revision: int | None = None,
    log_url: str | None = None,
) -> tuple[str, str]:
    """Title and text of the alert about a step that failed before or after the checks, or beside them.

    `months` are those a late step works on, `revision` is the published one of `period`.
    """
    named = export_words(subject) if subject else ""
    of = f" ({named})" if named else ""
    reading = task.startswith(("land", "reread"))
    late = task in _LATE_STEPS and (task not in _STEPS or not is_month(period))
    if task == _WATCH:
        title = "[CCHC] Lỗi ở bước theo dõi hạn công bố số liệu"
        lines = ["Bước theo dõi hạn công bố số liệu không hoàn thành. Số liệu đã công bố không thay đổi.", ""]
        todo, after = _TODO["watch"], "Kỳ quá hạn và thông báo chưa được trả lời CHƯA được xem xét."
    elif late:
        step = _LATE_STEPS[task]
        months = list(months) or ([period] if is_month(period) else [])
        named_months = f"kỳ {', '.join(map(month_of, months))}" if months else ""
        title = f"[CCHC] Dữ liệu đến muộn: lỗi ở bước {step}{of}{', ' if months else ''}{named_months}"
        whose = f"{named_months[0].upper()}{named_months[1:]}: bước" if months else "Bước"
        lines = [f"{whose} {step} không hoàn thành. Số liệu các kỳ đã công bố không thay đổi.", ""]
        todo, after = _TODO["reread" if reading else "late"], _NOT_LOOKED_AT
    else:
        step = _STEPS.get(task, task)
        title = f"[CCHC] Kỳ {month_of(period)}: lỗi ở bước {step}{of}"
        state = f"số liệu của kỳ {not_published(revision)}"
        lines = [f"Kỳ {month_of(period)}: bước {step} không hoàn thành, nên {state}.", ""]
        todo = _TODO["land"] if reading else _TODO["build"]
        held_back = "toàn bộ số liệu của kỳ" if revision is None else "số liệu của lần công bố lại"
        after = f"Đang giữ lại: {held_back}. Số liệu các kỳ đã công bố không thay đổi."
    if named:
        lines.append(f"Nguồn dữ liệu: {named}" if reading else f"Đối tượng: {named}")
    if reading or not (late or task == _WATCH):
        todo = _todo(error, subject, months[0] if len(months) == 1 else period) or todo
    lines += [f"Lỗi hệ thống ghi lại: {_short(error)}", f"Việc cần làm: {todo}", after]
    if log_url:
        lines.append(f"Nhật ký: {log_url}")
    return title, "\n".join(lines) + "\n"


def new_columns_text(period: str, export: str, profile: str, columns: Sequence[str]) -> tuple[str, str]:
    """Title and text of the warning that a source has columns that its profile does not know."""
    named, count = export_words(export), len(columns)
    title = f"[CCHC] Cảnh báo: nguồn {named} có {count} cột mới"
    lines = [
        f"Lần đọc kỳ {month_of(period)} của nguồn {named} có {count} cột mà lần đọc trước không có:",
        *(f"- {column}" for column in columns),
        "",
        f"Dữ liệu vẫn được nhận đủ theo cấu hình nguồn {profile}. Cột mới chưa được đọc và không được lưu; số liệu không "
        "bị chặn.",
        "Việc cần làm: Tổ dữ liệu hỏi đơn vị quản lý nguồn ý nghĩa của cột mới. Nếu cột này thay cho một trường đang đọc "
        f"hoặc cần cho chỉ tiêu thì bổ sung vào cấu hình nguồn {profile}; nếu không thì không phải làm gì. "
        "Cảnh báo này chỉ gửi một lần.",
    ]
    return title, "\n".join(lines) + "\n"


def _todo(error: str, export: str | None, period: str) -> str | None:
    """What to do about an error of a type that we know, wherever its name stands in the text."""
    found = re.search(rf"\b({'|'.join(_TODO_OF)})\b", error)
    command = f"cchc land {export or 'EXPORT'} {period if is_month(period) else 'PERIOD'}"
    return _TODO_OF[found[1]].replace("{command}", command) if found else None


def _short(error: str) -> str:
    """The first lines of an error, without what may follow of a traceback."""
    return " ".join(line.strip() for line in error.strip().splitlines()[:3])[:600] or "không rõ"

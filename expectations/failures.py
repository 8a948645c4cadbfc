"""The words of alerts about steps that failed and sources that changed, in Vietnamese."""

from __future__ import annotations

import re
from collections.abc import Sequence

from expectations.messages import export_words, month_of

_STEPS = {
    "land": "đọc dữ liệu từ nguồn",
    "land_export": "đọc dữ liệu từ nguồn",
    "build": "dựng dữ liệu của kỳ",
    "audit": "kiểm tra số liệu",
    "publish": "công bố số liệu",
}
# Steps that look at months already published; when one fails, no figure is held back.
_LATE_STEPS = {
    "list_open_months": "tìm các kỳ còn được đọc lại",
    "reread_export": "đọc lại dữ liệu đến muộn",
    "find_restatements": "xác định kỳ phải công bố lại",
    "ask_for_restatement": "yêu cầu công bố lại",
}
_READ_AGAIN = "sau đó chạy lại bước đọc dữ liệu."
_TODO = {
    "land": f"Kiểm tra hệ thống nguồn (kết nối, tài khoản, số dòng nguồn khai báo), {_READ_AGAIN}",
    "build": "Tổ dữ liệu xem nhật ký của bước này, xử lý nguyên nhân rồi chạy lại kỳ báo cáo.",
    "late": "Kiểm tra hệ thống nguồn (kết nối, tài khoản, số dòng nguồn khai báo). Lần đọc lại của ngày hôm sau tự thử "
    "lại; muốn sớm hơn thì chạy lại bước này.",
}
# What can be done about an error whose type says what happened.
_TODO_OF = {
    "TooFewRows": "Hỏi đơn vị quản lý nguồn vì sao số dòng ít hơn hẳn các kỳ trước và đề nghị kết xuất lại cho đủ. Nếu số "
    "dòng này là đúng thì chạy lại và ghi rõ lý do: lệnh {command} --because \"…\", hoặc trên Airflow chạy kỳ báo cáo với "
    "tham số accept_fewer_rows_because; lý do được lưu cùng lần đọc.",
    "HeadingsMissing": "Nguồn đã bỏ hoặc đổi tên trường mà profile cần đọc; trường bị thiếu và tên mới gần giống nhất (nếu "
    "có) ghi trong lỗi ở trên. Nếu chỉ đổi tên, Tổ dữ liệu sửa đường dẫn trong profile; nếu bị bỏ, đề nghị đơn vị quản lý "
    f"nguồn trả lại trường đó, {_READ_AGAIN}",
    "CountsDiffer": "Số dòng đọc được khác số dòng nguồn khai báo, có thể do dữ liệu đang được nhập. Chạy lại bước đọc dữ "
    "liệu vào lúc ít người dùng; nếu vẫn lỗi thì báo đơn vị quản lý nguồn.",
    "EmptyExport": "Nguồn trả lời nhưng không có dòng nào. Đề nghị đơn vị quản lý nguồn kiểm tra và kết xuất lại, "
    + _READ_AGAIN,
    "NotAuthorised": "Nguồn từ chối tài khoản hoặc khóa truy cập. Tổ dữ liệu xin khóa mới của đơn vị quản lý nguồn, cập nhật "
    f"vào kết nối trên Airflow hoặc tệp .env, {_READ_AGAIN}",
    "SourceClosed": "Nguồn chỉ cho đọc trong khung giờ ghi trong profile. Chạy lại bước đọc dữ liệu trong khung giờ đó; "
    "phần đã đọc được giữ lại.",
}  # fmt: skip


def failure_text(
    period: str, task: str, error: str, *, subject: str | None = None, log_url: str | None = None
) -> tuple[str, str]:
    """Title and text of the alert about a step that failed before or after the checks, or beside them."""
    named = export_words(subject) if subject else ""
    of = f" ({named})" if named else ""
    reading = task.startswith(("land", "reread"))
    if task in _LATE_STEPS:
        step = _LATE_STEPS[task]
        title = f"[CCHC] Dữ liệu đến muộn: lỗi ở bước {step}{of}"
        lines = [f"Bước {step} không hoàn thành. Số liệu các kỳ đã công bố không thay đổi.", ""]
        todo, after = _TODO["late"], "Hồ sơ đến muộn hoặc được sửa ở nguồn của các kỳ này CHƯA được xem xét."
    else:
        step = _STEPS.get(task, task)
        title = f"[CCHC] Kỳ {month_of(period)}: lỗi ở bước {step}{of}"
        lines = [f"Kỳ {month_of(period)}: bước {step} không hoàn thành, nên số liệu của kỳ CHƯA được công bố.", ""]
        todo = _TODO["land"] if reading else _TODO["build"]
        after = "Đang giữ lại: toàn bộ số liệu của kỳ. Số liệu các kỳ đã công bố không thay đổi."
    if named:
        lines.append(f"Nguồn dữ liệu: {named}" if reading else f"Đối tượng: {named}")
    lines += [f"Lỗi hệ thống ghi lại: {_short(error)}", f"Việc cần làm: {_todo(error, subject, period) or todo}", after]
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
        f"Dữ liệu vẫn được nhận đủ theo profile {profile}. Cột mới chưa được đọc và không được lưu; số liệu không bị chặn.",
        "Việc cần làm: Tổ dữ liệu hỏi đơn vị quản lý nguồn ý nghĩa của cột mới. Nếu cột này thay cho một trường đang đọc hoặc "
        f"cần cho chỉ tiêu thì bổ sung vào profile {profile}; nếu không thì không phải làm gì. Cảnh báo này chỉ gửi một lần.",
    ]
    return title, "\n".join(lines) + "\n"


def _todo(error: str, export: str | None, period: str) -> str | None:
    """What to do about an error of a type that we know, wherever its name stands in the text."""
    found = re.search(rf"\b({'|'.join(_TODO_OF)})\b", error)
    command = f"cchc land {export or 'EXPORT'} {period if re.match('[0-9]{4}-', period) else 'PERIOD'}"
    return _TODO_OF[found[1]].replace("{command}", command) if found else None


def _short(error: str) -> str:
    """The first lines of an error, without what may follow of a traceback."""
    return " ".join(line.strip() for line in error.strip().splitlines()[:3])[:600] or "không rõ"

"""The words of waivers, in Vietnamese: in an alert, and where Airflow asks somebody to approve one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from cchc.period import LOCAL, Period
from expectations.checks import Check
from expectations.verdicts import ALL_AGENCIES, CheckResult, Verdict
from expectations.waivers import Waiver


def waiver_lines(result: CheckResult, rows_vi: str = "dòng") -> list[str]:
    """One line per waiver that covers failing rows of the check, of the agencies that the result names."""
    names = {entry.agency_code: entry.name_vi for entry in result.by_agency}
    return [
        f"Ngoại lệ {one.waiver} đang áp dụng cho {_whose(one.agency, names.get(one.agency))}: {_count(one.rows)} {rows_vi} "
        f"(tối đa {_count(one.rows_at_most)}), có hiệu lực đến hết ngày {_day(_last(one.expires_at))}. Lý do: {one.reason}. "
        f"Căn cứ: {one.ground}. Người đề nghị: {one.requested_by}; người phê duyệt: {one.approved_by}."
        for one in result.waivers
        if one.agency == ALL_AGENCIES or one.agency in names
    ]


def waived_text(verdict: Verdict, period: Period, checks: Mapping[str, Check]) -> tuple[str, str]:
    """Title and text of the message that a month may be published although checks failed, and on whose word."""
    waived = verdict.waived()
    month = f"{period.month:02d}/{period.year}"
    title = f"[CCHC] Kỳ {month}: đủ điều kiện công bố, có {len(waived)} nội dung kiểm tra áp dụng ngoại lệ"
    lines = [
        f"Số liệu cải cách hành chính kỳ {month} (từ {_day(period.first_date)} đến hết {_day(period.last_date)}) đủ điều "
        f"kiện công bố. {len(waived)} nội dung kiểm tra bắt buộc không đạt nhưng đã có ngoại lệ được phê duyệt:",
        "",
    ]
    for number, result in enumerate(waived, start=1):
        check = checks.get(result.check)
        rows_vi = check.frame.rows_vi if check else "dòng"
        what = check.message_vi if check else result.check
        lines.append(f"{number}. {what} [{result.check}]: {_count(result.failed_rows)} {rows_vi}")
        lines += [f"   {line}" for line in waiver_lines(result, rows_vi)]
        if check:
            lines += [
                f"   Việc cần làm: {check.action_vi.replace('<kỳ>', str(period))}",
                f"   Phụ trách: {check.owner}",
            ]
        lines.append("")
    lines += [
        "Ngoại lệ không sửa số liệu: các dòng nêu trên vẫn được tính như nguồn gửi. Bản kê của lần công bố và bảng "
        "quality_results ghi rõ từng ngoại lệ. Nếu phát sinh thêm dòng không đạt, hoặc chạy lại kỳ sau khi ngoại lệ hết "
        "hiệu lực, số liệu lại không được công bố.",
        "",
        f"Lần kiểm tra: {verdict.period}, lượt {verdict.run}.",
    ]
    return title, "\n".join(lines) + "\n"


def approval_text(waiver: Waiver, check: Check | None, newest: Verdict | None) -> tuple[str, str]:
    """Subject and body (Markdown) of the question whether to approve: what is asked, and what the newest audit found."""
    asked = waiver.request
    rows_vi = check.frame.rows_vi if check else "dòng"
    whose = _whose(asked.agency, None)
    month, year = asked.period[5:], asked.period[:4]
    subject = f"Phê duyệt ngoại lệ {waiver.id} cho kỳ {month}/{year}: {check.message_vi if check else asked.check}"
    lines = [
        f"- Nội dung kiểm tra: {check.message_vi if check else ''} `{asked.check}`",
        f"- Phạm vi: {whose}, tối đa {_count(asked.rows_at_most)} {rows_vi}",
        f"- Lý do: {asked.reason}",
        f"- Căn cứ: {asked.ground}",
        f"- Người đề nghị: {waiver.requested.by}, ngày {_day(waiver.requested.at.astimezone(LOCAL).date())}",
        f"- Có hiệu lực đến hết ngày: {_day(_last(asked.expires_at))}",
        f"- Lần kiểm tra gần nhất: {_newest(asked.check, newest, rows_vi)}",
        "",
        "Phê duyệt thì các dòng trong phạm vi trên được công bố dù không đạt kiểm tra; tên tài khoản của người phê duyệt được "
        "ghi vào bản kê của lần công bố. Người đề nghị không được tự phê duyệt.",
    ]
    return subject, "\n".join(lines)


def _newest(check: str, newest: Verdict | None, rows_vi: str) -> str:
    """What the newest audit found of the check, agency by agency."""
    result = next((one for one in newest.results if one.check == check), None) if newest else None
    if newest is None or result is None:
        return "chưa có"
    if result.outcome == "held":
        return f"lượt {newest.run}, đạt"
    if result.outcome == "not_evaluated":
        return f"lượt {newest.run}, không kiểm tra được; ngoại lệ không áp dụng cho trường hợp này"
    found = "; ".join(
        f"{_whose(entry.agency_code or '', entry.name_vi)}: {_count(entry.rows)} {rows_vi}"
        for entry in result.by_agency
    )
    return f"lượt {newest.run}, {found}"


def _whose(agency: str, name: str | None) -> str:
    if agency == ALL_AGENCIES:
        return "tất cả đơn vị"
    if not agency:
        return "không gắn với đơn vị cụ thể"
    return f"{name} ({agency})" if name else f"đơn vị {agency}"


def _last(expires_at: datetime) -> date:
    """The last local date on which it holds."""
    return (expires_at.astimezone(LOCAL) - timedelta(seconds=1)).date()


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")

"""What happens when nobody answers: who is told next of a fault that stands, and which month should be out and is not.

A fault is answered by a run in which it is gone, a waiver, or a published revision. Working days count, no clock does: the
caller says which day it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cchc.period import LOCAL, Period
from cchc.settings import Settings
from cchc.working_calendar import add_working_days
from expectations.checks import Check
from expectations.contacts import Contact
from expectations.digests import Digest, digests, fault_lines, held_back, told_of
from expectations.messages import count_words, day_words, month_words, weekday_words
from expectations.verdicts import Verdict


@dataclass(frozen=True)
class Standing:
    """A contact's fault that stands: since which run and local day, and until when an answer was asked for."""

    digest: Digest
    run: str
    since: date
    due: date


@dataclass(frozen=True)
class Overdue:
    """A month that is not published though it should be: since the local day `due` has passed, and why, in words."""

    period: Period
    due: date
    why: str


def standing_faults(
    verdict: Verdict,
    earlier: Sequence[Verdict],
    checks: Mapping[str, Check],
    known: Sequence[Contact],
    settings: Settings,
) -> list[Standing]:
    """The faults of a verdict, contact by contact, those whose cells are withheld too.

    `earlier` are the verdicts of the period before it, oldest first.
    A fault stands since the first run of those in which the contact had one of its checks without a break: repairing some
    rows of many is no answer.
    """
    before = [
        (run, {one.contact.id: {result.check for result in one.blocking} for one in digests(run, checks, known)})
        for run in earlier
    ]
    found = []
    for digest in digests(verdict, checks, known):
        first, mine = verdict, {result.check for result in digest.blocking}
        for run, blocking in reversed(before):
            still = mine & blocking.get(digest.contact.id, set())
            if not still:
                break
            first, mine = run, still
        since = first.evaluated_at.astimezone(LOCAL).date()
        due = add_working_days(since, settings.answer_days, settings)
        found.append(Standing(digest, first.run, since, due))
    return found


def steps_due(due: date, on: date, steps: int, settings: Settings) -> int:
    """How many steps up a matter has to be taken by the day `on`: one when `due` has passed, one more every `answer_days`."""
    taken = 0
    while taken < steps and on > due:
        taken += 1
        due = add_working_days(due, settings.answer_days, settings)
    return taken


def escalation_text(
    standing: Standing, to: Contact, verdict: Verdict, period: Period, checks: Mapping[str, Check], revision: int | None
) -> tuple[str, str]:
    """Title and text for who is told because a contact has not answered."""
    digest, month = standing.digest, month_words(period)
    is_reminder = to.id == digest.contact.id
    title = f"[CCHC] Quá hạn: kỳ {month} còn {len(digest.blocking)} nội dung chưa xử lý"
    whom = "quý cơ quan, đơn vị" if is_reminder else digest.contact.role_vi
    lines = [
        f"Kính gửi: {to.role_vi}",
        "",
        f"Ngày {day_words(standing.since)}, hệ thống đã báo {whom} về dữ liệu không đạt yêu cầu của kỳ {month}, đề nghị xử lý "
        f"xong trước hết {weekday_words(standing.due)}. Đã quá hạn mà chưa có kết quả.",
        "Đề nghị xử lý ngay." if is_reminder else "Đề nghị chỉ đạo xử lý.",
        "",
    ]
    if not is_reminder:
        title += f" ({digest.contact.role_vi})"
    for number, result in enumerate(digest.blocking, start=1):
        lines += fault_lines(f"{number}. ", result, checks.get(result.check), period, to.is_data_team)
    lines += [
        *held_back(verdict, period, revision, None if to.is_data_team else told_of(digest, verdict)),
        "",
        f"Lần kiểm tra gần nhất: kỳ {month}, lượt {int(verdict.run)}. Thông báo này chỉ gửi một lần.",
    ]
    return title, "\n".join(lines) + "\n"


def overdue_text(months: Sequence[Overdue], to: Contact) -> tuple[str, str]:
    """Title and text about months that should be published and are not."""
    named = ", ".join(month_words(one.period) for one in months)
    lines = [
        f"Kính gửi: {to.role_vi}",
        "",
        f"Đã quá hạn báo cáo mà số liệu cải cách hành chính của {count_words(len(months))} kỳ sau chưa được công bố:",
        *(f"• Kỳ {month_words(one.period)}, hạn {day_words(one.due)}: {one.why}." for one in months),
        "",
    ]
    if to.is_data_team:
        lines.append(
            "Việc cần làm: Tổ dữ liệu xem việc phải làm của từng kỳ bằng lệnh cchc status, xử lý rồi chạy lại kỳ báo cáo."
        )
    else:
        lines.append("Việc cần làm: Đề nghị chỉ đạo Tổ dữ liệu và các đơn vị liên quan xử lý để công bố số liệu.")
    return f"[CCHC] Quá hạn công bố số liệu: kỳ {named}", "\n".join(
        lines
    ) + "\nThông báo này chỉ gửi một lần cho mỗi kỳ.\n"

"""The digest of a verdict with faults: one for each responsible contact, worst first, in the words of an official.

A contact reads of its own faults only. This program's codes and commands stand in the data team's digest alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from cchc.period import Period
from expectations.checks import DATA_OWNER, Check
from expectations.contacts import Contact, responsible
from expectations.messages import (
    agency_words,
    count_words,
    day_words,
    held_back_words,
    month_words,
    not_published,
    sample_words,
    weekday_words,
)
from expectations.verdicts import EMPTY_FRAME, AgencyRows, CheckResult, Verdict
from expectations.waiver_words import waiver_lines

AGENCIES_LISTED = 10
SAMPLES_LISTED = 5


@dataclass(frozen=True)
class Digest:
    """What one contact is told of a verdict: its share of the critical checks that did not hold, and of the warnings."""

    contact: Contact
    blocking: list[CheckResult] = field(default_factory=list)
    warnings: list[CheckResult] = field(default_factory=list)

    @property
    def agencies(self) -> list[str]:
        """The agencies whose rows it names, in its order."""
        return list(dict.fromkeys(code for result in self.blocking for code in result.agencies))


def digests(verdict: Verdict, checks: Mapping[str, Check], known: Sequence[Contact]) -> list[Digest]:
    """One digest for each contact with a critical fault of its own, in the order in which faults name them.

    What could not be evaluated is the data team's: its cause lies here and not with who owns the rows.
    """
    found: dict[str, Digest] = {}

    @cache
    def who(owner: str, agency_code: str | None) -> list[Contact]:
        return responsible(known, owner, agency_code)

    for is_warning, results in ((False, _worst_first(verdict.unresolved())), (True, verdict.warnings())):
        for result in results:
            for contact, share in _shares(result, checks.get(result.check), who):
                digest = found.setdefault(contact.id, Digest(contact))
                (digest.warnings if is_warning else digest.blocking).append(share)
    return [digest for digest in found.values() if digest.blocking]


def _worst_first(results: Sequence[CheckResult]) -> list[CheckResult]:
    """Faults of records come before the figures that they spoil: the cause before its consequence."""
    return sorted(
        results,
        key=lambda r: (
            r.outcome == "not_evaluated",
            r.check.startswith(("indicator_values.", "mart_")),
            -r.failed_rows,
        ),
    )


def _shares(
    result: CheckResult, check: Check | None, who: Callable[[str, str | None], list[Contact]]
) -> list[tuple[Contact, CheckResult]]:
    """The contacts of a result, each with the rows of its agencies."""
    owner = check.owner if check else DATA_OWNER
    if result.outcome == "not_evaluated" or not result.by_agency:
        return [(contact, result) for contact in who(DATA_OWNER, None)]
    rows: dict[str, tuple[Contact, list[AgencyRows]]] = {}
    for entry in result.uncovered if result.severity == "critical" else result.by_agency:
        for contact in who(owner, entry.agency_code):
            rows.setdefault(contact.id, (contact, []))[1].append(entry)
    return [
        (contact, result.model_copy(update={"by_agency": mine, "failed_rows": sum(entry.rows for entry in mine)}))
        for contact, mine in rows.values()
    ]


def held_back(verdict: Verdict, period: Period, revision: int | None, only: Collection[str] | None = None) -> list[str]:
    """Which figures are held back because of a verdict, line by line: the whole month, or those of agencies.

    `only` are the agencies that the reader is told of; all when it is left out. `revision` is the published one.
    """
    if verdict.outcome == "failed":
        what = f"số liệu của lần công bố lại kỳ {month_words(period)}"
        if revision is None:
            what = f"toàn bộ số liệu kỳ {month_words(period)} và số lũy kế từ đầu năm của kỳ này"
        return [f"Đang giữ lại: {what}. Số liệu các kỳ đã công bố không thay đổi."]
    mine = [one for one in verdict.held_back if only is None or one.agency_code in only]
    if not mine:
        return ["Không có số liệu nào bị giữ lại: những bản ghi nêu trên không được tính vào chỉ tiêu nào."]
    lines = ["Đang giữ lại, chưa công bố (số của kỳ và số lũy kế từ đầu năm):"]
    lines += [f"• {held_back_words(one)}" for one in mine[:AGENCIES_LISTED]]
    if len(mine) > AGENCIES_LISTED:
        lines.append(f"• … và {len(mine) - AGENCIES_LISTED} đơn vị khác")
    above = list(dict.fromkeys(name for one in mine for name in one.rollups))
    if above:
        lines.append(f"Vì vậy số tổng hợp các chỉ tiêu này của {', '.join(above)} chưa đầy đủ, cũng chưa công bố.")
    others = "Số liệu các kỳ đã công bố không thay đổi."
    if revision is not None:
        others = (
            f"Lần công bố thứ {revision} của kỳ được lưu nguyên vẹn; lần công bố mới thay thế lần đó và chưa có các số liệu đang "
            "giữ lại."
        )
    return [*lines, f"Các số liệu khác của kỳ không bị giữ lại. {others}"]


def told_of(digest: Digest, verdict: Verdict) -> set[str]:
    """The agencies of a digest, and those that answer for its rows of agencies that are gone."""
    failing = {code for result in verdict.unresolved() for code in result.agencies}
    checks = {result.check for result in digest.blocking}
    heirs = {cell.agency for cell in verdict.withheld if checks & set(cell.checks)} - failing
    return {*digest.agencies, *heirs}


def digest_text(
    digest: Digest, verdict: Verdict, period: Period, checks: Mapping[str, Check], *,
    due: date, revision: int | None = None, attached: Sequence[str] = (),
) -> tuple[str, str]:  # fmt: skip
    """Title and text of a digest: what failed, where, which rows, what to do until the day `due`, and what is held back.

    `revision` is the one of the period that is published already and stays in force, `attached` the names of workbooks.
    """
    mine, in_all, month = digest.blocking, len(verdict.unresolved()), month_words(period)
    is_data_team, is_out = digest.contact.is_data_team, verdict.outcome == "held"
    what = "chưa công bố số liệu" if revision is None else "chưa công bố lại được số liệu"
    if is_out:
        what = "tạm giữ một phần số liệu" if verdict.withheld else "dữ liệu chưa đạt"
    title = f"[CCHC] Kỳ {month}: {what}, {len(mine)} nội dung kiểm tra bắt buộc không đạt"
    title += f", hạn xử lý {day_words(due)}"
    why = f"vì {in_all} nội dung kiểm tra bắt buộc không đạt"
    if len(mine) < in_all:
        why += f", trong đó {len(mine)} nội dung thuộc phần việc của quý cơ quan, đơn vị"
    state = not_published(revision)
    if is_out:
        state = "đủ điều kiện công bố"
        state += ", trừ phần đang giữ lại nêu dưới đây," if verdict.withheld else ", nhưng dữ liệu còn sai sót"
    lines = [
        f"Kính gửi: {digest.contact.role_vi}",
        "",
        f"Số liệu cải cách hành chính kỳ {month} (từ {day_words(period.first_date)} đến hết "
        f"{day_words(period.last_date)}) {state} {why}.",
        f"Đề nghị xử lý xong trước hết {weekday_words(due)}.",
        "",
    ]
    judged = [result for result in mine if result.detail != EMPTY_FRAME]
    for number, result in enumerate(judged, start=1):
        lines += fault_lines(f"{number}. ", result, checks.get(result.check), period, is_data_team)
    lines += _nothing_to_check(f"{len(judged) + 1}. ", mine, checks)
    after = "số liệu chỉ được công bố khi mọi nội dung kiểm tra bắt buộc đều đạt."
    if is_out:
        after = "phần đang giữ lại khi đó được công bố bổ sung."
    lines += [
        *held_back(verdict, period, revision, None if is_data_team else told_of(digest, verdict)),
        f"Sau khi dữ liệu ở nguồn được sửa, Tổ dữ liệu chạy lại kỳ báo cáo; {after}",
        *_attached(attached),
    ]
    if is_data_team:
        lines += _waivers(verdict, checks)
    if digest.warnings:
        lines += ["", f"Cảnh báo kèm theo (không chặn công bố): {len(digest.warnings)}", ""]
        for result in digest.warnings:
            if result.detail != EMPTY_FRAME:
                lines += fault_lines("- ", result, checks.get(result.check), period, is_data_team)
        lines += _nothing_to_check("- ", digest.warnings, checks)
    if lines[-1]:
        lines.append("")
    lines.append(f"Lần kiểm tra: kỳ {month}, lượt {int(verdict.run)}.")
    if is_data_team:
        lines += [
            f"Lệnh xem việc phải làm: cchc status {period}",
            f"Lệnh đọc lại nguồn, kiểm tra và công bố khi nguồn đã sửa: cchc close {period}"
            + (' --reason "…"' if is_out else ""),
        ]
    else:
        lines[-1] += f" Khi cần trao đổi, xin liên hệ {DATA_OWNER} và nêu kỳ, lượt này."
    return title, "\n".join(lines) + "\n"


def _waivers(verdict: Verdict, checks: Mapping[str, Check]) -> list[str]:
    """Every waiver that the verdict used, whether its check passes on it or has more failing rows."""
    lines = []
    for result in verdict.results:
        check = checks.get(result.check)
        rows_vi = check.frame.rows_vi if check else "dòng"
        told = [f"  {line}" for line in waiver_lines(result, rows_vi)]
        lines += [f"- {check.message_vi if check else ''} [{result.check}]", *told] if told else []
    return ["", "Ngoại lệ đang áp dụng trong lần kiểm tra này:", "", *lines] if lines else []


def _attached(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [
        f"Tệp kèm theo ({len(names)}): {', '.join(names)}. Tệp liệt kê các bản ghi không đúng quy cách nên chưa được tính; "
        "ghi giá trị đúng vào cột “Sửa lại” rồi gửi lại tệp cho Tổ dữ liệu.",
    ]


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


def fault_lines(bullet: str, result: CheckResult, check: Check | None, period: Period, is_data_team: bool) -> list[str]:
    """One check in words: what, where, how many, which rows, what to do, who."""
    indent = " " * len(bullet)
    what = (check.message_vi if check else result.check) + (f" [{result.check}]" if is_data_team else "")
    if result.outcome == "not_evaluated":
        return [
            f"{bullet}KHÔNG KIỂM TRA ĐƯỢC: {what}",
            f"{indent}Lý do hệ thống ghi lại: {result.detail}",
            f"{indent}Việc cần làm: Tổ dữ liệu xem nhật ký, xử lý nguyên nhân rồi chạy lại. "
            "Chưa kiểm tra được thì không công bố.",
            "",
        ]
    rows_vi = check.frame.rows_vi if check else "dòng"
    lines = [f"{bullet}{what}: {count_words(result.failed_rows)} {rows_vi}"]
    for entry in result.by_agency[:AGENCIES_LISTED]:
        is_itself = rows_vi == "đơn vị" and entry.rows == 1 and entry.agency_code is not None
        told = "" if is_itself else f": {count_words(entry.rows)} {rows_vi}"
        lines.append(f"{indent}• {agency_words(entry)}{told}")
        samples = entry.samples[:SAMPLES_LISTED]
        said = [sample_words(sample, entry, with_codes=is_data_team) for sample in samples]
        lines += [f"{indent}  - {words}" for words in said if not (is_itself and words == "không có dữ liệu")]
        if entry.rows > len(entry.samples):
            lines.append(f"{indent}  - … và {count_words(entry.rows - len(entry.samples))} {rows_vi} khác")
    if len(result.by_agency) > AGENCIES_LISTED:
        lines.append(f"{indent}• … và {len(result.by_agency) - AGENCIES_LISTED} đơn vị khác")
    if check:
        todo = check.action_vi.replace("<kỳ>", str(period))
        lines.append(f"{indent}Việc cần làm: {todo}")
        lines += [f"{indent}Phụ trách: {check.owner}"] if is_data_team else []
    return [*lines, ""]

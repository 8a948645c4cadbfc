"""The communes' statistical form 01b as workbooks, typed by hand: 01 for one, 1.467, 99,45%, 54.21%, blanks and words.

What the records give (dossiers, documents, procedures) is counted from them for the month; the rest is invented. Each
commune has its habits: how it writes percentages, zeros and what it cannot find out.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import xlsxwriter

from cchc.period import Period
from sandbox.agencies import Agency
from sandbox.catalogue import FULL, catalogue
from sandbox.lives import IN_PERSON, ONLINE, POSTAL
from sandbox.province import Province
from sandbox.questions import midnight

NAME = "01b_{period}_{identity}.xlsx"
SHEET = "Phụ lục 01b"
_TOP = 4  # title rows above the headings
# Row, text, unit, and where the value comes from: a counted figure by name, a share of two ("a/b"), a range to draw from
# ("0-3"), a mark of yes ("có"), or nothing (headings).
ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("1", "Công tác chỉ đạo điều hành CCHC", "", ""),
    ("1.1", "Kế hoạch CCHC", "", "1-1"),
    ("1.1.1", "Số nhiệm vụ đề ra trong kế hoạch", "Nhiệm vụ", "20-30"),
    ("1.1.3", "Số văn bản chỉ đạo CCHC đã ban hành", "Văn bản", "2-9"),
    ("1.2.1", "Số bộ phận, công chức chuyên môn cấp xã đã kiểm tra", "Người", "0-3"),
    ("1.2.2", "Số vấn đề phát hiện qua kiểm tra", "Số lượng", "0-1"),
    ("1.4.1", "Số lượng phiếu khảo sát", "Phiếu", "0-60"),
    ("1.5", "Tổ chức đối thoại của lãnh đạo với người dân, cộng đồng doanh nghiệp", "Cuộc", "0-2"),
    ("2", "Cải cách thể chế", "", ""),
    ("2.1", "Số VBQPPL đã ban hành/tham mưu ban hành", "Văn bản", "0-1"),
    ("2.2", "Số VBQPPL đã kiểm tra theo thẩm quyền", "Văn bản", "0-1"),
    ("3", "Cải cách thủ tục hành chính", "", ""),
    ("3.1.3", "Tổng số TTHC đang áp dụng", "Thủ tục", "procedures"),
    ("3.3", "Kết quả giải quyết TTHC", "", "received"),
    ("3.3.1", "Số lượng hồ sơ đã tiếp nhận", "Hồ sơ", "received"),
    ("3.3.1.a", "Trong đó: Tiếp nhận trực tiếp", "Hồ sơ", "in_person"),
    ("3.3.1.b", "Tiếp nhận qua BCCI", "Hồ sơ", "postal"),
    ("3.3.1.c", "Tiếp nhận trực tuyến một phần", "Hồ sơ", "online_partial"),
    ("3.3.1.d", "Tiếp nhận trực tuyến toàn trình", "Hồ sơ", "online_full"),
    ("3.3.2", "Số lượng hồ sơ TTHC được giải quyết đúng hẹn", "Hồ sơ", "in_time"),
    ("3.3.5", "Tỷ lệ hồ sơ tiếp nhận trực tuyến", "%", "online/received"),
    ("3.3.6", "Tỷ lệ hồ sơ giải quyết trước và đúng hạn", "%", "in_time/resolved"),
    ("3.4.1", "Công khai kết quả giải quyết trên Cổng dịch vụ công của tỉnh", "Hồ sơ", "resolved"),
    ("3.5", "Số thư/ trường hợp đã công khai xin lỗi", "Số lượng", "late"),
    ("4", "Cải cách tổ chức bộ máy hành chính nhà nước", "", ""),
    ("4.3", "Tổng số biên chế có mặt tại thời điểm báo cáo", "Người", "staff"),
    ("7", "Xây dựng và phát triển Chính quyền điện tử", "", ""),
    ("7.2.1", "Tổng số VĂN BẢN ĐẾN trên địa bàn xã", "Văn bản", "incoming"),
    ("7.2.2", "Tổng số VĂN BẢN ĐI trên địa bàn xã", "Văn bản", "outgoing"),
    ("7.2.2.a", "Tỷ lệ văn bản được gửi hoàn toàn dưới dạng điện tử", "%", "electronic/outgoing"),
)


def write_forms(folder: Path, period: Period, province: Province) -> dict[str, int]:
    """Writes one workbook for each commune that reports in the month; returns the rows by `form_01b/name`."""
    written = {}
    for agency in province.agencies:
        if agency.active_on(period.last_date):
            path = folder / NAME.format(period=period, identity=agency.identity)
            rng = random.Random(f"{province.seed}|{agency.code}|{period}|form")
            _write(path, agency, period, figures(province, agency, period), rng, province.officers(agency)[-1])
            written[f"{folder.name}/{path.name}"] = len(ROWS)
    return written


def figures(province: Province, agency: Agency, period: Period) -> Counter[str]:
    """What the commune can count for the month from its own software."""
    start, end = midnight(period.first_date), midnight(period.end_date)
    found: Counter[str] = Counter(staff=agency.leaders + agency.staff)
    for dossier in province.known(agency, start, end):
        if dossier.received is None:
            continue
        if dossier.received >= start:
            found["received"] += 1
            found[{IN_PERSON: "in_person", ONLINE: "online", POSTAL: "postal"}[dossier.channel]] += 1
            if dossier.channel == ONLINE:
                found["online_full" if dossier.procedure.level == FULL else "online_partial"] += 1
        if dossier.ending == "finished" and dossier.ended and dossier.ended < end:
            late = dossier.due is not None and dossier.ended.date() > dossier.due.date()
            found["resolved"] += 1
            found["late" if late else "in_time"] += 1
    for document in province.month_of_documents(agency, period):
        if document.secrecy == "0" and document.status not in ("13", "15") and document.counted_at < province.today:
            outgoing = document.direction == "DI"
            found["outgoing" if outgoing else "incoming"] += 1
            found["electronic"] += outgoing and document.form == "1"
    found["procedures"] = sum(
        p.valid_from <= period.last_date and (p.valid_to is None or p.valid_to >= period.last_date)
        for p in catalogue(agency.procedures)
    )
    return found


def _typed(rng: random.Random, source: str, found: Counter[str]) -> str | int | None:
    """The value as this commune's clerk writes it."""
    if not source:
        return None
    if "/" in source:
        numerator, denominator = (found[name] for name in source.split("/"))
        if not denominator:
            return "Không có"
        share = 100 * numerator / denominator
        text = f"{share:.2f}%"
        return (
            rng.choice((text, text.replace(".", ","))) if numerator != denominator else rng.choice(("100%", "100,00%"))
        )
    if source not in found and "-" in source:
        low, high = map(int, source.split("-"))
        value = low + int(rng.random() * (high - low + 1))
    else:
        value = found[source]
    if value == 0:
        return rng.choice(("0", "Không có", "Không", None, 0, "Không trích xuất được"))
    if value < 10:
        return rng.choice((f"0{value}", str(value), value))
    return rng.choice((f"{value:,}".replace(",", "."), value))


def _write(path: Path, agency: Agency, period: Period, found: Counter[str], rng: random.Random, clerk: str) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": midnight(period.end_date)})
        head = book.add_format({"bold": True, "align": "center", "text_wrap": True, "border": 1})
        sheet = book.add_worksheet(SHEET)
        sheet.set_column(1, 1, 60)
        sheet.merge_range(0, 0, 0, 4, "Phụ lục 01b", head)
        sheet.merge_range(
            1, 0, 1, 4, f"THỐNG KÊ SỐ LIỆU VỀ KẾT QUẢ CẢI CÁCH HÀNH CHÍNH CỦA UBND XÃ {agency.name.upper()}", head
        )
        sheet.merge_range(2, 0, 2, 4, f"Tháng {period.month:02d}/{period.year}")
        sheet.write_string(3, 0, f"Người lập: {clerk}")
        for column, heading in ((0, "STT"), (1, "Chỉ tiêu thống kê"), (4, "Ghi chú")):
            sheet.merge_range(_TOP, column, _TOP + 1, column, heading, head)
        sheet.merge_range(_TOP, 2, _TOP, 3, "Kết quả thống kê", head)
        sheet.write_row(_TOP + 1, 2, ("Đơn vị tính", "Số liệu"), head)
        for place, (code, text, unit, source) in enumerate(ROWS, _TOP + 2):
            sheet.write_string(place, 0, code)
            sheet.write_string(place, 1, text)
            sheet.write_string(place, 2, unit)
            value = _typed(rng, source, found)
            if value is not None:
                sheet.write(place, 3, value) if isinstance(value, int) else sheet.write_string(place, 3, value)

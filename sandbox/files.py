"""A month of the province as the files that clerks send: the one-stop portal's Excel export, its CSV twins, the forms.

out/
  onestop_xlsx/ho-so_2023-03.xlsx       title rows, a heading merged over two rows, dates as text or as Excel dates, "Tổng cộng"
  onestop_csv/ho-so_2023-03.csv         UTF-8 with BOM, semicolons, as Excel writes it under Vietnamese settings
  onestop_csv_comma/…  onestop_csv_utf16/…  onestop_csv_1258/…    commas; UTF-16 with tabs; Windows-1258 with semicolons
  form_01b/…                            a statistical form per commune (`forms.py`)

Times are local; equal provinces write equal bytes. Names, identity numbers and telephones stand in the files as in real ones.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import xlsxwriter

from cchc.period import Period
from sandbox import forms
from sandbox.agencies import Agency
from sandbox.catalogue import FIELDS
from sandbox.lives import POSTAL, Dossier, last_event
from sandbox.payloads import status
from sandbox.province import Province
from sandbox.questions import midnight

Cell = str | int | datetime | None
# (upper heading of the workbook or blank, its lower heading, the heading of the CSV)
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("", "STT", "STT"),
    ("", "Mã hồ sơ", "Mã hồ sơ"),
    ("Thủ tục hành chính", "Mã TTHC", "Mã TTHC"),
    ("Thủ tục hành chính", "Tên thủ tục", "Tên thủ tục"),
    ("Thủ tục hành chính", "Mã lĩnh vực", "Mã lĩnh vực"),
    ("Thủ tục hành chính", "Tên lĩnh vực", "Tên lĩnh vực"),
    ("Thủ tục hành chính", "Mức độ DVC", "Mức độ DVC"),
    ("Thủ tục hành chính", "Chứng thực điện tử", "Chứng thực điện tử"),
    ("", "Trích yếu", "Trích yếu"),
    ("Người nộp", "Họ và tên", "Họ và tên"),
    ("Người nộp", "Số CCCD", "Số CCCD"),
    ("Người nộp", "Số điện thoại", "Số điện thoại"),
    ("Người nộp", "Địa chỉ", "Địa chỉ"),
    ("Người nộp", "Đối tượng", "Đối tượng"),
    ("", "Hình thức tiếp nhận", "Hình thức tiếp nhận"),
    ("Đơn vị giải quyết", "Mã định danh", "Mã đơn vị"),
    ("Đơn vị giải quyết", "Tên đơn vị", "Tên đơn vị"),
    ("Thời gian", "Ngày nộp", "Ngày nộp"),
    ("Thời gian", "Ngày tiếp nhận", "Ngày tiếp nhận"),
    ("Thời gian", "Ngày hẹn trả", "Ngày hẹn trả"),
    ("Thời gian", "Ngày kết thúc xử lý", "Ngày kết thúc xử lý"),
    ("Thời gian", "Ngày trả kết quả", "Ngày trả kết quả"),
    ("", "Trạng thái", "Trạng thái"),
    ("", "Hình thức trả kết quả", "Hình thức trả kết quả"),
    ("Số hóa", "Thành phần hồ sơ", "Số hóa thành phần hồ sơ"),
    ("Số hóa", "Kết quả", "Số hóa kết quả"),
    ("Số hóa", "Kết quả điện tử", "Kết quả điện tử"),
    ("Số hóa", "Tái sử dụng dữ liệu", "Tái sử dụng dữ liệu"),
    ("Phí, lệ phí", "Số tiền (đồng)", "Phí, lệ phí (đồng)"),
    ("Phí, lệ phí", "Thanh toán trực tuyến", "Thanh toán trực tuyến"),
    ("", "Cập nhật lần cuối", "Cập nhật lần cuối"),
)
# folder, encoding, delimiter
TWINS = (
    ("onestop_csv", "utf-8-sig", ";"),
    ("onestop_csv_comma", "utf-8-sig", ","),
    ("onestop_csv_utf16", "utf-16", "\t"),
    ("onestop_csv_1258", "windows-1258", ";"),
)
_TOP = 4  # title rows and a blank one above the headings
_CHANNELS = {"1": "Trực tiếp", "2": "Trực tuyến", "3": "Bưu chính công ích"}
_APPLICANTS = {"1": "Người dân", "2": "Doanh nghiệp", "3": "Cơ quan nhà nước", "4": "Tổ chức khác"}
_LEVELS = {"4": "Toàn trình", "3": "Một phần", "2": "Cung cấp thông tin"}
_STATES = {
    "1": "Mới đăng ký", "3": "Không tiếp nhận", "4": "Đang xử lý", "5": "Chờ bổ sung", "7": "Công dân rút hồ sơ",
    "9": "Đã xử lý xong", "10": "Đã trả kết quả",
}  # fmt: skip
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


def write_files(out: Path, period: Period, province: Province | None = None) -> dict[str, int]:
    """Writes the files of a reporting month below `out`; returns the rows per file, by path below `out`.

    Without a province they are exported on the day after the month's last one.
    """
    province = province or Province(today=midnight(period.end_date))
    out = Path(out)
    rows = list(_rows(province, period))
    written = {f"onestop_xlsx/ho-so_{period}.xlsx": len(rows)}
    _folder(out / "onestop_xlsx")
    _write_workbook(out / "onestop_xlsx" / f"ho-so_{period}.xlsx", period, rows)
    for folder, encoding, delimiter in TWINS:
        path = _folder(out / folder) / f"ho-so_{period}.csv"
        path.write_bytes(_encoded(_csv(rows, delimiter), encoding))
        written[f"{folder}/{path.name}"] = len(rows)
    return written | forms.write_forms(_folder(out / "form_01b"), period, province)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _rows(province: Province, period: Period) -> Iterator[list[Cell]]:
    start, end = midnight(period.first_date), midnight(period.end_date)
    number = 0
    for agency in province.agencies:
        for dossier in province.known(agency, start, end):
            number += 1
            yield _row(number, dossier, agency)


def _yes(value: bool) -> str:
    return "Có" if value else "Không"


def _row(number: int, dossier: Dossier, agency: Agency) -> list[Cell]:
    """The cells of one dossier in the order of COLUMNS; the fee is blank where the procedure has none."""
    person, procedure = dossier.person, dossier.procedure
    done = status(dossier) in ("9", "10")
    return [
        number,
        dossier.code,
        procedure.code,
        procedure.name,
        procedure.field,
        FIELDS[procedure.field],
        _LEVELS[procedure.level],
        _yes(procedure.e_certification),
        f'{procedure.name} "theo đơn", nộp bởi {person.name};\nđiện thoại {person.phone}',
        person.name,
        person.id_number,
        person.phone,
        f"{person.address}, xã {agency.name}",
        _APPLICANTS[dossier.applicant],
        _CHANNELS[dossier.channel],
        agency.identity,
        f"UBND xã {agency.name}",
        dossier.submitted,
        dossier.received,
        dossier.due,
        dossier.ended,
        dossier.returned,
        _STATES[status(dossier)],
        _CHANNELS[POSTAL if dossier.post_back or dossier.channel == POSTAL else "1"],
        _yes(dossier.input_digitised),
        _yes(done and dossier.result != "paper"),
        _yes(done and dossier.result == "electronic"),
        _yes(dossier.reused),
        dossier.fee if procedure.fee else None,
        _yes(dossier.paid_online),
        last_event(dossier),
    ]


def _text(cell: Cell, heading: str) -> str:
    """A cell as text: dates to the minute (the last change to the second), thousands with a dot."""
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}" if heading == COLUMNS[-1][2] else f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, int):
        return f"{cell:,}".replace(",", ".") if heading.startswith("Phí") else str(cell)
    return cell or ""


def _csv(rows: list[list[Cell]], delimiter: str) -> str:
    headings = [heading for _, _, heading in COLUMNS]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow(_text(cell, heading) for cell, heading in zip(row, headings, strict=True))
    writer.writerow(["Tổng cộng", len(rows), *[""] * (len(headings) - 2)])
    return text.getvalue()


def _encoded(text: str, encoding: str) -> bytes:
    if encoding != "windows-1258":
        return text.encode(encoding)
    return "".join(_parted(c) for c in unicodedata.normalize("NFC", text)).encode("cp1258")


def _parted(letter: str) -> str:
    """A letter as Windows-1258 has it: ế is ê and a combining tone mark."""
    if letter.isascii():
        return letter
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONES))
        return base + "".join(p for p in parts if p in _TONES)
    return letter


def _write_workbook(path: Path, period: Period, rows: list[list[Cell]]) -> None:
    """Dates of every other dossier are Excel's own, the others text; so are the fees numbers or text."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        book.set_properties({"created": midnight(period.end_date), "title": "Danh sách hồ sơ"})
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1})
        sheet = book.add_worksheet("Danh sách hồ sơ")
        codes = book.add_worksheet("Danh mục")
        codes.write_column(0, 0, list(_STATES.values()))
        codes.hide()
        sheet.write(0, 0, "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", bold)
        sheet.merge_range(1, 0, 1, 8, "DANH SÁCH HỒ SƠ THỦ TỤC HÀNH CHÍNH", head)
        days = f"Từ ngày {period.first_date:%d/%m/%Y} đến ngày {period.last_date:%d/%m/%Y}"
        sheet.merge_range(2, 0, 2, 8, days)
        _write_headings(sheet, head)
        for place, row in enumerate(rows, _TOP + 2):
            typed = zlib.crc32(str(row[1]).encode()) % 2 == 0
            for column, cell in enumerate(row):
                if typed and isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell)
                elif isinstance(cell, int) and (typed or column == 0):
                    sheet.write_number(place, column, cell)
                elif cell is not None:
                    sheet.write_string(place, column, _text(cell, COLUMNS[column][2]))
        last = _TOP + 2 + len(rows)
        sheet.write(last, 0, "Tổng cộng", bold)
        sheet.write_number(last, 1, len(rows), bold)


def _write_headings(sheet: xlsxwriter.worksheet.Worksheet, head: xlsxwriter.format.Format) -> None:
    """One heading over both rows, or an upper one over the columns that it holds together."""
    column = 0
    while column < len(COLUMNS):
        upper, lower, _ = COLUMNS[column]
        if not upper:
            sheet.merge_range(_TOP, column, _TOP + 1, column, lower, head)
            column += 1
            continue
        end = column
        while end < len(COLUMNS) and COLUMNS[end][0] == upper:
            sheet.write(_TOP + 1, end, COLUMNS[end][1], head)
            end += 1
        sheet.merge_range(_TOP, column, _TOP, end - 1, upper, head)
        column = end

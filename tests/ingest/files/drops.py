"""Files as sources drop them: a portal's export as workbook and as text, and a reader for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from cchc.agencies import Agency
from cchc.period import Period
from ingest.columns import Page, Reads
from ingest.files.options import FileExport
from ingest.files.reading import FileRead, read_files
from ingest.profile import SHIPPED, load_profile

PERIOD = Period.parse("2023-01")
LATER = lambda: datetime.now(UTC) + timedelta(hours=1)  # noqa: E731
AGENCY = Agency("11122", datetime(2004, 1, 1, tzinfo=UTC).date(), None, "Xã Quảng Nghiệp", "commune", "30",
                "000.22.26.H23", None, None)  # fmt: skip
NAMES = ("Nguyễn Thị Ánh Nguyệt", "030190001234")

HEADINGS = [
    ("STT", ""), ("Mã hồ sơ", ""), ("Đơn vị giải quyết", "Mã định danh"), ("Đơn vị giải quyết", "Tên đơn vị"),
    ("Thủ tục hành chính", "Mã TTHC"), ("Thủ tục hành chính", "Tên TTHC"), ("Thủ tục hành chính", "Mã lĩnh vực"),
    ("Thủ tục hành chính", "Lĩnh vực"), ("Thủ tục hành chính", "Mức độ DVC"), ("Thủ tục hành chính", "Chứng thực điện tử"),
    ("Người nộp", "Họ và tên"), ("Người nộp", "Số giấy tờ"), ("Người nộp", "Đối tượng"), ("Hình thức tiếp nhận", ""),
    ("Thời gian", "Ngày nộp"), ("Thời gian", "Ngày tiếp nhận"), ("Thời gian", "Ngày hẹn trả"),
    ("Thời gian", "Ngày kết thúc xử lý"), ("Thời gian", "Ngày trả kết quả"), ("Trạng thái", ""), ("Tình trạng", ""),
    ("Hình thức trả kết quả", ""), ("Số hóa", "Thành phần hồ sơ"), ("Số hóa", "Kết quả"), ("Số hóa", "Kết quả điện tử"),
    ("Số hóa", "Tái sử dụng dữ liệu"), ("Phí, lệ phí", "Số tiền (đồng)"), ("Phí, lệ phí", "Thanh toán trực tuyến"),
    ("Cập nhật lần cuối", ""),
]  # fmt: skip
# The same columns in one row, as the text file has them.
FLAT = [{"Mã định danh": "Mã đơn vị", "Thành phần hồ sơ": "Số hóa thành phần hồ sơ", "Kết quả": "Số hóa kết quả",
         "Số tiền (đồng)": "Phí, lệ phí (đồng)"}.get(lower, lower) or upper for upper, lower in HEADINGS]  # fmt: skip


def dossier(number: int, **changes: Any) -> dict[str, Any]:
    """One row by the headings of the text file."""
    return {
        "STT": number, "Mã hồ sơ": f"000.22.26.H23-230103-{number:04d}", "Mã đơn vị": "000.22.26.H23",
        "Tên đơn vị": "UBND xã Quảng Nghiệp", "Mã TTHC": "1.001193.000.00.00.H23", "Tên TTHC": "Đăng ký khai sinh",
        "Mã lĩnh vực": "HT01", "Lĩnh vực": "Hộ tịch", "Mức độ DVC": "Toàn trình", "Chứng thực điện tử": "Không",
        "Họ và tên": NAMES[0], "Số giấy tờ": NAMES[1], "Đối tượng": "Người dân", "Hình thức tiếp nhận": "Trực tuyến",
        "Ngày nộp": "03/01/2023 08:00", "Ngày tiếp nhận": "03/01/2023 08:30", "Ngày hẹn trả": "05/01/2023 17:00",
        "Ngày kết thúc xử lý": "04/01/2023 16:00", "Ngày trả kết quả": "", "Trạng thái": "Đã trả kết quả",
        "Tình trạng": "Trước hạn", "Hình thức trả kết quả": "Trực tiếp", "Số hóa thành phần hồ sơ": "Có",
        "Số hóa kết quả": "Có", "Kết quả điện tử": "Không", "Tái sử dụng dữ liệu": "Không", "Phí, lệ phí (đồng)": "8.000",
        "Thanh toán trực tuyến": "Có", "Cập nhật lần cuối": "04/01/2023 16:00:05",
    } | changes  # fmt: skip


def portal_workbook(path: Path, rows: Sequence[dict[str, Any]], **changes: Any) -> Path:
    """The workbook of profile onestop_xlsx: titles, merged headings in rows 5 and 6, rows, "Tổng cộng", a signature."""
    title = "(Từ ngày 15/12/2022 đến ngày 14/01/2023)"
    wish = {"sheet": "Danh sách hồ sơ", "title": title, "total": len(rows), "end": "Tổng cộng"} | changes
    with xlsxwriter.Workbook(path) as book:
        sheet, at_time = book.add_worksheet(wish["sheet"]), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.merge_range(0, 0, 0, 5, "UBND TỈNH HẢI DƯƠNG")
        sheet.merge_range(1, 0, 1, 5, "DANH SÁCH HỒ SƠ THỦ TỤC HÀNH CHÍNH")
        sheet.merge_range(2, 0, 2, 5, wish["title"])
        _merged_headings(sheet)
        for index, row in enumerate(rows):
            for column, heading in enumerate(FLAT):
                value = row[heading]
                if isinstance(value, datetime):
                    sheet.write_datetime(6 + index, column, value, at_time)
                else:
                    sheet.write(6 + index, column, value)
        if wish["end"]:
            sheet.write(6 + len(rows), 0, wish["end"])
            sheet.write(6 + len(rows), 1, wish["total"])
            sheet.write(8 + len(rows), 20, "Người lập biểu")
    return path


def _merged_headings(sheet: Any) -> None:
    for column, (upper, lower) in enumerate(HEADINGS):
        if not lower:
            sheet.merge_range(4, column, 5, column, upper)
            continue
        sheet.write(5, column, lower)
        same = [c for c, (other, below) in enumerate(HEADINGS) if other == upper and below]
        if column == same[0]:
            sheet.merge_range(4, same[0], 4, same[-1], upper)


def portal_text(rows: Sequence[dict[str, Any]], total: int | None = None, delimiter: str = ";") -> str:
    """The text of profile onestop_csv."""
    lines = [FLAT, *([row[heading] for heading in FLAT] for row in rows)]
    lines.append(["Tổng cộng", len(rows) if total is None else total] + [""] * (len(FLAT) - 2))
    return "".join(delimiter.join(map(str, line)) + "\r\n" for line in lines)


def table(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Sheet1") -> Path:
    """A plain workbook."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for index, row in enumerate(rows):
            page.write_row(index, 0, row)
    return path


def small(format: str = "csv", **changes: Any) -> FileExport:
    """What a profile says of a small file with the columns Mã and Số."""
    return FileExport.model_validate({"name": f"so-lieu_{{period:yyyy-MM}}*.{format}", "format": format} | changes)


def reads(*paths: str, optional: Sequence[str] = ()) -> Reads:
    from ingest.columns import Heading

    return Reads(paths or ("Mã", "Số"), {}, tuple(Heading(p) for p in paths or ("Mã", "Số") if p not in optional))


def read(folder: Path, file: FileExport, wanted: Reads | None = None, period: Period = PERIOD, **more: Any) -> FileRead:
    return read_files(f"test {period}", file, wanted or reads(), period, folder, **({"clock": LATER} | more))


def shipped(name: str, folder: Path, export: str = "portal_dossiers", **more: Any) -> FileRead:
    found = load_profile(SHIPPED / f"{name}.yaml").exports[export]
    assert found.file
    return read(folder, found.file, Reads.of(found), **more)


def texts(pages: Iterable[Page]) -> dict[str, list[str | None]]:
    """The cells by path, of all pages."""
    found: dict[str, list[str | None]] = {}
    for page in pages:
        for path, values in page.columns.texts.items():
            found.setdefault(path, []).extend(values.to_pylist())
    return found


def numbers(pages: Iterable[Page]) -> list[int]:
    return [int(n) for page in pages if page.columns.numbers is not None for n in page.columns.numbers]

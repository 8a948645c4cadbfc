"""Files as a portal exports them, of any size: CSV by DuckDB, workbooks by XlsxWriter; headings as in the shipped profiles."""

from __future__ import annotations

from pathlib import Path

import duckdb
import xlsxwriter

_AT = "strftime(timestamp '2023-05-15' + to_minutes((hash(i * {n}) % 43200)::bigint), '%d/%m/%Y %H:%M')"
_PICK = "list_extract([{words}], (1 + hash(i * {n}) % {count})::bigint)"


def _pick(n: int, *words: str) -> str:
    return _PICK.format(n=n, words=", ".join(f"'{word}'" for word in words), count=len(words))


# Heading of the CSV, heading of the workbook (upper, lower), value of row i.
COLUMNS: tuple[tuple[str, tuple[str, str], str], ...] = (
    ("STT", ("STT", ""), "i::varchar"),
    ("Mã hồ sơ", ("Mã hồ sơ", ""), "format('000.22.26.H23-230{:d}-{:06d}', 515 + i % 10, i // 10)"),
    ("Mã đơn vị", ("Đơn vị giải quyết", "Mã định danh"), "'000.22.26.H23'"),
    ("Mã TTHC", ("Thủ tục hành chính", "Mã TTHC"), "format('1.{:06d}', (hash(i * 3) % 300)::int)"),
    ("Mã lĩnh vực", ("Thủ tục hành chính", "Mã lĩnh vực"), _pick(5, "HT", "CT", "LDTBXH")),
    ("Mức độ DVC", ("Thủ tục hành chính", "Mức độ DVC"), _pick(7, "Toàn trình", "Một phần")),
    ("Chứng thực điện tử", ("Thủ tục hành chính", "Chứng thực điện tử"), _pick(11, "Không", "Có")),
    ("Người nộp", ("Người nộp", "Họ và tên"), "'Nguyễn Thị Hương'"),
    ("Số CCCD", ("Người nộp", "Số CCCD"), "format('099{:09d}', i)"),
    ("Đối tượng", ("Người nộp", "Đối tượng"), _pick(13, "Người dân", "Doanh nghiệp")),
    ("Hình thức tiếp nhận", ("Hình thức tiếp nhận", ""), _pick(17, "Trực tiếp", "Trực tuyến", "Bưu chính công ích")),
    ("Ngày nộp", ("Thời gian", "Ngày nộp"), _AT.format(n=19)),
    ("Ngày tiếp nhận", ("Thời gian", "Ngày tiếp nhận"), _AT.format(n=23)),
    ("Ngày hẹn trả", ("Thời gian", "Ngày hẹn trả"), _AT.format(n=29)),
    ("Ngày kết thúc xử lý", ("Thời gian", "Ngày kết thúc xử lý"), _AT.format(n=31)),
    ("Ngày trả kết quả", ("Thời gian", "Ngày trả kết quả"), _AT.format(n=37)),
    ("Trạng thái", ("Trạng thái", ""), _pick(41, "Đang xử lý", "Đã xử lý xong", "Đã trả kết quả")),
    ("Hình thức trả kết quả", ("Hình thức trả kết quả", ""), _pick(43, "Trực tiếp", "Trực tuyến")),
    ("Số hóa thành phần hồ sơ", ("Số hóa", "Thành phần hồ sơ"), _pick(47, "Có", "Không")),
    ("Số hóa kết quả", ("Số hóa", "Kết quả"), _pick(53, "Có", "Không")),
    ("Kết quả điện tử", ("Số hóa", "Kết quả điện tử"), _pick(59, "Có", "Không")),
    ("Tái sử dụng dữ liệu", ("Số hóa", "Tái sử dụng dữ liệu"), _pick(61, "Có", "Không")),
    ("Phí, lệ phí (đồng)", ("Phí, lệ phí", "Số tiền (đồng)"), _pick(67, "0", "8.000", "12.000")),
    ("Thanh toán trực tuyến", ("Phí, lệ phí", "Thanh toán trực tuyến"), _pick(71, "Có", "Không")),
)
_ORDER = "order by hash(i)"


def write_csv(path: Path, rows: int) -> int:
    """Semicolons, UTF-8 with BOM, and the row that says how many there are; in no order. Returns the bytes."""
    names = [heading for heading, _, _ in COLUMNS]
    values = ", ".join(f'{value} as "{heading}"' for heading, _, value in COLUMNS)
    body = path.with_suffix(".body")
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '2GB'")
        connection.execute(
            f"copy (select {values} from range({rows}) t(i) {_ORDER}) to '{body}' (format csv, delimiter ';', header false)"
        )
    with path.open("wb") as file:
        file.write(("\ufeff" + ";".join(names) + "\n").encode())
        with body.open("rb") as part:
            while block := part.read(1 << 24):
                file.write(block)
        file.write(f"Tổng cộng;{rows}{';' * (len(names) - 2)}\n".encode())
    body.unlink()
    return path.stat().st_size


def write_xlsx(path: Path, rows: int, period_title: str) -> int:
    """Title rows, a heading merged over two rows, texts, and the row that says how many there are. Returns the bytes."""
    values = ", ".join(value for _, _, value in COLUMNS)
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Danh sách hồ sơ")
        sheet.write_string(2, 0, period_title)
        for row in (0, 1):
            for column, (_, heading, _) in enumerate(COLUMNS):
                sheet.write_string(4 + row, column, heading[row])
        with duckdb.connect() as connection:
            found = connection.execute(f"select {values} from range({rows}) t(i) {_ORDER}")
            row = 5
            while some := found.fetchmany(10_000):
                for cells in some:
                    row += 1
                    for column, cell in enumerate(cells):
                        sheet.write_string(row, column, cell)
        sheet.write_string(row + 1, 0, "Tổng cộng")
        sheet.write_number(row + 1, 1, rows)
    return path.stat().st_size

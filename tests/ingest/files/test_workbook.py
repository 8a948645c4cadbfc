"""Workbooks: sheets, merged headings, what a cell is as text, and files that are none."""

from __future__ import annotations

import contextlib
import unicodedata
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from ingest.errors import HeadingsMissing, SourceError
from tests.ingest.files.drops import numbers, read, reads, small, table, texts

ROWS = [["Mã", "Số"], ["A1", 5], ["A2", 7.5]]


def put(folder: Path, rows=ROWS, sheet: str = "Sheet1") -> Path:
    table(folder / "so-lieu_2023-01.xlsx", rows, sheet)
    return folder


def book(folder: Path) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(folder / "so-lieu_2023-01.xlsx")


def cell(tmp_path: Path, write) -> str | None:
    """The one cell that `write(sheet, book)` puts into B2, as text."""
    with book(tmp_path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Mã", "Số"])
        sheet.write(1, 0, "A1")
        write(sheet, workbook)
    return texts(read(tmp_path, small("xlsx")))["Số"][0]


def test_a_plain_sheet_is_read_under_the_numbers_of_its_rows(tmp_path):
    files = read(put(tmp_path, [*ROWS, [], ["A3", 9]]), small("xlsx"))
    pages = list(files)
    assert texts(pages) == {"Mã": ["A1", "A2", "A3"], "Số": ["5", "7.5", "9"]}
    assert numbers(pages) == [2, 3, 5]
    assert files.facts[0].rows == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [(1467, "1467"), (1467.0, "1467"), (0.25, "0.25"), (1.467, "1.4670"), (0.1 + 0.2, "0.3"), (True, "true"), ("01", "01"),
     ("1.467", "1.467"), (-3, "-3"), (123456789012, "123456789012")],
)  # fmt: skip
def test_a_number_never_looks_like_another_one(tmp_path, value, text):
    assert cell(tmp_path, lambda sheet, _: sheet.write(1, 1, value)) == text


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(datetime(2023, 1, 5, 8, 30), "dd/mm/yyyy hh:mm", "2023-01-05 08:30:00"),  # noqa: DTZ001
     (datetime(2023, 1, 5, 23, 59, 59), "dd/mm/yyyy hh:mm", "2023-01-05 23:59:59"),  # noqa: DTZ001
     (date(2023, 1, 5), "dd/mm/yyyy", "2023-01-05 00:00:00"), (time(8, 30), "hh:mm", "08:30:00")],
)  # fmt: skip
def test_dates_of_excel_are_written_out(tmp_path, value, form, text):
    write = lambda sheet, workbook: sheet.write_datetime(1, 1, value, workbook.add_format({"num_format": form}))  # noqa: E731
    assert cell(tmp_path, write) == text


def test_a_serial_number_without_a_date_format_stays_a_number(tmp_path):
    assert cell(tmp_path, lambda sheet, _: sheet.write(1, 1, 45123.5)) == "45123.5"


@pytest.mark.parametrize(
    ("form", "text"), [("0.00%", "99.45%"), ("0%", "99.45%"), ('0.00" %"', "0.9945"), ("0.0", "0.9945")]
)
def test_a_number_that_excel_shows_as_per_cent_is_read_as_such(tmp_path, form, text):
    write = lambda sheet, workbook: sheet.write(1, 1, 0.9945, workbook.add_format({"num_format": form}))  # noqa: E731
    assert cell(tmp_path, write) == text


def test_a_formula_gives_the_value_that_excel_kept(tmp_path):
    assert cell(tmp_path, lambda sheet, _: sheet.write_formula(1, 1, "=1+1", None, 2)) == "2"
    assert cell(tmp_path, lambda sheet, _: sheet.write_formula(1, 1, '="a"', None, "a")) == "a"


def test_errors_and_formulas_without_a_value_are_misfits_and_no_blanks(tmp_path):
    with book(tmp_path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Mã", "Số", "Ghi chú"])
        sheet.write_column(1, 0, ["A1", "A2", "A3"])
        sheet.write_formula(1, 1, "=NA()", None, "#N/A")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write(3, 1, 7)
        sheet.write_formula(3, 2, "=NA()", None, "#N/A")  # in a column that is not read
    (page,) = read(tmp_path, small("xlsx"))
    assert [(m.row, m.path, m.code) for m in page.columns.misfits] == [
        (0, "Số", "formula_error"), (1, "Số", "formula_error"),
    ]  # fmt: skip
    assert texts([page])["Số"] == ["", "", "7"]


def test_a_formula_that_was_never_calculated_is_a_misfit(tmp_path):
    workbook = openpyxl.Workbook()
    for row in (["Mã", "Số"], ["A1", "=1+1"], ["A2", 7], ["", "=SUM(B2:B3)"]):
        workbook.active.append(row)
    workbook.save(tmp_path / "so-lieu_2023-01.xlsx")
    files = list(read(tmp_path, small("xlsx")))
    found = [(p.columns.numbers[m.row], m.path, m.code) for p in files for m in p.columns.misfits]
    assert numbers(files) == [2, 3, 4]
    assert found == [(2, "Số", "formula_without_value"), (4, "Số", "formula_without_value")]


def test_merged_headings_of_two_rows_are_upper_and_lower(tmp_path):
    with book(tmp_path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.merge_range(2, 1, 3, 1, "Mã")
        sheet.merge_range(2, 2, 2, 3, "Thời  gian")
        sheet.write_row(3, 2, ["Nộp", "Nhận\n(ngày)"])
        sheet.write(2, 4, "Ghi chú")
        sheet.write_row(4, 1, ["A1", "x", "y", "z"])
    wanted = reads("Mã", "Thời gian / Nộp", "Thời gian / Nhận (ngày)", "Ghi chú")
    files = list(read(tmp_path, small("xlsx", header_row=3, header_rows=2), wanted))
    assert texts(files) == {"Mã": ["A1"], "Thời gian / Nộp": ["x"], "Thời gian / Nhận (ngày)": ["y"], "Ghi chú": ["z"]}
    assert numbers(files) == [5]


def test_headings_and_sheet_in_decomposed_vietnamese(tmp_path):
    nfd = lambda text: unicodedata.normalize("NFD", text)  # noqa: E731
    put(tmp_path, [[nfd("Mã"), nfd("Số")], ["A1", nfd("Hộ tịch")]], nfd("Số liệu"))
    files = read(tmp_path, small("xlsx", sheet={"name": "Số liệu"}))
    assert texts(files)["Mã"] == ["A1"]


def test_a_renamed_sheet_names_those_there_are_and_the_closest(tmp_path):
    with book(tmp_path) as workbook:
        for name in ("Danh sách hồ sơ T1", "Ghi chú", "Cũ"):
            workbook.add_worksheet(name)
        workbook.worksheets()[2].hide()
    with pytest.raises(
        SourceError, match=r"no sheet Danh sách hồ sơ \(there is Danh sách hồ sơ T1\); its sheets are .*Cũ \(hidden\)"
    ):
        list(read(tmp_path, small("xlsx", sheet={"name": "Danh sách hồ sơ"})))


def sheets(folder: Path, *hidden: int) -> Path:
    """Three sheets with the code of their number; some hidden."""
    with book(folder) as workbook:
        for number in range(3):
            sheet = workbook.add_worksheet(f"S{number}")
            sheet.write_row(0, 0, ["Mã", "Số"])
            sheet.write_row(1, 0, [f"A{number}", 1])
        workbook.worksheets()[min({0, 1, 2} - set(hidden))].activate()
        for number in hidden:
            workbook.worksheets()[number].very_hidden() if number == 2 else workbook.worksheets()[number].hide()
    return folder


def test_hidden_sheets_are_not_taken_unless_named(tmp_path):
    sheets(tmp_path, 0, 2)
    assert texts(read(tmp_path, small("xlsx")))["Mã"] == ["A1"]
    assert texts(read(tmp_path, small("xlsx", sheet={"index": 1})))["Mã"] == ["A1"]
    assert texts(read(tmp_path, small("xlsx", sheet={"name": "s0"})))["Mã"] == ["A0"]
    with pytest.raises(SourceError, match="no visible sheet 2; its sheets are S0 \\(hidden\\), S1, S2 \\(hidden\\)"):
        list(read(tmp_path, small("xlsx", sheet={"index": 2})))


def test_several_visible_sheets_need_a_choice(tmp_path):
    with pytest.raises(SourceError, match="2 visible sheets: S0, S1, S2 \\(hidden\\); say which"):
        list(read(sheets(tmp_path, 2), small("xlsx")))


def test_a_missing_heading_is_named_with_the_closest_one(tmp_path):
    with pytest.raises(HeadingsMissing, match=r"row 1 has no Số hồ sơ \(there is Số hồ  *sơ mới\)"):
        list(read(put(tmp_path, [["Mã", "Số hồ sơ mới"], ["A1", 5]]), small("xlsx"), reads("Mã", "Số hồ sơ")))


def test_a_stray_cell_far_off_is_told_and_does_not_fill_the_memory(tmp_path):
    with book(tmp_path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Mã", "Số"])
        sheet.write(1_000_000, 16_000, "x")
    with pytest.raises(SourceError, match="reaches to row 1000001 and column 16001"):
        list(read(tmp_path, small("xlsx")))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_workbook_that_is_half_written_is_damaged(tmp_path, keep):
    path = put(tmp_path) / "so-lieu_2023-01.xlsx"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(SourceError, match="is damaged or was cut off; ask for it again"):
        list(read(tmp_path, small("xlsx")))


@pytest.mark.parametrize("place", [0.2, 0.4, 0.6])
def test_a_workbook_with_a_flipped_byte_is_damaged_or_the_same(tmp_path, place):
    path = put(tmp_path) / "so-lieu_2023-01.xlsx"
    data, sound = bytearray(path.read_bytes()), texts(read(tmp_path, small("xlsx")))
    data[int(len(data) * place)] ^= 0xFF
    path.write_bytes(data)
    found = sound
    with contextlib.suppress(SourceError):
        found = texts(read(tmp_path, small("xlsx")))
    assert found == sound


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"), "by a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "of the old kind"),
        (b"<html><table><tr><td>M\xc3\xa3</td></tr></table></html>", "a web page under the name of a workbook"),
        (b"", "is damaged or was cut off"),
        (b"M\xc3\xa3,S\xe1\xbb\x91\n", "is damaged or was cut off"),
    ],
    ids=["encrypted", "xls", "html", "empty", "csv"],
)
def test_what_is_no_workbook_is_told(tmp_path, data, told):
    (tmp_path / "so-lieu_2023-01.xlsx").write_bytes(data)
    with pytest.raises(SourceError, match=told):
        list(read(tmp_path, small("xlsx")))


def test_rows_beyond_one_page_keep_their_numbers(tmp_path):
    with book(tmp_path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Mã", "Số"])
        for row in range(1, 30_001):
            sheet.write_row(row, 0, [f"A{row + 1}", row])
    files = list(read(tmp_path, small("xlsx")))
    assert [page.columns.rows for page in files] == [20_000, 10_000]
    assert texts(files)["Mã"] == [f"A{number}" for number in numbers(files)]

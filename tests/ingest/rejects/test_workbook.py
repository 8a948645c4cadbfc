"""The workbook as a file: what is locked, hidden and offered, and that nothing in it can run."""

from __future__ import annotations

import re
import zipfile
from datetime import date

import openpyxl
import pytest

from cchc.settings import settings
from ingest.contracts import CONTRACTS
from ingest.rejects.forms import choices, field_of, rule
from ingest.rejects.lines import HEADINGS, harmless
from ingest.rejects.words import column_label, text_rule
from ingest.rejects.workbook import ANSWER, HEAD_ROWS, LISTS, NOTE, SHEET, export_workbooks
from tests.ingest.landings import NAMES, PERIOD, land_now
from tests.ingest.rejects.people import dossier, exported, imported, lines

COLUMNS = [
    column
    for contract in CONTRACTS.values()
    for column in (*contract.columns, *(inner for child in contract.children for inner in child.columns))
]


@pytest.fixture
def path(province, tmp_path):
    province(portal_dossiers=[
        dossier(1), dossier(2, KenhThucHien="=HYPERLINK(1)"), dossier(3, MaHoSo=NAMES[0]),
        dossier(4, NgayTiepNhan="@SUM(1+1)*cmd|' /C calc'!A0"), dossier(5, NgayTiepNhan="-x"), "no row",
    ])  # fmt: skip
    land_now("portal_dossiers")
    return exported(tmp_path / "out")[0].path


def test_only_the_cells_to_fill_in_are_unlocked_and_only_where_a_correction_can_help(path):
    sheet = openpyxl.load_workbook(path)[SHEET]
    assert sheet.protection.sheet
    open_cells = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert open_cells == {f"I{line.row}" for line in lines(path) if line.column != "row"}
    assert all(sheet[cell].number_format == "@" for cell in open_cells)


def test_what_is_needed_to_read_it_back_is_hidden_and_locked(path):
    book = openpyxl.load_workbook(path)
    assert [(s.title, s.sheet_state) for s in book] == [(SHEET, "visible"), (NOTE, "veryHidden"), (LISTS, "veryHidden")]
    assert all(sheet.protection.sheet for sheet in book)
    hidden = book[SHEET].column_dimensions["J"]
    assert (hidden.hidden, hidden.min, hidden.max) == (True, len(HEADINGS) + 1, len(HEADINGS) + 4)


def test_a_column_of_codes_offers_its_meanings(path):
    sheet = openpyxl.load_workbook(path)
    (offer,) = sheet[SHEET].data_validations.dataValidation
    (line,) = [line for line in lines(path) if line.column == "channel"]
    assert (offer.type, str(offer.sqref)) == ("list", f"I{line.row}")
    assert [cell.value for (cell,) in sheet[LISTS]["A1:A3"]] == ["Trực tiếp", "Trực tuyến", "Bưu chính công ích"]


def test_no_cell_can_start_a_formula_not_even_after_it_was_saved_as_csv(path):
    with zipfile.ZipFile(path) as archive:
        assert not [n for n in archive.namelist() if n.startswith("xl/worksheets") and b"<f>" in archive.read(n)]
    for sheet in openpyxl.load_workbook(path):
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            assert cell.data_type in ("s", "n")
            assert not (isinstance(cell.value, str) and cell.value[:1] in "=+-@\t\r\n"), cell.coordinate
    assert {line["Giá trị nhận được (chỉ dạng)"][:2] for line in lines(path)} >= {"'=", "'@", "'-"}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", " \r\n=1", "\u200b=1"])
def test_a_text_that_could_start_a_formula_is_made_harmless(text):
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["1=1", "a-b", "000.22.26.H23", ""])
def test_any_other_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_a_row_without_a_key_is_told_by_its_place_and_what_else_is_known(path):
    (line,) = [line for line in lines(path) if line.column == "dossier_code"]
    assert line["Mã hồ sơ, văn bản"] == "(mã bị lỗi)"
    assert re.match(
        r"dòng thứ \d+; mã thủ tục hành chính 1\.001193; .*ngày tiếp nhận 03/01/2023", line["Thông tin nhận biết"]
    )


def test_above_the_table_stands_whose_it_is_and_what_to_do(path):
    sheet = openpyxl.load_workbook(path)[SHEET]
    told = [sheet.cell(row, 1).value for row in range(1, HEAD_ROWS)]
    assert told[0] == "CÁC TRƯỜNG DỮ LIỆU CẦN SỬA, KỲ BÁO CÁO THÁNG 01/2023"
    assert "Xã Quảng Nghiệp (11122)" in told[1]
    assert told[2] == "Đầu mối liên hệ và hạn gửi lại: theo thông báo gửi kèm tệp này."
    assert "Chỉ ghi vào cột “Sửa lại”" in told[4]
    assert tuple(sheet.cell(HEAD_ROWS, column).value for column in range(1, ANSWER + 2)) == HEADINGS


def test_who_takes_it_back_and_until_when_can_be_said_above_the_table(path, tmp_path):
    (again,) = export_workbooks(
        PERIOD, settings(), tmp_path / "again", contact="=Tổ dữ liệu, 024 0000 0000", due=date(2023, 2, 20)
    )
    told = openpyxl.load_workbook(again.path)[SHEET].cell(3, 1).value
    assert told == "Đầu mối liên hệ và nhận lại tệp: '=Tổ dữ liệu, 024 0000 0000. Hạn gửi lại: 20/02/2023."
    assert imported(again.path).accepted == 0


def test_it_is_printed_across_the_page_on_its_width(path):
    page = openpyxl.load_workbook(path)[SHEET]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight == 0


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_is_told_in_vietnamese_and_its_example_is_valid(column):
    assert column_label(column.name) != column.name
    assert rule(column)
    for offered in choices(column):
        assert offered in (field_of("cell", column).codes or {}) or offered == "(để trống)"
    if column.pattern and not column.allowed:
        for example in text_rule(column).partition("ví dụ ")[2].split(" hoặc "):
            assert re.fullmatch(column.pattern, example)

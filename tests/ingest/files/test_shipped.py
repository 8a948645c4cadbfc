"""The shipped profiles of files, on files as portals and communes make them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import xlsxwriter

from ingest.columns import Reads
from ingest.errors import CountsDiffer, SourceError
from ingest.mapping import map_columns
from ingest.profile import SHIPPED, load_profile
from tests.ingest.files.drops import AGENCY, FLAT, NAMES, dossier, portal_text, portal_workbook, read, shipped


def mapped(profile: str, folder, export: str = "portal_dossiers", **more):
    found = load_profile(SHIPPED / f"{profile}.yaml").exports[export]
    assert found.file
    params = {"MaDinhDanh": AGENCY.identity_code}
    pages = [map_columns(found, page.columns, params) for page in read(folder, found.file, Reads.of(found), **more)]
    return [row for page in pages for row in page.table.to_pylist()], [fault for page in pages for fault in page.faults]


ROWS = [dossier(1), dossier(2, **{"Trạng thái": "Công dân rút hồ sơ", "Phí, lệ phí (đồng)": ""})]


def test_the_workbook_and_its_twin_give_the_same_dossiers(tmp_path):
    portal_workbook(tmp_path / "ho-so_2023-01.xlsx", ROWS)
    (tmp_path / "ho-so_2023-01.csv").write_text(portal_text(ROWS), encoding="utf-8-sig", newline="")
    rows, faults = mapped("onestop_xlsx", tmp_path)
    assert (rows, faults) == mapped("onestop_csv", tmp_path)
    assert faults == []
    first, second = rows
    assert first["fee_vnd"] == 8000
    assert first["status"] == 10
    assert first["received_at"] == datetime(2023, 1, 3, 1, 30, tzinfo=UTC)
    assert first["finished_at"] == second["withdrawn_at"] == datetime(2023, 1, 4, 9, 0, tzinfo=UTC)
    assert second["finished_at"] is second["fee_vnd"] is None
    assert not any(name in str(rows) for name in NAMES)


def test_dates_of_excel_are_the_same_instants_as_dates_in_text(tmp_path):
    moments = {name: datetime(2023, 1, 3, 8, 30) for name in FLAT if name == "Ngày tiếp nhận"}  # noqa: DTZ001
    portal_workbook(tmp_path / "ho-so_2023-01.xlsx", [dossier(1, **moments)])
    rows, faults = mapped("onestop_xlsx", tmp_path)
    assert faults == []
    assert rows[0]["received_at"] == datetime(2023, 1, 3, 1, 30, tzinfo=UTC)


def test_the_workbook_of_another_month_is_refused(tmp_path):
    portal_workbook(tmp_path / "ho-so_2023-01.xlsx", ROWS, title="(Từ ngày 15/01/2023 đến ngày 14/02/2023)")
    with pytest.raises(SourceError, match="A3 says 15/01/2023, 14/02/2023"):
        list(shipped("onestop_xlsx", tmp_path))


def test_the_workbook_that_declares_other_rows_is_refused(tmp_path):
    portal_workbook(tmp_path / "ho-so_2023-01.xlsx", ROWS, total=3)
    with pytest.raises(CountsDiffer, match="declares 3 rows in row 9, 2 were read"):
        list(shipped("onestop_xlsx", tmp_path))


FORM = [
    # code, unit, what was typed → value, null_reason
    ("1.1", "", "01", Decimal(1), None), ("3.3.1", "Hồ sơ", "1.467", Decimal(1467), None),
    ("3.3.2", "Hồ sơ", 1467, Decimal(1467), None), ("3.3.5", "%", "99,45%", Decimal("0.9945"), None),
    ("3.3.6", "%", "54.21%", Decimal("0.5421"), None), ("3.3.7", "%", "100", Decimal(1), None),
    ("7.2.1", "Văn bản", None, None, "blank"),
    ("7.2.2", "Văn bản", "Không có", Decimal(0), None), ("7.2.2.a", "%", "Không có", None, "none_exists"),
    ("2.1", "Văn bản", "Không trích xuất được", None, "not_extractable"),
    ("2.2", "Văn bản", "chưa đến thời gian", None, "not_due"), ("1.5", "Cuộc", "0", Decimal(0), None),
]  # fmt: skip


def form(folder, rows, month: str = "Tháng 01/2023"):
    with xlsxwriter.Workbook(folder / f"01b_2023-01_{AGENCY.identity_code}.xlsx") as book:
        sheet, percent = book.add_worksheet("Phụ lục 01b"), book.add_format({"num_format": "0.00%"})
        sheet.merge_range(2, 0, 2, 4, month)
        for column, heading in ((0, "STT"), (1, "Chỉ tiêu thống kê"), (4, "Ghi chú")):
            sheet.merge_range(4, column, 5, column, heading)
        sheet.merge_range(4, 2, 4, 3, "Kết quả thống kê")
        sheet.write_row(5, 2, ["Đơn vị tính", "Số liệu"])
        for place, (code, unit, typed) in enumerate(rows, 6):
            sheet.write_row(place, 0, [code, "Chỉ tiêu", unit])
            sheet.write(place, 3, typed, percent if typed == 0.9945 else None)
        sheet.write(8 + len(rows), 4, f"Người lập: {NAMES[0]}")
    return folder


def test_what_a_commune_types_is_a_number_a_zero_or_no_number_and_why(tmp_path):
    form(tmp_path, [(code, unit, typed) for code, unit, typed, *_ in FORM])
    rows, faults = mapped("form_01b_xlsx", tmp_path, "reports_form_01b", agency=AGENCY)
    assert faults == []
    assert [(row["row_code"], row["value"], row["null_reason"]) for row in rows] == [
        (c, v, r) for c, _, _, v, r in FORM
    ]
    assert {row["agency_code"] for row in rows} == {AGENCY.identity_code}


def test_a_cell_that_excel_shows_as_per_cent_is_a_share(tmp_path):
    rows, faults = mapped("form_01b_xlsx", form(tmp_path, [("3.3.5", "%", 0.9945)]), "reports_form_01b", agency=AGENCY)
    assert faults == []
    assert (rows[0]["value"], rows[0]["value_text"]) == (Decimal("0.9945"), "99.45%")


@pytest.mark.parametrize(
    ("unit", "typed"), [("Hồ sơ", "nhiều"), ("Hồ sơ", 1.467), ("%", "khoảng 90%"), ("Văn bản", "5 văn bản")]
)
def test_what_is_not_declared_is_a_reject_and_never_a_guess(tmp_path, unit, typed):
    _, faults = mapped("form_01b_xlsx", form(tmp_path, [("3.3.1", unit, typed)]), "reports_form_01b", agency=AGENCY)
    assert "value" in {fault.column for fault in faults}


def test_a_form_of_another_month_is_refused(tmp_path):
    with pytest.raises(SourceError, match="A3 says 12/2022"):
        list(shipped("form_01b_xlsx", form(tmp_path, [], "Tháng 12/2022"), "reports_form_01b", agency=AGENCY))

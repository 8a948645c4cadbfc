"""The files that clerks send: every twin holds the same dossiers, and they land as the portal's own answers do."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cchc.period import Period
from ingest.columns import Reads
from ingest.decode import Decoder
from ingest.files.reading import read_files
from ingest.mapping import map_columns
from ingest.profile import SHIPPED, ExportMap, load_profile
from sandbox.files import TWINS, write_files
from sandbox.forms import ROWS, figures, write_forms
from sandbox.province import Province

MARCH = Period(2023, 3)
NAME = f"ho-so_{MARCH}"


@pytest.fixture(scope="module")
def exported() -> Province:
    """The province on the day after the month, when the files are exported."""
    return Province(today=datetime.combine(MARCH.end_date, time()))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, exported: Province) -> tuple[Path, dict[str, int]]:
    out = tmp_path_factory.mktemp("files")
    return out, write_files(out, MARCH, exported)


def _twin(out: Path, folder: str, encoding: str, delimiter: str) -> list[dict[str, str]]:
    text = (out / folder / f"{NAME}.csv").read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(unicodedata.normalize("NFC", text), newline=""), delimiter=delimiter))


def _sheet(path: Path, name: str, merged_rows: int) -> list[dict[str, Any]]:
    """The rows below a heading of two rows that begins at row 5, under `Upper / Lower`."""
    sheet = openpyxl.load_workbook(path)[name]
    upper = [c.value for c in sheet[merged_rows]]
    lower = [c.value for c in sheet[merged_rows + 1]]
    for block in sheet.merged_cells.ranges:
        if block.min_row == block.max_row == merged_rows:
            for column in range(block.min_col, block.max_col + 1):
                upper[column - 1] = sheet.cell(merged_rows, block.min_col).value
    headings = [f"{u} / {v}" if v else u for u, v in zip(upper, lower, strict=True)]
    rows = sheet.iter_rows(min_row=merged_rows + 2, values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def _landed(export: ExportMap, folder: Path) -> pa.Table:
    """What the profile's own reader makes of the folder's file of the month, a minute after it was written."""
    assert export.file
    later = datetime.now(UTC) + timedelta(hours=1)
    read = read_files("portal_dossiers", export.file, Reads.of(export), MARCH, folder, clock=lambda: later)
    mapped = [map_columns(export, page.columns, {}) for page in read]
    assert not any(one.faults for one in mapped)
    assert read.facts[0].declared == read.facts[0].rows
    return pa.concat_tables([one.table for one in mapped])


@pytest.fixture(scope="module")
def national(exported: Province) -> pa.Table:
    """What the national payload of the same day lands as."""
    export = load_profile(SHIPPED / "dvcqg.yaml").exports["portal_dossiers"]
    window = datetime.combine(MARCH.first_date, time()), datetime.combine(MARCH.end_date, time())
    tables = []
    for agency in exported.agencies:
        rows = exported.dossiers(agency, *window).rows
        body = b'{"error_code":"0","TongSo":"%d","data":[%s]}' % (len(rows), b",".join(rows))
        page = Decoder(export, "dvcqg").page(body)
        tables.append(map_columns(export, page.columns, {"MaDinhDanhDV": agency.identity}).table)
    return pa.concat_tables(tables)


SAME = (
    "dossier_code", "agency_code", "procedure_code", "field_code", "channel", "applicant_type", "status",
    "return_method", "input_digitised", "result_digitised", "result_electronic", "data_reused", "fee_vnd", "paid_online",
)  # fmt: skip
INSTANTS = (
    "submitted_at", "received_at", "due_at", "finished_at", "withdrawn_at", "refused_at", "returned_at",
)  # fmt: skip


def _same_facts(found: pa.Table, national: pa.Table) -> None:
    for name in SAME:
        assert found[name].to_pylist() == national[name].to_pylist(), name
    for name in INSTANTS:  # text holds no seconds
        minutes = [pc.floor_temporal(t[name], unit="minute").to_pylist() for t in (found, national)]
        assert minutes[0] == minutes[1], name


@pytest.mark.parametrize(("folder", "encoding", "delimiter"), TWINS, ids=lambda v: v if isinstance(v, str) else None)
def test_a_csv_twin_lands_as_the_portal_does(
    written: tuple[Path, dict[str, int]], national: pa.Table, folder: str, encoding: str, delimiter: str
) -> None:
    export = load_profile(SHIPPED / "onestop_csv.yaml").exports["portal_dossiers"]
    assert export.file
    dialect = {"encoding": encoding, "delimiter": {";": "semicolon", ",": "comma", "\t": "tab"}[delimiter]}
    export = export.model_copy(update={"file": export.file.model_copy(update=dialect)})
    assert written[1][f"{folder}/{NAME}.csv"] == len(national)
    _same_facts(_landed(export, written[0] / folder), national)


def test_the_workbook_lands_as_the_portal_does(written: tuple[Path, dict[str, int]], national: pa.Table) -> None:
    export = load_profile(SHIPPED / "onestop_xlsx.yaml").exports["portal_dossiers"]
    _same_facts(_landed(export, written[0] / "onestop_xlsx"), national)


def test_dates_and_fees_of_the_workbook_are_of_both_kinds(written: tuple[Path, dict[str, int]]) -> None:
    book = openpyxl.load_workbook(written[0] / "onestop_xlsx" / f"{NAME}.xlsx")
    assert book["Danh sách hồ sơ"]["A3"].value == "Từ ngày 15/02/2023 đến ngày 14/03/2023"
    assert book["Danh mục"].sheet_state == "hidden"
    rows = _sheet(written[0] / "onestop_xlsx" / f"{NAME}.xlsx", "Danh sách hồ sơ", 5)
    assert Counter(type(r["Thời gian / Ngày tiếp nhận"]) for r in rows[:-1]).keys() >= {str, datetime}
    assert {type(r["Phí, lệ phí / Số tiền (đồng)"]) for r in rows[:-1]} == {int, str, type(None)}


def test_personal_values_of_the_files_are_listed(written: tuple[Path, dict[str, int]], exported: Province) -> None:
    listed = exported.personal_data(MARCH, MARCH)
    for row in _twin(written[0], *TWINS[0])[:-1]:
        assert {row["Họ và tên"], row["Số CCCD"], row["Số điện thoại"]} <= listed
        assert row["Địa chỉ"].rsplit(", xã", 1)[0] in listed
        assert row["Họ và tên"] in row["Trích yếu"]
        assert "\n" in row["Trích yếu"]
    form = next((written[0] / "form_01b").iterdir())
    texts = [c.value for row in openpyxl.load_workbook(form).active.iter_rows() for c in row if c.value]
    assert any(str(text).removeprefix("Người lập: ") in listed for text in texts)


def test_a_form_for_every_commune_says_what_the_records_give(
    written: tuple[Path, dict[str, int]], exported: Province
) -> None:
    agencies = [a for a in exported.agencies if a.active_on(MARCH.last_date)]
    names = {path.name for path in (written[0] / "form_01b").iterdir()}
    assert names == {f"01b_{MARCH}_{a.identity}.xlsx" for a in agencies}
    for agency in agencies:
        rows = _sheet(written[0] / "form_01b" / f"01b_{MARCH}_{agency.identity}.xlsx", "Phụ lục 01b", 5)
        typed = {row["STT"]: row["Kết quả thống kê / Số liệu"] for row in rows if row["STT"]}
        counted = figures(exported, agency, MARCH)
        assert int(str(typed["3.3.1"]).replace(".", "")) == counted["received"] > 0
        assert int(str(typed["7.2.1"]).replace(".", "")) == counted["incoming"] > 0
        assert typed.keys() == {code for code, *_ in ROWS}


def test_forms_are_typed_in_every_way_that_clerks_type(tmp_path: Path, province: Province) -> None:
    texts: set[Any] = set()
    for month in range(1, 13):
        period = Period(2023, month)
        for name in write_forms(tmp_path, period, province):
            path = tmp_path / Path(name).name
            texts |= {row["Kết quả thống kê / Số liệu"] for row in _sheet(path, "Phụ lục 01b", 5)}
    assert {None, "Không có", "Không trích xuất được", "01", "100%", 0} <= texts
    written = [text for text in texts if isinstance(text, str)]
    assert any(text.endswith("%") and "," in text for text in written)
    assert any(text.endswith("%") and "." in text for text in written)


def test_equal_provinces_write_equal_bytes(written: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    assert write_files(tmp_path, MARCH) == written[1]
    for name in written[1]:
        assert (tmp_path / name).read_bytes() == (written[0] / name).read_bytes(), name

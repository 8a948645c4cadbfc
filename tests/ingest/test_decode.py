"""JSON bodies as columns: what nobody reads may be anything, and what is read is read row by row."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from ingest.columns import Page
from ingest.decode import Decoder
from ingest.errors import NotJson
from ingest.headings import told
from ingest.mapping import map_columns, withheld
from ingest.profile import ExportMap, load_exports
from tests.ingest.landings import certificate, map_row
from tests.ingest.properties.model import Style, profile
from tests.ingest.properties.rows import Row, tables

CERTIFICATES = load_exports("ca_register")["ca_certificates"].map


def page(body: bytes) -> Page:
    return Decoder(CERTIFICATES, "test").page(body)


def body(odd: str) -> bytes:
    """Two rows; the first has one more key, with this text of JSON as its value."""
    first, second = json.dumps(certificate(1)), json.dumps(certificate(2))
    return f'{{"total": 2, "data": [{{"Odd": {odd}, {first[1:]}, {second}]}}'.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "odd",
    ["1e999", "-1e999", "123456789012345678901234567890", r'"\ud83d"', '"\udcff\udcfe"', '{"": [[], {"x": null}]}'],
)
def test_a_value_that_nobody_reads_may_be_anything(odd):
    found = page(body(odd)).columns
    assert found.texts["SerialNumber"].to_pylist() == ["54A000000001", "54A000000002"]
    assert found.misfits == ()


@pytest.mark.parametrize("odd", ["[" * 3000 + "]" * 3000, "[" * 100_000 + "]" * 100_000, "[1, 2", '"\x01"'])
def test_a_body_that_no_reader_takes_is_no_json(odd):
    with pytest.raises(NotJson):
        page(body(odd))


@pytest.mark.parametrize(
    ("key", "kept"),
    [("030190001234", "999999999999"), ("Nguyễn Thị Ánh", "Aaaaaa Aaa Aaa"), ("a@b.vn", "a@a.aa"),
     ("TRẦN ĐỨC Anh", "AAAA AAA Aaa"),
     ("Họ và tên", "Họ và tên"), ("MaHoSo", "MaHoSo"), ("GHI CHÚ", "GHI CHÚ"), ("Mã TTHC", "Mã TTHC"),
     ("Tháng / Năm", "Aaaaa / Aaa")],
)  # fmt: skip
def test_a_key_that_looks_like_a_value_is_kept_as_a_shape(key, kept):
    assert told(key) == kept


def test_what_a_list_that_is_none_would_have_said_is_unknown():
    dossiers = load_exports("dvcqg")["portal_dossiers"].map
    row, faults = map_row(dossiers, {"DanhSachGiayToKetQua": "Nguyễn Thị Ánh"}, {"MaDinhDanhDV": "000.22.26.H23"})
    assert row["result_digitised"] is None
    assert ("result_digitised", "not_a_list") in {(fault.column, fault.code) for fault in faults}


@pytest.mark.slow
@settings(
    max_examples=500,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(rows=tables(secret=True))
def test_random_cells_mean_what_a_person_reads_in_them(rows: list[Row]):
    export = ExportMap.model_validate(profile(Style("page_number", 5), secret=True)["exports"]["model_documents"])
    sent = json.dumps({"total": len(rows), "data": [row.body for row in rows]}).encode()
    columns = Decoder(export, "test").page(sent).columns
    assert withheld(export, columns).tolist() == [not row.is_open() for row in rows]
    mapped = map_columns(export, columns, {})
    for number, (row, got) in enumerate(zip(rows, mapped.table.to_pylist(), strict=True)):
        assert {(f.column, f.code) for f in mapped.faults if f.row == number} == row.faults()
        if not row.faults():
            assert {name: value for name, value in got.items() if value is not None} == {
                name: value for name, value in row.means().items() if value is not None
            }

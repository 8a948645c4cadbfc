from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest

from ingest.mapping import map_columns
from ingest.profile import load_exports
from ingest.values import shape
from tests.ingest.landings import columns_of, map_row

EXPORTS = load_exports("dvcqg,qcvn102_dms,ca_register")
DOSSIER = {
    "MaHoSo": "000.22.26.H23-230115-0012", "MaTTHC": "1.001193", "MaLinhVuc": "HT", "KenhThucHien": "2",
    "ChuHoSo": "Nguyễn Thị Ánh", "SoGiayToChuHoSo": "030190001234", "LoaiDoiTuong": "1",
    "NgayNopHoSo": "20230115070000", "NgayTiepNhan": "20230115073000", "NgayHenTra": "20230120170000",
    "NgayKetThucXuLy": "20230118100000", "NgayTra": "20230119090000", "TrangThaiHoSo": "10", "HinhThuc": "0",
    "DanhSachLePhi": [{"Gia": "8000"}, {"Gia": "12000"}], "DuocThanhToanTrucTuyen": "1", "NgayTuChoi": "",
    "HoSoCoThanhPhanSoHoa": "1", "TaiLieuNop": [{"DuocTaiSuDung": "0"}, {"DuocTaiSuDung": "1"}],
    "DanhSachGiayToKetQua": [{"MaGiayToKetQua": "KQ1", "DuongDanTepTinKetQua": ""}],
    "DanhSachHoSoBoSung": [{"NgayBoSung": "20230116080000", "NgayTiepNhanBoSung": "", "NgayHenTraTruoc": "20230118170000",
                            "NgayHenTraMoi": "20230120170000", "NoiDungBoSung": "thiếu bản sao"}],
}  # fmt: skip
PARAMS = {"MaDinhDanhDV": "000.22.26.H23"}


def mapped(**changes):
    return map_row(EXPORTS["portal_dossiers"].map, DOSSIER | changes, PARAMS)


def test_the_national_payload_becomes_the_contract():
    values, faults = mapped()
    assert faults == []
    assert values["agency_code"] == "000.22.26.H23"
    assert (values["channel"], values["status"], values["applicant_type"]) == ("online", 10, "citizen")
    assert values["received_at"] == datetime(2023, 1, 15, 0, 30, tzinfo=UTC)
    assert values["finished_at"] == datetime(2023, 1, 18, 3, 0, tzinfo=UTC)
    assert (values["withdrawn_at"], values["refused_at"], values["updated_at"], values["rating"]) == (
        None,
        None,
        None,
        None,
    )
    assert (values["fee_vnd"], values["paid_online"], values["data_reused"]) == (20000, True, True)
    assert (values["input_digitised"], values["result_digitised"], values["result_electronic"]) == (True, False, False)
    assert [s["requested_at"].day for s in values["supplements"]] == [16]


def test_nothing_but_contract_columns_comes_through():
    values, _ = mapped()
    assert "Nguyễn" not in repr(values)
    assert "030190001234" not in repr(values)
    assert "bản sao" not in repr(values)


@pytest.mark.parametrize(
    ("status", "refusal", "finished", "withdrawn", "refused"),
    [
        ("9", "", True, False, False), ("10", "", True, False, False), ("7", "", False, True, False),
        ("3", "", False, False, True), ("3", "20230117080000", False, False, True), ("4", "", False, False, False),
        ("5", "", False, False, False),
    ],
)  # fmt: skip
def test_the_end_of_a_dossier_means_what_its_status_says(status, refusal, finished, withdrawn, refused):
    values, faults = mapped(TrangThaiHoSo=status, NgayTuChoi=refusal)
    assert not faults
    found = tuple(values[name] is not None for name in ("finished_at", "withdrawn_at", "refused_at"))
    assert found == (finished, withdrawn, refused)
    if refusal:
        assert values["refused_at"] == datetime(2023, 1, 17, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "column", "code", "found"),
    [
        ("NgayTiepNhan", "20230230080000", "received_at", "bad_date", "20230230080000"),
        ("NgayTiepNhan", "15/01/2023", "received_at", "bad_date", "15/01/2023"),
        ("NgayHenTra", "Nguyễn Văn An", "due_at", "bad_date", "Aaaaaa Aaa Aa"),
        ("NgayHenTra", "036089000123", "due_at", "bad_date", "999999999999"),
        ("NgayHenTra", "0912345678", "due_at", "bad_date", "9999999999"),
        ("KenhThucHien", "7", "channel", "not_allowed", "7"),
        ("KenhThucHien", "", "channel", "required_blank", ""),
        ("TrangThaiHoSo", "11", "status", "not_allowed", "11"),
        ("TrangThaiHoSo", "xong", "status", "bad_number", "aaaa"),
        ("MaHoSo", "036089000123", "dossier_code", "bad_code", "999999999999"),
        ("MaHoSo", "", "dossier_code", "required_blank", ""),
        ("MaTTHC", "an@example.vn", "procedure_code", "bad_code", "aa@aaaaaaa.aa"),
        ("DanhSachLePhi", [{"Gia": "8.000"}], "fee_vnd", "bad_number", "9.999"),
        ("DanhSachLePhi", [{"Gia": "0912345678"}], "fee_vnd", "bad_number", "9999999999"),
        ("DanhSachLePhi", [{"Gia": "130190001234"}], "fee_vnd", "out_of_range", "999999999999"),
        ("TrangThaiHoSo", "09", "status", "bad_number", "09"),
        ("DanhSachHoSoBoSung", [{"NgayBoSung": ""}], "supplements[0].requested_at", "required_blank", ""),
    ],
)  # fmt: skip
def test_a_faulty_cell_names_its_column_its_fault_and_only_the_shape_of_what_was_found(
    field, value, column, code, found
):
    _, faults = mapped(**{field: value})
    assert [(f.column, f.code, f.found) for f in faults] == [(column, code, found)]
    assert faults[0].expected


def test_every_faulty_column_of_a_row_is_named_at_once():
    _, faults = mapped(MaHoSo="", KenhThucHien="9", NgayTiepNhan="hôm qua")
    assert {f.column for f in faults} == {"dossier_code", "channel", "received_at"}


def test_text_is_normalised_to_nfc():
    row = {"MaTTHC": "1.001193", "TenLinhVuc": unicodedata.normalize("NFD", "Hộ tịch"), "NgayHieuLuc": "20200101"}
    values, faults = map_row(EXPORTS["portal_procedures"].map, row, PARAMS)
    assert not faults
    assert values["field_name"] == "Hộ tịch"
    assert values["valid_from"] == date(2020, 1, 1)


def test_a_document_belongs_to_its_sender_when_it_goes_out_and_to_its_receiver_when_it_comes_in():
    row = {"DocumentId": "000.22.26.H23,2023/01/16,12/UBND-VP", "From": {"OrganId": "000.22.26.H23"},
           "To": {"OrganId": "000.19.26.H23"}, "SecretLevel": "0", "ProcessedOnline": "1", "IsSigned": "0"}  # fmt: skip
    for direction, agency in (("DI", "000.22.26.H23"), ("DEN", "000.19.26.H23")):
        values, faults = map_row(EXPORTS["dms_documents"].map, row | {"Direction": direction}, {})
        assert not faults
        assert values["agency_code"] == agency


@pytest.mark.parametrize(
    ("value", "kept"),
    [("2023-13-45", "2023-13-45"), ("12", "12"), ("H23", "H23"), ("Lê Thị Hoa", "Aa Aaa Aaa"), ("Đặng", "Aaaa"),
     ("036089000123", "999999999999"), ("123456789", "999999999"), ("an@x.vn", "aa@a.aa"), (None, "")],
)  # fmt: skip
def test_what_is_shown_of_a_value_is_a_shape_unless_it_is_a_code_a_number_or_a_date(value, kept):
    assert shape(value) == kept


@pytest.mark.parametrize("value", ["x", 7, True, ["x"], [{"Gia": "1"}, "x"]])
@pytest.mark.parametrize(
    ("field", "column"),
    [("DanhSachLePhi", "fee_vnd"), ("TaiLieuNop", "data_reused"), ("DanhSachHoSoBoSung", "supplements")],
)
def test_a_list_that_is_no_list_of_objects_is_a_fault_and_not_an_empty_list(field, column, value):
    _, faults = mapped(**{field: value})
    assert (column, "not_a_list", "") in [(f.column, f.code, f.found) for f in faults]


@pytest.mark.parametrize("value", [None, "", [], {}, [None], [{}]])
def test_a_list_that_is_blank_is_an_empty_list(value):
    values, faults = mapped(DanhSachLePhi=value, DanhSachHoSoBoSung=value)
    assert not faults
    assert (values["fee_vnd"], values["supplements"]) == (None, [])


def test_a_single_object_counts_as_a_list_of_one():
    values, faults = mapped(DanhSachLePhi={"Gia": "8000"}, DanhSachHoSoBoSung=DOSSIER["DanhSachHoSoBoSung"][0])
    assert not faults
    assert values["fee_vnd"] == 8000
    assert [s["requested_at"].day for s in values["supplements"]] == [16]


def test_true_is_not_the_number_one():
    _, faults = mapped(TrangThaiHoSo=True, DanhSachLePhi=[{"Gia": True}])
    assert {(f.column, f.code) for f in faults} == {("status", "bad_number"), ("fee_vnd", "bad_number")}


def test_half_a_surrogate_pair_is_a_faulty_cell_and_not_a_crash():
    _, faults = mapped(MaHoSo="000.22.26.H23-230115-0012\ud83d")
    assert [(f.column, f.code) for f in faults] == [("dossier_code", "mojibake")]
    faults[0].found.encode()


def test_the_same_row_is_read_alike_alone_and_among_rows_that_have_to_be_mended():
    export = EXPORTS["portal_dossiers"].map
    rows = [DOSSIER, "no row", DOSSIER | {"MaHoSo": {}}, DOSSIER | {"DanhSachLePhi": "x"}, DOSSIER]
    alone, _ = mapped()
    among = map_columns(export, columns_of(export, *rows), PARAMS)
    values = among.table.to_pylist()
    assert values[0] == values[4] == alone
    assert {(f.row, f.column, f.code) for f in among.faults} == {
        (1, "row", "not_a_row"), (2, "dossier_code", "nested_value"), (3, "fee_vnd", "not_a_list")
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    ["Há»™ tá»‹ch", "Ä\x90áº¥t Ä‘ai", "H\ufffd t\ufffdch", "HÃ´n nhân"],
)
def test_text_that_was_decoded_wrongly_is_a_reject_and_never_stored(value):
    row = {"MaTTHC": "1.001193", "TenLinhVuc": value, "NgayHieuLuc": "20200101"}
    values, faults = map_row(EXPORTS["portal_procedures"].map, row, PARAMS)
    assert [(f.column, f.code) for f in faults] == [("field_name", "mojibake")]
    assert values["field_name"] is None


@pytest.mark.parametrize(
    "value",
    ["Hộ tịch", "ĐẤT ĐAI", "Âm nhạc", "CHỨNG THỰC", "Lâm nghiệp (rừng)", "TÀI NGUYÊN, MÔI TRƯỜNG", "Quản lý THUẾ"],
)
def test_vietnamese_text_is_not_taken_for_wrongly_decoded(value):
    row = {"MaTTHC": "1.001193", "TenLinhVuc": value, "NgayHieuLuc": "20200101"}
    assert map_row(EXPORTS["portal_procedures"].map, row, PARAMS)[1] == []

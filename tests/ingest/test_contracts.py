from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.columns import text_of
from ingest.contracts import CONTRACTS
from ingest.values import fault_of, shape


def column(entity: str, name: str):
    return next(c for c in CONTRACTS[entity].columns if c.name == name)


def fits(entity: str, name: str, value: str) -> bool:
    return fault_of(value, column(entity, name)) is None


IDENTITIES = ["0912345678", "0912.345.678", "0912-345-678", "0912 345 678", "+84912345678", "030190001234",
              "030-190-001234", "0220/374/5678", "123.456.789"]  # fmt: skip


@pytest.mark.parametrize(
    "code", ["000.22.26.H23-230115-0012", "H23.22-230115-0012", "000.00.22-230115-0012", "81234-230115-04321"]
)
def test_a_dossier_code_has_a_letter_or_the_national_form(code):
    assert fits("dossiers", "dossier_code", code)
    assert fits("documents", "answers_dossier_code", code)


@pytest.mark.parametrize("value", [*IDENTITIES, "12345678", "NGUYEN.VAN.AN", "0220-374-567", "1-230115-12345"])
def test_a_number_that_may_be_a_persons_is_no_dossier_code(value):
    for entity, name in (
        ("dossiers", "dossier_code"),
        ("documents", "answers_dossier_code"),
        ("signatures", "dossier_code"),
    ):
        assert not fits(entity, name, value)


@pytest.mark.parametrize("value", IDENTITIES)
def test_a_persons_number_is_no_code_at_all_however_it_is_grouped(value):
    for contract in CONTRACTS.values():
        assert not any(fits(contract.entity, c.name, value) for c in contract.columns if c.type == "text")


@pytest.mark.parametrize(
    "value",
    ["000.22.26.H23,2023/01/03,12/UBND-VP", "H23.1,2023/01/03,7/TTr-UBND", "12/QĐ-UBND", "45/TTLT-BTC-BNV",
     "1f0eabcd-abcd-efab-8a1b-00aa11bb22cc"],
)  # fmt: skip
def test_a_document_number_is_kept(value):
    assert fits("documents", "document_id", value)


@pytest.mark.parametrize("value", ["Nguyen-Van-An", "Nguyen.Van.An,12", "12/nguyen.van.an", "UBND-VP", "12,Le-Hoa/2"])
def test_a_name_is_no_document_number(value):
    assert not fits("documents", "document_id", value)


def test_a_document_type_is_one_of_the_decrees_and_not_a_name():
    assert all(fits("documents", "document_type", kind) for kind in ("Công văn", "Giấy mời", "Tờ trình", "Nghị định"))
    assert not fits("documents", "document_type", "Nguyễn Văn An")


@pytest.mark.parametrize("value", ["C1234567", "B12345678", "NGUYENVANAN", "TRAN-THI-HOA"])
def test_a_passport_number_or_a_name_in_capitals_is_no_code(value):
    for entity, name in (("dossiers", "field_code"), ("dossiers", "dossier_code"), ("signatures", "signature_id")):
        assert not fits(entity, name, value)


@pytest.mark.parametrize("value", ["HT", "LDTBXH", "G09-HT01", "BTXH-NCC", "TP.01"])
def test_a_code_of_a_field_is_kept(value):
    assert fits("dossiers", "field_code", value)


@pytest.mark.parametrize("value", ["Nguyễn Thị Ánh Nguyệt", "Trần Văn Ơn", "Đỗ Ý Nhi"])
def test_a_name_is_no_field_of_administration(value):
    assert not fits("procedures", "field_name", value)


@pytest.mark.parametrize(
    "value",
    ["Hộ tịch", "Đất đai", "ĐẤT ĐAI", "Bảo trợ xã hội", "Thi đua - khen thưởng", "Hộ Tịch", "Người có công (xã)"],
)
def test_a_field_of_administration_is_kept(value):
    assert fits("procedures", "field_name", value)


@pytest.mark.parametrize(
    "value",
    [
        "0912.34.5678",
        "0912-34-5678",
        "091.234.56",
        "22037456",
        "38374567",
        "0912345",
        "12345678",
        "09123456789012",
        "0912/34/56",
    ],
)
def test_phone_numbers_are_never_shown_however_they_are_written(value):
    assert shape(value) == re.sub(r"\d", "9", value)


@pytest.mark.parametrize(
    "value",
    ["20230230", "20231301", "20230230080000", "20230115250000", "2023-13-45", "31/02/2023", "15.1.2023", "1/1/2023 7:30",
     "2023-01-15T07:30:00", "123456"],
)  # fmt: skip
def test_what_was_meant_as_a_date_is_shown(value):
    assert shape(value) == value


def test_half_a_character_is_shown_and_kept_as_a_replacement():
    assert shape(text_of("Lê\ud800")) == "Aa\ufffd"


@pytest.mark.parametrize(
    ("entity", "name"),
    [(c.entity, column.name) for c in CONTRACTS.values() for column in c.columns if column.usual],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_has_the_usual_form_has_the_form_of_the_column(entity, name, data):
    found = column(entity, name)
    value = data.draw(st.from_regex(found.usual, fullmatch=True))
    assert re.fullmatch(found.pattern, value.rstrip("\n")), value

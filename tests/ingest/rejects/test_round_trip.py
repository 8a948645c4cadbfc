"""A thousand faults go out to four communes and come back: nothing lost, nothing twice, no value wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from cchc.period import LOCAL
from cchc.settings import settings
from ingest.profile import load_exports
from ingest.rejects.counts import counts, health
from ingest.rejects.forms import choice, column_at
from ingest.rejects.questions import value_at
from ingest.rejects.standing import identity
from tests.ingest.landings import PERIOD, certificate, document, land_now, map_row
from tests.ingest.rejects.people import (
    IDENTITIES,
    PERSONAL,
    Line,
    dossier,
    exported,
    fill,
    imported,
    in_force,
    readable,
    state,
    store,
)  # fmt: skip

EXPORTS = ("portal_dossiers", "dms_documents", "ca_certificates", "ca_signatures")
MAPS = load_exports("dvcqg,qcvn102_dms,ca_register")
NAME, IDENTITY_NUMBER, _, PHONE, ADDRESS = PERSONAL
GARBLED = "Nguyá»…n VÄƒn"


def signature(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "SignatureId": f"KS-{number:06d}", "DocumentId": "", "MaHoSo": f"000.22.26.H23-230103-{number:05d}",
        "SerialNumber": f"54A0{number:08X}", "SignedAt": "2023-01-03 08:00:00", "Verification": "VALID",
        "SignerName": NAME,
    } | changes  # fmt: skip


def supplement(**changes: Any) -> list[dict[str, Any]]:
    return [
        {"NgayBoSung": "20230104080000", "NgayTiepNhanBoSung": "", "NgayHenTraTruoc": "", "NgayHenTraMoi": ""},
        {"NgayBoSung": "20230105080000", "NgayTiepNhanBoSung": "", "NgayHenTraTruoc": "", "NgayHenTraMoi": ""}
        | changes,
    ]


# Source fields to what is wrong with them.
FAULTS: dict[str, tuple[dict[str, Any], ...]] = {
    "portal_dossiers": (
        {"NgayTiepNhan": "03/01/2023 07:30"}, {"NgayTiepNhan": NAME}, {"NgayHenTra": "20230231170000"},
        {"KenhThucHien": "7"}, {"KenhThucHien": PHONE}, {"TrangThaiHoSo": "xong"}, {"TrangThaiHoSo": "11"},
        {"MaHoSo": GARBLED}, {"MaHoSo": IDENTITY_NUMBER}, {"MaHoSo": ""}, {"MaTTHC": ""}, {"MaTTHC": NAME},
        {"MaLinhVuc": ADDRESS}, {"MaLinhVuc": GARBLED}, {"DanhSachLePhi": [{"Gia": "8k"}, {"Gia": PHONE + "x"}]},
        {"HoSoCoThanhPhanSoHoa": "=cmd|' /C calc'!A0"}, {"LoaiDoiTuong": NAME}, {"DuocThanhToanTrucTuyen": "+84912345678"},
        {"DanhSachHoSoBoSung": supplement(NgayBoSung="")}, {"DanhSachHoSoBoSung": supplement(NgayHenTraMoi=NAME)},
        {"NgayTra": "-1", "HinhThuc": "@SUM(A1)"}, {"TrangThaiHoSo": "?", "NgayTiepNhan": "hôm qua"},
    ),
    "dms_documents": (
        {"DocumentId": NAME}, {"DocumentId": PHONE}, {"Direction": "X"}, {"DocumentType": {"TypeName": NAME}},
        {"PromulgationInfo": {"PromulgationDate": "3/1"}}, {"SentAt": ADDRESS}, {"ExchangeForm": "9"}, {"StatusCode": "99"},
        {"IsSigned": "yes", "ProcessedOnline": PHONE}, {"From": {"OrganId": NAME}}, {"MaHoSo": IDENTITY_NUMBER},
    ),
    "ca_certificates": (
        {"NotBefore": "01.01.22"}, {"NotAfter": ""}, {"HolderType": IDENTITY_NUMBER}, {"HolderRole": NAME},
        {"OrganId": ADDRESS}, {"SerialNumber": IDENTITY_NUMBER}, {"SerialNumber": ""}, {"RevokedAt": NAME},
    ),
    "ca_signatures": (
        {"SignatureId": PHONE}, {"SignatureId": NAME}, {"SignedAt": "2023-02-30 08:00:00"}, {"Verification": "maybe"},
        {"SerialNumber": NAME}, {"DocumentId": PHONE}, {"MaHoSo": NAME},
    ),
}  # fmt: skip


def clean_rows() -> dict[str, list[dict[str, Any]]]:
    """More rows than will have faults; dossiers in the order in which the agencies are asked."""
    dossiers = [
        dossier(number, agency, DanhSachHoSoBoSung=supplement()) for agency in IDENTITIES for number in range(1, 201)
    ]
    return {
        "portal_dossiers": dossiers,
        "dms_documents": [document(n, **({"SecretLevel": "1"} if n % 100 == 0 else {})) for n in range(1, 301)],
        "ca_certificates": [certificate(n) for n in range(1, 201)],
        "ca_signatures": [signature(n) for n in range(1, 201)],
    }


def with_faults(rows: dict[str, list[dict[str, Any]]], dice: random.Random) -> tuple[dict[str, list[Any]], int]:
    """The same rows with a thousand faulty cells, and how many rows have one."""
    faulty = {export: list(some) for export, some in rows.items()}
    places = [(e, n) for e, some in rows.items() for n, row in enumerate(some) if row.get("SecretLevel") != "1"]
    dice.shuffle(places)
    cells, count = 0, 0
    while cells < 1000:
        export, number = places.pop()
        fault = dice.choice(FAULTS[export])
        if cells + len(fault) <= 1000:
            faulty[export][number] = rows[export][number] | fault
            cells, count = cells + len(fault), count + 1
    return faulty, count


def as_a_person(export: str, path: str, value: Any) -> Any:
    column = column_at(MAPS[export].map.contract, path)
    assert column is not None
    if value is None:
        return "(Để trống)"
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M:%S")
    if isinstance(value, date):
        return value  # a true date of Excel
    if isinstance(value, bool):
        return "có" if value else "Không"
    if column.allowed:
        return choice(column, value)
    return f"{value:,}".replace(",", ".") if isinstance(value, (int, Decimal)) else value


def answers(rows: dict[str, list[dict[str, Any]]]) -> Callable[[Line], Any]:
    """Somebody who looks each row up in the papers."""
    known: dict[tuple[str, int], dict[str, Any]] = {}
    numbers: dict[tuple[str, str], int] = {}
    for export in EXPORTS:
        for told in state(export).rejects.to_pylist():
            numbers[export, told["reject_id"]] = told["row_number"]

    def answer(line: Line) -> Any:
        number = numbers[line.export, line.reject_id]
        raw = rows[line.export][number - 1]
        values, faults = known.get((line.export, number)), []
        if values is None:
            values, faults = map_row(MAPS[line.export].map, raw, {"MaDinhDanhDV": raw.get("_agency", "")})
            assert not faults
            known[line.export, number] = values
        value = value_at(values, line.column)
        return (
            None
            if line["Lỗi"].startswith("Phụ thuộc") and value is None
            else as_a_person(line.export, line.column, value)
        )

    return answer


def kept(export: str) -> list[str]:
    return sorted(identity(row) for row in in_force(export))


@pytest.fixture
def a_thousand_faults(province):
    """The clean rows, what the province holds of them when it is read well, and how many rows are faulty now."""
    rows = clean_rows()
    province(**rows)
    truth = {}
    for export in EXPORTS:
        receipt = land_now(export)
        assert receipt.rejected == 0
        read = pq.read_table(store().rows_path(export, PERIOD, receipt.batch_id or ""))
        truth[export] = sorted(identity(row) for row in read.to_pylist())
    faulty, count = with_faults(rows, random.Random(3))
    province(**faulty)
    assert sum(land_now(export).rejected for export in EXPORTS) == count
    return rows, faulty, truth, count


def test_a_thousand_faults_come_home_without_loss_or_duplicate(a_thousand_faults, province, tmp_path):
    rows, faulty, truth, count = a_thousand_faults
    books = exported(tmp_path / "out")
    assert [book.agency_code for book in books] == [None, "11119", "11122", "11137", "15907"]
    assert sum(book.rejects for book in books) == count
    told = answers(rows)
    filled = [fill(book.path, told) for book in books]
    # Two people bring theirs back first; the sources are read again before the others do.
    done = [imported(path) for path in filled[:2]]
    assert sum(len(state(export).open_ids) for export in EXPORTS) == count - sum(one.accepted for one in done)
    province(**{export: some[::-1] for export, some in faulty.items()})
    for export in EXPORTS:
        land_now(export)
    assert sum(len(state(export).open_ids) for export in EXPORTS) == count - sum(one.accepted for one in done)
    done += [imported(path) for path in filled[2:]]
    assert [fault for one in done for fault in one.not_landed] == []
    assert sum(one.accepted for one in done) == count
    assert sum(one.exact_duplicates + one.replaced for one in done) == 0
    for export in EXPORTS:
        assert kept(export) == truth[export]
        assert state(export).open.num_rows == 0
        read, now = state(export).receipt, counts(store(), PERIOD, state(export))
        assert (now["rows_read"], now["rejected"], now["withheld"]) == (read.rows_read, 0, read.withheld)
        assert health(store(), export, PERIOD).corrected_rejects == read.rejected
    assert exported(tmp_path / "again") == []


def test_importing_everything_once_more_changes_nothing_but_the_receipts(a_thousand_faults, tmp_path):
    rows, _, truth, count = a_thousand_faults
    told = answers(rows)
    filled = [fill(book.path, told) for book in exported(tmp_path / "out")]
    for path in filled:
        imported(path)
    before = {export: state(export).batch for export in EXPORTS}
    files = set(settings().raw.rglob("*.parquet"))
    again = [imported(path) for path in filled]
    assert sum(one.accepted for one in again) == 0
    assert sum(one.exact_duplicates for one in again) == count
    assert {export: state(export).batch for export in EXPORTS} == before
    assert set(settings().raw.rglob("*.parquet")) == files
    for export in EXPORTS:
        assert kept(export) == truth[export]


def test_personal_data_of_the_source_is_in_no_workbook_and_nowhere_at_rest(a_thousand_faults, tmp_path):
    rows, _, _, _ = a_thousand_faults
    books = exported(tmp_path / "out")
    for path in [fill(book.path, answers(rows)) for book in books]:
        imported(path)
    for path in [*tmp_path.rglob("*")]:
        if path.is_file():
            found = [word for word in PERSONAL if word in readable(path)]
            assert found == [], path
            assert not any(word in path.name for word in PERSONAL)

"""A dossier has one life, equal provinces serve equal bytes, and real life happens around the printed figures."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from cchc.period import Period
from ingest.contracts import CONTRACTS
from sandbox import payloads
from sandbox.agencies import AGENCIES
from sandbox.province import Province, months

pytestmark = pytest.mark.slow

Row = dict[str, Any]


def _bounds(period: Period) -> tuple[datetime, datetime]:
    return datetime.combine(period.first_date, time()), datetime.combine(period.end_date, time())


def _served(province: Province, code: str, period: Period) -> dict[str, bytes]:
    rows = province.dossiers(province.agency(code), *_bounds(period)).rows
    by_code = {json.loads(row)["MaHoSo"]: row for row in rows}
    assert len(by_code) == len(rows)
    return by_code


def _ended(row: Row) -> str:
    return min((t for t in (row["NgayTuChoi"], row["NgayKetThucXuLy"]) if t), default="")


def _pending_after(served: dict[str, bytes], end: datetime) -> set[str]:
    rows = map(json.loads, served.values())
    return {r["MaHoSo"] for r in rows if r["NgayTiepNhan"] and (_ended(r) or "9") >= f"{end:%Y%m%d%H%M%S}"}


def _carried_into(served: dict[str, bytes], start: datetime) -> set[str]:
    rows = map(json.loads, served.values())
    return {r["MaHoSo"] for r in rows if r["NgayTiepNhan"] and r["NgayTiepNhan"] < f"{start:%Y%m%d%H%M%S}"}


SPANS = [
    ("11122", Period(2023, 7), 5),
    ("11119", Period(2022, 12), 16),
    ("15907", Period(2023, 10), 6),
    ("11137", Period(2023, 7), 4),
    ("11137", Period(2024, 8), 4),
    ("19888", Period(2020, 8), 4),
    ("11140", Period(2026, 8), 4),
    ("11119", Period(2025, 3), 3),
    ("11113", Period(2025, 7), 3),
]


@pytest.mark.parametrize(("code", "first", "count"), SPANS, ids=lambda v: str(v))
def test_what_is_pending_at_a_months_end_is_carried_into_the_next(
    province: Province, code: str, first: Period, count: int
) -> None:
    month, carried = first, 0
    for _ in range(count):
        here, after = _served(province, code, month), _served(province, code, month.following())
        pending = _pending_after(here, _bounds(month)[1])
        assert _carried_into(after, _bounds(month.following())[0]) == pending
        assert all(here[name] == after[name] for name in here.keys() & after.keys())  # one life
        assert pending <= here.keys() & after.keys()
        carried += len(pending)
        month = month.following()
    assert carried


def test_windows_of_any_cut_show_the_same_lives(province: Province) -> None:
    agency = province.agency("15907")
    whole = province.dossiers(agency, datetime(2023, 1, 1), datetime(2024, 3, 1)).rows  # noqa: DTZ001
    lives = {json.loads(row)["MaHoSo"]: row for row in whole}
    seen: set[str] = set()
    day = date(2023, 1, 1)
    while day < date(2024, 3, 1):
        start = datetime.combine(day, time())
        for row in province.dossiers(agency, start, start + timedelta(days=11)).rows:
            name = json.loads(row)["MaHoSo"]
            assert lives.get(name, row) == row
            seen.add(name)
        day += timedelta(days=11)
    assert lives.keys() <= seen


def test_equal_provinces_serve_equal_bytes_whatever_was_asked_before() -> None:
    one, other = Province(), Province()
    march, october = Period(2023, 3), Period(2026, 10)
    for code in ("15907", "11122"):
        other.dossiers(other.agency(code), *_bounds(Period(2023, 11)))
    other.signatures(october.first_date, october.end_date)

    def everything(p: Province) -> list[object]:
        agency, late = p.agency("15907"), p.agency("11113")
        return [
            p.dossiers(agency, *_bounds(march)),
            p.dossiers(late, *_bounds(october)),
            p.procedures(agency, march.last_date),
            p.documents(*_bounds(march)),
            p.documents(*_bounds(october)),
            p.certificates(march.first_date, march.end_date),
            p.signatures(march.first_date, march.end_date),
            p.signatures(october.first_date, october.end_date),
        ]

    assert everything(one) == everything(other)
    different = Province(seed=1)
    assert everything(different) != everything(one)


def test_every_month_of_every_reporting_agency_is_served(province: Province) -> None:
    for period in (Period(2021, 5), Period(2024, 6), Period(2024, 12), Period(2026, 10)):
        documents = [json.loads(r) for r in province.documents(*_bounds(period)).rows]
        reporting = [a for a in AGENCIES if a.active_on(period.last_date)]
        assert reporting
        for agency in reporting:
            assert province.dossiers(agency, *_bounds(period)).total > 30
            owners = {(d["From"] if d["Direction"] == "DI" else d["To"])["OrganId"] for d in documents}
            assert agency.identity in owners


def test_a_commune_that_is_merged_hands_over_no_open_dossier(province: Province) -> None:
    for code, last in (("11137", Period(2024, 11)), ("11122", Period(2025, 6)), ("15907", Period(2025, 6))):
        here = _served(province, code, last)
        assert _pending_after(here, _bounds(last)[1]) == set()
        assert _carried_into(_served(province, code, last), _bounds(last)[0])
        ends = province.agency(code).ends
        assert ends
        rest = map(json.loads, _served(province, code, last.following()).values())
        for row in (r for r in rest if r["NgayTiepNhan"]):
            assert row["NgayTiepNhan"][:8] <= f"{ends:%Y%m%d}"
            assert not _ended(row) or _ended(row)[:8] <= f"{ends:%Y%m%d}"


def test_the_catalogue_of_quang_nghiep_holds_139_procedures_and_changes_in_2024(province: Province) -> None:
    agency = province.agency("11122")
    assert province.procedures(agency, date(2023, 9, 14)).total == 139
    later = [json.loads(r) for r in province.procedures(agency, date(2024, 1, 14)).rows]
    assert sum(not r["NgayHetHieuLuc"] or r["NgayHetHieuLuc"] >= "20240114" for r in later) == 139
    assert sum(r["NgayHetHieuLuc"] == "20231231" for r in later) == 5


def test_every_dossier_is_of_a_procedure_in_the_catalogue(province: Province) -> None:
    for code in ("11122", "19888", "15907"):
        period = Period(2020, 5) if code == "19888" else Period(2023, 5)
        known = {json.loads(r)["MaTTHC"] for r in province.procedures(province.agency(code), period.last_date).rows}
        assert {json.loads(r)["MaTTHC"] for r in _served(province, code, period).values()} <= known


def _year(province: Province, year: int, *codes: str) -> list[Row]:
    start, end = _bounds(Period(year, 1))[0], _bounds(Period(year, 12))[1]
    return [json.loads(row) for code in codes for row in province.dossiers(province.agency(code), start, end).rows]


def test_real_life_happens_around_the_printed_figures(province: Province) -> None:
    rows = _year(province, 2023, "11122", "11119", "15907", "11137") + _year(province, 2020, "19888")
    states = {r["TrangThaiHoSo"] for r in rows}
    assert {"1", "3", "7", "9", "10"} <= states
    unreceived = [r for r in rows if not r["NgayTiepNhan"]]
    assert {r["TrangThaiHoSo"] for r in unreceived} == {"1", "3"}
    assert any(not r["NgayHenTra"] and r["NgayTiepNhan"] for r in rows)
    cut = [date(2023, m, 15) for m in range(1, 13)]
    spanning = [
        s for r in rows for s in r["DanhSachHoSoBoSung"]
        if any(s["NgayBoSung"][:8] < f"{c:%Y%m%d}" <= s["NgayTiepNhanBoSung"][:8] for c in cut)
    ]  # fmt: skip
    assert len(spanning) > 5
    assert all(s["NgayHenTraMoi"] > s["NgayHenTraTruoc"] for s in spanning)
    assert {r["DuocThanhToanTrucTuyen"] for r in rows} == {"0", "1", "2", "3"}
    assert any(f["Gia"] == "0" for r in rows for f in r["DanhSachLePhi"])


def test_times_of_a_dossier_are_in_order(province: Province) -> None:
    for row in _year(province, 2023, "11122", "15907") + _year(province, 2026, "11140"):
        times = [row[n] for n in ("NgayNopHoSo", "NgayTiepNhan") if row[n]]
        times += [t for t in (_ended(row), row["NgayTra"]) if t]
        assert times == sorted(times)
        for supplement in row["DanhSachHoSoBoSung"]:
            assert row["NgayTiepNhan"] < supplement["NgayBoSung"] < supplement["NgayTiepNhanBoSung"] < _ended(row)
            assert supplement["NgayHenTraMoi"] == row["NgayHenTra"]


def test_secret_and_recalled_documents_are_served(province: Province) -> None:
    rows: list[Row] = []
    for month in range(1, 7):
        rows += [json.loads(r) for r in province.documents(*_bounds(Period(2023, month))).rows]
    levels = {r.get("SecretLevel", "missing") for r in rows}
    assert levels == {"0", "1", "2", "3", "", "missing"}
    assert {"13", "15", "01", "03", "06"} <= {r["StatusCode"] for r in rows}
    assert {r["ExchangeForm"] for r in rows} == {"1", "2", "3"}
    assert any(r["Direction"] == "DI" and not r["SentAt"] for r in rows)
    keys = [(r["DocumentId"], r["Direction"], r["To"]["OrganId"], r["From"]["OrganId"]) for r in rows]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "period",
    [Period(2020, 3), Period(2023, 4), Period(2024, 12), Period(2025, 6), Period(2025, 7), Period(2026, 10)],
    ids=str,
)
def test_signed_documents_and_signatures_agree_month_by_month(province: Province, period: Period) -> None:
    signed = {
        d["DocumentId"] for d in map(json.loads, province.documents(*_bounds(period)).rows) if d["IsSigned"] == "1"
    }
    signatures = [json.loads(r) for r in province.signatures(period.first_date, period.end_date).rows]
    assert {s["DocumentId"] for s in signatures if s["DocumentId"]} == signed
    held = {json.loads(r)["SerialNumber"] for r in province.certificates(period.first_date, period.end_date).rows}
    assert {s["SerialNumber"] for s in signatures} <= held
    assert len({s["SignatureId"] for s in signatures}) == len(signatures)
    assert "VALID" in {s["Verification"] for s in signatures} <= {"VALID", "INVALID", "UNKNOWN"}


def test_certificates_expire_and_are_revoked(province: Province) -> None:
    def of(period: Period) -> list[Row]:
        rows = map(json.loads, province.certificates(period.first_date, period.end_date).rows)
        return [r for r in rows if r["OrganId"] == "000.22.26.H23"]

    assert len(of(Period(2023, 1))) == 17  # a retired official's and one revoked later still run
    assert len(of(Period(2023, 9))) == 15
    assert any(r["RevokedAt"].startswith("2023") for r in of(Period(2023, 1)))


def test_codes_meet_the_contracts(province: Province) -> None:
    def patterns(entity: str) -> dict[str, str]:
        return {c.name: c.pattern or "" for c in CONTRACTS[entity].columns}

    period = Period(2023, 12)
    dossier, document = patterns("dossiers"), patterns("documents")
    for row in map(json.loads, _served(province, "15907", period).values()):
        assert re.search(dossier["dossier_code"], row["MaHoSo"])
        assert re.search(dossier["procedure_code"], row["MaTTHC"])
        assert re.search(dossier["field_code"], row["MaLinhVuc"])
    for row in map(json.loads, province.documents(*_bounds(period)).rows):
        assert re.search(document["document_id"], row["DocumentId"])
        assert re.search(document["document_type"], row["DocumentType"]["TypeName"])
        assert re.search(document["agency_code"], row["From"]["OrganId"])
    for row in map(json.loads, province.signatures(period.first_date, period.end_date).rows):
        assert re.search(patterns("signatures")["signature_id"], row["SignatureId"])
        assert re.search(patterns("certificates")["serial"], row["SerialNumber"])
    for row in map(json.loads, province.procedures(province.agency("15907"), period.last_date).rows):
        assert re.search(patterns("procedures")["field_name"], row["TenLinhVuc"])


_PERSONAL = {
    "portal": ("SoGiayToChuHoSo", "ChuHoSo", "Email", "SoDienThoai"),
    "ca": ("HolderIdNumber", "Email"),
}


def test_the_list_of_personal_data_holds_every_value_that_is_served(province: Province) -> None:
    period = Period(2023, 3)
    listed = province.personal_data(period, period)
    for agency in AGENCIES:
        for row in map(json.loads, province.dossiers(agency, *_bounds(period)).rows):
            assert {row[name] for name in _PERSONAL["portal"]} <= listed
            assert row["ThongTinKhac"][9:].rsplit(", xã", 1)[0] in listed
            assert {s["NguoiYeuCauBoSung"] for s in row["DanhSachHoSoBoSung"]} <= listed
    for row in map(json.loads, province.documents(*_bounds(period)).rows):
        assert row["SignerInfo"]["FullName"] in listed
        about = row["Subject"].partition("ông (bà) ")[2].split(", ")[0]
        assert not about or about in listed
    for row in map(json.loads, province.certificates(period.first_date, period.end_date).rows):
        if row["HolderType"] == "CN":
            assert {row["HolderName"], row["HolderIdNumber"], row["Email"]} <= listed
    assert all(len(value) >= 8 for value in listed)


def test_no_personal_value_occurs_in_what_may_be_kept(province: Province) -> None:
    period = Period(2023, 3)
    listed = province.personal_data(period, period)
    keep: list[str] = []
    for agency in AGENCIES:
        keep += [agency.name, agency.identity, agency.above_name]
        for row in map(json.loads, province.dossiers(agency, *_bounds(period)).rows):
            keep += [v for k, v in row.items() if k.startswith(("Ma", "Ngay", "Ten")) and isinstance(v, str)]
        keep += [json.loads(r)["TenTTHC"] for r in province.procedures(agency, period.last_date).rows]
    keep += [json.loads(r)["DocumentId"] for r in province.documents(*_bounds(period)).rows]
    for row in map(json.loads, province.signatures(period.first_date, period.end_date).rows):
        keep += [row["SignatureId"], row["SerialNumber"], row["SignedAt"]]
    text = "\n".join(keep)
    assert not [value for value in listed if value in text]


def test_a_month_after_its_first_generation_is_served_in_milliseconds(province: Province) -> None:
    agency, window = province.agency("11119"), _bounds(Period(2023, 8))
    province.dossiers(agency, *window)
    began = datetime.now().astimezone()
    for _ in range(100):
        province.dossiers(agency, *window)
    assert (datetime.now().astimezone() - began) < timedelta(milliseconds=500)


def test_reporting_months_that_touch_a_window() -> None:
    window = datetime(2023, 1, 14), datetime(2023, 2, 15)  # noqa: DTZ001
    assert list(map(str, months(*window))) == ["2023-01", "2023-02"]
    assert payloads.compact(None) == ""

"""The served payloads, recounted in plain Python by the printed rules, give every printed figure."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import sandbox
from cchc.period import Period
from sandbox.province import Answer, Province

pytestmark = pytest.mark.slow

FOLDER = Path(sandbox.__file__).parent
Row = dict[str, Any]


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PRINTED, FURTHER = _read("printed_figures.csv"), _read("further_figures.csv")


def _rows(answer: Answer) -> list[Row]:
    assert answer.total == len(answer.rows)
    return [json.loads(row) for row in answer.rows]


def _span(period: str) -> tuple[Period, Period]:
    last = Period.parse(period)
    return Period(last.year, 1), last


def _bounds(first: Period, last: Period) -> tuple[datetime, datetime]:
    return datetime.combine(first.first_date, time()), datetime.combine(last.end_date, time())


def _end_of(row: Row) -> tuple[str, str]:
    """When and how a dossier ended, by the payload alone; blank when it never did."""
    ends = [
        (row["NgayTuChoi"], "0refused"),
        (row["NgayKetThucXuLy"] if row["TrangThaiHoSo"] == "7" else "", "1withdrawn"),
        (row["NgayKetThucXuLy"] if row["TrangThaiHoSo"] in ("9", "10") else "", "2finished"),
    ]
    return min((e for e in ends if e[0]), default=("", ""))


def _due_as_of(row: Row, end: str) -> str:
    due = row["NgayHenTra"]
    for supplement in sorted(row["DanhSachHoSoBoSung"], key=lambda s: s["NgayBoSung"], reverse=True):
        if supplement["NgayBoSung"] >= end:
            due = supplement["NgayHenTraTruoc"]
    return due


def count_dossiers(rows: Iterable[Row], e_certifying: set[str], first: datetime, last: datetime) -> Counter[str]:
    start, end = f"{first:%Y%m%d%H%M%S}", f"{last:%Y%m%d%H%M%S}"
    last_day = f"{Period(last.year, last.month).last_date:%Y%m%d}"
    found: Counter[str] = Counter()
    for row in rows:
        received = row["NgayTiepNhan"]
        if not received:
            continue
        ended, how = _end_of(row)
        assert received < end
        assert not ended or ended >= start
        due = _due_as_of(row, end)
        if received >= start:
            found["dossiers_received"] += 1
            found["dossiers_received_" + {"1": "in_person", "2": "online", "3": "postal"}[row["KenhThucHien"]]] += 1
            found["e_certified_copies"] += row["MaTTHC"] in e_certifying
            found["input_digitised"] += row["HoSoCoThanhPhanSoHoa"] == "1"
        else:
            found["dossiers_carried_over"] += 1
        if not ended or ended >= end:
            found["dossiers_pending"] += 1
            found["dossiers_pending_" + ("overdue" if due and due[:8] < last_day else "in_time")] += 1
        elif how == "2finished":
            found["dossiers_resolved"] += 1
            found[f"resolved_field:{row['MaLinhVuc']}"] += 1
            kind = "without_due_date" if not due else ("on_time" if ended[:8] == due[:8] else "")
            found["dossiers_resolved_" + (kind or ("early" if ended[:8] < due[:8] else "late"))] += 1
            found["result_digitised"] += any(r["DuongDanTepTinKetQua"] for r in row["DanhSachGiayToKetQua"])
            if sum(int(f["Gia"]) for f in row["DanhSachLePhi"]) > 0:
                found["with_fee"] += 1
                found["paid_online"] += row["DuocThanhToanTrucTuyen"] in ("1", "2")
        else:
            found["dossiers_" + how[1:]] += 1
    return found


def count_documents(rows: Iterable[Row], identity: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        outgoing = row["Direction"] == "DI"
        if row["From" if outgoing else "To"]["OrganId"] != identity:
            continue
        if row.get("SecretLevel") != "0":
            found["withheld"] += 1
        elif row["StatusCode"] in ("13", "15"):
            found["recalled"] += 1
        else:
            found["documents_outgoing" if outgoing else "documents_incoming"] += 1
            found["documents_outgoing_signed"] += outgoing and row["IsSigned"] == "1"
    return found


def count_certificates(rows: Iterable[Row], identity: str, day: date) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        alive = row["NotBefore"] <= day.isoformat() <= row["NotAfter"]
        if row["OrganId"] == identity and alive and not (row["RevokedAt"] and row["RevokedAt"] < f"{day} 24"):
            found["certificates_" + {"CN": "personal", "TC": "organisation"}[row["HolderType"]]] += 1
            found[f"role:{row['HolderRole']}"] += 1
    return found


def _in_force(rows: Iterable[Row], day: date) -> list[Row]:
    text = f"{day:%Y%m%d}"
    return [r for r in rows if r["NgayHieuLuc"] <= text and (not r["NgayHetHieuLuc"] or r["NgayHetHieuLuc"] >= text)]


@lru_cache(maxsize=64)
def _documents(province: Province, start: datetime, end: datetime) -> list[Row]:
    return _rows(province.documents(start, end))


@lru_cache(maxsize=256)
def count(province: Province, code: str, first: Period, last: Period) -> Counter[str]:
    """Everything counted over one window from the first day of `first` to the last day of `last`."""
    agency = province.agency(code)
    start, end = _bounds(first, last)
    catalogue = _rows(province.procedures(agency, last.last_date))
    e_certifying = {r["MaTTHC"] for r in catalogue if r["LaHoSoChungThuc"] == "1"}
    dossiers = _rows(province.dossiers(agency, start, end))
    found = count_dossiers(dossiers, e_certifying, start, end)
    found += count_documents(_documents(province, start, end), agency.identity)
    found += count_certificates(
        _rows(province.certificates(last.first_date, last.end_date)), agency.identity, last.last_date
    )
    found["procedures_in_force"] = len(_in_force(catalogue, last.last_date))
    return found


def online_procedures(province: Province, code: str, first: Period, last: Period) -> set[str]:
    start, end = _bounds(first, last)
    rows = _rows(province.dossiers(province.agency(code), start, end))
    begin = f"{start:%Y%m%d%H%M%S}"
    return {r["MaTTHC"] for r in rows if r["NgayTiepNhan"] >= begin and r["KenhThucHien"] == "2"}


_STOCKS_AT_END = ("dossiers_pending", "certificates", "role", "procedures_in_force")
_Counts = Callable[[Province, str, str], tuple[Counter[str], int]]


def by_one_window(province: Province, code: str, period: str) -> tuple[Counter[str], int]:
    first, last = _span(period)
    return count(province, code, first, last), len(online_procedures(province, code, first, last))


def by_months(province: Province, code: str, period: str) -> tuple[Counter[str], int]:
    """Flows summed over the months, carried over from the first, stocks from the last, procedures as a union."""
    last = Period.parse(period)
    months = [*last.earlier_in_year(), last]
    total: Counter[str] = Counter()
    procedures: set[str] = set()
    before = None
    for month in months:
        found = count(province, code, month, month)
        if before is not None:
            assert found["dossiers_carried_over"] == before["dossiers_pending"], month
        procedures |= online_procedures(province, code, month, month)
        flows = Counter({k: v for k, v in found.items() if not k.startswith((*_STOCKS_AT_END, "dossiers_carried"))})
        total += flows
        if month == months[0]:
            total["dossiers_carried_over"] = found["dossiers_carried_over"]
        before = found
    assert before is not None
    total.update({k: v for k, v in before.items() if k.startswith(_STOCKS_AT_END)})
    return total, len(procedures)


@pytest.fixture(scope="module", params=[by_one_window, by_months])
def counted(request: pytest.FixtureRequest, province: Province) -> dict[str, tuple[Counter[str], int]]:
    periods = {row["agency_code"]: row["period"] for row in PRINTED}
    return {code: request.param(province, code, period) for code, period in periods.items()}


_SHARES = {
    "online_share": ("dossiers_received_online", "dossiers_received"),
    "early_share": ("dossiers_resolved_early", "dossiers_resolved"),
    "signed_share": ("documents_outgoing_signed", "documents_outgoing"),
}


@pytest.mark.parametrize("row", PRINTED, ids=lambda r: f"{r['agency_code']}-{r['indicator_code']}")
def test_every_printed_figure_is_reproduced(row: dict[str, str], counted: dict[str, tuple[Counter[str], int]]) -> None:
    found, procedures = counted[row["agency_code"]]
    code = row["indicator_code"]
    if code == "procedures_with_online_dossiers_share":
        pair = (procedures, found["procedures_in_force"])
    elif code in _SHARES:
        pair = (found[_SHARES[code][0]], found[_SHARES[code][1]])
    else:
        assert found[code] == int(row["numerator"]) == int(row["value"])
        return
    assert pair == (int(row["numerator"]), int(row["denominator"]))
    assert round(pair[0] / pair[1], 4) == float(row["value"])


@pytest.mark.parametrize("row", FURTHER, ids=lambda r: f"{r['agency_code']}-{r['measure']}")
def test_what_else_the_reports_print_is_reproduced(row: dict[str, str], province: Province) -> None:
    first, last = _span(row["period"])
    found = count(province, row["agency_code"], first, last)
    measure, value = row["measure"], float(row["value"])
    if measure.startswith("online_payment_share:"):
        begin, final = (date.fromisoformat(d) for d in measure.partition(":")[2].split("/"))
        start, end = _bounds(first, last)
        rows = _rows(province.dossiers(province.agency(row["agency_code"]), start, end))
        within = [
            r for r in rows if r["TrangThaiHoSo"] in ("9", "10")
            and f"{begin:%Y%m%d}" <= r["NgayKetThucXuLy"][:8] <= f"{final:%Y%m%d}"
            and sum(int(f["Gia"]) for f in r["DanhSachLePhi"]) > 0
        ]  # fmt: skip
        paid = sum(r["DuocThanhToanTrucTuyen"] in ("1", "2") for r in within)
        assert round(paid / len(within), 4) == value
    elif measure.startswith(("online_level:", "in_person_field:")):
        start, end = _bounds(first, last)
        agency = province.agency(row["agency_code"])
        levels = {r["MaTTHC"]: r["MucDo"] for r in _rows(province.procedures(agency, last.last_date))}
        wanted = measure.partition(":")[2]
        rows = [r for r in _rows(province.dossiers(agency, start, end)) if r["NgayTiepNhan"] >= f"{start:%Y%m%d}"]
        if measure.startswith("online"):
            assert sum(r["KenhThucHien"] == "2" and levels[r["MaTTHC"]] == wanted for r in rows) == value
        else:
            assert sum(r["KenhThucHien"] == "1" and r["MaLinhVuc"] == wanted for r in rows) == value
    elif measure.endswith("_share"):
        numerator, denominator = {
            "result_digitised_share": ("result_digitised", "dossiers_resolved"),
            "input_digitised_share": ("input_digitised", "dossiers_received"),
            "online_payment_share": ("paid_online", "with_fee"),
        }[measure]
        assert round(found[numerator] / found[denominator], 3) == value
    else:
        name = {
            "in_person": "dossiers_received_in_person", "postal": "dossiers_received_postal",
            "resolved": "dossiers_resolved", "resolved_late": "dossiers_resolved_late",
            "certificates_leaders": "role:LD", "certificates_staff": "role:CC",
        }.get(measure, measure)  # fmt: skip
        assert found[name] == value


@pytest.mark.parametrize("code", ["11122", "11119", "15907", "11137", "19888"])
def test_the_identities_hold_in_every_month(code: str, province: Province) -> None:
    _, last = _span("2020-12" if code == "19888" else "2023-12")
    for month in [*last.earlier_in_year(), last]:
        c = count(province, code, month, month)
        received = c["dossiers_received"]
        assert received
        outcome = c["dossiers_resolved"] + c["dossiers_pending"] + c["dossiers_refused"] + c["dossiers_withdrawn"]
        assert received + c["dossiers_carried_over"] == outcome
        kinds = ("early", "on_time", "late", "without_due_date")
        assert c["dossiers_resolved"] == sum(c[f"dossiers_resolved_{k}"] for k in kinds)
        assert received == sum(c[f"dossiers_received_{k}"] for k in ("online", "in_person", "postal"))
        assert c["documents_incoming"]
        assert c["documents_outgoing"] >= c["documents_outgoing_signed"] > 0


def test_records_go_on_at_the_same_rate_after_a_report_ends(province: Province) -> None:
    for code, last_printed in (("11122", "2023-09"), ("11137", "2023-08")):
        _, last = _span(last_printed)
        before = [count(province, code, m, m)["dossiers_received"] for m in [*last.earlier_in_year(), last]]
        after = []
        month = last.following()
        while month <= Period(2023, 12):
            after.append(count(province, code, month, month)["dossiers_received"])
            month = month.following()
        usual = sum(before) / len(before)
        assert all(0.75 * usual < n < 1.25 * usual for n in after)


def test_months_are_uneven_and_the_lunar_new_year_is_slow(province: Province) -> None:
    received = {
        m: count(province, "11119", Period(2023, m), Period(2023, m))["dossiers_received"] for m in range(1, 13)
    }
    assert len(set(received.values())) > 8
    assert received[2] == min(received.values())


@pytest.mark.parametrize("code", ["11119", "15907"])
def test_a_month_counts_the_same_on_its_last_midnight_and_a_year_later(code: str, province: Province) -> None:
    month = Period(2023, 5)
    at_once = Province(today=_bounds(month, month)[1])
    assert count(at_once, code, month, month) == count(province, code, month, month)
    rows = _rows(at_once.dossiers(at_once.agency(code), *_bounds(month, month)))
    assert {"4", "10"} <= {r["TrangThaiHoSo"] for r in rows}


def test_asked_in_time_the_sources_know_nothing_of_later_days() -> None:
    month = Period(2023, 5)
    today = _bounds(month, month)[1] - timedelta(days=7)
    early = Province(today=today)
    states: set[str] = set()
    for code in ("11122", "11119", "15907", "11137"):
        for row in _rows(early.dossiers(early.agency(code), *_bounds(Period(2023, 1), month))):
            known = [row[n] for n in ("NgayTiepNhan", "NgayTra", "NgayKetThucXuLy", "NgayTuChoi")]
            known += [s[n] for s in row["DanhSachHoSoBoSung"] for n in ("NgayBoSung", "NgayTiepNhanBoSung")]
            assert all(at < f"{today:%Y%m%d%H%M%S}" for at in known)
            states.add(row["TrangThaiHoSo"])
    assert {"4", "5", "7", "9", "10"} <= states
    documents = _rows(early.documents(*_bounds(month, month)))
    assert max(d["SentAt"] or d["ReceivedAt"] for d in documents) < f"{today:%Y/%m/%d}"

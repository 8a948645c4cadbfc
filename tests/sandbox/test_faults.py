"""Each declared fault spoils its own commune and month, and nothing is left of it after the repair."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, time
from typing import Any

import pytest

from cchc.period import LOCAL, Period
from sandbox.faults import (
    CatalogueTooSmall,
    CommuneMissing,
    DuplicateCodes,
    EmptyExport,
    Fault,
    FieldBroken,
    FieldRenamed,
    FinishedBeforeReceived,
    LateRows,
    NewField,
    RowsRepeated,
    RowsVanish,
    TotalDisagrees,
    TypeChanged,
)
from sandbox.province import Answer, Province

MARCH, APRIL = Period(2023, 3), Period(2023, 4)

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(province: Province) -> Any:
    """The session's province, repaired after each test."""
    yield province
    province.repair()


def _ask(province: Province, code: str, period: Period) -> Answer:
    window = datetime.combine(period.first_date, time()), datetime.combine(period.end_date, time())
    return province.dossiers(province.agency(code), *window)


def _everything(province: Province, period: Period) -> list[Answer]:
    start, end = datetime.combine(period.first_date, time()), datetime.combine(period.end_date, time())
    answers = [province.dossiers(a, start, end) for a in province.agencies]
    answers += [province.procedures(a, period.last_date) for a in province.agencies]
    answers += [province.documents(start, end), province.certificates(start.date(), end.date())]
    return [*answers, province.signatures(start.date(), end.date())]


FAULTS: list[Fault] = [
    FinishedBeforeReceived("11122", "2023-03"),
    DuplicateCodes("11122", "2023-03"),
    CommuneMissing("11122", "2023-03"),
    TotalDisagrees("11122", "2023-03"),
    TotalDisagrees("", "2023-03", of="dms_documents"),
    CatalogueTooSmall("11122", "2023-03"),
    EmptyExport("", "2023-03"),
    EmptyExport("", "2023-03", of="ca_signatures"),
    RowsRepeated("11122", "2023-03"),
    FieldBroken("11122", "2023-03"),
    LateRows("11122", "2023-03", registered_on=date(2023, 3, 20)),
    RowsVanish("11122", "2023-03"),
    NewField("11122", "2023-03"),
    FieldRenamed("11122", "2023-03"),
    TypeChanged("11122", "2023-03"),
    TypeChanged("", "2023-03", field="SentAt", to="object", of="dms_documents"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{type(f).__name__}-{f.agency}")
def test_a_fault_spoils_its_month_only_and_is_repaired_without_a_trace(shop: Province, fault: Fault) -> None:
    sound, later = _everything(shop, MARCH), _everything(shop, APRIL)
    shop.poison(fault)
    spoiled = _everything(shop, MARCH)
    changed = [i for i, (a, b) in enumerate(zip(sound, spoiled, strict=True)) if a != b]
    assert changed
    assert _everything(shop, APRIL) == later
    if fault.agency:
        assert len(changed) == 1
    shop.repair(fault)
    assert _everything(shop, MARCH) == sound


def test_finished_before_received_moves_the_end_only(shop: Province) -> None:
    shop.poison(FinishedBeforeReceived("11119", "2023-03", count=4))
    rows = [json.loads(r) for r in _ask(shop, "11119", MARCH).rows]
    wrong = [r for r in rows if r["NgayTiepNhan"] and r["NgayKetThucXuLy"] and r["NgayKetThucXuLy"] < r["NgayTiepNhan"]]
    assert len(wrong) == 4


def test_duplicate_codes_differ_in_content_and_are_declared(shop: Province) -> None:
    shop.poison(DuplicateCodes("11119", "2023-03", count=2))
    answer = _ask(shop, "11119", MARCH)
    rows = [json.loads(r) for r in answer.rows]
    twice = [code for code, n in Counter(r["MaHoSo"] for r in rows).items() if n == 2]
    assert len(twice) == 2
    assert len(set(answer.rows)) == len(rows) == answer.total


def test_repeated_rows_are_equal_byte_for_byte(shop: Province) -> None:
    shop.poison(RowsRepeated("11119", "2023-03", count=3))
    answer = _ask(shop, "11119", MARCH)
    assert len(answer.rows) - len(set(answer.rows)) == 3


def test_a_missing_commune_leaves_the_others(shop: Province) -> None:
    shop.poison(CommuneMissing("11119", "2023-03"))
    assert _ask(shop, "11119", MARCH) == Answer(0, ())
    assert _ask(shop, "11122", MARCH).total > 0


def test_a_small_catalogue_holds_fewer_procedures_than_have_online_dossiers(shop: Province) -> None:
    shop.poison(CatalogueTooSmall("11122", "2023-03"))
    agency = shop.agency("11122")
    online = {json.loads(r)["MaTTHC"] for r in _ask(shop, "11122", MARCH).rows}
    assert shop.procedures(agency, MARCH.last_date).total == 3 < len(online)


def test_two_faults_at_once_are_taken_back_one_by_one(shop: Province) -> None:
    sound = _ask(shop, "11122", MARCH)
    more = shop.poison(TotalDisagrees("11122", "2023-03", by=2))
    shop.poison(RowsRepeated("11122", "2023-03", count=1))
    assert _ask(shop, "11122", MARCH).total == sound.total + 3
    shop.repair(more)
    assert _ask(shop, "11122", MARCH).total == sound.total + 1
    shop.repair()
    assert _ask(shop, "11122", MARCH) == sound


def test_late_rows_are_served_by_both_portals_from_the_day_they_are_registered() -> None:
    shop = Province(today=datetime(2023, 3, 19))  # noqa: DTZ001
    agency, window = shop.agency("15907"), (datetime(2023, 2, 15), datetime(2023, 3, 15))  # noqa: DTZ001
    shop.poison(LateRows("15907", "2023-03", count=4, registered_on=date(2023, 3, 20)))
    before = {json.loads(r)["MaHoSo"] for r in shop.dossiers(agency, *window).rows}
    shop.today = datetime(2023, 3, 20)  # noqa: DTZ001
    national = {json.loads(r)["MaHoSo"]: json.loads(r) for r in shop.dossiers(agency, *window).rows}
    late = national.keys() - before
    assert len(late) == 4
    assert all("20230215" <= national[code]["NgayTiepNhan"] < "20230315" for code in late)
    since = shop.opencps_dossiers(agency, *window, datetime(2023, 3, 19, 23)).rows  # noqa: DTZ001
    found = {row["dossierNo"]: row for row in map(json.loads, since)}
    assert late <= found.keys()
    assert {found[code]["modifiedDate"] for code in late} == {"20/03/2023 00:00:00"}
    assert {national[code]["ChuHoSo"] for code in late} <= shop.personal_data(MARCH, MARCH)


def test_late_rows_change_nothing_else_that_is_served(shop: Province) -> None:
    documents = shop.documents(datetime(2024, 5, 15), datetime(2024, 6, 15))  # noqa: DTZ001
    late = Province()
    late.poison(LateRows("", "2024-06", registered_on=date(2024, 6, 20)))
    assert late.documents(datetime(2024, 5, 15), datetime(2024, 6, 15)) == documents  # noqa: DTZ001


def test_rows_vanish_by_share_and_the_total_agrees(shop: Province) -> None:
    sound = _ask(shop, "11119", MARCH)
    shop.poison(RowsVanish("11119", "2023-03", share=0.3))
    left = _ask(shop, "11119", MARCH)
    assert left.total == len(left.rows) == sound.total - int(sound.total * 0.3)
    assert set(left.rows) < set(sound.rows)


def test_a_new_field_and_a_renamed_one_are_in_every_row(shop: Province) -> None:
    shop.poison(NewField("11119", "2023-03", name="Moi"))
    shop.poison(FieldRenamed("11119", "2023-03", field="NgayTra", to="NgayTraKetQua"))
    rows = [json.loads(r) for r in _ask(shop, "11119", MARCH).rows]
    assert all("Moi" in r and "NgayTraKetQua" in r and "NgayTra" not in r for r in rows)


def test_a_changed_type_keeps_the_value(shop: Province) -> None:
    before = [json.loads(r)["NgayTiepNhan"] for r in _ask(shop, "11119", MARCH).rows]
    fault = shop.poison(TypeChanged("11119", "2023-03", to="list"))
    assert [json.loads(r)["NgayTiepNhan"] for r in _ask(shop, "11119", MARCH).rows] == [[text] for text in before]
    shop.repair(fault)
    shop.poison(TypeChanged("11119", "2023-03", to="epoch_ms"))
    moments = [json.loads(r)["NgayTiepNhan"] for r in _ask(shop, "11119", MARCH).rows]
    received = [f"{datetime.fromtimestamp(m / 1000, LOCAL):%Y%m%d%H%M%S}" if m else "" for m in moments]
    assert received == before


def test_faults_of_form_strike_the_opencps_rows_as_well(shop: Province) -> None:
    shop.poison(TypeChanged("11119", "2023-03", field="receiveDate", to="epoch_ms", of="opencps_dossiers"))
    shop.poison(RowsVanish("11119", "2023-03", of="opencps_dossiers"))
    window = datetime.combine(MARCH.first_date, time()), datetime.combine(MARCH.end_date, time())
    answer = shop.opencps_dossiers(shop.agency("11119"), *window)
    assert answer.total < _ask(shop, "11119", MARCH).total
    assert all(isinstance(json.loads(r)["receiveDate"], int) for r in answer.rows if json.loads(r)["receiveDate"])

"""Each declared fault spoils its own commune and month, and nothing is left of it after the repair."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, time
from typing import Any

import pytest

from cchc.period import Period
from sandbox.faults import (
    CatalogueTooSmall,
    CommuneMissing,
    DuplicateCodes,
    EmptyExport,
    Fault,
    FieldBroken,
    FinishedBeforeReceived,
    RowsRepeated,
    TotalDisagrees,
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

"""The words of `cchc explain`, and what it takes for a name."""

from __future__ import annotations

import re

import pytest

from cchc.explain.naming import plain
from cchc.explain.rows import TABLES, Months
from cchc.explain.words import FAMILIES, FLAGS, number, publication, reason
from cchc.settings import PROJECT
from ingest.contracts import CONTRACTS
from snapshots.publish import _default_reason

FACTS = {fact: (PROJECT / "dbt_project/models/facts" / f"{table.split('.')[-1]}.sql").read_text(encoding="utf-8")
         for fact, table in TABLES.items()}  # fmt: skip


def test_every_token_of_the_facts_has_its_vietnamese_words():
    text = "".join(FACTS.values())
    assert set(re.findall(r"\btoken\('(\w+)'", text)) == set(FLAGS) - {"staff"}
    assert set(re.findall(r"valued_token\('(\w+)'", text)) == set(FAMILIES)


def test_every_allowed_value_behind_a_token_has_its_vietnamese_words():
    seen = 0
    for fact, text in FACTS.items():
        contract = {column.name: column for column in CONTRACTS[fact].columns}
        for name, column in re.findall(r"valued_token\('(\w+)', '(\w+)'\)", text):
            if column in contract and contract[column].allowed:
                assert set(contract[column].allowed) <= set(FAMILIES[name][1]), (fact, column)
                seen += 1
    assert seen >= 6


@pytest.mark.parametrize(
    ("wanted", "tokens", "told"),
    [
        (["resolved", "within_due_date"], ["resolved", "timeliness:late"], "quá hạn"),
        (["resolved", "timeliness:early"], ["resolved", "timeliness:on_time", "within_due_date"], "đúng hạn"),
        (["received", "channel:online"], ["received", "channel:postal"], "kênh tiếp nhận: bưu chính công ích"),
        (["received", "channel:online"], ["received"], "kênh tiếp nhận: không ghi"),
        (["resolved", "paid_online", "within_due_date"], ["resolved"], "chưa thanh toán trực tuyến; không ghi tiến độ"),
        (["received", "of_a_new_token"], ["received"], "không có of_a_new_token"),
        (["received", "kind:new"], ["received", "kind:old"], "kind: old"),
    ],
)
def test_a_row_that_is_not_counted_says_what_it_lacks(wanted, tokens, told):
    assert reason(wanted, tokens) == told


def test_names_are_compared_without_diacritics_and_numbers_are_written_as_officials_do():
    assert plain("Xã  ĐẠI Hợp") == plain("xa dai hop") == "xa dai hop"
    assert plain("Xa\u0303 Đa\u0323i Hợp") == "xa dai hop"
    assert (number(1467), number(0.97155, is_share=True), number(None), number(0)) == ("1.467", "97,16 %", "-", "0")


def test_the_reasons_that_publishing_gives_itself_are_told_in_vietnamese():
    assert publication(_default_reason(None)) == "công bố lần đầu"
    assert publication("sửa ngày") == "sửa ngày"


def test_months_that_are_no_rectangle_are_asked_for_pair_by_pair():
    from datetime import date

    january, february = date(2023, 1, 1), date(2023, 2, 1)
    whole = Months([(january, "1"), (january, "2"), (february, "1"), (february, "2")])
    assert whole.where("agency_code") == "period_month in ('2023-01-01', '2023-02-01') and agency_code in ('1', '2')"
    assert Months([(january, "1"), (february, "2'")]).where("a") == (
        "(period_month, a) in (('2023-01-01', '1'), ('2023-02-01', '2'''))"
    )

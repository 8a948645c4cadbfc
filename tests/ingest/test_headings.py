from __future__ import annotations

from typing import Any

import pytest

from ingest.columns import Heading, Reads
from ingest.headings import columns
from ingest.headings import missing as missing_headings
from ingest.profile import ExportMap
from tests.ingest.landings import columns_of

FIELDS: dict[str, Any] = {
    "dossier_code": {"path": "Code"}, "agency_code": {"path": "Office.Id"}, "procedure_code": {"path": "Procedure"},
    "channel": {"path": "Channel"}, "status": {"path": "Status"}, "rating": {"path": "Stars", "optional": True},
    "refused_at": {"first": [{"path": "Refused", "format": "yyyyMMdd"},
                             {"path": "Ended", "format": "yyyyMMdd", "when": {"field": "Why", "in": ["3"]}}]},
    "data_reused": {"any": {"list": "Papers", "path": "Reused", "in": ["1"], "present": ["Link"]}},
    "fee_vnd": {"sum": {"list": "Fees", "path": "Amount"}},
}  # fmt: skip
CHILDREN = {"supplements": {"list": "Asked", "fields": {"requested_at": {"path": "At", "format": "yyyyMMdd"}}}}
ROW: dict[str, Any] = {
    "Code": "", "Office": {"Id": None}, "Procedure": "", "Channel": "", "Status": "", "Refused": None, "Ended": "", "Why": "",
    "Papers": [{"Reused": "", "Link": ""}], "Fees": [{"Amount": ""}], "Asked": [{"At": ""}],
}  # fmt: skip


def missing(*rows: dict[str, Any], **more: Any) -> list[str]:
    paging = {"style": "offset", "position": "at", "size_param": "size"}
    export = ExportMap.model_validate(
        {
            "entity": "dossiers",
            "endpoint": "/",
            "paging": paging,
            "rows": "data",
            "fields": FIELDS,
            "children": CHILDREN,
        }
        | more
    )
    found = columns_of(export, *rows)
    return missing_headings(Reads.of(export).needed, found.shown, found.keys)


def without(key: str, inside: str | None = None) -> dict[str, Any]:
    if inside is None:
        return {k: v for k, v in ROW.items() if k != key}
    held = ROW[inside]
    nested = [
        {k: v for k, v in e.items() if k != key} | {"Other": 1} for e in (held if isinstance(held, list) else [held])
    ]
    return ROW | {inside: nested if isinstance(held, list) else nested[0]}


def test_blank_values_are_present_and_optional_ones_may_be_left_out():
    assert missing(ROW) == []


@pytest.mark.parametrize("key", ["Code", "Status", "Refused", "Ended", "Why", "Papers", "Fees", "Asked"])
def test_a_key_in_no_row_is_missing(key):
    assert missing(without(key), without(key)) == [key]
    assert missing(without(key), ROW) == []


@pytest.mark.parametrize(
    ("inside", "key", "name"),
    [("Office", "Id", "Office.Id"), ("Papers", "Reused", "Papers[].Reused"), ("Papers", "Link", "Papers[].Link"),
     ("Fees", "Amount", "Fees[].Amount"), ("Asked", "At", "Asked[].At")],
)  # fmt: skip
def test_a_nested_key_is_judged_only_where_what_holds_it_has_content(inside, key, name):
    assert missing(without(key, inside)) == [name]
    assert missing(without(key, inside), ROW) == []
    for blank in (None, "", [], {}):
        assert missing(ROW | {inside: blank}) == []
        assert missing(ROW | {inside: blank}, without(key, inside)) == [name]


def test_the_key_that_looks_most_like_it_is_named_and_never_a_value():
    row = without("Refused") | {"RefusedAt": "Nguyễn Văn An"}
    assert missing(row) == ["Refused (there is RefusedAt)"]


def test_a_child_or_a_field_of_it_can_be_optional():
    child = {"list": "Asked", "optional": True, "fields": CHILDREN["supplements"]["fields"]}
    assert missing(without("Asked"), children={"supplements": child}) == []
    assert missing(without("At", "Asked"), children={"supplements": child}) == ["Asked[].At"]


def test_the_key_that_tells_what_to_withhold_must_be_there():
    assert missing(ROW, withhold={"path": "Secret", "unless": ["0"]}) == ["Secret"]


def test_a_receipt_tells_keys_and_no_value_that_stands_as_one():
    read = (Heading("MaHoSo"), Heading("Gia", "Fees"))
    keys = {"": {"MaHoSo", "Nguyễn Văn An 030190001234"}, "Fees[]": {"Gia"}, "metaData": {"NGUYỄN THỊ HOA"}}
    assert columns(keys, read) == [
        "Aaaaaa Aaa Aa 999999999999", "Fees[].Gia", "MaHoSo"
    ]  # fmt: skip

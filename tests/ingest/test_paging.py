from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ingest.errors import CountsDiffer, SourceError
from ingest.paging import read_pages
from ingest.profile import ExportMap


def export(style: str = "page_number", size: int = 3, total: str | None = "total", **more: Any) -> ExportMap:
    fields = {"agency_code": {"path": "a"}, "staff_total": {"path": "n"}, "date": {"path": "d", "format": "yyyy-MM-dd"}}
    paging = {"style": style, "position": "at", "size_param": "size", "size": size}
    return ExportMap.model_validate(
        {"entity": "staffing", "endpoint": "/rows", "paging": paging, "rows": "data", "total": total, "fields": fields}
        | more
    )


class Shelf:
    """A source with numbered rows. `past` says what it answers when nothing is left; `cap` its own largest page."""

    def __init__(self, count: int, declared: int | None = None, past: str = "empty", cap: int = 1000) -> None:
        self.rows, self.past, self.cap = list(range(count)), past, cap
        self.declared = count if declared is None else declared
        self.asked = 0

    def __call__(self, query: Mapping[str, str]) -> dict[str, Any]:
        self.asked += 1
        assert self.asked < 50, "asked for ever"
        at, size = int(query["at"]), min(int(query["size"]), self.cap)
        start = (at - 1) * size if self.offset is None else at
        if start >= len(self.rows) and self.asked > 1:
            return self._past_the_end(size)
        return {"total": self.declared, "data": self.rows[start : start + size]}

    offset: bool | None = None

    def _past_the_end(self, size: int) -> dict[str, Any]:
        if self.past == "error":
            raise SourceError("status 404")
        if self.past == "empty":
            return {"total": self.declared, "data": []}
        if self.past == "empty, total 0":
            return {"total": 0, "data": []}
        if self.past == "no list":
            return {"total": self.declared}
        if self.past == "first":
            return {"total": self.declared, "data": self.rows[:size]}
        if self.past == "hidden":
            return {"total": self.declared, "data": ["hidden"]}
        last = (len(self.rows) - 1) // size * size
        return {"total": self.declared, "data": self.rows[last : last + size]}


def read(shelf: Shelf, style: str = "page_number", **more: Any) -> list[int]:
    shelf.offset = True if style == "offset" else None
    return [row for page in read_pages("ca/rows", export(style, **more), {}, shelf) for row in page]


@pytest.mark.parametrize("style", ["page_number", "offset"])
@pytest.mark.parametrize("past", ["empty", "empty, total 0", "error", "no list", "last", "first"])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 9])
def test_whatever_a_source_answers_past_its_end_all_declared_rows_are_read_once(style, past, count):
    assert read(Shelf(count, past=past), style) == list(range(count))


@pytest.mark.parametrize("count", [3, 6])
def test_other_rows_behind_a_full_last_page_are_found(count):
    with pytest.raises(CountsDiffer, match=f"declares {count} rows, {count + 1} were read"):
        read(Shelf(count, past="hidden"))


@pytest.mark.parametrize("count", [4, 6])
def test_a_source_that_repeats_its_last_page_does_not_make_up_for_rows_it_lacks(count):
    with pytest.raises(CountsDiffer, match="declares 7 rows"):
        read(Shelf(count, declared=7, past="last"))


@pytest.mark.parametrize("count", [1, 3, 4, 6])
@pytest.mark.parametrize("past", ["empty", "last"])
def test_without_a_total_an_empty_page_or_the_last_again_is_the_end(count, past):
    assert read(Shelf(count, past=past), total=None) == list(range(count))


@pytest.mark.parametrize("style", ["page_number", "offset"])
@pytest.mark.parametrize("total", ["total", None])
def test_a_source_with_a_smaller_page_of_its_own_is_read_to_the_end(style, total):
    assert read(Shelf(7, cap=2), style, total=total) == list(range(7))


def test_a_source_with_a_smaller_page_of_its_own_hides_nothing_behind_its_last():
    with pytest.raises(CountsDiffer, match="declares 4 rows, 5 were read"):
        read(Shelf(4, cap=2, past="hidden"))


def test_without_a_total_a_source_that_begins_again_is_not_read_for_ever():
    with pytest.raises(CountsDiffer, match="page 3 is the first again"):
        read(Shelf(6, past="first"), total=None)


def test_without_a_total_an_error_is_no_end():
    with pytest.raises(SourceError, match="404"):
        read(Shelf(3, past="error"), total=None)


def test_a_total_that_is_no_number_in_digits_is_refused():
    with pytest.raises(SourceError, match="no declared total"):
        list(read_pages("ca/rows", export(), {}, lambda _: {"total": "²", "data": []}))


def test_what_a_source_says_instead_of_success_is_only_told_as_a_shape():
    failed = {"code": "Nguyễn Văn An, 0912345678", "total": 0, "data": []}
    with pytest.raises(SourceError, match="code is 'Aaaaaa Aaa Aa, 9999999999', not '0'"):
        list(read_pages("ca/rows", export(success={"path": "code", "equals": "0"}), {}, lambda _: failed))

"""Pages over real HTTP, in every style, from sources that cut, count and end them in their own ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import ValidationError

from ingest.errors import CountsDiffer, NotAuthorised, SourceError, SourceUnavailable
from ingest.http.options import Paging
from ingest.http.paging import Position
from ingest.profile import ExportMap
from tests.ingest.http.talk import export, pages, reader, rows

STYLES = ["page_number", "offset", "range", "token", "link"]
NUMBERED = STYLES[:3]
Served = tuple[int, dict[str, str], Any]


@dataclass
class Shelf:
    """A source with numbered rows. `past` says what it answers when nothing is left; `cap` is its own largest page.

    `wrong` maps a request (from 0) to what is served instead: a function of the right answer.
    """

    count: int
    style: str = "page_number"
    declared: Any = None
    past: str = "empty"
    cap: int = 1000
    inclusive: bool = False
    last_link: bool = False
    wrong: dict[int, Callable[[Served], Served]] = field(default_factory=dict)
    before: Callable[[Shelf, int], None] = lambda shelf, n: None
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = list(range(self.count))

    def __call__(self, path: str, query: dict[str, str]) -> Served:
        n = len(self.asked)
        assert n < 60, "asked for ever"
        self.asked.append(query)
        self.before(self, n)
        served = self._serve(query)
        return self.wrong[n](served) if n in self.wrong else served

    def _serve(self, query: dict[str, str]) -> Served:
        size = min(int(query.get("size", 3)), self.cap)
        start = int(query.get("at") or query.get("start") or query.get("cursor", "c0")[1:] or 0)
        if self.style == "page_number":
            start = (start - 1) * size
        if self.style == "range":
            size = min(int(query["end"]) + self.inclusive - start, self.cap)
        if start >= len(self.rows) and start:
            return self._past_the_end(size)
        return self._page(start, size)

    def _page(self, start: int, size: int) -> Served:
        body = {"total": self._total(), "data": self.rows[start : start + size]}
        more = start + size < len(self.rows) or self.last_link
        headers = {}
        if more and self.style == "token":
            body["next"] = f"c{start + size}"
        if more and self.style == "link":
            following = urlencode({"cursor": f"c{start + size}", "size": size, "key": "a&b=c"})
            headers["Link"] = f'</rows?{following}>; rel="next", </rows>; rel="first"'
        return 200, headers, body

    def _total(self) -> Any:
        return len(self.rows) if self.declared is None else self.declared(len(self.asked))

    def _past_the_end(self, size: int) -> Served:
        last = (len(self.rows) - 1) // size * size
        return {
            "error": (404, {}, {}),
            "status 500": (500, {}, {}),
            "no list": (200, {}, {"total": self._total()}),
            "empty": (200, {}, {"total": self._total(), "data": []}),
            "empty, total 0": (200, {}, {"total": 0, "data": []}),
            "first": (200, {}, {"total": self._total(), "data": self.rows[:size]}),
            "last": (200, {}, {"total": self._total(), "data": self.rows[last : last + size]}),
            "hidden": (200, {}, {"total": self._total(), "data": [99]}),
            "away": (503, {}, {}),
            "logged out": (401, {}, {}),
        }[self.past]


@pytest.fixture
def read(source):
    def read(shelf: Shelf, start: Position | None = None, of: ExportMap | None = None, **more: Any) -> list[int]:
        source.answer = shelf
        return rows(reader(source.url), of or export(shelf.style, **more), start)

    return read


def page(*numbers: int) -> Callable[[Served], Served]:
    return lambda served: (served[0], served[1], {**served[2], "data": list(numbers)})


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("total", ["total", None])
def test_pages_are_read_to_the_end_whatever_their_number(read, style, total):
    for count in (0, 1, 2, 3, 4, 6, 7, 9):
        assert read(Shelf(count, style), total=total) == list(range(count))


@pytest.mark.parametrize("past", ["empty", "empty, total 0", "error", "status 500", "no list", "last", "first"])
@pytest.mark.parametrize("style", NUMBERED)
def test_whatever_a_source_answers_past_its_end_all_declared_rows_are_read_once(read, style, past):
    for count in (1, 2, 3, 6):
        assert read(Shelf(count, style, past=past)) == list(range(count))


@pytest.mark.parametrize("style", NUMBERED)
@pytest.mark.parametrize("count", [3, 6])
def test_other_rows_behind_a_full_last_page_are_found(read, style, count):
    with pytest.raises(CountsDiffer, match=f"declares {count} rows, {count + 1} were read"):
        read(Shelf(count, style, past="hidden"))


@pytest.mark.parametrize(("past", "fault"), [("away", SourceUnavailable), ("logged out", NotAuthorised)])
def test_a_source_that_goes_away_before_we_looked_behind_its_end_is_no_end(read, past, fault):
    with pytest.raises(fault):
        read(Shelf(6, past=past))


@pytest.mark.parametrize("style", STYLES)
def test_a_declared_total_that_is_not_what_the_pages_hold_fails_with_both_numbers(read, style):
    for declared in (3, 5, 7, 8):
        with pytest.raises(CountsDiffer, match=rf"declares {declared} rows, 6 were read"):
            read(Shelf(6, style, declared=lambda _, n=declared: n))


@pytest.mark.parametrize("style", STYLES)
def test_a_total_that_changes_on_the_way_fails(read, style):
    with pytest.raises(CountsDiffer, match="from 7 to 8 while paging"):
        read(Shelf(7, style, declared=lambda n: 7 if n < 3 else 8))


@pytest.mark.parametrize("style", STYLES)
def test_a_total_that_goes_missing_fails(read, style):
    with pytest.raises(SourceError, match="no declared total"):
        read(Shelf(7, style, declared=lambda n: 7 if n < 3 else None))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("total", ["total", None])
def test_a_page_served_twice_is_asked_for_again(read, style, total):
    shelf = Shelf(9, style, wrong={1: lambda _: shelf._page(0, 3)})
    assert read(shelf, total=total) == list(range(9))
    assert shelf.asked[1] == shelf.asked[2]


@pytest.mark.parametrize("style", STYLES)
def test_a_page_served_twice_again_and_again_is_an_error(read, style):
    with pytest.raises(CountsDiffer, match="page 2 is the last again"):
        read(Shelf(9, style, wrong=dict.fromkeys(range(1, 9), page(0, 1, 2))))


@pytest.mark.parametrize("style", STYLES)
def test_a_page_that_is_skipped_is_missed(read, style):
    with pytest.raises(CountsDiffer, match="declares 9 rows, 6 were read"):
        read(Shelf(9, style, wrong={1: page(6, 7, 8), 2: page()} if style not in ("token", "link") else {1: page()}))


def test_a_source_that_repeats_its_last_page_does_not_make_up_for_rows_it_lacks(read):
    for count in (4, 6):
        with pytest.raises(CountsDiffer, match="declares 7 rows"):
            read(Shelf(count, declared=lambda _: 7, past="last"))


@pytest.mark.parametrize("style", NUMBERED)
@pytest.mark.parametrize("past", ["empty", "last"])
def test_without_a_total_an_empty_page_or_the_last_again_is_the_end(read, style, past):
    for count in (1, 3, 4, 6):
        assert read(Shelf(count, style, past=past), total=None) == list(range(count))


def test_without_a_total_a_source_that_begins_again_is_not_read_for_ever(read):
    with pytest.raises(CountsDiffer, match="page 3 is the first again"):
        read(Shelf(6, past="first"), total=None)


def test_without_a_total_an_error_is_no_end(read):
    with pytest.raises(SourceError, match="404"):
        read(Shelf(3, past="error"), total=None)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("total", ["total", None])
def test_a_source_with_a_smaller_page_of_its_own_is_read_to_the_end(read, style, total):
    assert read(Shelf(7, style, cap=2), total=total) == list(range(7))


def test_a_source_with_a_smaller_page_of_its_own_hides_nothing_behind_its_last(read):
    with pytest.raises(CountsDiffer, match="declares 4 rows, 5 were read"):
        read(Shelf(4, cap=2, past="hidden"))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("total", ["total", None])
def test_one_giant_page_that_ignores_the_size_is_read_once(source, style, total):
    def answer(path: str, query: dict[str, str]) -> Served:
        start = {"offset": "at", "range": "start"}.get(style)
        return 200, {}, {"total": 10, "data": list(range(10))[int(query[start]) if start else 0 :]}

    source.answer = answer
    assert rows(reader(source.url), export(style, total=total)) == list(range(10))


@pytest.mark.parametrize("inclusive", [False, True])
def test_the_end_of_a_range_excludes_or_includes_its_row_as_the_profile_says(read, inclusive):
    shelf = Shelf(8, "range", inclusive=inclusive)
    assert read(shelf, end_inclusive=inclusive) == list(range(8))
    assert [(q["start"], q["end"]) for q in shelf.asked[:2]] == (
        [("0", "2"), ("3", "5")] if inclusive else [("0", "3"), ("3", "6")]
    )


def test_the_end_of_a_range_that_the_profile_has_wrong_loses_and_repeats_nothing(read):
    assert read(Shelf(8, "range", inclusive=True)) == list(range(8))
    assert read(Shelf(8, "range"), end_inclusive=True) == list(range(8))


@pytest.mark.parametrize("style", ["token", "link"])
def test_a_chain_that_leads_back_is_an_error(read, style):
    def back(served: Served) -> Served:
        link = {"Link": '</rows?cursor=c3&size=3&key=a%26b%3Dc>; rel="next"'}
        return 200, link, {**served[2], "next": "c3"}

    with pytest.raises(CountsDiffer, match="page 3 leads back to an earlier one"):
        read(Shelf(30, style, wrong={2: back}))


@pytest.mark.parametrize("style", ["token", "link"])
@pytest.mark.parametrize("total", ["total", None])
def test_an_empty_last_page_ends_a_chain_even_when_it_names_a_next_one_that_was_asked(read, style, total):
    def empty(served: Served) -> Served:
        link = {"Link": '</rows?cursor=c6&size=3&key=a%26b%3Dc>; rel="next"'}
        return 200, link, {"total": 6, "data": [], "next": "c6"}

    assert read(Shelf(6, style, last_link=True, wrong={2: empty}), total=total) == list(range(6))


@pytest.mark.parametrize("style", ["token", "link"])
def test_a_chain_of_empty_pages_without_an_end_is_left(read, style):
    with pytest.raises(CountsDiffer, match="10 empty pages in a row"):
        read(Shelf(40, style, wrong=dict.fromkeys(range(1, 60), page())))


def test_the_token_stands_in_no_ledger(source):
    source.answer = Shelf(7, "token")
    client = reader(source.url)
    assert rows(client, export("token")) == list(range(7))
    assert [row.what for row in client.ledger.rows] == ["/rows page 1", "/rows page 2", "/rows page 3"]


def moved(n: int, *out: int, into: int | None = None) -> Callable[[Shelf, int], None]:
    """From request `n` on rows are gone, and one new row is at index `into` (-1: the end): the total stays."""

    def change(shelf: Shelf, asked: int) -> None:
        if asked == n:
            shelf.rows = [row for row in shelf.rows if row not in out]
            shelf.rows.insert(into if into is not None and into >= 0 else len(shelf.rows), 77)

    return change


@pytest.mark.parametrize("style", ["offset", "range"])
@pytest.mark.parametrize(
    "change", [moved(1, 0), moved(1, 2), moved(2, 1, into=-1), moved(1, 7, into=0), moved(2, 8, into=1)]
)
def test_rows_that_slide_over_the_seam_of_two_pages_are_noticed_with_an_overlap(read, style, change):
    with pytest.raises(CountsDiffer, match=r"rows moved while paging, row [0-9] is another one now: pull again"):
        read(Shelf(9, style, before=change), overlap=1)


@pytest.mark.parametrize("style", ["offset", "range"])
@pytest.mark.parametrize("total", ["total", None])
def test_an_overlap_neither_loses_nor_repeats_rows(read, style, total):
    for count in (0, 1, 2, 3, 4, 5, 6, 7, 9):
        assert read(Shelf(count, style), total=total, overlap=1) == list(range(count))
        assert read(Shelf(count, style, cap=2), total=total, overlap=1) == list(range(count))


@pytest.mark.parametrize(("style", "overlap"), [*((style, 0) for style in STYLES), ("offset", 1), ("range", 1)])
@pytest.mark.parametrize("total", ["total", None])
def test_a_read_goes_on_from_any_page_as_if_it_had_never_stopped(source, style, overlap, total):
    of = export(style, total=total, **({"overlap": 1} if overlap else {}))
    for count, cap in ((1, 9), (4, 9), (6, 9), (8, 2)):
        whole = Shelf(count, style, cap=cap)
        source.answer = whole
        turns = list(pages(reader(source.url), of))
        assert [row for turn, _ in turns for row in turn] == list(range(count))
        for stop in range(1, len(turns) + 1):
            position = Position(**json.loads(json.dumps(asdict(turns[stop - 1][1]))))
            source.answer = rest = Shelf(count, style, cap=cap)
            again = list(pages(reader(source.url), of, position))
            assert again == turns[stop:]
            assert rest.asked == whole.asked[stop:]


@pytest.mark.parametrize("style", NUMBERED)
@pytest.mark.parametrize("past", ["first", "last"])
def test_a_page_that_comes_round_is_known_after_a_stop_too(source, style, past):
    source.answer = Shelf(6, style, past=past, declared=lambda _: 9)
    of, turns = export(style), []
    with pytest.raises(CountsDiffer, match=f"page 3 is the {past} again"):
        turns.extend(pages(reader(source.url), of))
    source.answer = Shelf(6, style, past=past, declared=lambda _: 9)
    _, position = next(iter(pages(reader(source.url), of)))
    with pytest.raises(CountsDiffer, match="page 3 is the"):
        rows(reader(source.url), of, position)


@pytest.mark.parametrize("style", STYLES)
def test_a_total_that_changed_while_we_were_away_fails(source, style):
    source.answer = Shelf(9, style)
    _, position = next(iter(pages(reader(source.url), export(style))))
    source.answer = Shelf(8, style)
    with pytest.raises(CountsDiffer, match="from 9 to 8 while paging"):
        rows(reader(source.url), export(style), position)


@pytest.mark.parametrize("style", ["page_number", "offset"])
def test_a_read_cut_otherwise_than_the_profile_says_stays_so_after_a_stop(source, style):
    source.answer = shelf = Shelf(9, style)
    turns = list(pages(reader(source.url), export(style), size=2))
    assert [len(turn) for turn, _ in turns] == [2, 2, 2, 2, 1]
    assert rows(reader(source.url), export(style), turns[1][1]) == [4, 5, 6, 7, 8]
    assert {query["size"] for query in shelf.asked} == {"2"}


@pytest.mark.parametrize(
    "faulty",
    [
        {"style": "page_number", "position": "page"},
        {"style": "range", "position": "start"},
        {"style": "token", "position": "cursor"},
        {"style": "link", "position": "cursor"},
        {"style": "page_number", "position": "page", "size_param": "size", "overlap": 1},
        {"style": "offset", "position": "at", "size_param": "size", "next": "cursor"},
        {"style": "offset", "position": "at", "size_param": "size", "overlap": 1, "size": 1},
        {"style": "pages"},
    ],
)
def test_a_paging_that_does_not_fit_its_style_is_refused(faulty):
    with pytest.raises(ValidationError):
        Paging.model_validate(faulty)


@pytest.mark.parametrize("first", [0, 1])
def test_pages_are_counted_from_where_the_profile_says(source, first):
    def answer(_: str, query: dict[str, str]) -> Served:
        start = (int(query["at"]) - first) * 3
        return 200, {}, {"total": 7, "data": list(range(7))[start : start + 3]}

    source.answer = answer
    assert rows(reader(source.url), export(first=first)) == list(range(7))

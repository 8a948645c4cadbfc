from __future__ import annotations

from typing import Any

import pytest

from ingest.errors import CountsDiffer
from tests.ingest.landings import certificate, land_now, newest


def shifted(rows: list[Any], source, after: int = 1) -> None:
    """A row comes in at the top and the last one goes while the pages are read: the total stays."""
    asked = 0

    def answer(_: str, query: dict[str, str]):
        nonlocal asked
        asked += 1
        now = rows if asked <= after else [certificate(9999), *rows[:-1]]
        size = int(query["size"])
        return 200, {}, {"total": len(rows), "data": now[(int(query["page"]) - 1) * size :][:size]}

    source.answer = answer


def test_rows_that_move_while_they_are_paged_fail_the_landing(deployment, source):
    shifted([certificate(n) for n in range(300)], source)
    with pytest.raises(CountsDiffer, match="rows moved while paging, some were read twice: pull again"):
        land_now()
    assert newest().status == "failed"


def test_rejected_rows_that_move_are_noticed_too(deployment, source):
    shifted([certificate(n, NotAfter="?") if n == 199 else certificate(n) for n in range(300)], source)
    with pytest.raises(CountsDiffer, match="rows moved while paging"):
        land_now()


def test_a_source_that_cuts_overlapping_pages_loses_no_row_silently(deployment, source):
    rows = [certificate(n) for n in range(400)]
    pages = {"1": rows[:200], "2": rows[199:399]}
    source.answer = lambda _, query: (200, {}, {"total": 400, "data": pages.get(query["page"], [])})
    with pytest.raises(CountsDiffer, match="rows moved while paging"):
        land_now()


def test_rows_that_a_source_truly_holds_twice_are_duplicates_on_whatever_page(deployment, source):
    rows = [certificate(n) for n in range(300)]
    shifted([*rows, *rows[:2]], source, after=99)
    receipt = land_now()
    assert (receipt.rows_read, receipt.accepted, receipt.exact_duplicates) == (302, 300, 2)

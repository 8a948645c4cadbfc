from __future__ import annotations

from typing import Any

import pytest

from ingest.errors import CountsDiffer
from tests.ingest.landings import certificate, land_now, newest, stored


def shifted(rows: list[Any], source, times: int) -> None:
    """A row comes in at the top and the last one goes behind every first page, `times` in all: the total stays."""
    now, left, came = list(rows), times, 9000

    def answer(_: str, query: dict[str, str]):
        nonlocal now, left, came
        size = int(query["size"])
        if query["page"] == "2" and left:
            left, came = left - 1, came + 1
            now = [certificate(came), *now[:-1]]
        return 200, {}, {"total": len(rows), "data": now[(int(query["page"]) - 1) * size :][:size]}

    source.answer = answer


@pytest.mark.parametrize("broken", [{}, {"NotAfter": "?"}])
def test_rows_that_move_once_are_read_again_until_nothing_is_missing(deployment, source, broken):
    rows = [certificate(n, **broken) if n == 199 else certificate(n) for n in range(300)]
    shifted(rows, source, times=1)
    receipt = land_now()
    assert (receipt.rows_read, receipt.accepted + receipt.rejected, receipt.exact_duplicates) == (300, 300, 0)
    serials = set(stored(receipt).column("serial").to_pylist())
    assert certificate(9001)["SerialNumber"] in serials
    assert certificate(299)["SerialNumber"] not in serials


def test_rows_that_never_stop_moving_fail_the_landing(deployment, source):
    shifted([certificate(n) for n in range(300)], source, times=99)
    with pytest.raises(CountsDiffer, match="rows moved while paging, some were read twice: pull again"):
        land_now()
    assert newest().status == "failed"


def test_a_source_that_cuts_overlapping_pages_loses_no_row_silently(deployment, source):
    rows = [certificate(n) for n in range(400)]
    pages = {"1": rows[:200], "2": rows[199:399]}
    source.answer = lambda _, query: (200, {}, {"total": 400, "data": pages.get(query["page"], [])})
    with pytest.raises(CountsDiffer, match="rows moved while paging"):
        land_now()


def test_rows_that_a_source_truly_holds_twice_are_duplicates_on_whatever_page(deployment, source):
    rows = [certificate(n) for n in range(300)]
    shifted([*rows, *rows[:2]], source, times=0)
    receipt = land_now()
    assert (receipt.rows_read, receipt.accepted, receipt.exact_duplicates) == (302, 300, 2)

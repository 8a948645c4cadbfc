"""Random rows, random paging, random faults of the line and of the source: a landing fails, or it is what the source held.

Three things nobody who pages can see, and which are therefore not drawn:
- in numbered pages without `overlap`, a row that is taken away before the place where we are, while another comes in behind
  it, or no total is declared: a row slips onto a page that has been read;
- a record on a page already read that changes where it stands. Then the older version is what was landed;
- where no total is declared, a page that is left out or empty by mistake: only a total tells what is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from cchc.period import Period
from cchc.settings import Settings
from ingest.errors import SourceError
from ingest.http.pace import Clock
from ingest.landing import land
from ingest.store import Receipt, Store
from tests.ingest.http.conftest import RawSource, _raw_sources
from tests.ingest.properties.model import NUMBERED, TRANSIENT, WRONG, Model, Move, Style, profile
from tests.ingest.properties.rows import CHOICES, Row, records, row, tables
from tests.ingest.receipts import check_all

PERIOD, EXPORT = Period.parse("2023-01"), "model_documents"
CASES = int(os.environ.get("CCHC_TEST_CASES", "500"))
pytestmark = pytest.mark.slow


class Killed(BaseException):
    """The process is gone, as far as the code that runs can tell."""


@st.composite
def styles(draw: st.DrawFn) -> Style:
    paging = draw(st.sampled_from([*NUMBERED, "token", "link"]))
    giant = draw(st.integers(0, 19)) == 19
    return Style(
        paging, size=draw(st.integers(2, 6)), total=draw(st.sampled_from([True, True, False])),
        overlap=paging in ("offset", "range") and draw(st.booleans()), inclusive=paging == "range" and draw(st.booleans()),
        capped=draw(st.sampled_from([None, None, None, 3])) if paging in ("offset", "range") and not giant else None,
        giant=giant, oauth=draw(st.integers(0, 9)) == 9,
    )  # fmt: skip


@st.composite
def moves(draw: st.DrawFn, style: Style, stale: bool) -> list[Move]:
    kinds = ["insert", "delete", "update", "touch"]
    if not style.sees_shifts:
        kinds = ["insert", "update"] + (["touch"] if style.total else [])
        if style.total and not stale and draw(st.booleans()):
            kinds = ["delete", "update"]
    at = draw(st.lists(st.integers(2, 6), min_size=1, max_size=3))
    return [Move(request, draw(st.sampled_from(kinds)), draw(st.integers(0, 40))) for request in sorted(at)]


@st.composite
def schedules(draw: st.DrawFn, style: Style, wrong: bool) -> dict[int, str]:
    seen = [fault for fault in WRONG if style.total or fault not in ("page after", "empty")]
    kinds = [*TRANSIENT, *(seen if wrong else ())]
    return draw(st.dictionaries(st.integers(1, 9), st.sampled_from(kinds), max_size=4))


@st.composite
def models(draw: st.DrawFn) -> tuple[Model, bool]:
    style, secret, stale = draw(styles()), draw(st.booleans()), draw(st.integers(0, 5)) == 5
    rows = draw(tables(secret))
    moving = draw(st.booleans())
    return (
        Model(
            style, rows, draw(moves(style, stale)) if moving else [], draw(schedules(style, draw(st.booleans()))), stale,
            [draw(records(999, secret))],
        ),
        secret,
    )  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[RawSource]:
    with _raw_sources() as make:
        yield make()


@settings(
    # The gate tries the same cases each time; `CCHC_TEST_CASES=5000 pytest …` tries others.
    max_examples=CASES, derandomize="CCHC_TEST_CASES" not in os.environ, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(made=models(), kills=st.lists(st.integers(1, 6), max_size=2))
def test_a_landing_fails_or_is_what_the_source_held(served, made, kills):
    model, secret = made
    home = Path(tempfile.mkdtemp(prefix="cchc-random-"))
    served.script = model.answer
    try:
        (home / "model.yaml").write_text(json.dumps(profile(model.style, secret)))
        found = Settings(home=home, profiles=str(home / "model.yaml"), source_urls={"model": served.url})
        landed = _land(found, list(kills))
        assert check_all(found.raw) == len(kills_done(found)) + 1
        newest = Store(found.raw).newest(EXPORT, PERIOD)
        assert newest is not None
        if landed is None:
            event("failed")
            assert (newest.status, newest.batch_id) == ("failed", None)
            assert not is_benign(model), newest.error
        else:
            event(f"landed {model.style.paging}, {'moved' if len(model.history) > 1 else 'still'}")
            assert newest == landed
            judge(model, secret, landed, Store(found.raw))
        assert not (Store(found.raw).pull_path(EXPORT, PERIOD) / "pull.json").exists() or "Unavailable" in newest.error
    finally:
        shutil.rmtree(home)


def kills_done(found: Settings) -> list[Receipt]:
    return [r for r in Store(found.raw).receipts(EXPORT, PERIOD) if r.error == "Killed"]


def _land(found: Settings, kills: list[int]) -> Receipt | None:
    """Lands, killed after so many words of progress, again and again until nobody kills it."""
    clock = Clock(lambda: datetime(2023, 2, 1, 3, tzinfo=UTC), lambda _: None)
    while True:
        left = kills.pop() if kills else -1

        def progress(_: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        try:
            return land(EXPORT, PERIOD, found, lambda _: "id:s3cret", progress, clock=clock)
        except Killed:
            continue
        except SourceError:
            return None


def is_benign(model: Model) -> bool:
    """Whether nothing went wrong that we promise to get over: then it must be landed."""
    style, marks = model.style, [repr(row.body) for row in model.rows]
    fatal = set(WRONG) | (set() if style.oauth else {"401"})
    at = sorted(model.faults)
    runs = any({n, n + 1, n + 2} <= set(at) for n in at) or (style.oauth and "401" in model.struck)
    return not (
        len(model.history) > 1 or fatal & set(model.struck) or runs or len(set(marks)) < len(marks)
        or (style.giant and style.paging != "page_number") or _looks_alike(model.rows)
    )  # fmt: skip


def _looks_alike(rows: list[Row]) -> bool:
    """Rows without any value cannot be told apart, and a page of them looks like the one before."""
    return sum(not row.cells for row in rows) > 1 or not any(row.cells for row in rows)


def judge(model: Model, secret: bool, receipt: Receipt, store: Store) -> None:
    rows = pq.read_table(store.rows_path(EXPORT, PERIOD, receipt.batch_id or "")).to_pylist()
    faults: dict[str, set[tuple[str, str]]] = {}
    for reject in store.rejects(EXPORT, PERIOD, receipt.batch_id or "").to_pylist():
        faults.setdefault(reject["reject_id"], set()).add((reject["column_name"], reject["code"]))
    rejected = Counter(frozenset(found) for found in faults.values())
    landed = Counter(_frozen({name: value for name, value in row.items() if value is not None}) for row in rows)
    states = [_expected(state, secret) for state in model.history]

    ever, always = states[0][0].copy(), set(states[0][0])
    for accepted, _, _ in states:
        ever |= accepted
        always &= set(accepted)
    assert not landed - Counter(set(ever)), "a row that the source never held, or one twice"
    assert not always - set(landed), "a row that was there all the time is lost"
    for shape in set.intersection(*(set(bad) for _, bad, _ in states)):
        least = min(bad[shape] for _, bad, _ in states)
        assert rejected[shape] >= least, "a rejected row that was there all the time is lost"
    keys = Counter(dict(row)["document_id"] for row in landed)
    most = Counter[str]()
    for accepted, _, _ in states:
        most |= Counter(dict(row)["document_id"] for row in set(accepted))
    assert not keys - most, "two versions of one record"
    if _is_one_moment(model):
        exact = [
            (set(accepted), bad, hidden, sum(accepted.values()) + sum(bad.values()) + hidden)
            for accepted, bad, hidden in states
        ]
        assert (set(landed), rejected, receipt.withheld, receipt.rows_read) in exact, "not what was there at any moment"


def _is_one_moment(model: Model) -> bool:
    """Whether what is read must be what the source held at one moment: it tells its true total, and rows only come or go."""
    kinds = {move.kind for move in model.moves}
    gaps = Counter(move.request for move in model.moves)
    honest = model.style.total and not model.stale_total and "total" not in model.struck
    return len(model.history) == 1 or (honest and len(kinds) == 1 and kinds < {"insert", "delete"} and len(gaps) >= 1)


def _expected(state: list[Row], secret: bool) -> tuple[Counter, Counter, int]:
    """What must be landed of these rows: accepted ones with how often they come, rejected ones by their faults, withheld ones."""
    accepted, rejected, hidden = Counter(), Counter(), 0
    for one in state:
        if secret and not one.is_open():
            hidden += 1
        elif faults := one.faults():
            rejected[faults] += 1
        else:
            accepted[_frozen({name: value for name, value in one.means().items() if value is not None})] += 1
    return accepted, rejected, hidden


def _frozen(row: dict) -> tuple:
    return tuple(sorted(row.items(), key=lambda pair: pair[0]))


def test_a_page_too_far_is_no_end_where_no_total_is_declared(served, tmp_path):
    """Found at random: page 2 came in the place of page 1, then again as itself, and passed for the last page that repeats."""
    good = {name: choices[0] for name, choices in CHOICES.items()}
    rows = [row(float(n), n, good, "0") for n in range(6)]
    style = Style("page_number", 2, total=False)
    served.script = Model(style, rows, faults={1: "page after"}).answer
    (tmp_path / "model.yaml").write_text(json.dumps(profile(style, False)))
    found = Settings(home=tmp_path, profiles=str(tmp_path / "model.yaml"), source_urls={"model": served.url})
    assert land(EXPORT, PERIOD, found, lambda _: "any").accepted == 6

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from cchc.period import LOCAL
from ingest.errors import SourceClosed, SourceUnavailable
from ingest.http.options import Pace
from ingest.http.pace import Clock, Pacer
from tests.ingest.http.talk import Tick, export, pages, reader, rows


def at(clock: str) -> Tick:
    return Tick(datetime.fromisoformat(f"2023-02-01T{clock}").replace(tzinfo=LOCAL))


def served(count: int):
    def answer(_: str, query: dict[str, str]):
        start = (int(query["at"]) - 1) * int(query["size"])
        return 200, {}, {"total": count, "data": list(range(count))[start : start + int(query["size"])]}

    return answer


def test_requests_keep_their_distance(source, tick):
    source.answer = served(8)
    client = reader(source.url, pace=Pace(requests_per_minute=30), clock=tick.clock())
    assert rows(client) == list(range(8))
    starts = [row.at for row in client.ledger.rows]
    assert [later - earlier for earlier, later in pairwise(starts)] == [timedelta(seconds=2)] * 2


def test_retries_keep_the_distance_too(source):
    tick, answers = Tick(), iter([(503, {}, {})] * 3)
    source.answer = lambda *asked: next(answers, None) or served(2)(*asked)
    client = reader(source.url, pace=Pace(requests_per_minute=6), clock=tick.clock())
    assert rows(client) == [0, 1]
    starts = [row.at for row in client.ledger.rows]
    assert all(later - earlier >= timedelta(seconds=10) for earlier, later in pairwise(starts))


def test_a_rate_holds_in_real_time_under_a_burst_of_503(source):
    answers, heard = iter([(503, {}, {})] * 3), list[float]()

    def answer(*asked):
        heard.append(time.monotonic())
        return next(answers, None) or served(4)(*asked)

    source.answer = answer
    client = reader(source.url, pace=Pace(requests_per_minute=600), clock=Clock(), longest_wait_seconds=0.01)
    assert rows(client) == [0, 1, 2, 3]
    assert len(heard) == 5
    assert heard[-1] - heard[0] >= 0.35  # four turns of 0.1 s, less what a busy machine takes to hear the first


def test_pulls_of_one_source_share_its_rate(source, tmp_path):
    heard = list[float]()

    def answer(*asked):
        heard.append(time.monotonic())
        return served(6)(*asked)

    source.answer = answer
    pulls = [
        threading.Thread(
            target=lambda: rows(
                reader(source.url, pace=Pace(requests_per_minute=1200), clock=Clock(), turns=tmp_path / "raw" / "ca")
            )
        )
        for _ in range(3)
    ]
    for pull in pulls:
        pull.start()
    for pull in pulls:
        pull.join()
    assert len(heard) == 9
    assert max(heard) - min(heard) >= 8 * 0.05 - 0.05


@pytest.mark.parametrize("content", ["", "soon", "2023-02-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"])
def test_a_file_of_turns_that_makes_no_sense_stops_nobody(tmp_path, tick, content):
    (tmp_path / "ca").write_text(content)
    Pacer("ca", Pace(requests_per_minute=1), tick.clock(), tmp_path / "ca").wait()
    assert tick.slept == []


@pytest.mark.parametrize(
    ("hours", "open_at", "closed_at"),
    [
        (("19:00-06:00",), ("19:00", "23:59", "00:00", "05:59"), ("06:00", "12:00", "18:59")),
        (("08:00-11:30", "13:30-24:00"), ("08:00", "11:29", "13:30", "23:59"), ("07:59", "11:30", "13:29", "00:00")),
        ((), ("00:00", "12:00"), ()),
    ],
)
def test_a_source_is_asked_at_its_hours_only(source, hours, open_at, closed_at):
    source.answer = served(1)
    for clock in open_at:
        assert rows(reader(source.url, pace=Pace(hours=hours), clock=at(clock).clock())) == [0]
    asked = len(source.asked)
    for clock in closed_at:
        with pytest.raises(SourceClosed, match=f"{hours[0]}.*it is {clock}: land again after"):
            rows(reader(source.url, pace=Pace(hours=hours), clock=at(clock).clock()))
    assert len(source.asked) == asked


@pytest.mark.parametrize(("clock", "opens"), [("07:00", "08:00"), ("12:00", "13:30"), ("20:00", "08:00")])
def test_a_closed_source_says_when_it_opens_next(clock, opens):
    pace = Pace(hours=("08:00-11:30", "13:30-17:00"))
    with pytest.raises(SourceClosed, match=f"land again after {opens}"):
        Pacer("ca", pace, at(clock).clock()).wait()


def test_a_window_that_ends_mid_pull_closes_the_source_and_the_rest_can_be_read_later(source):
    source.answer, tick = served(9), at("05:59:30")
    client = reader(source.url, pace=Pace(requests_per_minute=3, hours=("19:00-06:00",)), clock=tick.clock())
    reading = iter(pages(client, export()))
    (first, _), (second, reached) = next(reading), next(reading)
    with pytest.raises(SourceClosed, match="it is 06:00: land again after 19:00"):
        next(reading)
    assert first + second == [0, 1, 2, 3, 4, 5]
    tick.time += timedelta(hours=13)
    assert rows(client, start=reached) == [6, 7, 8]


def test_a_wait_that_runs_over_the_end_of_the_hours_is_not_followed_by_a_request(source):
    source.answer, tick = (lambda *_: (429, {"Retry-After": "60"}, {})), at("05:59:30")
    with pytest.raises(SourceUnavailable, match="land again after 19:00"):
        rows(reader(source.url, pace=Pace(hours=("19:00-06:00",)), clock=tick.clock()))
    assert len(source.asked) == 1


@pytest.mark.parametrize("hours", ["19-6", "25:00-06:00", "08:00-08:00", "8:00-9:00", "24:00-06:00", "08:00–17:00"])
def test_hours_that_are_none_are_refused(hours):
    with pytest.raises(ValidationError):
        Pace(hours=(hours,))

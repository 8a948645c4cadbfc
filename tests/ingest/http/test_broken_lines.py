"""What can go wrong below HTTP: every answer here is sent byte by byte over a real socket."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable

import pytest

from ingest.errors import NotJson, SourceError, SourceUnavailable
from tests.ingest.http.conftest import Heard, Line, RawSource
from tests.ingest.http.talk import reader, rows

ONE = json.dumps({"total": 1, "data": [7]}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def silent(line: Line) -> None:
    line.stall()


def stalled_body(line: Line) -> None:
    line.send(HEAD + b"Content-Length: 500\r\n\r\n" + ONE[:9])
    line.stall()


def closed_without_a_word(line: Line) -> None:
    line.close()


def reset_before_the_answer(line: Line) -> None:
    line.reset()


def reset_mid_body(line: Line) -> None:
    line.send(HEAD + b"Content-Length: 500\r\n\r\n" + ONE[:9])
    time.sleep(0.02)
    line.reset()


def shorter_than_declared(line: Line) -> None:
    line.answer(ONE, length=500)
    line.close()


def longer_than_declared(line: Line) -> None:
    line.answer(ONE, length=len(ONE) - 2, Connection="close")
    line.close()


def cut_off_without_a_length(line: Line) -> None:
    line.answer(ONE[:-4], length=-1, Connection="close")
    line.close()


def chunks_that_break_off(line: Line) -> None:
    line.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (len(ONE), ONE))
    line.close()


def chunks_of_no_size(line: Line) -> None:
    line.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nwhat\r\n")


def no_http(line: Line) -> None:
    line.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    line.close()


def gzip_that_is_none(line: Line) -> None:
    line.answer(b"no gzip at all", Content_Encoding="gzip")


def gzip_that_breaks_off(line: Line) -> None:
    line.answer(gzip.compress(ONE * 50)[:-30], Content_Encoding="gzip")


def dripping_headers(line: Line) -> None:
    for byte in HEAD:
        line.send(bytes([byte]))
        time.sleep(0.05)


def dripping_body(line: Line) -> None:
    line.send(HEAD + b"Content-Length: 500\r\n\r\n")
    while True:
        line.send(b" ")
        time.sleep(0.05)


def dripping_body_without_a_length(line: Line) -> None:
    line.send(HEAD + b"Connection: close\r\n\r\n" + ONE)
    while True:
        line.send(b" ")
        time.sleep(0.05)


def dripping_chunks(line: Line) -> None:
    line.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        line.send(b"1\r\n \r\n")
        time.sleep(0.05)


FAULTS = [
    silent,
    stalled_body,
    closed_without_a_word,
    reset_before_the_answer,
    reset_mid_body,
    shorter_than_declared,
    longer_than_declared,
    cut_off_without_a_length,
    chunks_that_break_off,
    chunks_of_no_size,
    no_http,
    gzip_that_is_none,
    gzip_that_breaks_off,
    dripping_headers,
    dripping_body,
    dripping_body_without_a_length,
    dripping_chunks,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_answer_is_never_taken_for_a_whole_one(raw_source: RawSource, fault: Callable[[Line], None]):
    def script(line: Line, heard: Heard, n: int) -> None:
        fault(line) if n == 0 else line.answer(ONE)

    raw_source.script = script
    client = reader(raw_source.url, read_seconds=0.25, request_seconds=0.3)
    assert rows(client) == [7]
    assert client.ledger.retries == 1


@pytest.mark.parametrize("fault", [reset_mid_body, stalled_body, dripping_body, cut_off_without_a_length])
def test_a_line_that_stays_broken_is_named_after_the_attempts(raw_source: RawSource, fault):
    raw_source.script = lambda line, *_: fault(line)
    client = reader(raw_source.url, read_seconds=0.2, request_seconds=0.3, attempts=2)
    with pytest.raises((SourceUnavailable, NotJson), match="after 2 attempts"):
        rows(client)
    assert len(raw_source.heard) == client.ledger.requests == 2


def test_what_came_of_a_broken_answer_is_counted(raw_source: RawSource):
    def script(line: Line, heard: Heard, n: int) -> None:
        line.answer(ONE.ljust(200_000), length=400_000, Connection="close")
        line.close()

    raw_source.script = script
    client = reader(raw_source.url, attempts=1)
    with pytest.raises(SourceUnavailable):
        rows(client)
    assert 100_000 < client.ledger.bytes <= 200_000


def test_a_drip_is_named_with_the_setting_that_ends_it(raw_source: RawSource):
    raw_source.script = lambda line, *_: dripping_body(line)
    client = reader(raw_source.url, request_seconds=0.3, attempts=1)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"no whole answer within 0\.3 seconds \(request_seconds\)"):
        rows(client)
    assert time.monotonic() - began < 2
    assert [row.status for row in client.ledger.rows] == ["TooSlow"]


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
def test_packed_answers_are_unpacked_and_counted_unpacked(raw_source: RawSource, encoding, pack):
    body = json.dumps({"total": 2, "data": [1, 2], "note": "x" * 9000}).encode()
    raw_source.script = lambda line, *_: line.answer(pack(body), Content_Encoding=encoding)
    client = reader(raw_source.url)
    assert rows(client) == [1, 2]
    assert "gzip" in raw_source.heard[0].headers["Accept-Encoding"]
    assert client.ledger.bytes == len(body)


def test_a_gzip_bomb_is_left_before_it_is_unpacked(raw_source: RawSource):
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b" " * 10_000_000) * 1
    bomb += b"".join(packer.compress(b" " * 10_000_000) for _ in range(9)) + packer.flush()
    assert len(bomb) < 200_000
    raw_source.script = lambda line, *_: line.answer(bomb, Content_Encoding="gzip")
    client = reader(raw_source.url, largest_page_mb=2)
    with pytest.raises(SourceError, match=r"larger than 2 MB; ask for smaller pages, or raise http\.largest_page_mb"):
        rows(client)
    assert client.ledger.bytes < 10_000_000
    assert len(raw_source.heard) == 1


def test_an_answer_without_an_end_is_left_at_the_largest_size(raw_source: RawSource):
    def endless(line: Line, heard: Heard, n: int) -> None:
        line.send(HEAD + b"Connection: close\r\n\r\n")
        while True:
            line.send(b" " * 65536)

    raw_source.script = endless
    client = reader(raw_source.url, largest_page_mb=1)
    with pytest.raises(SourceError, match="larger than 1 MB"):
        rows(client)
    assert client.ledger.bytes < 2_000_000


def test_a_page_as_large_as_allowed_is_read(raw_source: RawSource):
    raw_source.script = lambda line, *_: line.answer(ONE.ljust(1_000_000))
    assert rows(reader(raw_source.url, largest_page_mb=1)) == [7]


def test_a_line_kept_open_is_used_again_and_one_closed_meanwhile_costs_no_row(raw_source: RawSource):
    bodies = [json.dumps({"total": 5, "data": data}).encode() for data in ([0], [1], [2], [3], [4], [])]

    def script(line: Line, heard: Heard, n: int) -> None:
        line.answer(bodies[int(heard.query["at"]) - 1])
        if n == 2:
            line.close()

    raw_source.script = script
    assert rows(reader(raw_source.url)) == [0, 1, 2, 3, 4]

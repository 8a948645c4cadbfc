from __future__ import annotations

import socket
import time
import traceback
from datetime import UTC, datetime

import pytest

from cchc.settings import MissingSecret, secret_from_environment
from ingest.errors import NotJson, ProfileError, SourceError, SourceUnavailable
from ingest.http.options import Auth
from ingest.http.pace import Clock
from tests.ingest.http.talk import SECRETS, decoded, export, reader, rows

ONE = {"total": "1", "data": [7]}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_burst_of_a_passing_fault_is_outlasted(source, status):
    answers = iter([(status, {}, {})] * 3)
    source.answer = lambda *_: next(answers, (200, {}, ONE))
    client = reader(source.url)
    assert rows(client) == [7]
    assert (client.ledger.requests, client.ledger.retries) == (4, 3)


def test_retry_after_is_kept_in_seconds(source, tick):
    answers = iter([(429, {"Retry-After": "7"}, {})])
    source.answer = lambda *_: next(answers, (200, {}, ONE))
    rows(reader(source.url, clock=tick.clock()))
    assert tick.slept == [7]


def test_retry_after_is_kept_as_a_date(source, tick):
    answers = iter([(503, {"Retry-After": "Wed, 01 Feb 2023 12:00:30 GMT"}, {})])
    source.answer = lambda *_: next(answers, (200, {}, ONE))
    rows(reader(source.url, clock=tick.clock()))
    assert tick.slept == [30]
    assert tick.time == datetime(2023, 2, 1, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("header", ["soon", "-5", "1.5", "Wed, 99 Feb 2023 12:00:30 GMT", "01 Feb 2023"])
def test_a_retry_after_that_is_none_waits_as_without_one(source, tick, header):
    answers = iter([(429, {"Retry-After": header}, {})])
    source.answer = lambda *_: next(answers, (200, {}, ONE))
    rows(reader(source.url, clock=tick.clock()))
    assert len(tick.slept) == 1
    assert tick.slept[0] <= 0.5


@pytest.mark.parametrize("header", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_source_that_asks_for_a_longer_wait_than_we_have_is_not_asked_again_too_early(source, header):
    source.answer = lambda *_: (429, {"Retry-After": header}, {})
    with pytest.raises(SourceUnavailable, match=r"asks to wait \d+ seconds; longest_wait_seconds is 60"):
        rows(reader(source.url, longest_wait_seconds=60))
    assert len(source.asked) == 1


@pytest.mark.parametrize("status", [204, 302, 304, 400, 401, 403, 404, 407, 410, 422, 501])
def test_any_other_answer_is_not_tried_again(source, status):
    source.answer = lambda *_: (status, {}, b"")
    with pytest.raises(SourceError, match=str(status)):
        rows(reader(source.url))
    assert len(source.asked) == 1


def test_a_source_that_stays_away_is_named_with_the_attempts_made(source):
    source.answer = lambda *_: (503, {}, {})
    with pytest.raises(SourceUnavailable, match="status 503 after 4 attempts") as fault:
        rows(reader(source.url))
    assert len(source.asked) == 4
    assert fault.value.status == 503


def test_a_refused_connection_is_tried_again_then_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = reader(f"http://127.0.0.1:{port}")
    with pytest.raises(
        SourceUnavailable,
        match=r"ConnectionError after 4 attempts; see whether the source is up at http://127\.0\.0\.1:\d+$",
    ):
        rows(client)
    assert [row.status for row in client.ledger.rows] == ["ConnectionError"] * 4


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
@pytest.mark.parametrize("start", ["<html>", "\ufeff\r\n <!DOCTYPE html>"])
def test_a_login_page_with_status_200_names_the_secret_to_check(source, kind, start):
    source.answer = lambda *_: (200, {"Content-Type": kind}, f"{start}Đăng nhập Nguyễn Văn A</html>".encode())
    with pytest.raises(NotJson, match=r"expected JSON, the source answered with .* check the secret 'key'") as refused:
        rows(reader(source.url, Auth(type="bearer", secret="key")))
    assert "Nguyễn" not in str(refused.value)
    assert len(source.asked) == 1


def test_json_that_calls_itself_html_is_read(source):
    source.answer = lambda *_: (200, {"Content-Type": "text/html"}, ONE)
    assert rows(reader(source.url)) == [7]


@pytest.mark.parametrize("body", [b"", b'{"total": 1, "data": [', b"no json", b'{"total": 1, "data": [7]}}'])
def test_invalid_json_is_asked_for_again(source, body):
    answers = iter([(200, {}, body)])
    source.answer = lambda *_: next(answers, (200, {}, ONE))
    client = reader(source.url)
    assert rows(client) == [7]
    assert client.ledger.retries == 1


def test_json_that_stays_invalid_is_named_without_its_text(source):
    source.answer = lambda *_: (200, {"Content-Type": "text/Nguyễn Văn A".encode().decode("latin-1")}, b'{"HoTen": "An')
    with pytest.raises(
        NotJson, match=r"expected JSON, the source answered with .*, 13 bytes after 4 attempts"
    ) as refused:
        rows(reader(source.url))
    assert "An" not in str(refused.value)


@pytest.mark.parametrize("body", [{"total": "1"}, {"total": "1", "data": {}}, {"data": []}, {"total": "x", "data": []}])
def test_a_body_of_another_shape_is_refused_at_once(source, body):
    source.answer = lambda *_: (200, {}, body)
    with pytest.raises(SourceError):
        rows(reader(source.url))
    assert len(source.asked) == 1


def test_redirects_on_the_source_itself_are_followed(source):
    def answer(path, query):
        steps = {"/rows": "/v2/rows?step=1", "/v2/rows": "rows/3"}
        return (307, {"Location": steps[path]}, {}) if path in steps else (200, {}, ONE)

    source.answer = answer
    client = reader(source.url, Auth(type="bearer", secret="key"))
    assert rows(client) == [7]
    assert [path for path, *_ in source.asked] == ["/rows", "/v2/rows", "/v2/rows/3"]
    assert source.asked[-1][2]["Authorization"] == "Bearer s3cret-value"
    assert [row.status for row in client.ledger.rows] == [307, 307, 200]


def test_redirects_without_an_end_are_left(source):
    source.answer = lambda *_: (302, {"Location": "/rows"}, {})
    with pytest.raises(SourceError, match="status 302, redirected more than 3 times"):
        rows(reader(source.url))
    assert len(source.asked) == 4


@pytest.mark.parametrize(
    "url", ["portal.example", "ftp://portal.example", "http://", "http://*.example", "https://[1::2", "http://a:b/"]
)
def test_an_address_that_is_none_names_the_variable_to_set(url):
    with pytest.raises(ProfileError, match=r"source 'ca' has no usable address.*CCHC_SOURCE_URLS__CA"):
        rows(reader(url))


def test_a_login_in_the_address_is_refused_and_not_told():
    with pytest.raises(ProfileError, match="it holds a user name") as refused:
        reader(f"http://kho:{SECRETS['key']}@127.0.0.1:9")
    assert SECRETS["key"] not in "".join(traceback.format_exception(refused.value))


def test_a_missing_secret_says_which_variable_to_set(monkeypatch):
    monkeypatch.delenv("CCHC_SECRET_PORTAL_TOKEN", raising=False)
    with pytest.raises(MissingSecret, match="CCHC_SECRET_PORTAL_TOKEN"):
        secret_from_environment("portal_token")


def test_the_ledger_says_of_every_request_when_what_how_much_and_how_it_ended(source, tick):
    answers = iter(
        [(500, {}, b"down"), (200, {}, b'{"total": 4, "data": [1, 2, 3]}'), (200, {}, b'{"total": 4, "data": [4]}')]
    )
    source.answer = lambda *_: next(answers)
    client = reader(source.url, Auth(type="bearer", secret="key"), clock=tick.clock())
    list(client.pages(export(), {"Ma": "000.00.15.H40"}, decoded, label="X15"))
    told = [(row.what, row.status, row.bytes, row.attempt) for row in client.ledger.rows]
    assert told == [
        ("/rows X15 at=1&size=3", 500, 4, 1),
        ("/rows X15 at=1&size=3", 200, 31, 2),
        ("/rows X15 at=2&size=3", 200, 25, 1),
    ]
    assert client.ledger.rows[0].at == datetime(2023, 2, 1, 12, 0, tzinfo=UTC)
    assert (client.ledger.requests, client.ledger.retries, client.ledger.bytes) == (3, 1, 60)
    assert all(0 <= row.seconds < 2 for row in client.ledger.rows)
    assert "s3cret" not in repr(client) + repr(client.ledger)


def test_waiting_is_real_without_a_clock_of_the_test(source):
    answers = iter([(429, {"Retry-After": "1"}, {})])
    source.answer = lambda *_: next(answers, (200, {}, ONE))
    began = time.monotonic()
    assert rows(reader(source.url, clock=Clock())) == [7]
    assert time.monotonic() - began >= 1

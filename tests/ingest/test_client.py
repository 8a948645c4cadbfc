from __future__ import annotations

import socket
import traceback
from typing import Any

import pytest

from cchc.settings import MissingSecret, secret_from_environment
from ingest.client import Client
from ingest.errors import CountsDiffer, ProfileError, SourceError, SourceUnavailable
from ingest.profile import Auth, ExportMap, Http, Profile

SECRETS = {"key": "s3cret-value", "login": "kho:mật-khẩu"}


def client(url: str, auth: Auth | None = None, **http: Any) -> Client:
    patience = {"connect_seconds": 2, "read_seconds": 2, "attempts": 4, "longest_wait_seconds": 0.05} | http
    profile = Profile(profile="test", source="ca", auth=auth or Auth(), http=Http(**patience), exports={})
    return Client(profile, url, SECRETS.__getitem__)


def export(style: str = "page_number", size: int = 3, total: str | None = "total", first: int = 1) -> ExportMap:
    paging = {"style": style, "position": "at", "size_param": "size", "size": size, "first": first}
    fields = {name: {"path": name} for name in ("agency_code", "staff_total")} | {
        "date": {"path": "date", "format": "yyyy-MM-dd"}
    }
    return ExportMap.model_validate(
        {"entity": "staffing", "endpoint": "/rows", "paging": paging, "rows": "data", "total": total, "fields": fields}
    )


def paged(rows: list[int], style: str = "page_number", declared: Any = None):
    def answer(_: str, query: dict[str, str]):
        at, size = int(query["at"]), int(query["size"])
        start = at if style == "offset" else (at - 1) * size
        total = declared(at) if callable(declared) else len(rows) if declared is None else declared
        return 200, {}, {"total": str(total), "data": rows[start : start + size]}

    return answer


@pytest.mark.parametrize("style", ["page_number", "offset"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.parametrize("total", ["total", None])
def test_pages_are_read_to_the_end_whatever_their_number(source, style, count, total):
    source.answer = paged(list(range(count)), style)
    assert [row for page in client(source.url).pages(export(style, total=total), {}) for row in page] == list(
        range(count)
    )


@pytest.mark.parametrize("wrong_by", [-3, -1, 1, 2])
def test_a_declared_total_that_is_not_what_the_pages_hold_fails_with_both_numbers(source, wrong_by):
    source.answer = paged(list(range(6)), declared=6 + wrong_by)
    with pytest.raises(CountsDiffer, match=rf"declares {6 + wrong_by} rows, 6 were read"):
        list(client(source.url).pages(export(), {}))


def test_a_total_that_changes_on_the_way_fails(source):
    source.answer = paged(list(range(7)), declared=lambda at: 7 if at < 3 else 8)
    with pytest.raises(CountsDiffer, match="from 7 to 8"):
        list(client(source.url).pages(export(), {}))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again(source, status):
    answers = iter([(status, {}, {}), (status, {}, {})])
    source.answer = lambda *_: next(answers, (200, {}, {"total": "1", "data": [7]}))
    reader = client(source.url)
    assert list(reader.pages(export(), {})) == [[7]]
    assert (reader.ledger.requests, reader.ledger.retries) == (3, 2)


def test_retry_after_is_kept(source):
    answers = iter([(429, {"Retry-After": "1"}, {})])
    source.answer = lambda *_: next(answers, (200, {}, {"total": "0", "data": []}))
    waits: list[float] = []
    reader = client(source.url, longest_wait_seconds=1)
    original = reader._wait
    reader._wait = lambda state: waits.append(original(state)) or 0  # type: ignore[method-assign,func-returns-value]
    list(reader.pages(export(), {}))
    assert waits == [1]


@pytest.mark.parametrize("header", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_source_that_asks_for_a_longer_wait_than_we_have_is_not_asked_again_too_early(source, header):
    source.answer = lambda *_: (429, {"Retry-After": header}, {})
    with pytest.raises(SourceUnavailable, match=r"asks to wait \d+ seconds; longest_wait_seconds is 60"):
        list(client(source.url, longest_wait_seconds=60).pages(export(), {}))
    assert len(source.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 302])
def test_any_other_answer_is_not_tried_again(source, status):
    source.answer = lambda *_: (status, {"Location": "http://127.0.0.1:9/"}, {})
    with pytest.raises(SourceError, match=str(status)):
        list(client(source.url).pages(export(), {}))
    assert len(source.asked) == 1


def test_a_source_that_stays_away_is_named_with_the_attempts_made(source):
    source.answer = lambda *_: (503, {}, {})
    with pytest.raises(SourceUnavailable, match="status 503 after 4 attempts"):
        list(client(source.url).pages(export(), {}))
    assert len(source.asked) == 4


def test_a_refused_connection_is_tried_again_then_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceUnavailable, match="ConnectionError after 4 attempts"):
        list(client(f"http://127.0.0.1:{port}").pages(export(), {}))


def test_a_truncated_body_is_not_taken_for_a_whole_one(source):
    answers = iter([(200, {"Content-Length": "500"}, b'{"total": "1", "data": [1]}')])
    source.answer = lambda *_: next(answers, (200, {}, {"total": "1", "data": [1]}))
    reader = client(source.url, read_seconds=0.3)
    assert list(reader.pages(export(), {})) == [[1]]
    assert reader.ledger.retries == 1


def test_a_login_page_with_status_200_is_not_taken_for_data(source):
    source.answer = lambda *_: (
        200,
        {"Content-Type": "text/html; charset=utf-8"},
        "<html>Đăng nhập Nguyễn Văn A</html>".encode(),
    )
    with pytest.raises(SourceError, match="expected JSON, the source answered with text/html") as refused:
        list(client(source.url).pages(export(), {}))
    assert "Nguyễn" not in str(refused.value)


@pytest.mark.parametrize(
    "body", [{"total": "1"}, {"total": "1", "data": {}}, {"data": []}, {"total": "many", "data": []}, []]
)
def test_a_body_of_another_shape_is_refused(source, body):
    source.answer = lambda *_: (200, {}, body)
    with pytest.raises(SourceError):
        list(client(source.url).pages(export(), {}))


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (Auth(type="bearer", secret="key"), "Authorization", "Bearer s3cret-value"),
        (Auth(type="api_key", secret="key", header="X-Key"), "X-Key", "s3cret-value"),
        (Auth(type="basic", secret="login"), "Authorization", "Basic a2hvOm3huq10LWto4bqpdQ=="),
    ],
)
def test_the_secret_goes_into_its_header_and_into_no_message(source, auth, header, value):
    source.answer = lambda *_: (401, {}, {})
    with pytest.raises(SourceError) as refused:
        list(client(source.url, auth).pages(export(), {}))
    assert source.asked[0][2][header] == value
    assert "s3cret" not in str(refused.value)
    assert auth.secret in str(refused.value)


@pytest.mark.parametrize(
    "auth",
    [Auth(type="bearer", secret="key"), Auth(type="api_key", secret="key"), Auth(type="basic", secret="key")],
)
def test_a_secret_that_no_header_can_carry_is_named_and_never_quoted(source, auth):
    for secret in ("s3cret\nvalue", "s3cret\r\nX-Other: 1", "s3cret\x00", "s3cret\ud800", "  \n"):
        with pytest.raises(ProfileError, match="secret 'key' is blank, or holds") as refused:
            Client(Profile(profile="test", source="ca", auth=auth, exports={}), source.url, lambda _, s=secret: s)
        assert "s3cret" not in "".join(traceback.format_exception(refused.value))
    assert source.asked == []


@pytest.mark.parametrize("blank", [" {}", "{}\n", "\t{}\r\n"])
def test_blanks_around_a_secret_do_not_belong_to_it(source, blank):
    source.answer = paged([1])
    profile = Profile(profile="test", source="ca", auth=Auth(type="bearer", secret="key"), exports={})
    list(Client(profile, source.url, lambda _: blank.format("s3cret-value")).pages(export(), {}))
    assert source.asked[0][2]["Authorization"] == "Bearer s3cret-value"


def test_a_header_that_cannot_be_sent_is_told_without_its_value(source):
    auth = Auth(type="api_key", secret="key", header="X-Key\n")
    with pytest.raises(SourceError, match="could not be made \\(InvalidHeader\\)") as refused:
        list(client(source.url, auth).pages(export(), {}))
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "url", ["portal.example", "ftp://portal.example", "http://", "http://*.example", "https://[1::2"]
)
def test_an_address_that_is_none_names_the_variable_to_set(url):
    with pytest.raises(ProfileError, match=r"source 'ca' has no usable address.*CCHC_SOURCE_URLS__CA"):
        list(client(url).pages(export(), {}))


def test_a_connection_that_cannot_be_trusted_says_so_and_is_not_tried_again(source):
    reader = client(source.url.replace("http:", "https:"))
    with pytest.raises(SourceError, match="no trusted connection \\(SSLError\\)"):
        list(reader.pages(export(), {}))
    assert reader.ledger.requests == 1


def test_a_body_that_cannot_be_unpacked_is_tried_again(source):
    answers = iter([(200, {"Content-Encoding": "gzip"}, b"no gzip")])
    source.answer = lambda *_: next(answers, (200, {}, {"total": "1", "data": [1]}))
    reader = client(source.url)
    assert list(reader.pages(export(), {})) == [[1]]
    assert reader.ledger.retries == 1


def test_a_missing_secret_says_which_variable_to_set(monkeypatch):
    monkeypatch.delenv("CCHC_SECRET_PORTAL_TOKEN", raising=False)
    with pytest.raises(MissingSecret, match="CCHC_SECRET_PORTAL_TOKEN"):
        secret_from_environment("portal_token")

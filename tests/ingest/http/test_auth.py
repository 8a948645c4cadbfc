from __future__ import annotations

import json
import traceback
from base64 import b64decode
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from ingest.errors import NotAuthorised, NotJson, ProfileError, SourceError, SourceUnavailable
from ingest.http.client import Client
from ingest.http.options import Auth
from ingest.profile import Profile
from tests.ingest.http.conftest import Heard, Line, RawSource
from tests.ingest.http.talk import SECRETS, export, pages, reader, rows

ONE = {"total": "1", "data": [7]}
OAUTH = Auth(type="oauth2_client_credentials", secret="client", token_url="/oauth/token", scope="ho-so.read")


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (Auth(type="bearer", secret="key"), "Authorization", "Bearer s3cret-value"),
        (Auth(type="api_key", secret="key", header="Token"), "Token", "s3cret-value"),
        (Auth(type="basic", secret="login"), "Authorization", "Basic a2hvOm3huq10LWto4bqpdQ=="),
    ],
)
def test_the_secret_goes_into_its_header_and_into_no_message(source, auth, header, value):
    source.answer = lambda *_: (401, {}, {})
    with pytest.raises(NotAuthorised) as refused:
        rows(reader(source.url, auth))
    assert source.asked[0][2][header] == value
    assert "s3cret" not in str(refused.value)
    assert repr(auth.secret) in str(refused.value)


def test_constant_headers_go_with_every_request_beside_the_secret(source):
    source.answer = lambda *_: (200, {}, ONE)
    rows(reader(source.url, Auth(type="api_key", secret="key", header="Token", extra_headers={"groupId": "35166"})))
    assert (source.asked[0][2]["Token"], source.asked[0][2]["groupId"]) == ("s3cret-value", "35166")


@pytest.mark.parametrize("type_", ["bearer", "api_key", "basic", "oauth2_client_credentials"])
@pytest.mark.parametrize("secret", ["s3cret\nvalue", "s3cret\r\nX-Other: 1", "s3cret\x00", "s3cret\ud800", "  \n"])
def test_a_secret_that_no_header_can_carry_is_named_and_never_quoted(source, type_, secret):
    auth = Auth(type=type_, secret="key", **({"token_url": "/t"} if type_.startswith("oauth2") else {}))
    with pytest.raises(ProfileError, match="secret 'key' is blank, or holds") as refused:
        Client(Profile(profile="test", source="ca", auth=auth, exports={}), source.url, lambda _: secret)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value)).replace(repr(secret), "")
    assert source.asked == []


@pytest.mark.parametrize("blank", [" {}", "{}\n", "\t{}\r\n"])
def test_blanks_around_a_secret_do_not_belong_to_it(source, blank):
    source.answer = lambda *_: (200, {}, ONE)
    profile = Profile(profile="test", source="ca", auth=Auth(type="bearer", secret="key"), exports={})
    client = Client(profile, source.url, lambda _: blank.format("s3cret-value"))
    client.get("/rows", {}, lambda answer: answer.body)
    assert source.asked[0][2]["Authorization"] == "Bearer s3cret-value"


@pytest.mark.parametrize(
    "faulty",
    [
        {"type": "bearer"},
        {"type": "none", "secret": "key"},
        {"type": "oauth2_client_credentials", "secret": "key"},
        {"type": "bearer", "secret": "key", "token_url": "/t"},
        {"type": "api_key", "secret": "key", "header": "X-Key\n"},
        {"type": "api_key", "secret": "key", "header": "X Key"},
        {"type": "api_key", "secret": "key", "header": "Token", "extra_headers": {"token": "in the profile"}},
        {"extra_headers": {"Authorization": "Bearer in-the-profile"}},
        {"extra_headers": {"groupId": "1\r\nX: 2"}},
        {"extra_headers": {"groupId": "Nhóm"}},
    ],
)
def test_a_profile_whose_login_cannot_work_is_refused(faulty):
    with pytest.raises(ValidationError):
        Auth.model_validate(faulty)


@pytest.mark.parametrize(
    "where", ["http://{other}/rows", "https://{same}/rows", "//{other}/rows", "http://kho@{other}/"]
)
@pytest.mark.parametrize("auth", [Auth(type="bearer", secret="key"), Auth(type="api_key", secret="key"), OAUTH])
def test_a_secret_never_goes_to_another_address(raw_source, raw_sources, where, auth):
    other = raw_sources()
    other.script = lambda line, *_: line.answer(json.dumps(ONE).encode())
    location = where.format(other=other.url.removeprefix("http://"), same=raw_source.url.removeprefix("http://"))
    raw_source.script = province(lambda line, *_: line.answer(status=302, Location=location))
    with pytest.raises(SourceError, match=r"away from http://127.0.0.1:.*nothing was asked there") as refused:
        rows(reader(raw_source.url, auth))
    assert other.heard == []
    assert "s3cret" not in str(refused.value)
    assert "kho" not in str(refused.value)


def test_a_link_to_the_next_page_elsewhere_is_not_followed(raw_source, raw_sources):
    other = raw_sources()
    link = f'<{other.url}/rows?page=2>; rel="next"'
    raw_source.script = lambda line, *_: line.answer(json.dumps({"total": 2, "data": [7]}).encode(), Link=link)
    with pytest.raises(SourceError, match="the link to the next page leads to"):
        rows(reader(raw_source.url, Auth(type="bearer", secret="key")), export("link"))
    assert other.heard == []


def test_a_client_secret_never_goes_where_a_token_endpoint_redirects_to(raw_source, raw_sources):
    other = raw_sources()
    raw_source.script = lambda line, *_: line.answer(status=307, Location=f"{other.url}/oauth/token")
    with pytest.raises(SourceError, match=r"the token endpoint gave no token \(status 307\)"):
        rows(reader(raw_source.url, OAUTH))
    assert other.heard == []


def test_a_token_url_on_another_host_is_refused_before_anything_is_asked(raw_source):
    with pytest.raises(ProfileError, match=r"token_url is on https://sso\.example:443"):
        reader(raw_source.url, OAUTH.model_copy(update={"token_url": "https://sso.example/token"}))


def province(rows_of, expires: int | None = 3600):
    """Gives tokens t1, t2, … and hands every other request over."""
    given = 0

    def script(line: Line, heard: Heard, n: int) -> None:
        nonlocal given
        if heard.path == "/oauth/token":
            given += 1
            line.answer(json.dumps({"access_token": f"t0ken-{given}", "expires_in": expires}).encode())
        else:
            rows_of(line, heard, given)

    return script


def paged(line: Line, heard: Heard, given: int) -> None:
    at = int(heard.query["at"])
    line.answer(json.dumps({"total": 9, "data": [at * 3 - 3, at * 3 - 2, at * 3 - 1] if at < 4 else []}).encode())


def tokens(source: RawSource) -> list[str]:
    return [heard.headers["Authorization"] for heard in source.heard if heard.path == "/rows"]


def test_a_token_is_asked_for_once_per_pull(raw_source):
    raw_source.script = province(paged)
    client = reader(raw_source.url, OAUTH)
    assert rows(client) == list(range(9))
    assert rows(client) == list(range(9))
    asked = [heard for heard in raw_source.heard if heard.path == "/oauth/token"]
    assert len(asked) == 1
    assert asked[0].method == "POST"
    assert parse_qs(asked[0].body.decode()) == {"grant_type": ["client_credentials"], "scope": ["ho-so.read"]}
    assert b64decode(asked[0].headers["Authorization"].removeprefix("Basic ")) == b"kho-id:s3cret-client"
    assert set(tokens(raw_source)) == {"Bearer t0ken-1"}
    assert client.ledger.rows[0].what == "token"


def test_client_id_and_secret_can_stand_in_the_form(raw_source):
    raw_source.script = province(paged)
    rows(reader(raw_source.url, OAUTH.model_copy(update={"client_in": "body"})))
    assert parse_qs(raw_source.heard[0].body.decode())["client_secret"] == ["s3cret-client"]
    assert "Authorization" not in raw_source.heard[0].headers


@pytest.mark.parametrize("sign", ["401", "login page"])
def test_a_token_that_ends_mid_pull_is_renewed_once_and_no_row_is_lost(raw_source, sign):
    def ended(line: Line, heard: Heard, given: int) -> None:
        if heard.query["at"] == "2" and given == 1:
            line.answer(b"<html>", status=401 if sign == "401" else 200)
        else:
            paged(line, heard, given)

    raw_source.script = province(ended)
    client = reader(raw_source.url, OAUTH)
    assert rows(client) == list(range(9))
    assert tokens(raw_source) == ["Bearer t0ken-1"] * 2 + ["Bearer t0ken-2"] * 3
    assert "t0ken" not in repr(client.ledger) + repr(client) + repr(client._login)


def test_a_token_about_to_end_by_its_own_word_is_renewed_before(raw_source, tick):
    raw_source.script = province(paged, expires=100)
    client = reader(raw_source.url, OAUTH, clock=tick.clock())
    reading = iter(pages(client, export()))
    next(reading)
    tick.sleep(89)
    next(reading)
    tick.sleep(2)
    next(reading)
    assert tokens(raw_source) == ["Bearer t0ken-1"] * 2 + ["Bearer t0ken-2"]


@pytest.mark.parametrize("body", [b"", b"<html>"])
def test_a_source_that_takes_no_token_is_an_error_after_one_renewal(raw_source, body):
    raw_source.script = province(lambda line, *_: line.answer(body, status=200 if body else 401))
    with pytest.raises((NotAuthorised, NotJson), match="check the secret 'client'") as refused:
        rows(reader(raw_source.url, OAUTH))
    assert tokens(raw_source) == ["Bearer t0ken-1", "Bearer t0ken-2"]
    assert "t0ken" not in "".join(traceback.format_exception(refused.value))


def test_a_refused_renewal_names_the_secret(raw_source):
    def script(line: Line, heard: Heard, n: int) -> None:
        line.answer(b'{"access_token": "t0ken-1"}' if n == 0 else b'{"error": "s3cret"}', status=200 if n == 0 else 401)

    raw_source.script = script
    with pytest.raises(
        NotAuthorised, match="ca: the token endpoint answered 401; check the secret 'client'"
    ) as refused:
        rows(reader(raw_source.url, OAUTH))
    assert "s3cret" not in str(refused.value)


def test_a_403_is_no_matter_of_a_new_token(raw_source):
    raw_source.script = province(lambda line, *_: line.answer(status=403))
    with pytest.raises(NotAuthorised, match="status 403"):
        rows(reader(raw_source.url, OAUTH))
    assert len(tokens(raw_source)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b'{"token": 1}', b'{"access_token": ""}', b'{"access_token": "a\\r\\nX: 1"}']
)
def test_a_token_endpoint_that_gives_no_token_is_named(raw_source, body):
    raw_source.script = lambda line, *_: line.answer(body)
    with pytest.raises(SourceError, match="the token endpoint gave no token"):
        rows(reader(raw_source.url, OAUTH))


@pytest.mark.parametrize("expires", ["null", "0", "-5", "1e400", "NaN", '"3600"', '"soon"'])
def test_whatever_a_token_says_of_its_life_it_is_used(raw_source, expires):
    def script(line: Line, heard: Heard, n: int) -> None:
        if heard.path == "/oauth/token":
            line.answer(b'{"access_token": "t0ken-1", "expires_in": %s}' % expires.encode())
        else:
            paged(line, heard, 1)

    raw_source.script = script
    assert rows(reader(raw_source.url, OAUTH)) == list(range(9))
    assert tokens(raw_source)[-1] == "Bearer t0ken-1"


def test_a_token_endpoint_is_asked_again_like_any_other(raw_source):
    busy = iter([503, 500])
    inner = province(paged)

    def script(line: Line, heard: Heard, n: int) -> None:
        if heard.path == "/oauth/token" and (status := next(busy, None)):
            line.answer(status=status)
        else:
            inner(line, heard, n)

    raw_source.script = script
    client = reader(raw_source.url, OAUTH)
    assert rows(client) == list(range(9))
    assert [row.status for row in client.ledger.rows[:4]] == [503, 500, 200, 200]


def test_a_token_endpoint_that_stays_away_is_named(raw_source):
    raw_source.script = lambda line, *_: line.answer(status=503)
    with pytest.raises(SourceUnavailable, match="status 503 after 4 attempts"):
        rows(reader(raw_source.url, OAUTH))


def test_a_client_without_a_secret_part_is_refused(raw_source):
    with pytest.raises(ProfileError, match="must be client_id:client_secret") as refused:
        reader(raw_source.url, OAUTH.model_copy(update={"secret": "key"}))
    assert SECRETS["key"] not in str(refused.value)

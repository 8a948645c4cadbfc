"""Logging in: secrets go into headers of requests to the source's own address, never into a message or a repr."""

from __future__ import annotations

import json
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from cchc.settings import Secret
from ingest.errors import NotAuthorised, ProfileError, SourceError
from ingest.http.options import Auth
from ingest.http.pace import Clock

_DEFAULT_PORTS = {"http": 80, "https": 443}
# A token is renewed this long before it ends, or a tenth of its life before when it is short.
_EARLIER = timedelta(seconds=30)
_YEAR = timedelta(days=365)


class Login(AuthBase):
    """Headers that authorise a request. Its repr shows none of them."""

    renewable = False

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update(self._headers)
        return request

    def ready(self) -> None:
        """Gets what the next request needs; may ask the source."""

    def forget(self) -> None:
        """The source took our token for none: the next request gets a new one."""


# Posts a form with these headers and gives back status and body; passing faults are raised for the caller to try again.
Post = Callable[[str, Mapping[str, str], Login], tuple[int, bytes]]


class ClientCredentials(Login):
    """OAuth 2.0 (RFC 6749 4.4): a token for client id and client secret, kept until shortly before it ends."""

    renewable = True

    def __init__(self, source: str, auth: Auth, url: str, value: str, clock: Clock, post: Post) -> None:
        super().__init__(auth.extra_headers)
        self._source = source
        self._auth, self._url, self._clock, self._post = auth, url, clock, post
        self._client, _, self._password = value.partition(":")
        self._until = clock.now()
        self._known = False

    def ready(self) -> None:
        """Raises NotAuthorised when the token endpoint refuses the secret, SourceError when it gives no token."""
        if self._known and self._clock.now() < self._until:
            return
        form = {"grant_type": "client_credentials"} | ({"scope": self._auth.scope} if self._auth.scope else {})
        headers = dict(self._auth.extra_headers)
        if self._auth.client_in == "body":
            form |= {"client_id": self._client, "client_secret": self._password}
        else:
            headers |= basic(quote(self._client, safe=""), quote(self._password, safe=""))
        asked_at = self._clock.now()
        status, body = self._post(self._url, form, Login(headers))
        if status in (400, 401, 403):
            raise NotAuthorised(
                f"{self._source}: the token endpoint answered {status}; check the secret {self._auth.secret!r}"
            )
        token, seconds = _token_of(body) if status == 200 else ("", None)
        if not token or not _sendable(token, "latin-1"):
            raise SourceError(
                f"{self._source}: the token endpoint gave no token (status {status}); check token_url in the profile"
            )
        life = timedelta(seconds=seconds) if seconds and 0 < seconds < _YEAR.total_seconds() else _YEAR
        self._until, self._known = asked_at + life - min(_EARLIER, life / 10), True
        self._headers["Authorization"] = f"Bearer {token}"

    def forget(self) -> None:
        self._known = False
        self._headers.pop("Authorization", None)


def login(source: str, auth: Auth, secret: Secret, base_url: str, clock: Clock, post: Post) -> Login:
    """What the profile says, with the secret's value. Raises ProfileError, never quoting the value."""
    if auth.secret is None:
        return Login(auth.extra_headers)
    value = secret(auth.secret).strip()
    if not value or not _sendable(value, "latin-1" if auth.type in ("bearer", "api_key") else "utf-8"):
        raise ProfileError(
            f"secret {auth.secret!r} is blank, or holds line breaks or other characters that no header can carry; set it again"
        )
    if auth.type == "oauth2_client_credentials":
        if ":" not in value:
            raise ProfileError(f"secret {auth.secret!r} must be client_id:client_secret; set it again")
        return ClientCredentials(source, auth, _token_url(auth, base_url), value, clock, post)
    if auth.type == "bearer":
        return Login(auth.extra_headers | {"Authorization": f"Bearer {value}"})
    if auth.type == "api_key":
        return Login(auth.extra_headers | {auth.header: value})
    user, _, password = value.partition(":")
    return Login(auth.extra_headers | basic(user, password))


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")}


@dataclass(frozen=True)
class Origin:
    """Where secrets may go: scheme, host and port."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def of(cls, url: str) -> Origin:
        """Raises ValueError when this is no address."""
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
        return cls(parts.scheme, (parts.hostname or "").rstrip("."), port)

    def __str__(self) -> str:
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def _token_url(auth: Auth, base_url: str) -> str:
    url = auth.token_url or ""
    if "://" not in url:
        return f"{base_url.rstrip('/')}/{url.lstrip('/')}"
    theirs, ours = Origin.of(url), Origin.of(base_url)
    if (theirs.scheme, theirs.host) != (ours.scheme, ours.host):
        raise ProfileError(
            f"token_url is on {theirs}, the source on {ours}: a secret is sent to the source's host only"
        )
    return url


def _token_of(body: bytes) -> tuple[str, float | None]:
    """The token and its life in seconds, where the body says it; a blank token when there is none."""
    try:
        found = json.loads(body)
        token = str(found["access_token"] or "")
    except (ValueError, TypeError, KeyError, RecursionError):
        return "", None
    with suppress(ValueError, TypeError):
        return token, float(found["expires_in"]) if "expires_in" in found else None
    return token, None


def _sendable(value: str, encoding: str) -> bool:
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(character) == "Cc" for character in value)

"""The one-stop portal: dossiers as the national payload, and the procedure catalogue. Bearer token, pages from 1.

The token is the fixed one, or one that the client gets at `/oauth/token` for its client credentials.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256
from urllib.parse import parse_qs

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from sandbox import web
from sandbox.agencies import Agency
from sandbox.province import Answer, Province

_INSTANT, _DAY = "20230115000000", "20230114"
_FORM = '{"error_code":"0","message":"","TongSo":"{total}","data":'


class Tokens:
    """The tokens that let a client in: the fixed one, and those issued for it as a client secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._issued: list[str] = []

    def issue(self, secret: str) -> str | None:
        """A new token for the right client secret."""
        if not self._secret or not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return None
        message = f"token {len(self._issued) + 1}".encode()
        self._issued.append(hmac.new(self._secret.encode(), message, sha256).hexdigest())
        return self._issued[-1]

    def let_in(self, header: str) -> bool:
        good = [f"Bearer {t}".encode() for t in (self._secret, *self._issued) if t]
        return any(hmac.compare_digest(header.encode(), one) for one in good)


def portal_app(province: Province, token: str) -> FastAPI:
    """The portal of a province; every request needs `Authorization: Bearer <token>`."""
    app = web.new_app("portal")
    tokens = Tokens(token)

    def enter(request: Request) -> Agency:
        given = request.headers.get("authorization", "")
        if not tokens.let_in(given):
            raise HTTPException(401, "sai hoặc thiếu mã truy cập", headers={"WWW-Authenticate": "Bearer"})
        web.fail_if_asked(province, "portal", given)
        return web.agency(province, request, "MaDinhDanhDV")

    def paged(request: Request, answer: Answer) -> Response:
        number = web.whole(request, "Trang", 1, 1)
        size = web.whole(request, "SoBanGhi", 200, 1, web.LARGEST_PAGE)
        return web.page(province, answer, (number - 1) * size, size, _FORM)

    @app.post("/oauth/token")
    async def issue(request: Request) -> Response:
        """OAuth2 client credentials, in the form or as HTTP basic; the client secret is the fixed token."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        secret = form.get("client_secret", "") or _basic_password(request.headers.get("authorization", ""))
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
        issued = tokens.issue(secret)
        if issued is None:
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        return JSONResponse({"access_token": issued, "token_type": "Bearer", "expires_in": 3600})

    @app.get("/api/DongBoHoSoMC")
    async def dossiers(request: Request) -> Response:
        agency = enter(request)
        start, end = web.instant(request, "TuNgay", _INSTANT), web.instant(request, "DenNgay", _INSTANT)
        web.ordered(start, end)
        return paged(request, province.dossiers(agency, start, end))

    @app.get("/api/LayDanhSachTTHC")
    async def procedures(request: Request) -> Response:
        agency = enter(request)
        return paged(request, province.procedures(agency, web.day(request, "Ngay", _DAY)))

    return app


def _basic_password(header: str) -> str:
    try:
        return base64.b64decode(header.removeprefix("Basic "), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""

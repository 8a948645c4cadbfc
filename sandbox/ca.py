"""The certificate register: certificates and signatures. HTTP basic, pages from 1."""

from __future__ import annotations

import base64
import hmac

from fastapi import FastAPI, HTTPException, Request, Response

from sandbox import web
from sandbox.province import Answer, Province

_DAY = "2023-01-15"


def ca_app(province: Province, login: str) -> FastAPI:
    """The register of a province; `login` is `user:password`."""
    app = web.new_app("ca")
    expected = "Basic " + base64.b64encode(login.encode()).decode()

    def enter(request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not login or not hmac.compare_digest(given.encode(), expected.encode()):
            raise HTTPException(401, "sai hoặc thiếu tài khoản", headers={"WWW-Authenticate": 'Basic realm="ca"'})
        web.fail_if_asked(province, "ca", given)

    def paged(request: Request, answer: Answer) -> Response:
        number = web.whole(request, "page", 1, 1)
        size = web.whole(request, "size", 200, 1, web.LARGEST_PAGE)
        return web.page(province, answer, (number - 1) * size, size, '{"total":{total},"data":')

    @app.get("/api/certificates")
    async def certificates(request: Request) -> Response:
        enter(request)
        start, end = web.day(request, "from", _DAY), web.day(request, "to", _DAY)
        web.ordered(start, end)
        return paged(request, province.certificates(start, end))

    @app.get("/api/signatures")
    async def signatures(request: Request) -> Response:
        enter(request)
        start, end = web.day(request, "from", _DAY), web.day(request, "to", _DAY)
        web.ordered(start, end)
        return paged(request, province.signatures(start, end))

    return app

"""The document management system: records with edXML header fields. API key in a header, offset and limit."""

from __future__ import annotations

import hmac

from fastapi import FastAPI, HTTPException, Request, Response

from sandbox import web
from sandbox.province import Province

_INSTANT = "2023/01/15 00:00:00"


def dms_app(province: Province, key: str) -> FastAPI:
    """The DMS of a province; every request needs `X-API-Key: <key>`."""
    app = web.new_app("dms")

    @app.get("/api/documents")
    async def documents(request: Request) -> Response:
        given = request.headers.get("x-api-key", "")
        if not key or not hmac.compare_digest(given.encode(), key.encode()):
            raise HTTPException(401, "sai hoặc thiếu khóa")
        web.fail_if_asked(province, "dms", given)
        start, end = web.instant(request, "from", _INSTANT), web.instant(request, "to", _INSTANT)
        web.ordered(start, end)
        offset = web.whole(request, "offset", 0, 0)
        limit = web.whole(request, "limit", 200, 1, web.LARGEST_PAGE)
        return web.page(province, province.documents(start, end), offset, limit, '{"total":{total},"items":')

    return app

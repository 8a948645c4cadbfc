"""The one-stop portal: dossiers as the national payload, and the procedure catalogue. Bearer token, pages from 1."""

from __future__ import annotations

import hmac

from fastapi import FastAPI, HTTPException, Request, Response

from sandbox import web
from sandbox.agencies import Agency
from sandbox.province import Answer, Province

_INSTANT, _DAY = "20230115000000", "20230114"


def portal_app(province: Province, token: str) -> FastAPI:
    """The portal of a province; every request needs `Authorization: Bearer <token>`."""
    app = web.new_app("portal")

    def enter(request: Request) -> Agency:
        given = request.headers.get("authorization", "")
        if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "sai hoặc thiếu mã truy cập", headers={"WWW-Authenticate": "Bearer"})
        web.fail_if_asked(province, "portal")
        identity = web.text(request, "MaDinhDanhDV")
        try:
            return province.agency(identity)
        except KeyError as error:
            raise web.wrong(f"không có đơn vị {identity!r}") from error

    def paged(request: Request, answer: Answer) -> Response:
        number = web.whole(request, "Trang", 1, 1)
        size = web.whole(request, "SoBanGhi", 200, 1, web.LARGEST_PAGE)
        rows = answer.rows[(number - 1) * size : number * size]
        return web.page(f'{{"error_code":"0","message":"","TongSo":"{answer.total}","data":'.encode(), rows)

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

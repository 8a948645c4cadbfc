"""The same province as an OpenCPS v2 portal: dossiers and services over its REST interface.

Headers `Token` and `groupId` (the site). Pages are `start` (counted) to `end` (not counted), the answer `{"total",
"data"}`. Days of a window are both counted, as OpenCPS does.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from fastapi import FastAPI, HTTPException, Request, Response

from sandbox import web
from sandbox.agencies import Agency
from sandbox.opencps_rows import GROUP_ID
from sandbox.province import Answer, Province

_DAY, _INSTANT = "%d/%m/%Y", "%d/%m/%Y %H:%M:%S"
_FORM = '{"total":{total},"data":'


def opencps_app(province: Province, token: str) -> FastAPI:
    """The portal of a province; every request needs `Token: <token>` and the site's `groupId`."""
    app = web.new_app("opencps")

    def enter(request: Request) -> Agency:
        given = request.headers.get("token", "")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, "sai hoặc thiếu Token")
        if request.headers.get("groupid") != str(GROUP_ID):
            raise HTTPException(403, "sai hoặc thiếu groupId")
        web.fail_if_asked(province, "opencps", given)
        return web.agency(province, request, "agency")

    def paged(request: Request, answer: Answer) -> Response:
        start = web.whole(request, "start", 0, 0)
        end = web.whole(request, "end", start + 200, start + 1, start + web.LARGEST_PAGE)
        return web.page(province, answer, start, end - start, _FORM)

    @app.get("/o/rest/v2/dossiers")
    async def dossiers(request: Request) -> Response:
        """Everything received, closed or open from `fromStatisticDate` to `toStatisticDate`; with `modifiedFrom`
        only what was changed at that instant or later."""
        agency = enter(request)
        first = web.day_first(request, "fromStatisticDate", _DAY)
        end = web.day_first(request, "toStatisticDate", _DAY) + timedelta(days=1)
        web.ordered(first, end)
        since = web.day_first(request, "modifiedFrom", _INSTANT) if "modifiedFrom" in request.query_params else None
        return paged(request, province.opencps_dossiers(agency, first, end, since))

    @app.get("/o/rest/v2/serviceinfos")
    async def services(request: Request) -> Response:
        """The services in force on `date`. (A real one knows today's only; the stand-in has no today.)"""
        agency = enter(request)
        return paged(request, province.opencps_procedures(agency, web.day_first(request, "date", _DAY).date()))

    return app

"""What the three servers share: parameters checked by hand (400 with a message), transient faults, JSON answers."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from sandbox.province import Province

LARGEST_PAGE = 1000


def new_app(title: str) -> FastAPI:
    """An application that answers errors as `{"error_code", "message"}`."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(StarletteHTTPException)
    async def failed(_: Request, error: StarletteHTTPException) -> JSONResponse:
        body = {"error_code": str(error.status_code), "message": str(error.detail)}
        return JSONResponse(body, status_code=error.status_code, headers=error.headers)

    return app


def wrong(message: str) -> HTTPException:
    return HTTPException(400, message)


def fail_if_asked(province: Province, source: str) -> None:
    """Lets a declared transient fault strike this request."""
    for fault in province.transient:
        if fault.strikes(source):
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else None
            raise HTTPException(fault.status, "tạm thời không phục vụ", headers=headers)


def text(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value:
        raise wrong(f"thiếu tham số {name}")
    return value


def whole(request: Request, name: str, default: int, least: int, most: int | None = None) -> int:
    value = request.query_params.get(name, str(default))
    if not (value.isascii() and value.isdigit()) or int(value) < least or (most is not None and int(value) > most):
        raise wrong(f"tham số {name} không hợp lệ: {value!r}")
    return int(value)


def instant(request: Request, name: str, form: str) -> datetime:
    """A local instant written like `form`, an ISO pattern of which only the digits' places count."""
    value = text(request, name)
    digits = "".join(c for c in value if c.isdigit())
    pattern = "".join("0" if c.isdigit() else c for c in value)
    if pattern != "".join("0" if c.isdigit() else c for c in form):
        raise wrong(f"tham số {name} phải có dạng {form}, nhận được {value!r}")
    try:
        return datetime.fromisoformat(f"{digits[:8]}T{digits[8:] or '000000'}")
    except ValueError as error:
        raise wrong(f"tham số {name} không phải là thời điểm: {value!r}") from error


def day(request: Request, name: str, form: str) -> date:
    return instant(request, name, form).date()


def ordered(start: datetime | date, end: datetime | date) -> None:
    if start >= end:
        raise wrong("khoảng thời gian rỗng: thời điểm đầu phải trước thời điểm cuối")


def page(prefix: bytes, rows: tuple[bytes, ...]) -> Response:
    """`prefix` is the JSON object up to the rows' opening bracket."""
    return Response(prefix + b"[" + b",".join(rows) + b"]}", media_type="application/json; charset=utf-8")

"""What the three servers share: parameters checked by hand (400 with a message), transient faults, JSON answers."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from sandbox.agencies import Agency
from sandbox.faults import TokenExpires
from sandbox.province import Answer, Province

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


def fail_if_asked(province: Province, source: str, login: str) -> None:
    """Lets a declared fault strike this request, which was let in by `login`."""
    for fault in province.transient:
        if isinstance(fault, TokenExpires):
            if fault.refuses(source, login):
                raise HTTPException(401, "mã truy cập đã hết hạn")
        elif fault.strikes(source):
            headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else None
            raise HTTPException(fault.status, "tạm thời không phục vụ", headers=headers)


def text(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value:
        raise wrong(f"thiếu tham số {name}")
    return value


def agency(province: Province, request: Request, name: str) -> Agency:
    """The commune whose identity code stands in a parameter."""
    identity = text(request, name)
    try:
        return province.agency(identity)
    except KeyError as error:
        raise wrong(f"không có đơn vị {identity!r}") from error


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


def day_first(request: Request, name: str, form: str) -> datetime:
    """A local instant written like `form`, `dd/MM/yyyy` or `dd/MM/yyyy HH:mm:ss` as strptime spells it."""
    value = text(request, name)
    try:
        return datetime.strptime(value, form)  # noqa: DTZ007
    except ValueError as error:
        raise wrong(f"tham số {name} phải có dạng dd/MM/yyyy, nhận được {value!r}") from error


def ordered(start: datetime | date, end: datetime | date) -> None:
    if start >= end:
        raise wrong("khoảng thời gian rỗng: thời điểm đầu phải trước thời điểm cuối")


def page(province: Province, answer: Answer, first: int, size: int, form: str) -> Response:
    """Rows [first, first + size) of an answer; `form` is the JSON object up to the rows, `{total}` in it."""
    cut = province.page(answer, first, first + size)
    prefix = form.replace("{total}", str(cut.total)).encode()
    return Response(prefix + b"[" + b",".join(cut.rows) + b"]}", media_type="application/json; charset=utf-8")

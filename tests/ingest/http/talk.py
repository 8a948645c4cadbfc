"""A client for tests: a small profile, a clock that costs no waiting, and a decoder of rows that are numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.columns import Columns, Page
from ingest.errors import NotJson, SourceError
from ingest.http.client import Client
from ingest.http.exchange import Network
from ingest.http.ledger import Ledger
from ingest.http.options import Auth, Http, Pace
from ingest.http.pace import Clock
from ingest.http.paging import Position
from ingest.profile import ExportMap, Profile

SECRETS = {"key": "s3cret-value", "login": "kho:mật-khẩu", "client": "kho-id:s3cret-client"}


@dataclass
class Tick:
    """A clock that moves only when somebody sleeps; `slept` says for how long."""

    time: datetime = datetime(2023, 2, 1, 12, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    def clock(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)


def reader(
    url: str,
    auth: Auth | None = None,
    pace: Pace | None = None,
    clock: Clock | None = None,
    network: Network | None = None,
    turns: Path | None = None,
    **http: Any,
) -> Client:
    patience = {"connect_seconds": 2, "read_seconds": 2, "attempts": 4} | http
    profile = Profile(
        profile="test", source="ca", auth=auth or Auth(), http=Http(**patience), pace=pace or Pace(), exports={}
    )
    return Client(profile, url, SECRETS.__getitem__, network or Network(), Ledger(), clock or Tick().clock(), turns)


def export(style: str = "page_number", size: int = 3, total: str | None = "total", **paging: Any) -> ExportMap:
    names: dict[str, Any] = {"page_number": {"position": "at", "size_param": "size"}}.get(style, {})
    names |= {"position": "at", "size_param": "size"} if style == "offset" else {}
    names |= {"position": "start", "end_param": "end"} if style == "range" else {}
    names |= {"position": "cursor", "next": "next", "size_param": "size"} if style == "token" else {}
    names |= {"size_param": "size"} if style == "link" else {}
    fields = {"agency_code": {"path": "a"}, "staff_total": {"path": "n"}, "date": {"path": "d", "format": "yyyy-MM-dd"}}
    return ExportMap.model_validate(
        {"entity": "staffing", "endpoint": "/rows", "paging": {"style": style, "size": size} | names | paging}
        | {"rows": "data", "total": total, "fields": fields}
    )


def decoded(body: bytes, total: str | None = "total") -> Page:
    """Rows are numbers in `data`; a total where the export has one; the next token in `next`."""
    try:
        found = json.loads(body)
    except ValueError:
        raise NotJson("cut off") from None
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise SourceError("no list of rows at 'data'")
    if total and not str(found.get("total", "")).isdigit():
        raise SourceError("no declared total at 'total'")
    rows = found["data"]
    texts = {"n": pa.array([str(row) for row in rows], pa.string())}
    return Page(Columns(len(rows), texts), int(found["total"]) if total else None, found.get("next") or None)


def pages(
    client: Client, of: ExportMap, start: Position | None = None, **more: Any
) -> Iterable[tuple[list[int], Position]]:
    for page, position in client.pages(of, {}, lambda body: decoded(body, of.total), start, **more):
        yield [int(text) for text in page.columns.texts["n"].to_pylist()], position


def rows(client: Client, of: ExportMap | None = None, start: Position | None = None, **more: Any) -> list[int]:
    return [row for page, _ in pages(client, of or export(), start, **more) for row in page]

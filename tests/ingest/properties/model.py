"""A source that pages in any style, whose rows move while they are read and whose answers go wrong by a schedule."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.ingest.http.conftest import Heard, Line
from tests.ingest.properties.rows import Row, changed

TRANSIENT = ("429", "429 now", "500", "503", "reset", "cut", "cut silently", "401")
WRONG = ("html", "page before", "page after", "empty", "total", "no list")
NUMBERED = ("page_number", "offset", "range")


@dataclass(frozen=True)
class Style:
    """How the source is paged, and what it says beside its rows. `capped`: it gives fewer rows than it is asked for."""

    paging: str
    size: int
    total: bool = True
    overlap: bool = False
    inclusive: bool = False
    capped: int | None = None
    giant: bool = False
    oauth: bool = False

    @property
    def chained(self) -> bool:
        return self.paging not in NUMBERED

    @property
    def sees_shifts(self) -> bool:
        """Whether a row in the place of another shows: pages share a row, or each says what is next."""
        return self.chained or self.overlap


@dataclass(frozen=True)
class Move:
    """What happens to the rows before the n-th request: insert, delete, update (in place) or touch (to the end)."""

    request: int
    kind: str
    place: int


@dataclass
class Model:
    """`history` holds every state of the rows, the first one first."""

    style: Style
    rows: list[Row]
    moves: Sequence[Move] = ()
    faults: dict[int, str] = field(default_factory=dict)
    stale_total: bool = False
    fresh: Sequence[Row] = ()
    history: list[list[Row]] = field(default_factory=list, repr=False)
    asked: int = 0
    struck: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.history = [list(self.rows)]
        self._declared = len(self.rows)
        self._version = 0

    def answer(self, line: Line, heard: Heard, _: int) -> None:
        if heard.path == "/token":
            return line.answer(b'{"access_token": "t0ken", "expires_in": 3600}', Content_Type="application/json")
        self.asked += 1
        moved = [move for move in self.moves if move.request == self.asked]
        for move in moved:
            self._move(move)
        if moved:
            self.history.append(list(self.rows))
        fault = self.faults.get(self.asked, "")
        if fault:
            self.struck.append(fault)
        body, headers = self._page(heard.query, fault)
        data = json.dumps(body).encode()
        match fault:
            case "429":
                line.answer(b"{}", 429, Retry_After="3")
            case "429 now" | "500" | "503" | "401":
                line.answer(b"{}", int(fault[:3]))
            case "reset":
                line.send(b"HTTP/1.1 200 X\r\nContent-Length: %d\r\n\r\n" % len(data) + data[: len(data) // 2])
                line.reset()
            case "cut":
                line.answer(data[: len(data) // 2], length=len(data))
                line.close()
            case "cut silently":
                line.answer(data[: len(data) // 2], length=-1)
                line.close()
            case "html":
                line.answer(b"<html>login</html>", Content_Type="text/html")
            case "no list":
                line.answer(b'{"total": 3}', Content_Type="application/json")
            case _:
                line.answer(data, Content_Type="application/json", **headers)

    def _move(self, move: Move) -> None:
        self._version += 1
        place = move.place % (len(self.rows) + (move.kind == "insert"))
        if move.kind == "insert":
            low = self.rows[place - 1].serial if place else -1.0
            high = self.rows[place].serial if place < len(self.rows) else low + 2
            new = self.fresh[self._version % len(self.fresh)]
            number = 5000 + self._version
            if isinstance(new.body, dict):
                new = changed(
                    Row((low + high) / 2, new.body, new.cells, number, 0, new.number_fault), (low + high) / 2, 0
                )
            self.rows.insert(place, Row((low + high) / 2, new.body, new.cells, number, 0, new.number_fault))
        elif move.kind == "delete" and len(self.rows) > 1:
            del self.rows[place]
        elif self.rows[place].has_key and self.rows[place].is_open():
            one = self.rows[place]
            # Only a record that stands once: two equal ones of which one moves are two records.
            if sum(other.number == one.number for other in self.rows) > 1:
                return
            if move.kind == "update":
                self.rows[place] = changed(one, one.serial, one.version + self._version)
            elif move.kind == "touch":
                del self.rows[place]
                self.rows.append(
                    changed(one, max((r.serial for r in self.rows), default=0) + 1, one.version + self._version)
                )

    def _page(self, query: dict[str, str], fault: str) -> tuple[dict[str, Any], dict[str, str]]:
        style = self.style
        size = int(query.get("size", style.size))
        if style.paging == "range":
            size = int(query["end"]) - int(query["start"]) + style.inclusive
        size = min(size, style.capped or size)
        following: float | None = None
        if style.chained:
            after = float(query["after"]) if "after" in query else -2.0
            rest = [row for row in self.rows if row.serial > after]
            rest = rest[size:] if fault == "page after" else self.rows if fault == "page before" else rest
            page = rest[:size]
            following = page[-1].serial if len(rest) > size else None
        else:
            begin = (int(query["page"]) - 1) * size if style.paging == "page_number" else int(query["start"])
            begin += size if fault == "page after" else -size if fault == "page before" else 0
            begin = max(0, begin)
            page = self.rows[begin : begin + size]
        page = [] if fault == "empty" else list(self.rows) if style.giant else page
        total = self._declared if self.stale_total else len(self.rows)
        body: dict[str, Any] = {"data": [row.body for row in page]}
        if style.total:
            body["total"] = total + (fault == "total")
        headers = {}
        if style.chained and following is not None and not style.giant:
            body["next"] = repr(following)
            if style.paging == "link":
                headers["Link"] = f'</rows?size={size}&after={following!r}>; rel="next"'
        return body, headers


def profile(style: Style, secret: bool) -> dict[str, Any]:
    """The profile that reads such a source."""
    paging: dict[str, Any] = {"style": style.paging, "size": style.size}
    paging |= {
        "page_number": {"position": "page", "size_param": "size"},
        "offset": {"position": "start", "size_param": "size"},
        "range": {"position": "start", "end_param": "end", "end_inclusive": style.inclusive},
        "token": {"position": "after", "next": "next", "size_param": "size"},
        "link": {"size_param": "size"},
    }[style.paging]
    paging |= {"overlap": 1} if style.overlap else {}
    export: dict[str, Any] = {
        "entity": "documents", "endpoint": "/rows", "paging": paging, "rows": "data",
        "fields": {
            "document_id": {"path": "Id"}, "agency_code": {"path": "Organ.Id"},
            "direction": {"path": "Direction", "codes": {"DI": "outgoing", "DEN": "incoming"}},
            "issued_date": {"path": "Issued", "format": "yyyy/MM/dd"},
            "sent_at": {"path": "SentAt", "format": "yyyy/MM/dd HH:mm:ss"},
            "exchange_status": {"path": "Status"}, "published_on_web": {"path": "Web", "codes": {"0": False, "1": True}},
        },
    }  # fmt: skip
    export |= {"total": "total"} if style.total else {}
    export |= {"withhold": {"path": "SecretLevel", "unless": ["0"]}} if secret else {}
    oauth = {"type": "oauth2_client_credentials", "secret": "login", "token_url": "/token"}
    return {
        "profile": "model", "source": "model", "auth": oauth if style.oauth else {},
        "http": {"attempts": 4, "connect_seconds": 5, "read_seconds": 5}, "exports": {"model_documents": export},
    }  # fmt: skip

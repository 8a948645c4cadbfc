"""Declared faults: what a test makes the province serve wrongly, for one commune and reporting month, and takes back.

    fault = province.poison(FinishedBeforeReceived("11122", "2023-03"))
    …
    province.repair(fault)

A fault concerns the answers whose window starts in its month. It sees decoded rows and returns the rows to serve.
Faults with `of` name the export they spoil: portal_dossiers, opencps_dossiers, portal_procedures, dms_documents, ….
What goes wrong between the pages of one answer is in `paging_faults.py`; what strikes requests is at the end here.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from sandbox.province import Question

Row = dict[str, Any]
_LOCAL = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Cut:
    """One request of a series: rows [first, end) of `rows`, beside the total that is declared."""

    total: int
    rows: tuple[bytes, ...]
    first: int
    end: int


@dataclass(frozen=True)
class Fault:
    """Changes nothing itself; what it concerns is an export, a commune (any when blank) and a month `YYYY-MM`."""

    agency: str
    period: str
    export: ClassVar[str] = "portal_dossiers"

    def concerns(self, question: Question) -> bool:
        return (
            question.export == self._export()
            and (not self.agency or not question.agency or question.agency == self.agency)
            and str(question.period) == self.period
        )

    def _export(self) -> str:
        return str(getattr(self, "of", self.export))

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return rows

    def surplus(self) -> int:
        """How many rows more than it serves the source declares."""
        return 0

    def cut(self, question: Question, cut: Cut) -> Cut:
        """What one request for a page gets instead."""
        return cut


def _received_in(question: Question, row: Row) -> bool:
    return bool(f"{question.start:%Y%m%d%H%M%S}" <= row["NgayTiepNhan"] < f"{question.end:%Y%m%d%H%M%S}")


def _finished(question: Question, rows: list[Row]) -> list[Row]:
    """Rows received and finished in the window."""
    end = f"{question.end:%Y%m%d%H%M%S}"
    return [
        r
        for r in rows
        if r["TrangThaiHoSo"] in ("9", "10") and _received_in(question, r) and r["NgayKetThucXuLy"] < end
    ]


@dataclass(frozen=True)
class FinishedBeforeReceived(Fault):
    """The first `count` finished dossiers of the month end two days before they were received."""

    count: int = 3

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        for row in _finished(question, rows)[: self.count]:
            text = row["NgayTiepNhan"]
            received = datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
            row["NgayKetThucXuLy"] = f"{received - timedelta(days=2):%Y%m%d%H%M%S}"
        return rows


@dataclass(frozen=True)
class DuplicateCodes(Fault):
    """`count` dossiers are served twice under one code, the second time through another channel."""

    count: int = 2

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        twins = [copy.deepcopy(row) for row in _finished(question, rows)[: self.count]]
        for twin in twins:
            twin["KenhThucHien"] = "1" if twin["KenhThucHien"] != "1" else "2"
        return rows + twins


@dataclass(frozen=True)
class CommuneMissing(Fault):
    """The commune's dossiers are gone while the others' are served: landing succeeds, the commune is absent."""

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return []


@dataclass(frozen=True)
class TotalDisagrees(Fault):
    """The declared total is `by` more than the rows on the pages."""

    by: int = 1
    of: str = "portal_dossiers"

    def surplus(self) -> int:
        return self.by


@dataclass(frozen=True)
class CatalogueTooSmall(Fault):
    """The catalogue holds `keep` procedures, fewer than have online dossiers."""

    keep: int = 3
    export: ClassVar[str] = "portal_procedures"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return rows[: self.keep]


@dataclass(frozen=True)
class EmptyExport(Fault):
    """An export answers with no rows at all and a total of 0; for every commune when `agency` is blank."""

    of: str = "portal_dossiers"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return []


@dataclass(frozen=True)
class RowsRepeated(Fault):
    """`count` rows are served twice, byte for byte: harmless, and to be counted as exact duplicates."""

    count: int = 2

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return rows + rows[: self.count]


@dataclass(frozen=True)
class FieldBroken(Fault):
    """One field of the first `count` rows holds `value`, which no contract accepts: those rows are to be rejected."""

    field: str = "NgayTiepNhan"
    value: str = "31/02/2023"
    count: int = 1
    of: str = "portal_dossiers"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        for row in rows[: self.count]:
            row[self.field] = self.value
        return rows


@dataclass(frozen=True)
class LateRows(Fault):
    """`count` paper dossiers of the month that are typed in on `registered_on`, after its end.

    Portal and OpenCPS serve them once the province's `today` has come to that day.
    """

    count: int = 3
    registered_on: date = date.max

    def concerns(self, question: Question) -> bool:
        return False  # they are records, not changed answers: the province adds them


@dataclass(frozen=True)
class RowsVanish(Fault):
    """A share of the rows is gone, evenly, and the source declares what is left: nothing shows but the number."""

    share: float = 0.5
    of: str = "portal_dossiers"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return [row for i, row in enumerate(rows) if int((i + 1) * self.share) == int(i * self.share)]


@dataclass(frozen=True)
class NewField(Fault):
    """Every row has one more key."""

    name: str = "NguonHoSo"
    value: str = "Cổng dịch vụ công tỉnh"
    of: str = "portal_dossiers"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return [row | {self.name: self.value} for row in rows]


@dataclass(frozen=True)
class FieldRenamed(Fault):
    """A key has another name in every row."""

    field: str = "NgayTiepNhan"
    to: str = "NgayTiepNhanHoSo"
    of: str = "portal_dossiers"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return [{self.to if key == self.field else key: value for key, value in row.items()} for row in rows]


@dataclass(frozen=True)
class TypeChanged(Fault):
    """A value is of another type in every row: an `object` or a `list` around it, or a date as `epoch_ms`."""

    field: str = "NgayTiepNhan"
    to: str = "epoch_ms"
    of: str = "portal_dossiers"

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        for row in rows:
            row[self.field] = self._changed(row[self.field])
        return rows

    def _changed(self, value: Any) -> Any:
        if self.to == "object":
            return {"value": value}
        if self.to == "list":
            return [value]
        if self.to == "epoch_ms":
            return _epoch_ms(str(value)) if value else None
        raise ValueError(f"a value can become an object, a list or epoch_ms, not {self.to}")


def _epoch_ms(text: str) -> int:
    """Milliseconds of a local instant written yyyyMMddHHmmss or dd/MM/yyyy HH:mm:ss."""
    form = "%d/%m/%Y %H:%M:%S" if "/" in text else "%Y%m%d%H%M%S"
    return int(datetime.strptime(text, form).replace(tzinfo=_LOCAL).timestamp() * 1000)


@dataclass
class Transient:
    """The next `times` requests to a source ("portal", "opencps", "dms", "ca") answer `status`, 503 or 429, and then no more."""

    source: str
    times: int = 1
    status: int = 503
    retry_after: int | None = None

    def strikes(self, source: str) -> bool:
        """Whether this request fails; counts it."""
        if source != self.source or self.times <= 0:
            return False
        self.times -= 1
        return True


@dataclass
class TokenExpires:
    """Every login of a source ("portal", "opencps", …) is good for `after` requests and then answered with 401.

    At the portal another one can be asked for (`/oauth/token`) and is good for as many again; a fixed one is dead.
    """

    source: str
    after: int = 3
    used: Counter[str] = field(default_factory=Counter)

    def refuses(self, source: str, login: str) -> bool:
        """Whether this request is refused; counts it."""
        if source != self.source:
            return False
        self.used[login] += 1
        return self.used[login] > self.after

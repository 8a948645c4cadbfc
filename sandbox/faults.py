"""Declared faults: what a test makes the province serve wrongly, for one commune and reporting month, and takes back.

    fault = province.poison(FinishedBeforeReceived("11122", "2023-03"))
    …
    province.repair(fault)

A fault concerns the answers whose window starts in its month. It sees decoded rows and returns the rows to serve.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from sandbox.province import Question

Row = dict[str, Any]


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
        return self.export

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        return rows

    def surplus(self) -> int:
        """How many rows more than it serves the source declares."""
        return 0


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

    def _export(self) -> str:
        return self.of

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

    def _export(self) -> str:
        return self.of

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

    def _export(self) -> str:
        return self.of

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        for row in rows[: self.count]:
            row[self.field] = self.value
        return rows


@dataclass
class Transient:
    """The next `times` requests to a source ("portal", "dms", "ca") answer `status`, 503 or 429, and then no more."""

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

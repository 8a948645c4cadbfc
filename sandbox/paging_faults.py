"""Declared faults between the pages of one answer: rows that move while they are paged, a page that comes twice.

They count requests, so each is good for one read: declare a new one for another.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sandbox.faults import Cut, Fault
from sandbox.payloads import encode

if TYPE_CHECKING:
    from sandbox.questions import Question

_KEYS = {
    "portal_dossiers": "MaHoSo",
    "opencps_dossiers": "dossierNo",
    "portal_procedures": "MaTTHC",
    "opencps_procedures": "serviceCode",
    "dms_documents": "DocumentId",
    "ca_certificates": "SerialNumber",
    "ca_signatures": "SignatureId",
}


@dataclass(frozen=True)
class RowsMove(Fault):
    """Once `after` pages of an answer were asked for, `count` new rows stand before the others, and stay there.

    So the pages still to come begin with rows that were on the last one. With `times` it happens again at each of so
    many requests. The declared total grows with the rows, unless `total_stays`.
    """

    after: int = 1
    count: int = 1
    times: int = 1
    total_stays: bool = False
    of: str = "portal_dossiers"
    asked: Counter[Question] = field(default_factory=Counter, compare=False, repr=False)

    def cut(self, question: Question, cut: Cut) -> Cut:
        before = self.asked[question]
        self.asked[question] += 1
        arrived = self.count * min(self.times, max(0, before - self.after + 1))
        if not arrived or not cut.rows:
            return cut
        new = tuple(self._like(cut.rows[0], number) for number in range(arrived, 0, -1))
        return replace(cut, rows=new + cut.rows, total=cut.total if self.total_stays else cut.total + arrived)

    def _like(self, row: bytes, number: int) -> bytes:
        """A row like this one under a code of its own."""
        twin, key = json.loads(row), _KEYS[self.of]
        twin[key] = f"{twin[key][:-4]}{6000 + number}"
        if "dossierId" in twin:
            twin["dossierId"] += number
        return encode(twin)


@dataclass(frozen=True)
class PageTwice(Fault):
    """The `page`-th page is served again in place of the one after it, which nobody gets to see.

    At most `times` times; always when None.
    """

    page: int = 1
    times: int | None = 1
    of: str = "portal_dossiers"
    served: Counter[str] = field(default_factory=Counter, compare=False, repr=False)

    def cut(self, question: Question, cut: Cut) -> Cut:
        size = cut.end - cut.first
        spent = self.times is not None and self.served[self.of] >= self.times
        if spent or size <= 0 or cut.first // size != self.page or cut.first >= len(cut.rows):
            return cut
        self.served[self.of] += 1
        return replace(cut, first=cut.first - size, end=cut.first)

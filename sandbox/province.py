"""The stand-in province: answers the questions that the three servers are asked, from lives that never change.

`dossiers`, `procedures`, `documents`, `certificates` and `signatures` return encoded rows of a window; what they hold
depends on the window alone, never on earlier questions. Declared faults (`faults.py`) change what is served, not what
is true: removing a fault repairs the source.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cchc.period import Period
from sandbox import payloads
from sandbox.agencies import AGENCIES, Agency
from sandbox.catalogue import catalogue
from sandbox.cohorts import invented, planned
from sandbox.documents import (
    Certificate,
    Document,
    Signature,
    certificates,
    month_documents,
    month_signatures,
    officials,
    planned_months,
)
from sandbox.lives import LONGEST, Dossier, as_known
from sandbox.plans import PLANS, Plan

if TYPE_CHECKING:
    from sandbox.faults import Fault, Transient

SEED = 2023
_KEPT_ANSWERS = 64
_FOREVER = datetime.combine(date.max, time())
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer, before paging: the total that the source declares and its rows."""

    total: int
    rows: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a source was asked: [start, end) in local time; one day for the catalogue; the agency where it is named."""

    export: str
    agency: str
    start: datetime
    end: datetime

    @property
    def period(self) -> Period:
        """The reporting month (15th to 14th) that the window starts in."""
        day = self.start.date()
        month = Period(day.year, day.month)
        return month if day < month.end_date else month.following()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def months(first: datetime, end: datetime) -> list[Period]:
    """The reporting months (15th to 14th) that touch [first, end)."""
    month = Question("", "", first, end).period
    found = []
    while _midnight(month.first_date) < end:
        found.append(month)
        month = month.following()
    return found


class Province:
    """Communes and their records. Not thread-safe: one server thread asks it.

    `today` (local, no zone) is when the sources are asked: what happens from then on is not known to them yet. Without
    it everything has happened. There is no clock.
    """

    def __init__(
        self,
        agencies: Iterable[Agency] = AGENCIES,
        plans: Iterable[Plan] = PLANS,
        seed: int = SEED,
        today: datetime | None = None,
    ) -> None:
        self.agencies = tuple(agencies)
        self.seed = seed
        self.today = today or _FOREVER
        self.faults: list[Fault] = []
        self.transient: list[Transient] = []
        self._plans = {p.code: p for p in plans}
        self._by_identity = {a.identity: a for a in self.agencies} | {a.code: a for a in self.agencies}
        self._cache: dict[tuple[Any, ...], Any] = {}
        self._answers: OrderedDict[Question, Answer] = OrderedDict()

    def agency(self, identity: str) -> Agency:
        """The commune with this identity code (or plain code); raises KeyError."""
        return self._by_identity[identity]

    # What is true -----------------------------------------------------------------------------------------------

    def _once(self, key: tuple[Any, ...], make: Callable[[], _T]) -> _T:
        if key not in self._cache:
            self._cache[key] = make()
        return cast(_T, self._cache[key])

    def _cohort(self, agency: Agency, period: Period) -> list[Dossier]:
        """Dossiers received in the month, or, for a month a report covers, in any month of that report."""
        plan = self._plans.get(agency.code)
        if plan and plan.first <= period <= plan.last:
            return self._once(("plan", agency.code), lambda: planned(agency, plan, self.seed))
        return self._once(("month", agency.code, period), lambda: invented(agency, period, self.seed))

    def lives(self, agency: Agency, start: datetime, end: datetime) -> list[Dossier]:
        """Every dossier received, closed or open in [start, end); those never received, registered in it."""
        plan = self._plans.get(agency.code)
        cohorts: list[list[Dossier]] = []
        early = months(start - LONGEST, end)
        if plan and start < _midnight(plan.first.first_date) < end + LONGEST:
            early.append(plan.first)  # asked about just before the report's months: its carried-over dossiers
        for period in early:
            cohort = self._cohort(agency, period)
            if not any(cohort is known for known in cohorts):
                cohorts.append(cohort)
        return [
            d
            for cohort in cohorts
            for d in cohort
            if (
                d.received < end and (d.ended is None or d.ended >= start) if d.received else start <= d.submitted < end
            )
        ]

    def month_of_documents(self, agency: Agency, period: Period) -> list[Document]:
        plan = self._plans.get(agency.code)
        covered = plan if plan and plan.first <= period <= plan.last else None
        fixed = self._once(("split", agency.code), lambda: planned_months(agency, plan, self.seed) if plan else {})
        electronic = covered.electronic_documents if covered else 0.95

        def make() -> list[Document]:
            start, end = _midnight(period.first_date), _midnight(period.end_date)
            answered = [d for d in self.lives(agency, start, end) if d.ended and start <= d.ended < end]
            return month_documents(agency, period, self.seed, fixed, electronic, answered)

        return self._once(("documents", agency.code, period), make)

    def register(self, agency: Agency) -> list[Certificate]:
        return self._once(("certificates", agency.code), lambda: certificates(agency, self.seed))

    def month_of_signatures(self, agency: Agency, period: Period) -> list[Signature]:
        def make() -> list[Signature]:
            start, end = _midnight(period.first_date), _midnight(period.end_date)
            ended = [d for d in self.lives(agency, start, end) if d.ended and start <= d.ended < end]
            documents = self.month_of_documents(agency, period)
            return month_signatures(agency, period, self.seed, documents, ended, self.register(agency))

        return self._once(("signatures", agency.code, period), make)

    # What is served ---------------------------------------------------------------------------------------------

    def dossiers(self, agency: Agency, start: datetime, end: datetime) -> Answer:
        officers = self._once(("officers", agency.code), lambda: [p.name for p in officials(agency, self.seed)])

        def rows() -> Iterable[bytes]:
            for life in self.lives(agency, start, end):
                dossier = as_known(life, self.today)
                if dossier is not None:
                    if dossier.rendered is None:
                        dossier.rendered = payloads.encode(payloads.dossier_row(dossier, agency, officers))
                    yield dossier.rendered

        return self._answer(Question("portal_dossiers", agency.code, start, end), rows)

    def procedures(self, agency: Agency, day: date) -> Answer:
        """The catalogue as known on a day: what had come into force by then, with expiry dates."""

        def rows() -> Iterable[bytes]:
            for procedure in catalogue(agency.procedures):
                if procedure.valid_from <= day and agency.active_on(day):
                    yield payloads.encode(payloads.procedure_row(procedure))

        start = _midnight(day)
        return self._answer(Question("portal_procedures", agency.code, start, start + timedelta(days=1)), rows)

    def documents(self, start: datetime, end: datetime) -> Answer:
        def rows() -> Iterable[bytes]:
            found = [
                d
                for agency in self.agencies
                for period in months(start, end)
                for d in self.month_of_documents(agency, period)
                if start <= d.counted_at < min(end, self.today)
            ]
            found.sort(key=lambda d: d.counted_at)
            return (payloads.encode(payloads.document_row(d)) for d in found)

        return self._answer(Question("dms_documents", "", start, end), rows)

    def certificates(self, start: date, end: date) -> Answer:
        def rows() -> Iterable[bytes]:
            for agency in self.agencies:
                if agency.starts >= end or (agency.ends and agency.ends < start):
                    continue
                for certificate in self.register(agency):
                    if certificate.revoked and certificate.revoked >= self.today:
                        certificate = replace(certificate, revoked=None)
                    if payloads.valid_in(certificate, start, min(end, self.today.date())):
                        yield payloads.encode(payloads.certificate_row(certificate))

        return self._answer(Question("ca_certificates", "", _midnight(start), _midnight(end)), rows)

    def signatures(self, start: date, end: date) -> Answer:
        first, last = _midnight(start), _midnight(end)

        def rows() -> Iterable[bytes]:
            for agency in self.agencies:
                for period in months(first, last):
                    for signature in self.month_of_signatures(agency, period):
                        if first <= signature.signed_at < min(last, self.today):
                            yield payloads.encode(payloads.signature_row(signature))

        return self._answer(Question("ca_signatures", "", first, last), rows)

    def _answer(self, question: Question, rows: Callable[[], Iterable[bytes]]) -> Answer:
        known = self._answers.get(question)
        if known is not None:
            self._answers.move_to_end(question)
            return known
        true = tuple(rows())
        answer = Answer(len(true), true)
        for fault in self.faults:
            if fault.concerns(question):
                spoiled = fault.spoil(question, [json.loads(row) for row in answer.rows])
                total = answer.total + len(spoiled) - len(answer.rows) + fault.surplus()
                answer = Answer(total, tuple(payloads.encode(row) for row in spoiled))
        self._answers[question] = answer
        if len(self._answers) > _KEPT_ANSWERS:
            self._answers.popitem(last=False)
        return answer

    # Faults -----------------------------------------------------------------------------------------------------

    def poison(self, fault: Fault) -> Fault:
        """Serves what the fault declares from now on; returns it, for `repair`."""
        self.faults.append(fault)
        self._answers.clear()
        return fault

    def repair(self, fault: Fault | None = None) -> None:
        """Takes back one fault, or all of them."""
        self.faults = [f for f in self.faults if fault is not None and f is not fault]
        self._answers.clear()

    # What must never be kept ------------------------------------------------------------------------------------

    def personal_data(self, first: Period, last: Period) -> frozenset[str]:
        """Every personal value that is served for these months, each long enough to be searched for by text."""
        values: set[str] = set()
        start, end = _midnight(first.first_date), _midnight(last.end_date)
        for agency in self.agencies:
            for person in officials(agency, self.seed):
                values.update(person.values())
            for certificate in self.register(agency):
                if certificate.holder:
                    values.update(certificate.holder.values())
            for dossier in self.lives(agency, start, end):
                values.update(dossier.person.values())
            for period in months(start, end):
                for document in self.month_of_documents(agency, period):
                    values.update(document.signer.values())
                    if document.about:
                        values.update(document.about.values())
        return frozenset(values)

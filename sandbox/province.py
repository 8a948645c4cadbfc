"""The stand-in province: answers the questions that the servers are asked, from lives that never change.

`dossiers`, `procedures`, `documents`, `certificates` and `signatures` return encoded rows of a window, the `opencps_`
ones the same dossiers and procedures as OpenCPS spells them; what they hold depends on the window and on `today`, never
on earlier questions. Declared faults (`faults.py`) change what is served, not what is true: removing one repairs it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from cchc.period import Period
from sandbox import opencps_rows, payloads
from sandbox.agencies import AGENCIES, Agency
from sandbox.catalogue import catalogue
from sandbox.cohorts import invented, late, planned
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
from sandbox.faults import Cut, LateRows
from sandbox.lives import LONGEST, Dossier, as_known, last_event
from sandbox.plans import PLANS, Plan
from sandbox.questions import Answer, Question, midnight, months

if TYPE_CHECKING:
    from sandbox.faults import Fault, TokenExpires, Transient

__all__ = ["Answer", "Province", "Question", "months"]
SEED = 2023
_KEPT_ANSWERS = 64
_FOREVER = midnight(date.max)
_T = TypeVar("_T")


def _within(dossier: Dossier, start: datetime, end: datetime) -> bool:
    """Received, closed or open in [start, end); when never received, registered in it."""
    if dossier.received is None:
        return start <= dossier.submitted < end
    return dossier.received < end and (dossier.ended is None or dossier.ended >= start)


class Province:
    """Communes and their records. Not thread-safe: one server thread asks it.

    `today` (local, no zone) is when the sources are asked: what happens from then on is not known to them yet. Without
    it everything has happened. There is no clock: `today` moves when it is set.
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
        self.faults: list[Fault] = []
        self.transient: list[Transient | TokenExpires] = []
        self._plans = {p.code: p for p in plans}
        self._by_identity = {a.identity: a for a in self.agencies} | {a.code: a for a in self.agencies}
        self._cache: dict[tuple[Any, ...], Any] = {}
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self.today = today or _FOREVER

    @property
    def today(self) -> datetime:
        """When the sources are asked."""
        return self._today

    @today.setter
    def today(self, day: datetime) -> None:
        self._today = day
        self._answers.clear()

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
        if plan and start < midnight(plan.first.first_date) < end + LONGEST:
            early.append(plan.first)  # asked about just before the report's months: its carried-over dossiers
        for period in early:
            cohort = self._cohort(agency, period)
            if not any(cohort is known for known in cohorts):
                cohorts.append(cohort)
        return [d for cohort in cohorts for d in cohort if _within(d, start, end)]

    def _late(self, agency: Agency, start: datetime, end: datetime) -> list[Dossier]:
        """What declared faults add to the records of the window: dossiers that are registered after their month."""
        found: list[Dossier] = []
        for fault in self.faults:
            if isinstance(fault, LateRows) and fault.agency in ("", agency.code):
                period, registered = Period.parse(fault.period), midnight(fault.registered_on)
                make = partial(late, agency, period, self.seed, fault.count, registered)
                found += [d for d in self._once(("late", agency.code, fault), make) if _within(d, start, end)]
        return found

    def month_of_documents(self, agency: Agency, period: Period) -> list[Document]:
        plan = self._plans.get(agency.code)
        covered = plan if plan and plan.first <= period <= plan.last else None
        fixed = self._once(("split", agency.code), lambda: planned_months(agency, plan, self.seed) if plan else {})
        electronic = covered.electronic_documents if covered else 0.95

        def make() -> list[Document]:
            start, end = midnight(period.first_date), midnight(period.end_date)
            answered = [d for d in self.lives(agency, start, end) if d.ended and start <= d.ended < end]
            return month_documents(agency, period, self.seed, fixed, electronic, answered)

        return self._once(("documents", agency.code, period), make)

    def register(self, agency: Agency) -> list[Certificate]:
        return self._once(("certificates", agency.code), lambda: certificates(agency, self.seed))

    def month_of_signatures(self, agency: Agency, period: Period) -> list[Signature]:
        def make() -> list[Signature]:
            start, end = midnight(period.first_date), midnight(period.end_date)
            ended = [d for d in self.lives(agency, start, end) if d.ended and start <= d.ended < end]
            documents = self.month_of_documents(agency, period)
            return month_signatures(agency, period, self.seed, documents, ended, self.register(agency))

        return self._once(("signatures", agency.code, period), make)

    # What is served ---------------------------------------------------------------------------------------------

    def known(self, agency: Agency, start: datetime, end: datetime) -> Iterator[Dossier]:
        """The dossiers of the window as they are known today, those registered late at the end."""
        for life in (*self.lives(agency, start, end), *self._late(agency, start, end)):
            dossier = as_known(life, self.today)
            if dossier is not None:
                yield dossier

    def officers(self, agency: Agency) -> list[str]:
        return self._once(("officers", agency.code), lambda: [p.name for p in officials(agency, self.seed)])

    def dossiers(self, agency: Agency, start: datetime, end: datetime) -> Answer:
        officers = self.officers(agency)

        def rows() -> Iterable[bytes]:
            for dossier in self.known(agency, start, end):
                if dossier.rendered is None:
                    dossier.rendered = payloads.encode(payloads.dossier_row(dossier, agency, officers))
                yield dossier.rendered

        return self._answer(Question("portal_dossiers", agency.code, start, end), rows)

    def opencps_dossiers(
        self, agency: Agency, start: datetime, end: datetime, modified_from: datetime | None = None
    ) -> Answer:
        """The same dossiers as OpenCPS rows; with `modified_from` only those changed at that instant or later."""
        officers = self.officers(agency)

        def rows() -> Iterable[bytes]:
            for dossier in self.known(agency, start, end):
                if modified_from is None or last_event(dossier) >= modified_from:
                    yield payloads.encode(opencps_rows.dossier_row(dossier, agency, officers))

        return self._answer(Question("opencps_dossiers", agency.code, start, end, modified_from), rows)

    def procedures(self, agency: Agency, day: date) -> Answer:
        """The catalogue as known on a day: what had come into force by then, with expiry dates."""

        def rows() -> Iterable[bytes]:
            for procedure in catalogue(agency.procedures):
                if procedure.valid_from <= day and agency.active_on(day):
                    yield payloads.encode(payloads.procedure_row(procedure))

        start = midnight(day)
        return self._answer(Question("portal_procedures", agency.code, start, start + timedelta(days=1)), rows)

    def opencps_procedures(self, agency: Agency, day: date) -> Answer:
        """What is in force on a day; OpenCPS forgets what has expired."""

        def rows() -> Iterable[bytes]:
            for procedure in catalogue(agency.procedures):
                in_force = procedure.valid_from <= day and (procedure.valid_to is None or day <= procedure.valid_to)
                if in_force and agency.active_on(day):
                    yield payloads.encode(opencps_rows.procedure_row(procedure, agency))

        start = midnight(day)
        return self._answer(Question("opencps_procedures", agency.code, start, start + timedelta(days=1)), rows)

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

        return self._answer(Question("ca_certificates", "", midnight(start), midnight(end)), rows)

    def signatures(self, start: date, end: date) -> Answer:
        first, last = midnight(start), midnight(end)

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
        answer = Answer(len(true), true, question)
        for fault in self.faults:
            if fault.concerns(question):
                spoiled = fault.spoil(question, [json.loads(row) for row in answer.rows])
                total = answer.total + len(spoiled) - len(answer.rows) + fault.surplus()
                answer = Answer(total, tuple(payloads.encode(row) for row in spoiled), question)
        self._answers[question] = answer
        if len(self._answers) > _KEPT_ANSWERS:
            self._answers.popitem(last=False)
        return answer

    def page(self, answer: Answer, first: int, end: int) -> Answer:
        """The rows [first, end) of an answer, as one request of a series gets them: faults of paging strike here."""
        cut = Cut(answer.total, answer.rows, first, end)
        for fault in self.faults:
            if answer.question is not None and fault.concerns(answer.question):
                cut = fault.cut(answer.question, cut)
        return Answer(cut.total, cut.rows[cut.first : cut.end], answer.question)

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
        start, end = midnight(first.first_date), midnight(last.end_date)
        for agency in self.agencies:
            for person in officials(agency, self.seed):
                values.update(person.values())
            for certificate in self.register(agency):
                if certificate.holder:
                    values.update(certificate.holder.values())
            for dossier in (*self.lives(agency, start, end), *self._late(agency, start, end)):
                values.update(dossier.person.values())
            for period in months(start, end):
                for document in self.month_of_documents(agency, period):
                    values.update(document.signer.values())
                    if document.about:
                        values.update(document.about.values())
        return frozenset(values)

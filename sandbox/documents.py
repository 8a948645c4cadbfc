"""Documents of a commune's DMS, the signatures on them, and the certificates these are made with.

All times are local without a zone. Secret documents and those of unknown secrecy are served like any other (so that
the reader can show that it withholds them) and never stand in a printed count; neither do recalled ones.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from cchc.period import Period
from sandbox.agencies import Agency
from sandbox.cohorts import month_size
from sandbox.lives import Dossier, office_time
from sandbox.people import Person, make_person
from sandbox.plans import Plan
from sandbox.workdays import add, in_tet, working_days

Direction = Literal["DI", "DEN"]
OUTGOING: Direction = "DI"
INCOMING: Direction = "DEN"
TYPES = (
    ("Công văn", "UBND", 40),
    ("Báo cáo", "BC-UBND", 20),
    ("Kế hoạch", "KH-UBND", 14),
    ("Quyết định", "QĐ-UBND", 12),
    ("Thông báo", "TB-UBND", 8),
    ("Tờ trình", "TTr-UBND", 4),
    ("Giấy mời", "GM-UBND", 6),
    ("Nghị quyết", "NQ-HĐND", 2),
)
_WEIGHTS = [t[2] for t in TYPES]
_SUBJECTS = (
    "về việc báo cáo kết quả cải cách hành chính",
    "về việc triển khai kế hoạch tháng",
    "về việc rà soát hộ nghèo",
    "về việc phòng, chống thiên tai",
    "về việc thực hiện chính sách người có công",
    "về việc chuyển đổi số",
)
_VALIDITY = timedelta(days=1461)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of a person (role LD or CC) or of the organisation (TC). Both dates are counted."""

    agency: Agency
    serial: str
    role: Literal["LD", "CC", "TC"]
    holder: Person | None
    not_before: date
    not_after: date
    revoked: datetime | None = None

    @property
    def holder_name(self) -> str:
        return self.holder.name if self.holder else f"UBND xã {self.agency.name}"

    def usable(self, at: datetime) -> bool:
        return self.not_before <= at.date() <= self.not_after and (self.revoked is None or at < self.revoked)


@dataclass(frozen=True, slots=True)
class Document:
    """One record of a commune's DMS: one it sent, or one it received."""

    agency: Agency
    direction: Direction
    sender: str
    sender_name: str
    receiver: str
    receiver_name: str
    number: int
    notation: str
    kind: int
    issued: date
    received: datetime | None
    sent: datetime | None
    form: str
    status: str
    secrecy: str
    processed_online: bool
    signed: bool
    on_web: bool
    signer: Person
    about: Person | None
    subject: str
    dossier_code: str = ""

    @property
    def document_id(self) -> str:
        return f"{self.sender},{self.issued:%Y/%m/%d},{self.number}/{self.notation}"

    @property
    def counted_at(self) -> datetime:
        """When the document counts: received (incoming), else sent, else issued."""
        return (self.received if self.direction == INCOMING else self.sent) or datetime.combine(self.issued, time())


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature on a document or on a dossier's electronic result."""

    signature_id: str
    serial: str
    document_id: str
    dossier_code: str
    signed_at: datetime
    verification: str
    signer: str


def officials(agency: Agency, seed: int) -> list[Person]:
    """The people of the office, leaders first."""
    rng = random.Random(f"{seed}|{agency.code}|officials")
    return [make_person(rng, agency.mail) for _ in range(agency.leaders + agency.staff)]


def _serial(*parts: object) -> str:
    return "5A" + hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16].upper()


def certificates(agency: Agency, seed: int) -> list[Certificate]:
    """Every certificate of the commune: unbroken chains for each official and two bodies, and two that end early.

    So the number valid on a day is leaders + staff persons and two organisations, but for the first months, when
    one of a retired official still runs and one that was revoked since.
    """
    rng = random.Random(f"{seed}|{agency.code}|certificates")
    people = officials(agency, seed)
    closing = datetime.combine(agency.ends, time(17)) if agency.ends else None
    found: list[Certificate] = []
    opened = agency.starts
    for index in range(len(people) + 2):
        holder = people[index] if index < len(people) else None
        role: Literal["LD", "CC", "TC"] = "TC" if holder is None else "LD" if index < agency.leaders else "CC"
        start, chain = opened - timedelta(days=20 + int(rng.random() * 900)), 0
        while start <= min(agency.ends or date(2040, 1, 1), date(2040, 1, 1)):
            end = start + _VALIDITY - timedelta(days=1)
            first = max(start, opened) if agency.new else start
            revoked = closing if closing and end > closing.date() else None
            found.append(
                Certificate(agency, _serial(seed, agency.code, index, chain), role, holder, first, end, revoked)
            )
            start, chain = end + timedelta(days=1), chain + 1
    retired, careless = make_person(rng, agency.mail), make_person(rng, agency.mail)
    ending, begun = opened + timedelta(days=74), opened if agency.new else opened - timedelta(days=200)
    early = opened if agency.new else ending - _VALIDITY
    lost = datetime.combine(opened + timedelta(days=110), time(9, 30))
    found.append(Certificate(agency, _serial(seed, agency.code, "retired"), "CC", retired, early, ending))
    found.append(
        Certificate(agency, _serial(seed, agency.code, "revoked"), "CC", careless, begun, begun + _VALIDITY, lost)
    )
    return found


def planned_months(agency: Agency, plan: Plan, seed: int) -> dict[tuple[Period, str], tuple[int, int]]:
    """How the plan's documents fall on its months: (counted, of them signed) per month and direction."""
    rng = random.Random(f"{seed}|{agency.code}|documents")
    months = [*plan.last.earlier_in_year()[plan.first.month - 1 :], plan.last]
    split: dict[tuple[Period, str], tuple[int, int]] = {}
    for direction, (total, signed) in plan.documents.items():
        weights = []
        for month in months:
            days = working_days(month.first_date, month.end_date)
            weights.append(len(days) * (0.8 + rng.random() * 0.4) * (0.8 if any(in_tet(d) for d in days) else 1))
        drawn = rng.choices(range(len(months)), weights, k=total)
        with_signature = set(rng.sample(range(total), signed))
        for index, month in enumerate(months):
            mine = [i for i, m in enumerate(drawn) if m == index]
            split[month, direction] = (len(mine), sum(i in with_signature for i in mine))
    return split


def month_documents(
    agency: Agency,
    period: Period,
    seed: int,
    fixed: dict[tuple[Period, str], tuple[int, int]],
    electronic: float,
    answered: list[Dossier],
) -> list[Document]:
    """The documents that count in the month, with the secret and the recalled ones around them."""
    rng = random.Random(f"{seed}|{agency.code}|{period}|documents")
    people = officials(agency, seed)
    found: list[Document] = []
    for direction in (INCOMING, OUTGOING):
        rate = agency.incoming if direction == INCOMING else agency.outgoing
        days, count = month_size(rng, rate, agency, period)
        signed = round(count * agency.signed) if direction == OUTGOING else 0
        if (period, direction) in fixed:
            count, signed = fixed[period, direction]
        if not days:
            continue
        recalled, secret = int(rng.random() * 2.5), int(rng.random() * 3.2)
        number = period.month * 1000
        signed_ones = set(rng.sample(range(count), signed))
        for index in range(count + recalled + secret):
            number += 1 + int(rng.random() * 3)
            secrecy = "0" if index < count + recalled else ("1", "2", "", "3")[int(rng.random() * 4)]
            status = ("13", "15")[index % 2] if count <= index < count + recalled else ""
            is_signed = index in signed_ones or (bool(status) and direction == OUTGOING)
            day = days[int(rng.random() * len(days))]
            found.append(
                _document(rng, agency, direction, number, day, people, secrecy, status, is_signed, electronic, answered)
            )
    return sorted(found, key=lambda d: (d.counted_at, d.document_id))


def _document(
    rng: random.Random,
    agency: Agency,
    direction: Direction,
    number: int,
    day: date,
    people: list[Person],
    secrecy: str,
    status: str,
    signed: bool,
    electronic: float,
    answered: list[Dossier],
) -> Document:
    kind = rng.choices(range(len(TYPES)), _WEIGHTS)[0]
    above, above_name = agency.superior(day)
    own, own_name = agency.identity, f"UBND xã {agency.name}"
    at = office_time(rng, day)
    on_paper = secrecy not in ("0",) or (direction == OUTGOING and not signed and rng.random() > electronic)
    form = "3" if on_paper else "1" if rng.random() < 0.88 else "2"
    about = make_person(rng) if rng.random() < 0.15 else None
    subject = f"{TYPES[kind][0]} {_SUBJECTS[int(rng.random() * len(_SUBJECTS))]}"
    if about:
        subject = f"{subject}: ông (bà) {about.name}, {about.address}"
    drawn = answered[int(rng.random() * len(answered))] if about and answered and direction == OUTGOING else None
    reply = drawn.code if drawn and drawn.ended and drawn.ended < at else ""
    outgoing = direction == OUTGOING
    back = int(rng.random() < 0.1 and not on_paper) if outgoing else 1 + int(rng.random() * 5)
    issued = add(day, -back)
    return Document(
        agency=agency,
        direction=direction,
        sender=own if outgoing else above,
        sender_name=own_name if outgoing else above_name,
        receiver=above if outgoing else own,
        receiver_name=above_name if outgoing else own_name,
        number=number,
        notation=TYPES[kind][1],
        kind=kind,
        issued=issued,
        received=at if not outgoing else None,
        sent=at if outgoing and not on_paper else None,
        form=form,
        status=status or ("06", "03", "05", "01")[min(3, int(rng.random() * rng.random() * 5))],
        secrecy=secrecy,
        processed_online=not on_paper and rng.random() < 0.97,
        signed=signed and secrecy == "0",
        on_web=outgoing and secrecy == "0" and rng.random() < 0.8,
        signer=people[int(rng.random() * agency.leaders)] if outgoing else make_person(rng, "huyen.example"),
        about=about,
        subject=subject,
        dossier_code=reply,
    )


def month_signatures(
    agency: Agency, period: Period, seed: int, documents: list[Document], ended: list[Dossier], held: list[Certificate]
) -> list[Signature]:
    """Signatures made in the month: leader and body on every signed document, the body on every electronic result.

    Each lies on the day that its document counts, so documents flagged as signed and signatures agree month by month.
    """
    rng = random.Random(f"{seed}|{agency.code}|{period}|signatures")
    serials: dict[str, list[Certificate]] = {(c.holder.id_number if c.holder else ""): [] for c in held}
    for certificate in held:
        serials[certificate.holder.id_number if certificate.holder else ""].append(certificate)
    found: list[Signature] = []

    def sign(at: datetime, holder: str, document_id: str, dossier_code: str) -> None:
        usable = [c for c in serials[holder] if c.usable(at)]
        if not usable:
            return
        verified = "VALID" if rng.random() < 0.985 else ("INVALID", "UNKNOWN")[int(rng.random() * 2)]
        name = f"SIG-{agency.code}-{period.year}{period.month:02d}-{len(found) + 1:05d}"
        found.append(Signature(name, usable[0].serial, document_id, dossier_code, at, verified, usable[0].holder_name))

    for document in documents:
        if document.signed and document.sent:
            minute = document.sent.replace(second=0)
            sign(minute - timedelta(minutes=9), document.signer.id_number, document.document_id, "")
            sign(minute - timedelta(minutes=2), "", document.document_id, "")
    for dossier in ended:
        if dossier.result == "electronic" and dossier.ended:
            sign(dossier.ended, "", "", dossier.code)
    return sorted(found, key=lambda s: (s.signed_at, s.signature_id))

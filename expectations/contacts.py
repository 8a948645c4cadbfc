"""Who hears of what: `CCHC_HOME/contacts.csv`, one row per duty of a contact.

Addresses are secrets: the file names the secret that holds them. A contact is a role, never a person. Without the file one
contact, the data team at `alert_urls`, hears of everything.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from cchc.settings import Settings
from expectations.checks import DATA_OWNER, OWNERS

log = logging.getLogger(__name__)
ALERT_URLS = "alert_urls"
COLUMNS = ("contact", "role_vi", "owner", "agency_code", "secret", "escalate_to")
EVERY = "*"
_PERSONAL = re.compile(r"@|\d[\d .\-]{7,}\d")


class ContactsUnreadable(ValueError):
    """contacts.csv is not what it should be; the message names file, line and column, and never what stands there as secret."""


@dataclass(frozen=True)
class Contact:
    """A role that is told. `duties` are pairs of an owner's code or `*`, and an agency's code or `*`."""

    id: str
    role_vi: str
    secret: str
    escalate_to: str | None = None
    duties: tuple[tuple[str, str], ...] = ()

    @property
    def is_data_team(self) -> bool:
        """Whether the contact works with this program, and so reads commands and codes."""
        return any(owner in ("data", EVERY) for owner, _ in self.duties)

    def answers_for(self, owner: str, agency_code: str | None) -> bool:
        """Whether a fault of the owner (its name in an alert) at an agency is this contact's; None is no single agency."""
        return any(
            (code == EVERY or OWNERS[code] == owner) and agency in (EVERY, agency_code) for code, agency in self.duties
        )


DEFAULT = Contact(ALERT_URLS, DATA_OWNER, ALERT_URLS, duties=((EVERY, EVERY),))


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contact: str
    role_vi: str
    owner: str
    agency_code: str
    secret: str
    escalate_to: str

    @field_validator("contact")
    @classmethod
    def _names_a_role(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", value) or _PERSONAL.search(value):
            raise ValueError("write a short name in small letters, digits and dashes, for example mot-cua-11122")
        return value

    @field_validator("role_vi")
    @classmethod
    def _is_no_person(cls, value: str) -> str:
        if not value or len(value) > 120 or _PERSONAL.search(value):
            raise ValueError("write the office in words, without a name, number or address of a person")
        return value

    @field_validator("owner")
    @classmethod
    def _is_an_owner(cls, value: str) -> str:
        if value not in (*OWNERS, EVERY, ""):
            raise ValueError(
                f"found {value!r}; write one of {', '.join(OWNERS)}, {EVERY} for all of them, or leave it blank"
            )
        return value

    @field_validator("agency_code")
    @classmethod
    def _is_a_code(cls, value: str) -> str:
        if not re.fullmatch(r"\*?|[0-9A-Z.]{2,40}", value):
            raise ValueError(
                f"found {value!r}; write an agency's code as in agencies.csv, for example 11122, or {EVERY}"
            )
        return value

    @field_validator("secret")
    @classmethod
    def _names_a_secret(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", value):  # may be the address itself: it is never repeated
            raise ValueError("write the name of a secret, for example alert_quang_nghiep, never the address itself")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> _Row:
        if bool(self.owner) != bool(self.agency_code):
            raise ValueError(
                "owner and agency_code: fill in both, or leave both blank for who hears of escalations only"
            )
        return self


def contacts(settings: Settings) -> list[Contact]:
    """The contacts in the order of the file; the default one alone where there is no file. Raises ContactsUnreadable."""
    path = settings.contacts_file
    if not path.exists():
        return [DEFAULT]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            found = tuple(reader.fieldnames or ())
            if found != COLUMNS:
                raise ContactsUnreadable(
                    f"{path} line 1: the columns must be {','.join(COLUMNS)}; found {_headings(found)}"
                )
            merged: dict[str, Contact] = {}
            for row in reader:
                _add(merged, row, f"{path} line {reader.line_num}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContactsUnreadable(f"{path} is no CSV file in UTF-8 ({type(error).__name__}): save it so") from error
    for contact in merged.values():
        if contact.escalate_to and contact.escalate_to not in merged:
            raise ContactsUnreadable(
                f"{path}: escalate_to of {contact.id} is {contact.escalate_to!r}, which is no contact of the file; add its row"
            )
        _refuse_circle(contact, merged, path)
    if not merged:
        raise ContactsUnreadable(f"{path} has no row: add one per duty, or remove the file")
    return list(merged.values())


def contacts_in_force(settings: Settings) -> list[Contact]:
    """The contacts, or the default one when the file cannot be read: a broken file must not silence an alert."""
    try:
        return contacts(settings)
    except (ContactsUnreadable, OSError) as error:
        log.error("%s; until it is repaired everything goes to the secret %s", error, ALERT_URLS)
        return [DEFAULT]


def data_team(known: Sequence[Contact]) -> list[Contact]:
    """Who hears of what is nobody else's: contacts of the data owner for every agency, else the default one."""
    return [contact for contact in known if contact.answers_for(DATA_OWNER, None)] or [DEFAULT]


def responsible(known: Sequence[Contact], owner: str, agency_code: str | None) -> list[Contact]:
    """Who hears of a fault; never nobody."""
    return [contact for contact in known if contact.answers_for(owner, agency_code)] or data_team(known)


def chain(contact: Contact, known: Iterable[Contact]) -> list[Contact]:
    """Those above a contact, nearest first; the contact itself where there is none, since somebody has to be reminded."""
    by_id, above = {one.id: one for one in known}, []
    while contact.escalate_to:
        contact = by_id[contact.escalate_to]
        above.append(contact)
    return above or [contact]


def _add(merged: dict[str, Contact], row: dict[str, str], where: str) -> None:
    if None in row or None in row.values():
        raise ContactsUnreadable(f"{where}: there must be {len(COLUMNS)} cells, one for each of {','.join(COLUMNS)}")
    try:
        one = _Row.model_validate(row)
    except ValidationError as error:
        told = [f"column {e['loc'][0]}: " if e["loc"] else "" for e in error.errors()]
        told = [place + e["msg"].removeprefix("Value error, ") for place, e in zip(told, error.errors(), strict=True)]
        raise ContactsUnreadable(f"{where}: {'; '.join(told)}") from None
    duties = ((one.owner, one.agency_code),) if one.owner else ()
    new = Contact(one.contact, one.role_vi, one.secret, one.escalate_to or None, duties)
    old = merged.setdefault(one.contact, new)
    if old is new:
        return
    for column, before, now in (
        ("role_vi", old.role_vi, new.role_vi),
        ("secret", old.secret, new.secret),
        ("escalate_to", old.escalate_to, new.escalate_to),
    ):
        if before != now:
            raise ContactsUnreadable(
                f"{where}: column {column}: {one.contact} has another one on an earlier line; all lines of a contact say the same"
            )
    merged[one.contact] = Contact(old.id, old.role_vi, old.secret, old.escalate_to, (*old.duties, *duties))


def _refuse_circle(contact: Contact, known: dict[str, Contact], path: Path) -> None:
    seen, one = {contact.id}, contact
    while one.escalate_to and one.escalate_to in known:
        one = known[one.escalate_to]
        if one.id in seen:
            raise ContactsUnreadable(
                f"{path}: escalate_to of {contact.id} leads back to {one.id}; one of them must be blank"
            )
        seen.add(one.id)


def _headings(found: tuple[str, ...]) -> str:
    """What stands on the first line, unless it may be somebody's address."""
    text = ",".join(found)
    return "something else" if _PERSONAL.search(text) or "://" in text else repr(text)

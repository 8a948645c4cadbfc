"""What we keep of each entity: an allow-list of typed columns. What is not named here never reaches the disk.

Instants are timestamps in UTC, read from Asia/Ho_Chi_Minh; dates are local dates. Every text column has a pattern,
so that free text, and with it personal data, cannot pass.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Type = Literal["text", "integer", "boolean", "date", "instant"]
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}

# A run of 9 to 12 digits alone is an identity or phone number, never one of our codes.
_NOT_AN_IDENTITY = r"(?!\+?\d{9,12}$)"
AGENCY = r"^([0-9]{2,5}|(?=.*H\d{2})[0-9H]{2,3}(\.[0-9H]{2,3}){0,4})$"
CODE = rf"^{_NOT_AN_IDENTITY}[0-9A-Z][0-9A-Z.\-/]{{1,59}}$"
PROCEDURE = r"^\d{1,2}\.\d{6}(\.[0-9A-Z]{2,3}){0,6}$"
DOCUMENT = rf"^{_NOT_AN_IDENTITY}[0-9A-ZĐ][0-9A-Za-zĐđ.,\-/]{{2,99}}$"
SERIAL = r"^(?=.*[A-F])[0-9A-F]{8,40}$"
TYPE_NAME = r"^[^\W\d_]+( [^\W\d_]+){0,4}$"
FIELD_NAME = r"^[^\W\d_][^\d@_]{1,118}[^\W\d_)]?\)?$"


@dataclass(frozen=True)
class Column:
    """One column of a contract. `allowed` or, for text, `pattern` bounds its values."""

    name: str
    type: Type
    required: bool = False
    allowed: tuple[str | int, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True)
class Child:
    """A nested list of the entity, kept as a list of structs."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Contract:
    """The declared columns of an entity. `key` identifies a row among its versions."""

    entity: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    children: tuple[Child, ...] = ()

    def schema(self) -> pa.Schema:
        """The Arrow schema every batch of the entity is written with, even when a column is all null."""
        fields = [pa.field(c.name, _ARROW[c.type]) for c in self.columns]
        for child in self.children:
            struct = pa.struct([pa.field(c.name, _ARROW[c.type]) for c in child.columns])
            fields.append(pa.field(child.name, pa.list_(struct)))
        return pa.schema(fields)

    def fingerprint(self) -> str:
        """Changes when the contract does, so that a corrected contract takes effect on bytes already landed."""
        return hashlib.sha256(json.dumps(self, default=lambda o: o.__dict__, sort_keys=True).encode()).hexdigest()[:16]


DOSSIER = Contract(
    entity="dossiers",
    key=("dossier_code",),
    columns=(
        Column("dossier_code", "text", required=True, pattern=CODE),
        Column("agency_code", "text", required=True, pattern=AGENCY),
        Column("procedure_code", "text", required=True, pattern=PROCEDURE),
        Column("field_code", "text", pattern=CODE),
        Column("channel", "text", required=True, allowed=("in_person", "online", "postal")),
        Column("service_level", "text", allowed=("full", "partial", "information")),
        Column("applicant_type", "text", allowed=("citizen", "business", "state_body", "organisation")),
        Column("submitted_at", "instant"),
        Column("received_at", "instant"),
        Column("due_at", "instant"),
        Column("finished_at", "instant"),
        Column("returned_at", "instant"),
        Column("refused_at", "instant"),
        Column("withdrawn_at", "instant"),
        Column("status", "integer", required=True, allowed=tuple(range(1, 11))),
        Column("return_method", "text", allowed=("in_person", "postal", "online")),
        Column("is_e_certification", "boolean"),
        Column("input_digitised", "boolean"),
        Column("result_digitised", "boolean"),
        Column("result_electronic", "boolean"),
        Column("data_reused", "boolean"),
        Column("fee_vnd", "integer"),
        Column("paid_online", "boolean"),
        Column("rating", "integer", allowed=(1, 2, 3, 4, 5)),
        Column("updated_at", "instant"),
    ),
    children=(
        Child(
            "supplements",
            (
                Column("requested_at", "instant", required=True),
                Column("answered_at", "instant"),
                Column("old_due_at", "instant"),
                Column("new_due_at", "instant"),
            ),
        ),
        Child(
            "steps",
            (
                Column("step", "integer", allowed=tuple(range(1, 11))),
                Column("started_at", "instant", required=True),
                Column("finished_at", "instant"),
                Column("due_at", "instant"),
            ),
        ),
    ),
)

DOCUMENT_CONTRACT = Contract(
    entity="documents",
    key=("document_id", "agency_code", "direction"),
    columns=(
        Column("document_id", "text", required=True, pattern=DOCUMENT),
        Column("agency_code", "text", required=True, pattern=AGENCY),
        Column("direction", "text", required=True, allowed=("incoming", "outgoing")),
        Column("document_type", "text", pattern=TYPE_NAME),
        Column("issued_date", "date"),
        Column("received_at", "instant"),
        Column("sent_at", "instant"),
        Column("exchange_form", "text", allowed=("electronic", "electronic_and_paper", "paper")),
        Column("exchange_status", "text", allowed=("01", "02", "03", "04", "05", "06", "13", "15", "16")),
        Column("processed_online", "boolean"),
        Column("is_signed", "boolean"),
        Column("published_on_web", "boolean"),
        Column("answers_dossier_code", "text", pattern=CODE),
    ),
)

PROCEDURE_CONTRACT = Contract(
    entity="procedures",
    key=("procedure_code", "agency_code", "valid_from"),
    columns=(
        Column("procedure_code", "text", required=True, pattern=PROCEDURE),
        Column("agency_code", "text", required=True, pattern=AGENCY),
        Column("field_code", "text", pattern=CODE),
        Column("field_name", "text", pattern=FIELD_NAME),
        Column("service_level", "text", allowed=("full", "partial", "information")),
        Column("has_fee", "boolean"),
        Column("is_e_certification", "boolean"),
        Column("valid_from", "date"),
        Column("valid_to", "date"),
    ),
)

STAFFING = Contract(
    entity="staffing",
    key=("agency_code", "date"),
    columns=(
        Column("agency_code", "text", required=True, pattern=AGENCY),
        Column("date", "date", required=True),
        Column("staff_total", "integer", required=True),
    ),
)

CERTIFICATE = Contract(
    entity="certificates",
    key=("serial",),
    columns=(
        Column("serial", "text", required=True, pattern=SERIAL),
        Column("agency_code", "text", required=True, pattern=AGENCY),
        Column("holder_type", "text", required=True, allowed=("person", "organisation")),
        Column("holder_role", "text", allowed=("leader", "staff", "organisation")),
        Column("valid_from", "date", required=True),
        Column("valid_to", "date", required=True),
        Column("revoked_at", "instant"),
    ),
)

SIGNATURE = Contract(
    entity="signatures",
    key=("signature_id",),
    columns=(
        Column("signature_id", "text", required=True, pattern=rf"^(?=.*[A-Z-]){CODE[1:]}"),
        Column("document_id", "text", pattern=DOCUMENT),
        Column("dossier_code", "text", pattern=CODE),
        Column("serial", "text", required=True, pattern=SERIAL),
        Column("signed_at", "instant", required=True),
        Column("verification", "text", required=True, allowed=("valid", "invalid", "unknown")),
    ),
)

CONTRACTS: dict[str, Contract] = {
    c.entity: c for c in (DOSSIER, DOCUMENT_CONTRACT, PROCEDURE_CONTRACT, STAFFING, CERTIFICATE, SIGNATURE)
}

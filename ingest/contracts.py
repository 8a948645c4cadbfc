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

Type = Literal["text", "integer", "decimal", "boolean", "date", "instant"]
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 6),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}

# 9 to 12 digits, however they are grouped, are an identity or phone number, and a letter before 7 or 8 a passport's; letters
# alone are a name when there are many or when they are in three parts. None of these is one of our codes.
_NOT_AN_IDENTITY = (
    r"(?!\+?(?:[.,\-/ ]*\d){9,12}[.,\-/ ]*$)(?![A-Z]\d{7,8}$)(?![A-Z]{9,}$)(?![A-Z]+(?:[.\-/][A-Z]+){2,}$)"
)
# Two words one after the other, each written as names are: a capital and small letters, or small letters beyond a–f.
_NAME_WORD = r"(?:[A-ZĐ][a-zđ]+|(?=[a-zđ]*[g-zđ])[a-zđ]{2,})"
_NOT_A_NAME = rf"(?!.*(?<![A-Za-zĐđ]){_NAME_WORD}[.,\-/]{_NAME_WORD}(?![A-Za-zĐđ]))"
AGENCY = r"^([0-9]{2,5}|(?=.*H\d{2})[0-9H]{2,3}(\.[0-9H]{2,3}){0,4})$"
CODE = rf"^{_NOT_AN_IDENTITY}[0-9A-Z][0-9A-Z.\-/]{{1,59}}$"
# `agency code - yyMMdd of reception - serial`, with a letter somewhere or in the national form of digits and dots.
DOSSIER_CODE = rf"^(?=.*\d)(?=.*[A-Z]|\d+(?:\.\d{{2,3}})*-\d{{6}}-\d{{4,6}}$){CODE[1:]}"
PROCEDURE = r"^[0-9]{1,2}\.[0-9]{6}(\.[0-9A-Z]{2,3}){0,6}$"
USUAL_DOSSIER_CODE = r"^[0-9]{3}(?:\.[0-9]{2}){1,2}\.H[0-9]{2}-[0-9]{6}-[0-9]{4,6}$"
DOCUMENT = rf"^{_NOT_AN_IDENTITY}{_NOT_A_NAME}(?=.*\d)[0-9A-ZĐ][0-9A-Za-zĐđ.,\-/]{{2,99}}$"
USUAL_DOCUMENT = (
    r"^[0-9]{3}(?:\.[0-9]{2}){1,3}\.H[0-9]{2},[0-9]{4}/[0-9]{2}/[0-9]{2},[0-9]{1,6}/[A-ZĐ]{2,6}-[A-ZĐ]{2,6}$"
)
SERIAL = r"^(?=.*[A-F])[0-9A-F]{8,40}$"
# Three words or more that all begin with a capital, not all in capitals, are a person's name and no field's.
_CAPITAL = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EF9, 2)))
_NAME = rf"(?=.*[^\W\d_{_CAPITAL}])(?:[{_CAPITAL}][^\W\d_]*[\s.\-]+){{2,}}[{_CAPITAL}][^\W\d_]*"
FIELD_NAME = rf"^(?!{_NAME}$)[^\W\d_][^\d@_]{{1,118}}[^\W\d_)]?\)?$"

# The patterns in words, each with an example.
RULES = {
    AGENCY: "an agency's code of digits, H and dots, such as 000.22.26.H23",
    CODE: "a code of plain capital letters, digits, dots, hyphens and slashes, such as HT01",
    DOSSIER_CODE: "a dossier's code of plain capital letters, digits, dots and hyphens, such as 000.22.26.H23-230103-0001",
    PROCEDURE: "a procedure's code of the national database, such as 1.004873 or 2.000815.000.00.00.H23",
    DOCUMENT: "a document's id of agency, date, number and sign, such as 000.22.26.H23,2023/01/03,15/UBND-VP",
    SERIAL: "a certificate's serial of 8 to 40 signs 0–9 and A–F, with a letter, such as 54A0000000000001",
    FIELD_NAME: "the name of a field in words without digits, such as Hộ tịch",
}

# The 29 kinds of administrative documents (Nghị định 30/2020/NĐ-CP, Điều 7), then those of legal documents.
DOCUMENT_TYPES = (
    "Nghị quyết", "Quyết định", "Chỉ thị", "Quy chế", "Quy định", "Thông cáo", "Thông báo", "Hướng dẫn", "Chương trình",
    "Kế hoạch", "Phương án", "Đề án", "Dự án", "Báo cáo", "Biên bản", "Tờ trình", "Hợp đồng", "Công văn", "Công điện",
    "Bản ghi nhớ", "Bản thỏa thuận", "Giấy ủy quyền", "Giấy mời", "Giấy giới thiệu", "Giấy nghỉ phép", "Phiếu gửi",
    "Phiếu chuyển", "Phiếu báo", "Thư công",
    "Hiến pháp", "Bộ luật", "Luật", "Pháp lệnh", "Lệnh", "Nghị định", "Thông tư", "Thông tư liên tịch",
    "Nghị quyết liên tịch",
)  # fmt: skip

# What stands in the unit and value cells of the forms beside numbers.
REPORTED_UNITS = (
    "văn bản",
    "hồ sơ",
    "thủ tục",
    "%",
    "người",
    "đơn vị",
    "lần",
    "cuộc",
    "phiếu",
    "dịch vụ",
    "báo cáo",
    "số lượng",
)
REPORTED_WORDS = ("Không", "Không có", "Không trích xuất được", "Chưa đến thời gian", "Có", "Đạt", "x", "X")


@dataclass(frozen=True)
class Column:
    """One column of a contract. `allowed`, `most` for whole numbers or `pattern` for text bounds its values.

    `usual` is RE2 for the plain form of nearly all values: what fits it fits `pattern` too, and is checked much faster.
    """

    name: str
    type: Type
    required: bool = False
    allowed: tuple[str | int, ...] = ()
    pattern: str | None = None
    most: int | None = None
    usual: str | None = None

    @property
    def arrow_type(self) -> pa.DataType:
        return _ARROW[self.type]


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
        fields = [pa.field(c.name, c.arrow_type) for c in self.columns]
        for child in self.children:
            struct = pa.struct([pa.field(c.name, c.arrow_type) for c in child.columns])
            fields.append(pa.field(child.name, pa.list_(struct)))
        return pa.schema(fields)

    def fingerprint(self) -> str:
        """Changes when the contract does, so that a corrected contract takes effect on bytes already landed."""
        return hashlib.sha256(json.dumps(self, default=lambda o: o.__dict__, sort_keys=True).encode()).hexdigest()[:16]


DOSSIER = Contract(
    entity="dossiers",
    key=("dossier_code",),
    columns=(
        Column("dossier_code", "text", required=True, pattern=DOSSIER_CODE, usual=USUAL_DOSSIER_CODE),
        Column("agency_code", "text", required=True, pattern=AGENCY, usual=r"^[0-9]{3}(?:\.[0-9]{2}){1,3}\.H[0-9]{2}$"),
        Column("procedure_code", "text", required=True, pattern=PROCEDURE, usual=PROCEDURE),
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
        Column("fee_vnd", "integer", most=99_999_999),
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
        Column("document_id", "text", required=True, pattern=DOCUMENT, usual=USUAL_DOCUMENT),
        Column("agency_code", "text", required=True, pattern=AGENCY, usual=r"^[0-9]{3}(?:\.[0-9]{2}){1,3}\.H[0-9]{2}$"),
        Column("direction", "text", required=True, allowed=("incoming", "outgoing")),
        Column("document_type", "text", allowed=DOCUMENT_TYPES),
        Column("issued_date", "date"),
        Column("received_at", "instant"),
        Column("sent_at", "instant"),
        Column("exchange_form", "text", allowed=("electronic", "electronic_and_paper", "paper")),
        Column("exchange_status", "text", allowed=("01", "02", "03", "04", "05", "06", "13", "15", "16")),
        Column("processed_online", "boolean"),
        Column("is_signed", "boolean"),
        Column("published_on_web", "boolean"),
        Column("answers_dossier_code", "text", pattern=DOSSIER_CODE, usual=USUAL_DOSSIER_CODE),
    ),
)

PROCEDURE_CONTRACT = Contract(
    entity="procedures",
    key=("procedure_code", "agency_code", "valid_from"),
    columns=(
        Column("procedure_code", "text", required=True, pattern=PROCEDURE, usual=PROCEDURE),
        Column("agency_code", "text", required=True, pattern=AGENCY, usual=r"^[0-9]{3}(?:\.[0-9]{2}){1,3}\.H[0-9]{2}$"),
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
        Column("agency_code", "text", required=True, pattern=AGENCY, usual=r"^[0-9]{3}(?:\.[0-9]{2}){1,3}\.H[0-9]{2}$"),
        Column("date", "date", required=True),
        Column("staff_total", "integer", required=True, most=99_999),
    ),
)

CERTIFICATE = Contract(
    entity="certificates",
    key=("serial",),
    columns=(
        Column("serial", "text", required=True, pattern=SERIAL, usual=r"^[0-9]{1,3}[A-F][0-9A-F]{7,36}$"),
        Column("agency_code", "text", required=True, pattern=AGENCY, usual=r"^[0-9]{3}(?:\.[0-9]{2}){1,3}\.H[0-9]{2}$"),
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
        Column("signature_id", "text", required=True, pattern=rf"^(?=.*[A-Z-])(?=.*\d){CODE[1:]}"),
        Column("document_id", "text", pattern=DOCUMENT, usual=USUAL_DOCUMENT),
        Column("dossier_code", "text", pattern=DOSSIER_CODE, usual=USUAL_DOSSIER_CODE),
        Column("serial", "text", required=True, pattern=SERIAL, usual=r"^[0-9]{1,3}[A-F][0-9A-F]{7,36}$"),
        Column("signed_at", "instant", required=True),
        Column("verification", "text", required=True, allowed=("valid", "invalid", "unknown")),
    ),
)

# What a commune typed into a statistical form, beside what it was read as.
REPORTED_FIGURE = Contract(
    entity="reported_figures",
    key=("agency_code", "form", "row_code"),
    columns=(
        Column("agency_code", "text", required=True, pattern=AGENCY),
        Column("form", "text", required=True, pattern=r"^[a-z][a-z0-9_]{1,29}$"),
        Column("row_code", "text", required=True, pattern=r"^[0-9]{1,2}([.][0-9a-z]{1,2}){0,4}[.]?$"),
        Column("unit", "text", allowed=REPORTED_UNITS),
        Column("value_text", "text", pattern=rf"^(?:-?[0-9.,]{{1,9}} ?%?|{'|'.join(REPORTED_WORDS)})$"),
        Column("value", "decimal"),
        Column("null_reason", "text", allowed=("blank", "not_extractable", "not_due", "none_exists")),
    ),
)

CONTRACTS: dict[str, Contract] = {
    c.entity: c
    for c in (DOSSIER, DOCUMENT_CONTRACT, PROCEDURE_CONTRACT, STAFFING, CERTIFICATE, SIGNATURE, REPORTED_FIGURE)
}

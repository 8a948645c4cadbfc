"""The lines of a workbook: one for each question about a rejected row, in the words of the people who answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cchc.period import LOCAL, Period
from ingest.contracts import Contract
from ingest.profile import Export
from ingest.rejects.forms import choice, choices, rule
from ingest.rejects.questions import ASKED, Faulty, Question, column_of, meant
from ingest.rejects.words import ENTITIES, column_label, fault_label, meanings

HEADINGS = (
    "STT", "Loại dữ liệu", "Mã hồ sơ, văn bản", "Thông tin nhận biết", "Trường cần sửa", "Lỗi", "Giá trị nhận được (chỉ dạng)",
    "Giá trị hợp lệ", "Sửa lại",
)  # fmt: skip
HIDDEN = ("export", "reject", "column", "line")
_AT_THE_SOURCE = "Không sửa được trong tệp này: hãy sửa trên phần mềm nguồn rồi gửi lại dữ liệu"
_NOTHING = {"required_blank": "(trống)", ASKED: "(chưa đọc được)"}
_TOLD = (
    "procedure_code", "received_at", "submitted_at", "direction", "issued_date", "sent_at", "signed_at", "valid_from", "form",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line. `locked` are the texts of its visible cells before the last, which is the one to fill in."""

    export: str
    reject_id: str
    column: str
    locked: tuple[str, ...]
    choices: tuple[str, ...] = ()
    can_be_corrected: bool = True


@dataclass(frozen=True)
class Cover:
    """What a workbook is of. `batches` is the batch of each export whose rejects it lists."""

    period: str
    calendar: str
    agency: str
    batches: dict[str, str]


def fingerprint(cover: Cover, number: str, export: str, reject_id: str, column: str, locked: tuple[str, ...]) -> str:
    """Of all that must come back unchanged in a line."""
    about = [cover.period, cover.calendar, cover.agency, cover.batches.get(export)]
    told = [*about, number, export, reject_id, column, *locked]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


def head_mark(above: list[str]) -> str:
    """Of the lines above the table."""
    return hashlib.sha256("\n".join(above).encode()).hexdigest()[:16]


def harmless(text: str) -> str:
    """The text as no program takes it for a formula, also after the sheet was saved as CSV."""
    clean = "".join(c if c.isprintable() else " " for c in text).strip()
    return f"'{clean}" if clean[:1] in ("=", "+", "-", "@") else clean


def lines_of(export: Export, row: Faulty) -> list[Line]:
    contract, reject = export.map.contract, row.reject
    about = [ENTITIES[contract.entity], reject.row_key or "(mã bị lỗi)", _known(contract, row)]
    lines = []
    for question in row.questions:
        told = [
            column_label(question.column),
            fault_label(question.code),
            question.found or _NOTHING.get(question.code, "(không hiển thị)"),
        ]
        valid, offered = _AT_THE_SOURCE, tuple[str, ...]()
        if row.can_be_corrected:
            column = column_of(export, question.column)
            valid, offered = rule(column), choices(column)
        if question.code == ASKED:
            valid = f"{_only_if(export, question)}. {valid}"
        locked = tuple(harmless(text) for text in (*about, *told, valid))
        lines.append(Line(export.name, reject.reject_id, question.column, locked, offered, row.can_be_corrected))
    return lines


def _only_if(export: Export, question: Question) -> str:
    """Says when a column that hangs on a faulty one is to be filled in."""
    told = []
    for name, values in question.only_if.items():
        column = column_of(export, name)
        named = " hoặc ".join(choice(column, value) for value in meant(export, name, values))
        told.append(f"{column_label(name)} là {named}")
    return f"Chỉ điền nếu {', hoặc '.join(told)}"


def _known(contract: Contract, row: Faulty) -> str:
    """What helps to find the row in the source: where it stood, and what was good of it."""
    known = [f"tệp {row.reject.file}"] if row.reject.file else []
    known.append(f"dòng thứ {row.reject.row_number}")
    for column in contract.columns:
        if column.name in (*_TOLD, *contract.key[1:]) and row.held.get(column.name) is not None:
            known.append(f"{column_label(column.name).lower()} {_shown(row.held[column.name], meanings(column))}")
    return "; ".join(known)


def _shown(value: Any, words: dict[str | int, str]) -> str:
    if isinstance(value, datetime):
        return value.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M:%S")
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else words.get(value, str(value))


def head(period: Period, agency: str, contact: str | None, due: date | None) -> list[str]:
    """The lines above the table. `contact` is who answers questions and takes the file back, until the day `due`."""
    sent = [f"Đầu mối liên hệ và nhận lại tệp: {harmless(contact)}."] if contact else []
    if due:
        sent.append(f"Hạn gửi lại: {due:%d/%m/%Y}.")
    first, last = (day.strftime("%d/%m/%Y") for day in (period.first_date, period.last_date))
    return [
        f"CÁC TRƯỜNG DỮ LIỆU CẦN SỬA, KỲ BÁO CÁO THÁNG {period.month:02d}/{period.year}",
        f"Đơn vị: {agency}. Kỳ báo cáo từ {first} đến hết {last}.",
        " ".join(sent) or "Đầu mối liên hệ và hạn gửi lại: theo thông báo gửi kèm tệp này.",
        "Mỗi dòng là một trường bị lỗi. Bản ghi có trường lỗi chưa được tính vào số liệu của đơn vị.",
        "Chỉ ghi vào cột “Sửa lại” (ô màu vàng). Các ô khác đã khóa; thêm dòng hoặc sửa ô khác thì tệp không được tiếp nhận.",
        "Bản ghi được tiếp nhận khi mọi trường lỗi của bản ghi đã sửa đúng; dòng để trống được giữ lại cho lần sau.",
        "Cột “Giá trị nhận được” chỉ cho biết dạng: A, a là chữ cái, 9 là chữ số, nhằm không lộ dữ liệu cá nhân.",
        "Không ghi họ tên, số giấy tờ tùy thân, số điện thoại hay địa chỉ vào tệp này. "
        "Hãy sửa cả trên phần mềm nguồn để lỗi không lặp lại.",
    ]

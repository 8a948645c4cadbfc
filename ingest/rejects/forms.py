"""How people write a value: the declared forms in which a corrected cell is read, and the sentence that tells them.

The parser is that of the profiles: a corrected cell is a field with formats and codes like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.columns import nfc
from ingest.contracts import Child, Column, Contract
from ingest.fields import FieldMap
from ingest.rejects.words import meanings, text_rule

BLANK = "(để trống)"  # there is truly no value; an empty cell says only that nobody has answered yet
_DATE_CELL = "yyyy-MM-dd HH:mm:ss"  # what a true date in a cell is read as
_DATES = ("dd/MM/yyyy", "d/M/yyyy")
_INSTANTS = ("dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm", "d/M/yyyy H:mm:ss", "d/M/yyyy H:mm")
_FORMATS: dict[str, tuple[str, ...]] = {
    "date": (*_DATES, _DATE_CELL),
    "instant": (*_INSTANTS, *_DATES, _DATE_CELL),
    "integer": ("vi_integer", "digits"),
    "decimal": ("decimal_comma", "percent_comma"),
}
_LISTED = 12  # more choices than this are in the cell's list only


def choices(column: Column) -> tuple[str, ...]:
    """What the list of a cell offers; nothing for a column without codes."""
    if column.type == "boolean":
        offered: tuple[str, ...] = ("Có", "Không")
    else:
        offered = tuple(choice(column, code) for code in column.allowed)
    return (*offered, BLANK) if offered and not column.required else offered


def choice(column: Column, code: Any) -> str:
    """A code as the list of a cell offers it: its meaning, behind the code when that is a number that people know."""
    meaning = meanings(column).get(code, str(code))
    return f"{code} - {meaning}" if str(code).isdigit() and meaning != str(code) else meaning


def rule(column: Column) -> str:
    """A sentence that says what a valid value looks like, with an example."""
    if offered := [choice for choice in choices(column) if choice != BLANK]:
        text = (
            f"Chọn một trong: {'; '.join(offered)}"
            if len(offered) <= _LISTED
            else f"Chọn trong danh sách của ô, ví dụ {offered[0]}"
        )
    elif column.type == "date":
        text = "Ghi ngày/tháng/năm, ví dụ 15/01/2023"
    elif column.type == "instant":
        text = (
            "Ghi theo giờ Việt Nam: ngày/tháng/năm giờ:phút, ví dụ 15/01/2023 07:30; chỉ biết ngày thì ghi 15/01/2023"
        )
    elif column.type == "integer":
        text = "Số nguyên, có thể chấm hàng nghìn, ví dụ 8.000 hoặc 8000"
    elif column.type == "decimal":
        text = "Số thập phân dùng dấu phẩy hoặc tỷ lệ phần trăm, ví dụ 1.467 hoặc 99,45%"
    else:
        text = text_rule(column)
    return text if column.required else f"{text}. Thực sự không có giá trị thì ghi {BLANK}"


def is_blank(text: str) -> bool:
    """Whether somebody wrote that there is no value."""
    return nfc(text).casefold() == BLANK


def field_of(path: str, column: Column) -> FieldMap:
    """How a corrected cell of the column is read."""
    codes: dict[str, Any] = dict(_codes(column))
    return FieldMap(
        path=path, codes=codes or None, format=None if codes else _FORMATS.get(column.type)
    )  # fmt: skip


def worded(column: Column, text: str) -> str:
    """The text in the letters of the code that it means, whatever capitals and spaces somebody used."""
    words = {nfc(word).casefold(): word for word in _codes(column)}
    return words.get(nfc(text).casefold(), text)


def _codes(column: Column) -> Mapping[str, Any]:
    if column.type == "boolean":
        return {"Có": True, "Không": False, "true": True, "false": False}
    written: dict[str, Any] = {}
    for code, meaning in meanings(column).items():
        written |= {str(code): code, meaning: code, choice(column, code): code}
        if isinstance(code, str) and code.isdigit():
            written[str(int(code))] = code  # a cell of numbers shows 01 as 1
    return written


def column_at(contract: Contract, path: str) -> Column | None:
    """The column at `path`, also inside a nested list (`supplements[0].requested_at`); None for a whole row or list."""
    child, found, rest = path.partition("[")
    columns = contract.columns if not found else _child(contract, child).columns
    name = path if not found else rest.partition("].")[2]
    return next((column for column in columns if column.name == name), None)


def place_of(path: str) -> tuple[str, int, str] | None:
    """The nested list, the element and the column of a path; None for a column of the row itself."""
    child, found, rest = path.partition("[")
    number, _, name = rest.partition("].")
    return (child, int(number), name) if found else None


def _child(contract: Contract, name: str) -> Child:
    return next(child for child in contract.children if child.name == name)

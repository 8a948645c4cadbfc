"""A file of agencies or successions as people write it: a sheet or CSV with Vietnamese or canonical headings.

Only what the file says is read: a blank cell says nothing, as a column does that is not there. A dash says: nothing there.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from cchc.agencies import AGENCY_COLUMNS, SUCCESSION_COLUMNS, Place
from ingest.columns import nfc
from ingest.files.workbook import cell_text
from ingest.spelling import did_you_mean

AGENCY_HEADINGS = {
    "Mã đơn vị": "agency_code",
    "Hiệu lực từ ngày": "valid_from",
    "Hiệu lực đến ngày": "valid_to",
    "Tên đơn vị": "name_vi",
    "Cấp": "level",
    "Mã đơn vị cấp trên": "parent_code",
    "Mã định danh": "identity_code",
    "Báo cáo từ ngày": "reports_from",
    "Báo cáo đến ngày": "reports_to",
}
SUCCESSION_HEADINGS = {
    "Mã đơn vị cũ": "from_code",
    "Đơn vị cũ hiệu lực từ ngày": "from_valid_from",
    "Mã đơn vị mới": "to_code",
    "Đơn vị mới hiệu lực từ ngày": "to_valid_from",
    "Ngày thay đổi": "event_date",
    "Loại thay đổi": "kind",
    "Tỷ lệ": "weight",
    "Căn cứ pháp lý": "legal_act",
}
EMPTY = "-"
_IGNORED = {"stt", "ghi chú"}
_WORDS = {
    "level": {
        "cấp xã": "commune", "xã": "commune", "phường": "commune", "đặc khu": "commune", "thị trấn": "commune",
        "cấp huyện": "district", "huyện": "district", "quận": "district", "cấp tỉnh": "province", "tỉnh": "province",
        "thành phố": "province", "sở": "department", "ban": "department", "ngành": "department",
        "sở, ban, ngành": "department",
    },
    "kind": {
        "sáp nhập": "merge", "chia tách": "split", "đổi tên": "rename", "đổi mã": "recode", "đổi cấp trên": "reparent",
        "bãi bỏ": "level_abolished", "kết thúc hoạt động": "level_abolished",
    },
}  # fmt: skip
_HEAD_ROWS = 10  # official lists have a title above their headings
_VIETNAMESE_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class AgencyFileRefused(ValueError):
    """A file of agencies cannot be read; the message names file, line and column and says what to write."""


@dataclass(frozen=True)
class Row:
    """What one line says, by canonical column, in the form of the seeds; an empty text where it says that there is nothing."""

    place: Place
    says: dict[str, str]


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]  # those of the seed
    rows: tuple[Row, ...]


def read_tables(path: Path) -> list[Table]:
    """The tables of a file: one of a CSV, one of each sheet that is not empty. Raises AgencyFileRefused."""
    found = []
    for where, lines in _sheets(path):
        if any(any(line) for line in lines):
            found.append(_table(where, lines))
    if not any(table.rows for table in found):
        raise AgencyFileRefused(f"{path}: there is no row below the headings")
    return found


def _sheets(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AgencyFileRefused(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                yield f"{path} sheet {name}", [[nfc(cell_text(cell) or "") for cell in row] for row in rows]
        except CalamineError as error:
            raise AgencyFileRefused(f"{path} is no workbook that can be read ({error})") from None
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AgencyFileRefused(f"{path} is not written in UTF-8; save it as .xlsx or as CSV UTF-8") from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    yield (
        str(path),
        [[nfc(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)],
    )


def _table(where: str, lines: list[list[str]]) -> Table:
    head, columns, names = _head(where, lines)
    rows = []
    for number, line in enumerate(lines[head + 1 :], head + 2):
        texts = {name: line[at] for at, name in names.items() if at < len(line) and line[at]}
        if texts:
            says = {name: "" if text == EMPTY else _canonical(name, text) for name, text in texts.items()}
            rows.append(Row(Place(where, number), says))
    return Table(columns, tuple(rows))


def _head(where: str, lines: list[list[str]]) -> tuple[int, tuple[str, ...], dict[int, str]]:
    """Where the headings are, the columns of their kind of table, and which cell is which column."""
    for columns, headings in ((AGENCY_COLUMNS, AGENCY_HEADINGS), (SUCCESSION_COLUMNS, SUCCESSION_HEADINGS)):
        known = {nfc(heading).casefold(): name for heading, name in headings.items()} | {name: name for name in columns}
        for number, line in enumerate(lines[:_HEAD_ROWS]):
            if columns[0] in (known.get(cell.casefold()) for cell in line):
                return number, columns, _named(f"{where} line {number + 1}", line, known)
    raise AgencyFileRefused(
        f"{where}: no line among the first {_HEAD_ROWS} has the heading 'Mã đơn vị' (agencies) or 'Mã đơn vị cũ' (successions)"
    )


def _named(where: str, line: list[str], known: dict[str, str]) -> dict[int, str]:
    names: dict[int, str] = {}
    for at, cell in enumerate(line):
        if not cell or cell.casefold() in _IGNORED:
            continue
        if (name := known.get(cell.casefold())) is None:
            raise AgencyFileRefused(
                f"{where}: no column is called {cell!r}{did_you_mean(cell, known)}; there are {', '.join(known)}"
            )
        if name in names.values():
            raise AgencyFileRefused(f"{where}: {cell!r} is a second column {name}")
        names[at] = name
    return names


def _canonical(name: str, text: str) -> str:
    """A cell in the form of the seeds; what cannot be read stays as it is, for the message that says so."""
    if name in _WORDS:
        return _WORDS[name].get(text.casefold(), text)
    read = _READ.get(name.rpartition("_")[2], str)
    return read(text)


def _day(text: str) -> str:
    text = text.removesuffix(" 00:00:00")  # a date cell of Excel
    if found := _VIETNAMESE_DATE.fullmatch(text):
        day, month, year = map(int, found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return text
    return text


def _weight(text: str) -> str:
    number = text.removesuffix("%").strip().replace(",", ".")
    if text.endswith("%") and re.fullmatch(r"\d+(\.\d+)?", number):
        return f"{float(number) / 100:.10g}"
    return number


_READ: dict[str, Callable[[str], str]] = {"from": _day, "to": _day, "date": _day, "weight": _weight}

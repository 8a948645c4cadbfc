"""`cchc rejects export`: the rejects that stand, as one workbook for each agency.

Only the cells to fill in are unlocked. Every cell is written as a text or a number, never as what a program might run, and a
hidden sheet carries what is needed to read the workbook back.
"""

from __future__ import annotations

import os
import tempfile
import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from cchc.agencies import Agency, agencies, canonical_identity
from cchc.period import Period
from cchc.settings import Settings
from ingest.errors import ProfileError
from ingest.profile import Export, load_exports
from ingest.rejects.lines import HEADINGS, HIDDEN, Cover, Line, fingerprint, harmless, head, head_mark, lines_of
from ingest.rejects.questions import faulty_rows
from ingest.rejects.standing import Standing, standing
from ingest.store import Store

SHEET, NOTE, LISTS = "Cần sửa", "_cchc", "_danh_muc"
KIND = "cchc rejects 1"
HEAD_ROWS = 9  # the lines above the table and its headings
ANSWER = len(HEADINGS) - 1
NO_AGENCY = "khong-ro-don-vi"
_WIDTHS = (5, 11, 27, 26, 17, 17, 17, 36, 22)  # letters: on A4 across, what is printed stays readable
_LINE = 16.5  # points


class WorkbookExists(ValueError):
    """A workbook of this name is there already, perhaps filled in by somebody."""


@dataclass(frozen=True)
class Exported:
    """A workbook as it was written."""

    path: Path
    agency_code: str | None
    rejects: int
    lines: int


def stand(export: Export, store: Store, period: Period) -> Standing | None:
    """The state of the month, for people to correct. Raises ProfileError when it was read with another mapping."""
    state = standing(store, export.name, period)
    if state and state.receipt.fingerprint != export.fingerprint():
        raise ProfileError(
            f"{export.name} {period}: the profile {export.profile.profile} was changed since the rows were read: "
            f"cchc land {export.name} {period}, then export the rejects"
        )
    return state


def export_workbooks(
    period: Period, settings: Settings, folder: Path, *, contact: str | None = None, due: date | None = None
) -> list[Exported]:
    """Writes a workbook for each agency that has rejects in `period`, one for those of no known agency; none when none stand.

    `contact` and `due` are told above the table: who takes the workbook back, and until which day.
    Raises ProfileError, and WorkbookExists before anything is written.
    """
    store, names = Store(settings.raw), _names(settings, period)
    lines: dict[str, list[Line]] = {}
    batches: dict[str, dict[str, str]] = {}
    for export in load_exports(settings.profiles).values():
        state = stand(export, store, period)
        for row in faulty_rows(store, export, period, state, state.open_ids) if state else []:
            raw = row.reject.agency_code or ""
            named = names.get(canonical_identity(raw))
            code = named.agency_code if named else raw
            lines.setdefault(code, []).extend(lines_of(export, row))
            batches.setdefault(code, {})[export.name] = state.receipt.batch_id or "" if state else ""
    paths = {code: folder / file_name(period, code) for code in lines}
    for path in paths.values():
        if path.exists():
            raise WorkbookExists(
                f"{path} is there already, perhaps filled in: import it and move it away, or give another --out"
            )
    folder.mkdir(parents=True, exist_ok=True)
    by_code = {agency.agency_code: agency for agency in names.values()}
    written = []
    for code in sorted(lines):
        unknown = code or "không rõ, xem mã và dòng của từng bản ghi"
        told = f"{by_code[code].name_vi} ({code})" if code in by_code else unknown
        cover = Cover(str(period), period.calendar, code, batches[code])
        _write(paths[code], cover, head(period, harmless(told), contact, due), lines[code])
        rejects = len({(line.export, line.reject_id) for line in lines[code]})
        written.append(Exported(paths[code], code or None, rejects, len(lines[code])))
    return written


def file_name(period: Period, agency_code: str) -> str:
    return f"can-sua-{period}-{agency_code or NO_AGENCY}.xlsx"


def _names(settings: Settings, period: Period) -> dict[str, Agency]:
    """The agencies of the period's last day by both codes that sources know them by, identity codes in canonical form."""
    found: dict[str, Agency] = {}
    for agency in agencies(settings):
        if agency.valid_on(period.last_date):
            found |= {code: agency for code in (agency.agency_code, canonical_identity(agency.identity_code)) if code}
    return found


def _write(path: Path, cover: Cover, above: list[str], lines: list[Line]) -> None:
    """The workbook, visible whole or not at all."""
    descriptor, draft = tempfile.mkstemp(prefix=".draft-", suffix=".xlsx", dir=path.parent)
    os.close(descriptor)
    try:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(draft, options) as book:
            _Writer(book, cover).write(above, lines)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _wrapped(text: str, width: int) -> int:
    """How many lines a text takes in a cell; no program measures the rows of a file that it did not write itself."""
    return max(1, len(textwrap.wrap(text, width * 8 // 9)))


class _Writer:
    def __init__(self, book: Any, cover: Cover) -> None:
        self._book, self._cover = book, cover
        self._sheet, self._note, self._lists = (book.add_worksheet(name) for name in (SHEET, NOTE, LISTS))
        look = {"font_name": "Times New Roman", "font_size": 12, "valign": "top", "text_wrap": True, "locked": True}
        box = look | {"border": 1}
        self._title = book.add_format(look | {"bold": True, "font_size": 14, "text_wrap": False})
        self._told = book.add_format(look | {"text_wrap": False})
        self._heading = book.add_format(
            box | {"bold": True, "bg_color": "#DDEBF7", "align": "center", "valign": "vcenter"}
        )
        self._cell = book.add_format(box)
        self._closed = book.add_format(box | {"bg_color": "#E7E6E6"})
        # Text, or Excel would turn what is typed into a date or a number by the rules of its own language.
        self._open = book.add_format(box | {"bg_color": "#FFF2CC", "locked": False, "num_format": "@"})
        self._places: dict[tuple[str, ...], str] = {}

    def write(self, above: list[str], lines: list[Line]) -> None:
        sheet = self._sheet
        for row, text in enumerate(above):
            sheet.write_string(row, 0, text, self._told if row else self._title)
        for column, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(HEAD_ROWS - 1, column, heading, self._heading)
        sheet.set_row(HEAD_ROWS - 1, 2 * _LINE)
        for row, line in enumerate(lines, HEAD_ROWS):
            self._line(row, line)
        hidden = self._book.add_format({"locked": True, "hidden": True})
        sheet.set_column(len(HEADINGS), len(HEADINGS) + len(HIDDEN) - 1, 4, hidden, {"hidden": True})
        sheet.freeze_panes(HEAD_ROWS, 0)
        sheet.ignore_errors({"number_stored_as_text": f"A1:I{HEAD_ROWS + len(lines)}"})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)  # inches
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&CTrang &P/&N")
        sheet.repeat_rows(HEAD_ROWS - 1)
        self._carry(above, len(lines))
        for one in (sheet, self._note, self._lists):
            one.protect("", {"format_rows": True} if one is sheet else {})
        self._note.very_hidden()
        self._lists.very_hidden()

    def _line(self, row: int, line: Line) -> None:
        sheet, number = self._sheet, row - HEAD_ROWS + 1
        told = zip(line.locked, _WIDTHS[1:], strict=False)
        sheet.set_row(row, _LINE * max(_wrapped(text, width) for text, width in told))
        sheet.write_number(row, 0, number, self._cell)
        for column, text in enumerate(line.locked, 1):
            sheet.write_string(row, column, text, self._cell)
        sheet.write_blank(row, ANSWER, None, self._open if line.can_be_corrected else self._closed)
        mark = fingerprint(self._cover, str(number), line.export, line.reject_id, line.column, line.locked)
        for column, text in enumerate((line.export, line.reject_id, line.column, mark), ANSWER + 1):
            sheet.write_string(row, column, text)
        if line.choices and line.can_be_corrected:
            sheet.data_validation(row, ANSWER, row, ANSWER, {
                "validate": "list", "source": self._place(line.choices), "error_title": "Không có trong danh mục",
                "error_message": "Hãy chọn một giá trị trong danh sách của ô.",
            })  # fmt: skip

    def _place(self, offered: tuple[str, ...]) -> str:
        """Where the choices of a cell stand: in a list of their own, for those in a cell may have 255 letters at most."""
        if offered not in self._places:
            column = len(self._places)
            for row, choice in enumerate(offered):
                self._lists.write_string(row, column, choice)
            letter = xlsxwriter.utility.xl_col_to_name(column)
            self._places[offered] = f"={LISTS}!${letter}$1:${letter}${len(offered)}"
        return self._places[offered]

    def _carry(self, above: list[str], lines: int) -> None:
        cover = self._cover
        facts = [("kind", KIND), ("period", cover.period), ("calendar", cover.calendar), ("agency", cover.agency),
                 ("lines", str(lines)), ("head", head_mark(above))]  # fmt: skip
        facts += [(f"batch {export}", batch) for export, batch in sorted(cover.batches.items())]
        for row, pair in enumerate(facts):
            for column, text in enumerate(pair):
                self._note.write_string(row, column, text)

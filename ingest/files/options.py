"""What a profile says of an export that comes as files: names, dialect, sheet, headings, and how large it may be."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ingest.fields import Strict

Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "windows-1258"]
MOMENTS = ("period", "period_start", "period_end", "period_last_day")
AGENCY = ("agency_code", "identity_code", "agency_name")
PLACEHOLDER = re.compile(r"\{(\w+)(?::([^{}]+))?\}")
CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_TOKENS = re.compile("yyyy|MM|M|dd|d")
_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def _template(text: str) -> str:
    """Checks the placeholders of a name or title."""
    for found in PLACEHOLDER.finditer(text):
        name, form = found[1], found[2]
        if name in MOMENTS and form and _TOKENS.search(form) and not re.search(r"[^\W\d_]", _TOKENS.sub("", form)):
            continue
        if name in AGENCY and form is None:
            continue
        known = ", ".join(["{" + f"{m}:yyyy-MM" + "}" for m in MOMENTS] + ["{" + a + "}" for a in AGENCY])
        raise ValueError(f"{found[0]} is no placeholder; there are {known}, their dates in yyyy MM M dd d")
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise ValueError(f"{text!r} has a brace that belongs to no placeholder")
    return text


def _file_name(text: str) -> str:
    if text.startswith("/") or "\\" in text or ".." in text.split("/") or not text.strip("/* "):
        raise ValueError(f"{text!r} is no name inside the folder: no leading /, no .. and no \\")
    return _template(text)


Template = Annotated[str, AfterValidator(_template)]
FileName = Annotated[str, AfterValidator(_file_name)]


class Sheet(Strict):
    """The sheet of a workbook: by `name`, or the `index`-th of those that are not hidden."""

    name: Template | None = None
    index: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one(self) -> Sheet:
        if (self.name is None) == (self.index is None):
            raise ValueError("give a name or an index")
        return self


class Until(Strict):
    """The row that ends the table: its first filled cell is `says`. It must be there, or the file counts as cut off.

    `count` is the heading under which that row declares the number of rows; with `in_text` the number stands in the
    cell that begins the row, as in `Tổng cộng: 1.467 hồ sơ`.
    """

    says: str = Field(min_length=1)
    count: str | None = None
    in_text: bool = False

    @model_validator(mode="after")
    def _one_place(self) -> Until:
        if self.count and self.in_text:
            raise ValueError("the number of rows stands under `count` or in the text, not in both")
        return self


class Renamed(Strict):
    """In files of the months `from` to `to` (YYYY-MM, both included) the heading `heading` is written `was`."""

    heading: str
    was: str
    first: str | None = Field(None, alias="from", pattern=_MONTH)
    last: str | None = Field(None, alias="to", pattern=_MONTH)

    @model_validator(mode="after")
    def _bounded(self) -> Renamed:
        if self.first is None and self.last is None:
            raise ValueError("say from or to which month the heading is written otherwise")
        return self


class Limits(Strict):
    """What a file may be. `ratio` (unpacked to packed) and `members` are for archives; workbooks are archives too."""

    file_mb: int = Field(2_000, gt=0)
    unpacked_mb: int = Field(4_000, gt=0)
    ratio: int = Field(200, gt=0)
    members: int = Field(200, gt=0)
    cells: int = Field(20_000_000, gt=0)


class FileExport(Strict):
    """One export as files. `name` is a pattern inside the drop folder: `*` and placeholders such as {period:yyyy-MM}.

    Rows are numbered from 1 as people see them; the headings stand in `header_row`, and where they are merged in two
    rows (`header_rows: 2`) a column is called `Upper / Lower`. `titles` are cells above that must hold the text given,
    so that a file of another month or agency is refused.
    """

    name: FileName
    format: Literal["csv", "xlsx"]
    member: FileName | None = None
    encoding: Encoding = "utf-8"
    delimiter: Literal["comma", "semicolon", "tab"] = "comma"
    quote: Literal['"', "'"] | None = '"'
    sheet: Sheet | None = None
    header_row: int = Field(1, ge=1, le=100)
    header_rows: Literal[1, 2] = 1
    until: Until | None = None
    titles: dict[str, Template] = Field(default_factory=dict)
    renamed: tuple[Renamed, ...] = ()
    several: Literal["error", "parts"] = "error"
    settle_seconds: float = Field(60, ge=0)
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _fits_its_format(self) -> FileExport:
        given = self.model_fields_set
        if wrong := sorted(given & ({"sheet"} if self.format == "csv" else {"encoding", "delimiter", "quote"})):
            raise ValueError(f"{', '.join(wrong)} says nothing of {self.format}")
        for cell in self.titles:
            found = CELL.fullmatch(cell)
            if not found or int(found[2]) >= self.header_row:
                raise ValueError(f"titles.{cell}: name a cell above the headings (row {self.header_row}), such as A1")
        return self

    @model_validator(mode="after")
    def _knows_its_period(self) -> FileExport:
        texts = (self.name, self.member or "", *self.titles.values())
        if not any(found[1] in MOMENTS for text in texts for found in PLACEHOLDER.finditer(text)):
            raise ValueError("the period must stand in the name or in a title, such as {period:yyyy-MM}")
        return self

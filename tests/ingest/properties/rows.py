"""Random source rows, and what a person who reads them one by one would make of each: the oracle of the landing.

Every cell is drawn together with its meaning, so nothing here shares a line with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

_NAME = "Nguyễn Thị Ánh Nguyệt"


@dataclass(frozen=True)
class Cell:
    """A value of the source, and what it means: a value, or with `fault` the code of what is wrong with it."""

    sent: Any
    means: Any = None
    fault: str | None = None


def _good(*pairs: tuple[Any, Any]) -> list[Cell]:
    return [Cell(sent, means) for sent, means in pairs]


def _bad(code: str, *values: Any) -> list[Cell]:
    return [Cell(value, fault=code) for value in values]


_BLANK = _good((None, None), ("", None), ("  ", None))
_NESTED = _bad("nested_value", {"x": _NAME}, [1])
AGENCY = [
    *_good(("000.22.26.H23", "000.22.26.H23"), (" 000.22.27.H23\n", "000.22.27.H23")),
    *_bad("bad_code", _NAME, "000.22.26.H23x", 22.5), *_bad("required_blank", None, ""),
]  # fmt: skip
DIRECTION = [
    *_good(("DI", "outgoing"), (" DEN", "incoming")),
    *_bad("not_allowed", "di", _NAME, 0, True), *_bad("required_blank", None, " "), *_NESTED,
]  # fmt: skip
ISSUED = [
    *_good(("2023/01/03", date(2023, 1, 3)), ("2024/02/29 ", date(2024, 2, 29))), *_BLANK,
    *_bad("bad_date", "2023/02/29", "03/01/2023", "2023-01-03", 20230103, _NAME, "2023/1/3"), *_NESTED,
]  # fmt: skip
STATUS = [*_good(("06", "06"), ("01", "01")), *_BLANK, *_bad("not_allowed", "99", 6, 1.0, _NAME)]
PUBLISHED = [*_good(("1", True), (1, True), ("0", False), (0, False)), *_BLANK, *_bad("not_allowed", "2", True, 1.0)]
LEVELS = ["0", 0, " 0 ", "1", "", None, "Mật"]


@dataclass(frozen=True)
class Row:
    """One row of the source. `serial` orders the rows of a source that has an order, `version` counts its changes."""

    serial: float
    body: Any
    cells: dict[str, Cell] = field(default_factory=dict, hash=False, repr=False)
    number: int = 0
    version: int = 0
    number_fault: str | None = None

    @property
    def has_key(self) -> bool:
        cells = self.cells
        return bool(cells) and not (self.number_fault or cells["agency_code"].fault or cells["direction"].fault)

    def is_open(self) -> bool:
        return isinstance(self.body, dict) and str(self.body["SecretLevel"]).strip() == "0"

    def means(self) -> dict[str, Any]:
        """The columns of the contract that are read, as they must be landed. Only for rows without a fault."""
        sent = datetime(2023, 1, 3, 1, 0, self.version % 60, tzinfo=UTC)
        known = {name: cell.means for name, cell in self.cells.items()}
        return known | {"document_id": _document(self.number), "sent_at": sent}

    def faults(self) -> frozenset[tuple[str, str]]:
        """The columns that are wrong, each with the code of what is."""
        if not self.cells:
            return frozenset({("row", "not_a_row")})
        found = {(name, cell.fault) for name, cell in self.cells.items() if cell.fault}
        return frozenset(found | ({("document_id", self.number_fault)} if self.number_fault else set()))


def _document(number: int) -> str:
    return f"000.22.26.H23,2023/01/03,{number}/UBND-VP"


def row(serial: float, number: int, cells: dict[str, Cell], level: Any, version: int = 0, spoilt: Any = None) -> Row:
    """A row; with `spoilt` (a text and the code of its fault) its number is no number of a document."""
    sent = {name: cell.sent for name, cell in cells.items()}
    body = {
        "Id": spoilt[0] if spoilt else _document(number), "Organ": {"Id": sent["agency_code"]},
        "Direction": sent["direction"], "Issued": sent["issued_date"], "Status": sent["exchange_status"],
        "Web": sent["published_on_web"], "SentAt": f"2023/01/03 08:00:{version % 60:02d}", "SecretLevel": level,
        "Subject": _NAME, "Signer": {"Name": _NAME},
    }  # fmt: skip
    return Row(serial, body, cells, number, version, spoilt[1] if spoilt else None)


def changed(one: Row, serial: float, version: int) -> Row:
    """The same record, changed since."""
    spoilt = (one.body["Id"], one.number_fault) if one.number_fault else None
    return row(serial, one.number, one.cells, one.body["SecretLevel"], version, spoilt)


CHOICES = {
    "agency_code": AGENCY, "direction": DIRECTION, "issued_date": ISSUED, "exchange_status": STATUS,
    "published_on_web": PUBLISHED,
}  # fmt: skip
_SPOILT = [(_NAME, "bad_code"), ("030190001234", "bad_code"), ("", "required_blank"), ({"n": 1}, "nested_value")]


@st.composite
def records(draw: st.DrawFn, number: int, secret: bool) -> Row:
    """A record that is mostly right."""
    if draw(st.integers(0, 19)) == 19:
        return Row(float(number), draw(st.sampled_from(["no row", None, 7, [], _NAME])), number=number)
    wrong = draw(st.sampled_from(["", "", "", "", *CHOICES, "number"]))
    cells = {}
    for name, choices in CHOICES.items():
        allowed = choices if name == wrong else [cell for cell in choices if not cell.fault]
        cells[name] = draw(st.sampled_from(allowed))
    spoilt = draw(st.sampled_from(_SPOILT)) if wrong == "number" else None
    level = draw(st.sampled_from(LEVELS if secret else ["0"]))
    return row(float(number), number, cells, level, spoilt=spoilt)


@st.composite
def tables(draw: st.DrawFn, secret: bool) -> list[Row]:
    """The rows of a source, some of them there twice."""
    rows = [
        draw(records(number, secret))
        for number in range(1, draw(st.one_of(st.integers(6, 24), st.integers(1, 24))) + 1)
    ]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        one = draw(st.sampled_from(rows))
        rows.insert(draw(st.integers(0, len(rows))), Row(0, one.body, one.cells, one.number, 0, one.number_fault))
    return [Row(float(place), r.body, r.cells, r.number, 0, r.number_fault) for place, r in enumerate(rows)]

"""What lies in a workbook beside its values: sheets and whether they are hidden, errors, formulas without a value, percents.

The reader of cells gives blank for an error, and for a formula that nobody has calculated; both are found here, in the
sheet's own text, which is also measured: one stray cell at the far end makes a sheet of 17 thousand million cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from ingest.errors import SourceError
from ingest.files.archives import Archive

_PARTS_MB = 20
_BUILT_IN_PERCENT = {9, 10}
_CELL = rb"<(?:\w+:)?c\b(?P<attributes>[^>]*?)"
_ERROR = re.compile(_CELL + rb'(?<=\s)t="e"[^>]*>')
_FORMULA = re.compile(
    _CELL
    + rb">\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</)"
)
_ADDRESS = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})([0-9]+)"')
_TWO_LETTERS = re.compile(rb'r="[A-Z]{2}')
_LETTERS = re.compile(rb'\sr="([A-Z]{2,3})[0-9]')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="([0-9]+)"')

Cell = tuple[int, int]  # row as people count it, and column from 0


@dataclass
class Marks:
    """Cells of one sheet: with an error, with a formula without a value, shown as percents."""

    errors: set[Cell] = field(default_factory=set)
    uncalculated: set[Cell] = field(default_factory=set)
    percents: set[Cell] = field(default_factory=set)


def member_of(where: str, archive: Archive, sheet: str) -> str:
    """The member of the workbook that holds the sheet of this name."""
    ids = {e.get("name"): _relation(e) for e in _tree(where, archive, "xl/workbook.xml").iter() if _is(e, "sheet")}
    targets = {e.get("Id"): e.get("Target", "") for e in _tree(where, archive, "xl/_rels/workbook.xml.rels")}
    target = targets.get(ids.get(sheet), "")
    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    if member not in archive.members:
        raise SourceError(f"{where} is damaged: a sheet it names is not in it; ask for it again")
    return member


def measure(where: str, archive: Archive, member: str, most_cells: int) -> None:
    """Unpacks a sheet to see how large it truly is, before anything is made of it.

    Raises SourceError when it reaches over more than `most_cells` cells, blank ones between counted.
    """
    rows, wide = 0, set[bytes]()
    for piece in _rows(archive.unpack(member)):
        rows = _last_row(piece, rows)
        if _TWO_LETTERS.search(piece):
            wide.update(_LETTERS.findall(piece))
    columns = max([26, *(_column(letters) + 1 for letters in wide)])
    if rows * columns > most_cells:
        raise SourceError(
            f"{where}: the sheet reaches to row {rows} and column {columns}, more than the limit of {most_cells} cells; "
            "delete what stands far off the table, or ask for the export as CSV"
        )


def marks_of(where: str, archive: Archive, member: str) -> Marks:
    """Looks through a sheet for what the reader of cells does not tell."""
    marks, percent = Marks(), _percent_styles(where, archive)
    for piece in _rows(archive.unpack(member)):
        if b't="e"' in piece:
            marks.errors |= _cells(where, _ERROR.finditer(piece))
        if b"<f" in piece or b":f" in piece:
            # A formula whose result is an empty text has the type str: that is a value.
            found = (f for f in _FORMULA.finditer(piece) if b't="str"' not in f["attributes"])
            marks.uncalculated |= _cells(where, found)
        if percent:
            marks.percents |= _cells(where, percent.finditer(piece))
    return marks


def _rows(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces cut anew, so that no row is cut in two."""
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = whole.rfind(b"</row>") + 6
        if cut < 6:
            cut = whole.rfind(b":row>") + 5
            if cut < 5:
                rest = whole
                continue
        yield whole[:cut]
        rest = whole[cut:]
    yield rest


def _last_row(piece: bytes, before: int) -> int:
    """The number of the last row in a piece; rows without numbers are counted on."""
    at = max(piece.rfind(b"<row "), 0)  # the others matter behind it only
    at = max(at, piece.rfind(b"<row>", at), piece.rfind(b"<", at, max(at, piece.rfind(b":row ", at))))
    last = _ROW.match(piece, at) if at >= 0 else None
    return max(before, int(last[1])) if last else before + piece.count(b"</row>")


def _cells(where: str, found: Iterator[re.Match[bytes]]) -> set[Cell]:
    cells = set()
    for cell in found:
        address = _ADDRESS.search(cell[0])
        if not address:
            raise SourceError(
                f"{where}: an error or a formula stands in a cell without address; save it anew with Excel"
            )
        cells.add((int(address[2]), _column(address[1])))
    return cells


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1


def _percent_styles(where: str, archive: Archive) -> re.Pattern[bytes] | None:
    """Finds cells whose style shows them as percents; None when no style does."""
    if "xl/styles.xml" not in archive.members:
        return None
    tree = _tree(where, archive, "xl/styles.xml")
    own = {int(e.get("numFmtId", 0)): e.get("formatCode", "") for e in tree.iter() if _is(e, "numFmt")}
    formats = _BUILT_IN_PERCENT | {number for number, code in own.items() if "%" in re.sub('"[^"]*"', "", code)}
    styles = [style for e in tree.iter() if _is(e, "cellXfs") for style in e]
    percent = [str(index) for index, style in enumerate(styles) if int(style.get("numFmtId", 0)) in formats]
    if not percent:
        return None
    return re.compile(_CELL + rb'(?<=\s)s="(?:' + "|".join(percent).encode() + rb')"[^>]*>')


def _tree(where: str, archive: Archive, member: str) -> ElementTree.Element:
    if member not in archive.members:
        raise SourceError(f"{where} is no workbook: {member} is not in it; save it as .xlsx with Excel")
    if archive.members[member].file_size > _PARTS_MB * 1_000_000:
        raise SourceError(f"{where}: {member} is larger than {_PARTS_MB} MB; save it anew with Excel")
    text = b"".join(archive.unpack(member))
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise SourceError(f"{where}: {member} declares entities, which no workbook does; save it anew with Excel")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise SourceError(f"{where} is damaged: {member} cannot be read; ask for it again") from None


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _relation(sheet: ElementTree.Element) -> str:
    return next((value for key, value in sheet.attrib.items() if key.rpartition("}")[2] == "id"), "")

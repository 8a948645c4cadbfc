"""The people of the round trip: a source with faults, and somebody who fills in workbooks with openpyxl."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq

from cchc.settings import settings
from ingest.rejects.corrections import Imported, import_workbook
from ingest.rejects.lines import HEADINGS
from ingest.rejects.standing import Standing, standing
from ingest.rejects.workbook import ANSWER, HEAD_ROWS, SHEET, Exported, export_workbooks
from ingest.store import Receipt, Store
from tests.ingest.landings import NAMES, PERIOD

IDENTITIES = ("000.19.26.H23", "000.22.26.H23", "000.37.26.H23", "000.07.30.H56")
PERSONAL = (*NAMES, "0912345678", "12 phố Quang Trung")


def dossier(number: int, agency: str = "000.22.26.H23", **changes: Any) -> dict[str, Any]:
    return {
        "_agency": agency, "MaHoSo": f"{agency}-230103-{number:05d}", "MaTTHC": "1.001193", "MaLinhVuc": "HT",
        "KenhThucHien": "2",
        "ChuHoSo": PERSONAL[0], "SoGiayToChuHoSo": PERSONAL[1], "Email": PERSONAL[2], "SoDienThoai": PERSONAL[3],
        "TrichYeuHoSo": PERSONAL[4], "LoaiDoiTuong": "1", "NgayNopHoSo": "20230103070000",
        "NgayTiepNhan": "20230103073000", "NgayHenTra": "20230120170000", "NgayKetThucXuLy": "20230110100000",
        "NgayTra": "20230111090000", "TrangThaiHoSo": "10", "HinhThuc": "0", "DanhSachLePhi": [{"Gia": "8000"}],
        "DuocThanhToanTrucTuyen": "1", "NgayTuChoi": "", "HoSoCoThanhPhanSoHoa": "1",
        "TaiLieuNop": [{"DuocTaiSuDung": "0"}],
        "DanhSachGiayToKetQua": [{"MaGiayToKetQua": "KQ1", "DuongDanTepTinKetQua": "/x"}],
        "DanhSachHoSoBoSung": [{"NgayBoSung": "20230105080000", "NgayTiepNhanBoSung": "20230106080000",
                                "NgayHenTraTruoc": "", "NgayHenTraMoi": "20230120170000"}],
    } | changes  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of a workbook as its reader sees it, and the names that the sheet hides."""

    row: int
    cells: tuple[Any, ...]
    export: str
    reject_id: str
    column: str

    def __getitem__(self, heading: str) -> Any:
        return self.cells[HEADINGS.index(heading)]


def store() -> Store:
    return Store(settings().raw)


def state(export: str = "portal_dossiers") -> Standing:
    found = standing(store(), export, PERIOD)
    assert found is not None
    return found


def exported(folder: Path) -> list[Exported]:
    return export_workbooks(PERIOD, settings(), folder)


def lines(path: Path) -> list[Line]:
    rows = openpyxl.load_workbook(path)[SHEET].iter_rows(min_row=HEAD_ROWS + 1, values_only=True)
    return [
        Line(number, row[: len(HEADINGS)], *map(str, row[len(HEADINGS) : len(HEADINGS) + 3]))
        for number, row in enumerate(rows, HEAD_ROWS + 1)
    ]


def fill(path: Path, answer: Mapping[str, Any] | Callable[[Line], Any], to: Path | None = None) -> Path:
    """Fills in the workbook: an answer by column, or what a function says of a line; None leaves the cell as it is."""
    book = openpyxl.load_workbook(path)
    for line in lines(path):
        value = answer(line) if callable(answer) else answer.get(line.column)
        if value is not None:
            book[SHEET].cell(line.row, ANSWER + 1).value = value
    target = to or path.with_name(f"{path.stem}-filled.xlsx")
    book.save(target)
    return target


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    """The workbook after somebody got at its sheets."""
    book = openpyxl.load_workbook(path)
    change(book)
    target = path.with_name(f"{path.stem}-changed.xlsx")
    book.save(target)
    return target


def imported(path: Path) -> Imported:
    return import_workbook(path, settings(), lambda _: None)


def in_force(export: str = "portal_dossiers") -> list[dict[str, Any]]:
    """All rows of the month: those of the read and those that people corrected."""
    found = state(export)
    rows = pq.read_table(store().rows_path(export, PERIOD, found.receipt.batch_id or "")).to_pylist()
    return rows + [one.row for one in found.new]


def corrections(export: str = "portal_dossiers") -> list[Receipt]:
    return store().corrections(export, PERIOD)


def readable(path: Path) -> str:
    """What anybody could read in a file, packed or not."""
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return path.read_bytes().decode("utf-8", "replace")

"""Names, numbers and addresses planted in every text of every source: found nowhere on the disk, in a log or on the screen."""

from __future__ import annotations

import contextlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from cchc.agencies import reporting_agencies
from cchc.period import Period
from cchc.settings import Settings, settings
from ingest.columns import Reads
from ingest.errors import ProfileError, SourceError
from ingest.http.pace import Clock
from ingest.landing import land
from ingest.profile import SHIPPED, Export, load_exports
from ingest.store import Store
from tests.ingest.receipts import check_all

PERIOD = Period.parse("2023-03")
AGENCY = "000.22.26.H23"
QUICK = Clock(sleep=lambda _: None)
HTTP = ["dvcqg", "opencps", "qcvn102_dms", "ca_register"]
FILES = ["onestop_xlsx", "onestop_csv", "form_01b_xlsx"]


class Plants:
    """Personal data, no two alike; `all` are those given out."""

    kinds = (
        "Nguyễn Thị Ánh Nguyệt {w}", "03019{n:07d}", "09{n:08d}", "trang{n}.tran@example.vn", "Số {n} Ngõ Hòa Bình, Hải Dương",
        "+84 91 {n:07d}", "TRẦN ĐỨC {w}", "Phạm-Văn-{w}", "{n:09d}", "Lê.Hoàng.{w}",
    )  # fmt: skip

    def __init__(self) -> None:
        self.all: list[str] = []

    def next(self) -> str:
        number = len(self.all)
        word = "".join(chr(ord("a") + (number // 26**place) % 26) for place in range(4)).capitalize() + "quỳnh"
        self.all.append(self.kinds[number % len(self.kinds)].format(n=7_000_000 + number * 13, w=word))
        return self.all[-1]

    def found_in(self, text: str) -> list[str]:
        """Plants that stand in a text, whole or by a part that only they have, composed or decomposed."""
        text = unicodedata.normalize("NFC", text).casefold()
        return [plant for plant in self.all if any(part in text for part in _parts(plant))]


def _parts(plant: str) -> list[str]:
    whole = unicodedata.normalize("NFC", plant).casefold()
    parts = [part for part in re.split(r"[\s.@,+-]+", whole) if len(part) >= 7 and part not in ("nguyệt", "example")]
    return [whole, *parts]


def planted(value: Any, plants: Plants) -> Any:
    """The same structure with a plant in the place of every text, in unknown keys and their values too."""
    if isinstance(value, dict):
        known = {key: planted(inner, plants) for key, inner in value.items()}
        return known | {"GhiChu": plants.next(), "Them": {"Ten": [plants.next(), {"x": plants.next()}]}}
    if isinstance(value, list):
        return [planted(inner, plants) for inner in value]
    return unicodedata.normalize("NFD", plants.next()) if len(plants.all) % 5 == 0 else plants.next()


def skeleton(export: Export) -> dict[str, Any]:
    """A row with every path that the profile reads."""
    reads, row = Reads.of(export.map), dict[str, Any]()
    for path in reads.paths:
        _put(row, path, "")
    for path, inner in reads.lists.items():
        element = dict[str, Any]()
        for leaf in inner:
            _put(element, leaf, "")
        _put(row, path, [element, dict(element)])
    return row


def _put(row: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    for step in way:
        row = row.setdefault(step, {})
    row[last] = value


def with_plant_at(row: Any, plants: Plants) -> Iterator[Any]:
    """Copies of a row, each with one of its texts planted."""
    if isinstance(row, dict):
        for key in row:
            for inner in with_plant_at(row[key], plants):
                yield row | {key: inner}
    elif isinstance(row, list):
        for place, element in enumerate(row):
            for inner in with_plant_at(element, plants):
                yield [*row[:place], inner, *row[place + 1 :]]
    else:
        yield plants.next()


GOOD: dict[str, dict[str, Any]] = {
    "dossiers": {"MaHoSo": f"{AGENCY}-230301-0001", "MaTTHC": "1.000894", "KenhThucHien": "1", "TrangThaiHoSo": "4",
                 "dossierNo": f"{AGENCY}-230301-0001", "govAgencyCode": AGENCY, "serviceCode": "1.000894", "online": "true",
                 "dossierStatus": "done", "dossierPartType": "2", "paymentMethod": "KEYPAY"},
    "procedures": {"MaTTHC": "1.000894", "serviceCode": "1.000894", "administrationCode": AGENCY},
    "documents": {"DocumentId": f"{AGENCY},2023/03/03,1/UBND-VP", "OrganId": AGENCY, "Direction": "DI", "SecretLevel": "0"},
    "certificates": {"SerialNumber": "54A000000001", "OrganId": AGENCY, "HolderType": "CN", "NotBefore": "2022-01-01",
                     "NotAfter": "2025-01-01"},
    "signatures": {"SignatureId": "SIG-0001", "SerialNumber": "54A000000001", "SignedAt": "2023-03-01 08:00:00",
                   "Verification": "VALID"},
}  # fmt: skip


def good(row: Any, values: dict[str, Any]) -> Any:
    """A skeleton with right values at the keys that need one, the keys of its lists too."""
    if isinstance(row, dict):
        return {key: values.get(key, good(inner, values)) for key, inner in row.items()}
    return [good(inner, values) for inner in row] if isinstance(row, list) else row


def body_of(export: Export, rows: list[Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"Note": "…"}
    _put(body, export.map.rows, rows)
    if export.map.total:
        _put(body, export.map.total, len(rows))
    if export.map.success:
        _put(body, export.map.success.path, export.map.success.equals)
    return body


def assert_nothing_kept(home: Path, plants: Plants, *said: str) -> None:
    assert len(plants.all) > 10
    raw_bytes = [unicodedata.normalize(form, plant).encode() for plant in plants.all for form in ("NFC", "NFD")]
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    for path in files:
        data = path.read_bytes()
        assert not [plant for plant in raw_bytes if plant in data], path
        if path.suffix == ".parquet":
            text = repr(pq.read_table(path).to_pylist()) + repr(pq.read_schema(path))
        else:
            text = data.decode("utf-8", "replace")
            with contextlib.suppress(ValueError):
                text += json.dumps(json.loads(text), ensure_ascii=False)
        assert not plants.found_in(text + path.name), path
    for text in said:
        assert not plants.found_in(text)


def exports_of(name: str) -> list[str]:
    return list(load_exports(name))


@pytest.mark.slow
@pytest.mark.parametrize(("profile", "name"), [(p, export) for p in HTTP for export in exports_of(p)])
def test_a_source_over_http(home, source, monkeypatch, caplog, capfd, profile, name):
    export = load_exports(profile)[name]
    plants, lines = Plants(), list[str]()
    monkeypatch.setenv("CCHC_PROFILES", profile)
    monkeypatch.setenv(f"CCHC_SOURCE_URLS__{export.profile.source.upper()}", source.url)
    settings.cache_clear()
    right = good(skeleton(export), GOOD[export.map.entity])
    odd_keys = {plants.next(): plants.next() for _ in range(8)}
    odd_keys |= {"Nested": {plants.next(): {plants.next(): [{plants.next(): 1}]}}}
    odd_keys = {key: value for key, value in odd_keys.items() if not key.isupper() or key[0].isdigit()}
    rows = [
        right | {"GhiChu": plants.next()}, planted(right, plants), plants.next(), [plants.next()], right | odd_keys,
        *with_plant_at(right, plants), {**right, **{key: {"x": plants.next()} for key in right}},
        {**right, **{key: [plants.next()] for key in right}},
    ]  # fmt: skip
    bodies = [
        body_of(export, rows), body_of(export, [planted(right, plants)] * 2) | {"error_code": plants.next(), "x": plants.next()},
        body_of(export, rows) | {export.map.total or "x": plants.next()}, {plants.next(): plants.next()}, plants.next(),
        f"<html>{plants.next()}</html>".encode(), f'{{"data": [{{"x": "{plants.next()}'.encode(),
    ]  # fmt: skip
    for body in bodies:
        for killed in (False, True):
            source.answer = lambda _, query, body=body: (200, {"X-User": "trang.tran@example.vn"}, body)

            def progress(line: str, killed: bool = killed) -> None:
                lines.append(line)
                if killed:
                    raise KeyboardInterrupt

            try:
                land(name, PERIOD, settings(), lambda _: "any:thing", progress, clock=QUICK)
            except (SourceError, ProfileError, KeyboardInterrupt) as fault:
                lines.append(f"{fault!r} {fault}")
            assert_nothing_kept(settings().home, plants, *lines)
    for status in (400, 401, 404, 500):
        source.answer = lambda _, query, status=status: (status, {"Retry-After": "9999"}, {"error": plants.next()})
        with contextlib.suppress(SourceError):
            land(name, PERIOD, settings(), lambda _: "any:thing", lines.append, clock=QUICK)
    out = capfd.readouterr()
    assert_nothing_kept(settings().home, plants, *lines, caplog.text, out.out, out.err)
    receipts = [receipt for receipt in Store(settings().raw).receipts(name, PERIOD) if receipt.status == "landed"]
    assert max(receipt.rejected + receipt.withheld for receipt in receipts) > 3
    assert check_all(settings().raw) > 5


def cells_of(export: Export) -> list[str]:
    return list(Reads.of(export.map).paths)


def write_file(export: Export, folder: Path, plants: Plants, found: Settings) -> None:
    """The file that the profile expects, a plant in every cell, and columns that nobody mapped."""
    headings = [*cells_of(export), "Họ và tên", "Ghi chú / Thêm", "Người nộp / Số giấy tờ"]
    table = [[plants.next() for _ in headings] for _ in range(6)]
    if export.map.entity == "reported_figures":  # nine digits where a figure is asked for are a figure
        table = [
            ["Nguyễn Thị Ánh Nguyệt" if cell.isdigit() and len(cell) == 9 else cell for cell in row] for row in table
        ]
        plants.all = [plant for plant in plants.all if not (plant.isdigit() and len(plant) == 9)]
    if export.map.file is not None and export.map.file.format == "csv":
        lines = [";".join(headings), *(";".join(row) for row in table), f"Tổng cộng;{len(table)}"]
        (folder / "ho-so_2023-03.csv").write_text("\n".join(lines), encoding="utf-8-sig")
        return
    for agency in reporting_agencies(found, PERIOD) if export.map.for_each else [None]:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Phụ lục 01b" if agency else "Danh sách hồ sơ"
        sheet["A1"] = plants.next()
        sheet["A3"] = "Tháng 03/2023" if agency else "Từ ngày 15/02/2023 đến ngày 14/03/2023"
        for number, heading in enumerate(headings, 1):
            upper, _, lower = heading.partition(" / ")
            sheet.cell(5, number, upper)
            sheet.cell(6, number, lower or None)
        for place, row in enumerate(table):
            for number, cell in enumerate(row, 1):
                sheet.cell(7 + place, number, cell)
        if not agency:
            sheet.cell(7 + len(table), 1, "Tổng cộng")
            sheet.cell(7 + len(table), 1 + headings.index("Mã hồ sơ"), len(table))
        book.properties.creator = plants.next()
        name = f"01b_2023-03_{agency.identity_code}.xlsx" if agency else "ho-so_2023-03.xlsx"
        book.save(folder / name)


@pytest.mark.slow
@pytest.mark.parametrize("profile", [name for name in FILES if (SHIPPED / f"{name}.yaml").exists()])
def test_a_source_of_files(home, tmp_path, monkeypatch, caplog, capfd, profile):
    ((name, export),) = load_exports(profile).items()
    plants, lines, folder = Plants(), list[str](), tmp_path / "drop"
    folder.mkdir()
    monkeypatch.setenv("CCHC_PROFILES", profile)
    monkeypatch.setenv(f"CCHC_SOURCE_FOLDERS__{export.profile.source.upper()}", str(folder))
    settings.cache_clear()
    write_file(export, folder, plants, settings())
    for attempt in range(3):
        for path in folder.iterdir():
            os.utime(path, (1_600_000_000, 1_600_000_000))
        try:
            land(name, PERIOD, settings(), lambda _: "any", lines.append)
        except SourceError as fault:
            lines.append(str(fault))
        assert_nothing_kept(settings().home, plants, *lines)
        newest = Store(settings().raw).newest(name, PERIOD)
        assert newest is not None
        if not attempt:
            assert newest.rejected > 3, newest.error
        for path in folder.iterdir():  # then cut off, then nothing but a name
            path.write_bytes(path.read_bytes()[: -path.stat().st_size // 3] if not attempt else plants.next().encode())
    out = capfd.readouterr()
    assert_nothing_kept(settings().home, plants, *lines, caplog.text, out.out, out.err)

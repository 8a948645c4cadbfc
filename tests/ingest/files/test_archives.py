"""Zip archives in the drop folder, and those that are made to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from ingest.errors import SourceError
from tests.ingest.files.drops import read, small, table, texts

TEXT = "Mã,Số\nA1,5\nA2,7\n"


def put(folder: Path, members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(folder / "so-lieu_2023-01.zip", "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return folder


def packed(format: str = "csv", member: str = "*.csv", **changes):
    return small(format, name="so-lieu_{period:yyyy-MM}.zip", member=member, **changes)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_member_is_read_as_a_file(tmp_path, compression):
    put(tmp_path, {"so lieu.csv": TEXT, "__MACOSX/so lieu.csv": "x", "doc.txt": "x"}, compression)
    files = read(tmp_path, packed())
    assert texts(files)["Mã"] == ["A1", "A2"]
    assert files.facts[0].name == "so-lieu_2023-01.zip"


def test_a_workbook_in_an_archive(tmp_path):
    table(tmp_path / "book.xlsx", [["Mã", "Số"], ["A1", 5]])
    put(tmp_path, {"2023-01/book.xlsx": (tmp_path / "book.xlsx").read_bytes()})
    assert texts(read(tmp_path, packed("xlsx", "{period:yyyy-MM}/*.xlsx")))["Số"] == ["5"]


@pytest.mark.parametrize(
    ("members", "told"), [({"a.txt": "x"}, "no member called"), ({"a.csv": "x", "b.csv": "y"}, "2 members called")]
)
def test_none_or_several_members_are_told(tmp_path, members, told):
    with pytest.raises(SourceError, match=told):
        list(read(put(tmp_path, members), packed()))


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", TEXT)
    with pytest.raises(SourceError, match="holds another archive"):
        list(read(put(tmp_path, {"a.zip": inner.getvalue()}), packed(member="*.zip")))


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:/a.csv"])
def test_members_that_lead_out_of_their_folder_are_refused(tmp_path, name):
    with pytest.raises(SourceError, match="outside of its folder"):
        list(read(put(tmp_path, {name: TEXT, "b.csv": TEXT}), packed(member="b.csv")))


def test_a_link_in_an_archive_is_refused(tmp_path):
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "so-lieu_2023-01.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(SourceError, match="outside of its folder"):
        list(read(tmp_path, packed()))


def test_a_bomb_is_not_unpacked(tmp_path):
    with pytest.raises(SourceError, match="times its size, the limit ratio is 200"):
        list(read(put(tmp_path, {"a.csv": b"0" * 20_000_000}), packed()))
    with pytest.raises(SourceError, match="unpacks to 20 MB, the limit unpacked_mb is 10"):
        list(read(tmp_path, packed(limits={"unpacked_mb": 10})))


def test_a_workbook_that_is_a_bomb_is_not_opened(tmp_path):
    table(tmp_path / "so-lieu_2023-01.xlsx", [["Mã", "Số"], ["A1", 5]])
    with zipfile.ZipFile(tmp_path / "so-lieu_2023-01.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"0" * 30_000_000)
    with pytest.raises(SourceError, match="the limit ratio is 200"):
        list(read(tmp_path, small("xlsx")))


def test_an_archive_that_lies_of_its_size_is_not_read_further(tmp_path):
    put(tmp_path, {"a.csv": b"x" * 3_000_000})
    path = tmp_path / "so-lieu_2023-01.zip"
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 3_000_000), struct.pack("<I", 1_000)))
    with pytest.raises(SourceError, match="unpacks to more than it declares"):
        list(read(tmp_path, packed()))


def test_many_members_are_refused(tmp_path):
    with pytest.raises(SourceError, match="has 201 members, the limit is 200"):
        list(read(put(tmp_path, {f"{n}.csv": "x" for n in range(201)}), packed(member="1.csv")))


def test_a_damaged_member_fails(tmp_path):
    put(tmp_path, {"a.csv": TEXT * 1000}, zipfile.ZIP_STORED)
    path = tmp_path / "so-lieu_2023-01.zip"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match="does not match its checksum"):
        list(read(tmp_path, packed()))


def test_an_archive_with_a_password_is_told(tmp_path):
    put(tmp_path, {"a.csv": TEXT})
    path = tmp_path / "so-lieu_2023-01.zip"
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match="protected by a password"):
        list(read(tmp_path, packed()))

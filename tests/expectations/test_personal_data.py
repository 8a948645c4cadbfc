"""What looks like personal data in a published text, and what is a code and none."""

from __future__ import annotations

import duckdb
import pytest

from expectations.reading import FRAMES

PERSONAL = (
    "079099012345",
    "CCCD 079099012345",
    "CCCD-079099012345",
    "123456789",
    "0912345678",
    "0912 345 678",
    "+84 912.345.678",
    "an.nguyen@xa.example",
    "Nguyễn Văn An",
    "Ông Nguyễn Văn An",
    "nộp bởi Lê Thị Hồng Gấm",
)
CODES = (
    "000.22.26.H23-230103-0001",
    "000.22.26.H23,2023/01/03,15/UBND-VP",
    "H23.26.22",
    "1.004873",
    "2.000815.000.00.00.H23",
    "54A0000000000001",
    "KY-242530000001",
    "KY-0316-202501-12",
    "e0912345678a4f5b9c1d2e3f4a5b6c7d",
    "3f2a0912345678-0987654321-b1",
    "HS/0987654321/X",
    "SIG-123456789",
    "d41d8cd98f00b204e9800998ecf8427e",
    "12345678901234567890123456789012",
    "01/7/2025",
    "2023-04-14",
    "Nghị quyết 202/2025/QH15",
    "Phường Nguyễn Thị Minh Khai",
    "Thành phố Hồ Chí Minh",
    "Xã Hồng Phong",
    "Bảo trợ xã hội",
    "Mùng hai Tết Nguyên Đán",
    "Lĩnh vực đất đai",
    "received",
    "1.467",
    "3.3.1.a",
)


@pytest.mark.parametrize(("texts", "expected"), [(PERSONAL, len(PERSONAL)), (CODES, 0)], ids=["personal", "codes"])
def test_personal_data_is_told_from_codes_by_its_form(texts: tuple[str, ...], expected: int):
    with duckdb.connect() as connection:
        connection.execute("create table published_texts (table_name varchar, column_name varchar, found varchar)")
        connection.execute("create view published_columns as select table_name, column_name from published_texts")
        connection.executemany("insert into published_texts values ('t', ?, ?)", [[text, text] for text in texts])

        told = connection.execute((FRAMES / "personal_data.sql").read_text(encoding="utf-8")).fetchall()

    wrong = [key for _, key, personal in told if bool(personal) != bool(expected)]
    assert (len(told), wrong) == (len(texts), [])

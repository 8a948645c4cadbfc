"""Delimited text: encodings, dialects, rows that do not fit, and memory that does not grow."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pytest

from ingest.columns import Heading, cleaned
from ingest.errors import CountsDiffer, HeadingsMissing, SourceError
from tests.ingest.files.drops import numbers, read, reads, small, texts

TEXT = "Mã hồ sơ,Lĩnh vực,Số\nA1,Hộ tịch,5\nA2,Đất đai,7\n"
WANTED = reads("Mã hồ sơ", "Lĩnh vực")


def put(folder: Path, data: str | bytes, name: str = "so-lieu_2023-01.csv") -> Path:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def viet_1258(text: str) -> bytes:
    """Windows-1258 writes a vowel with its hat as one letter and the tone after it."""
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
            out += unicodedata.normalize("NFC", parts.replace(tone, "")).encode("cp1258") + tone.encode("cp1258")
    return out


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf-8", TEXT.encode()),
        ("utf-8", codecs.BOM_UTF8 + TEXT.encode()),
        ("utf-8-sig", codecs.BOM_UTF8 + TEXT.encode()),
        ("utf-8", unicodedata.normalize("NFD", TEXT).encode()),
        ("utf-16", TEXT.encode("utf-16")),
        ("utf-16", codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")),
        ("windows-1258", viet_1258(TEXT)),
    ],
    ids=["utf-8", "bom", "bom-sig", "decomposed", "utf-16-le", "utf-16-be", "windows-1258"],
)
def test_every_encoding_gives_the_same_texts(tmp_path, encoding, data):
    (page,) = read(put(tmp_path, data), small(encoding=encoding), WANTED)
    assert cleaned(page.columns.texts["Lĩnh vực"]).to_pylist() == ["Hộ tịch", "Đất đai"]
    assert page.columns.keys == {"": {"Mã hồ sơ", "Lĩnh vực", "Số"}}
    assert page.columns.shown == {Heading("Mã hồ sơ"), Heading("Lĩnh vực")}


@pytest.mark.parametrize(
    ("said", "data", "is_"),
    [
        ("utf-8", TEXT.encode("utf-16"), "utf-16"),
        ("utf-8", viet_1258(TEXT), "windows-1258"),
        ("windows-1258", TEXT.encode(), "utf-8"),
        ("windows-1258", codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        ("utf-16", TEXT.encode(), "utf-8"),
    ],
)
def test_another_encoding_than_the_profile_says_is_named(tmp_path, said, data, is_):
    with pytest.raises(SourceError, match=f"cannot be read as {said}, but as {is_}: set `encoding: {is_}`"):
        list(read(put(tmp_path, data), small(encoding=said), WANTED))


def test_headings_garbled_before_the_file_was_written_are_told_apart(tmp_path):
    mojibake = TEXT.encode().decode("cp1252", errors="replace")
    with pytest.raises(SourceError, match="garbled before the file was written"):
        list(read(put(tmp_path, mojibake), small(), WANTED))


def test_bytes_of_another_encoding_below_the_headings_fail(tmp_path):
    data = TEXT.encode() + viet_1258("A3,Hộ tịch,8\n")
    with pytest.raises(SourceError, match="holds bytes that are not utf-8"):
        list(read(put(tmp_path, data), small(), WANTED))


def test_half_a_character_at_the_end_of_utf_16_fails(tmp_path):
    with pytest.raises(SourceError, match="not written in utf-16 to its end"):
        list(read(put(tmp_path, TEXT.encode("utf-16")[:-1]), small(encoding="utf-16"), WANTED))


@pytest.mark.parametrize(("name", "mark"), [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_and_line_ends(tmp_path, name, mark, end):
    text = TEXT.replace(",", mark).replace("\n", end)
    assert texts(read(put(tmp_path, text), small(delimiter=name), WANTED))["Mã hồ sơ"] == ["A1", "A2"]


def test_another_delimiter_is_a_missing_heading(tmp_path):
    with pytest.raises(HeadingsMissing, match="has no Mã hồ sơ"):
        list(read(put(tmp_path, TEXT.replace(",", ";")), small(), WANTED))


def test_quotes_delimiters_and_line_breaks_inside_of_fields(tmp_path):
    text = 'Mã,Ghi chú,Số\r\n"A""1","Thôn 3,\r\nxã Quảng Nghiệp",5\r\nA2,5" ống,7\r\n"A3","","8"\r\n'
    files = list(read(put(tmp_path, text), small()))
    assert texts(files) == {"Mã": ['A"1', "A2", "A3"], "Số": ["5", "7", "8"]}
    assert numbers(files) == [2, 3, 4]


def test_quotes_that_mean_nothing_are_characters(tmp_path):
    text = 'Mã\tSố\nA"1\t5\n"A2\t7\n'
    assert texts(read(put(tmp_path, text), small(delimiter="tab", quote=None)))["Mã"] == ['A"1', '"A2']


@pytest.mark.parametrize(
    "rows",
    [
        'A1,"5\n' + "A2,7\n" * 9,
        'A1,"5\nA2,"7"\nA3,8\n',
        'A1,"5 "chiếc"",\nA2,7\n',
        "A1,5\n" * 300_000 + 'A2,"7\n' + "A3,8\n" * 300_000,
    ],
    ids=["never_closed", "closed_by_the_next_row", "not_doubled", "never_closed_in_a_large_file"],
)
def test_a_quote_that_would_swallow_rows_fails_the_file(tmp_path, rows):
    with pytest.raises(SourceError, match=r"a quoted field goes on|a quote is opened and not closed"):
        list(read(put(tmp_path, "Mã,Số\n" + rows), small()))


def test_rows_with_too_few_or_too_many_cells_are_misfits_and_shift_nothing(tmp_path):
    text = "Mã,Ghi chú,Số\nA1,x,1\nA2,2\nA3,x,3\nA4,x,4,9\n\n,,\nA5,x,5\n"
    (page,) = read(put(tmp_path, text), small())
    assert page.columns.rows == 5
    assert page.columns.texts["Mã"].to_pylist() == ["A1", "A3", "A5", None, None]
    assert page.columns.texts["Số"].to_pylist() == ["1", "3", "5", None, None]
    assert page.columns.numbers.tolist() == [2, 4, 8, 3, 5]
    assert [(m.row, m.path, m.code, m.expected) for m in page.columns.misfits] == [
        (3, "", "cell_count", "3 cells, there are 2"), (4, "", "cell_count", "3 cells, there are 4"),
    ]  # fmt: skip


def test_numbers_of_rows_hold_across_pages_with_broken_and_blank_rows_between(tmp_path):
    lines = ["Mã,Ghi chú,Số"]
    for number in range(2, 120_002):
        lines.append({0: f"A{number}", 1: "", 2: ",,"}.get(number % 1000, f'A{number},"dòng 1\ndòng 2",{number}'))
    pages = list(read(put(tmp_path, "\n".join(lines) + "\n"), small()))
    assert len(pages) > 2
    found = {int(n) for n in numbers(pages)}
    assert found == {n for n in range(2, 120_002) if n % 1000 not in (1, 2)}
    assert sum(page.columns.rows for page in pages) == len(found)
    for page in pages:
        broken = {misfit.row for misfit in page.columns.misfits}
        for row, (number, code) in enumerate(
            zip(page.columns.numbers, page.columns.texts["Mã"].to_pylist(), strict=True)
        ):
            assert code == (None if row in broken else f"A{number}")
            assert (row in broken) == (number % 1000 == 0)


def test_memory_does_not_grow_with_the_file(tmp_path):
    import pyarrow as pa

    with (tmp_path / "so-lieu_2023-01.csv").open("w", encoding="utf-8") as file:
        file.write("Mã,Ghi chú,Số\n")
        for start in range(0, 400_000, 1000):
            file.write("".join(f"A{n},{'x' * 60},{n}\n" for n in range(start, start + 1000)))
    before, most = pa.total_allocated_bytes(), 0
    for _ in read(tmp_path, small()):
        most = max(most, pa.total_allocated_bytes() - before)
    assert most < 20_000_000


def test_a_missing_heading_is_named_with_the_closest_one(tmp_path):
    with pytest.raises(HeadingsMissing, match=r"row 1 has no Mã hồ sơ \(there is Ma ho so\)"):
        list(read(put(tmp_path, TEXT.replace("Mã hồ sơ", "Ma ho so")), small(), WANTED))


def test_a_heading_that_may_be_missing_is_a_column_of_nulls(tmp_path):
    wanted = reads("Mã", "Số", "Ghi chú", optional=["Ghi chú"])
    (page,) = read(put(tmp_path, "Mã,Số\nA1,5\n"), small(), wanted)
    assert page.columns.texts["Ghi chú"].to_pylist() == [None]
    assert Heading("Ghi chú") not in page.columns.shown


def test_a_heading_that_stands_twice_cannot_be_read(tmp_path):
    with pytest.raises(SourceError, match="Số stands over more than one column"):
        list(read(put(tmp_path, "Mã,Số,Số\nA1,5,6\n"), small()))
    assert texts(read(put(tmp_path, "Mã,Số,x,x\nA1,5,6,7\n"), small()))["Số"] == ["5"]


def test_line_breaks_and_spaces_in_headings_do_not_matter(tmp_path):
    text = '"Mã\n  hồ sơ ",  Lĩnh   vực,Số\nA1,Hộ tịch,5\n'
    assert texts(read(put(tmp_path, text), small(), WANTED))["Lĩnh vực"] == ["Hộ tịch"]


def test_headings_have_other_names_in_other_months(tmp_path):
    renamed = [{"heading": "Số", "was": "Số lượng", "to": "2022-12"}, {"heading": "Số", "was": "SL", "from": "2023-01"}]
    assert texts(read(put(tmp_path, "Mã,SL\nA1,5\n"), small(renamed=renamed)))["Số"] == ["5"]
    with pytest.raises(HeadingsMissing, match=r"has no SL"):
        list(read(put(tmp_path, "Mã,Số lượng\nA1,5\n"), small(renamed=renamed)))


def test_two_rows_of_headings_below_a_title(tmp_path):
    text = "BÁO CÁO;;;\nTháng 1/2023;;;\nMã;Thời gian;;Số\n;Nộp;Nhận;\nA1;x;y;5\n"
    wanted = reads("Mã", "Thời gian / Nhận", "Số")
    file = small(delimiter="semicolon", header_row=3, header_rows=2, titles={"A2": "Tháng {period:M/yyyy}"})
    files = list(read(put(tmp_path, text), file, wanted))
    assert texts(files) == {"Mã": ["A1"], "Thời gian / Nhận": ["y"], "Số": ["5"]}
    assert numbers(files) == [5]


def test_a_title_of_another_month_refuses_the_file(tmp_path):
    file = small(header_row=2, titles={"A1": "Kỳ báo cáo {period:MM/yyyy}"})
    with pytest.raises(SourceError, match=r"A1 says 02/2023, not .*: the file is of another period than 2023-01"):
        list(read(put(tmp_path, "Kỳ báo cáo 02/2023,\nMã,Số\nA1,5\n"), file))
    with pytest.raises(SourceError, match=r"A1 does not say .*, it is written 'Aaaaaa Aaa Aaa'"):
        list(read(put(tmp_path, "Nguyễn Văn Anh,\nMã,Số\nA1,5\n"), file))


END = {"says": "Tổng cộng", "count": "Mã"}


@pytest.mark.parametrize(
    "end", ["Tổng cộng,2,", "TỔNG CỘNG:,2,,,", "Tổng cộng,2"], ids=["fits", "too_long", "too_short"]
)
def test_the_row_that_ends_the_table_declares_the_rows(tmp_path, end):
    text = f"STT,Mã,Số\n1,A1,5\n2,A2,7\n{end}\n,,Người lập biểu\n"
    files = read(put(tmp_path, text), small(until=END))
    assert texts(files)["Mã"] == ["A1", "A2"]
    assert files.facts[0].declared == 2


def test_a_declared_number_that_is_not_that_of_the_rows_fails(tmp_path):
    with pytest.raises(CountsDiffer, match="declares 1467 rows in row 4, 2 were read"):
        list(read(put(tmp_path, "STT,Mã,Số\n1,A1,5\n2,A2,7\nTổng cộng,1.467,\n"), small(until=END)))


def test_the_number_may_stand_in_the_text_of_the_last_row(tmp_path):
    until = {"says": "Tổng số", "in_text": True}
    files = read(put(tmp_path, "Mã,Số\nA1,5\nTổng số: 1 hồ sơ,\n"), small(until=until))
    assert texts(files)["Mã"] == ["A1"]
    assert files.facts[0].declared == 1


def test_a_file_without_its_last_row_was_cut_off(tmp_path):
    with pytest.raises(SourceError, match="has no row 'Tổng cộng' after 2 rows: it was cut off"):
        list(read(put(tmp_path, "STT,Mã,Số\n1,A1,5\n2,A2,7\n"), small(until=END)))


def test_rows_below_a_sum_in_the_middle_are_not_left_out_in_silence(tmp_path):
    with pytest.raises(SourceError, match="row 4 goes on after 'Tổng cộng' in row 3"):
        list(read(put(tmp_path, "STT,Mã,Số\n1,A1,5\nTổng cộng,1,\n2,A2,7\n"), small(until=END)))


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"", "is empty"), (b"\r\n\r\n", "is empty"), (b"<html><body>Login</body></html>", "is a web page"),
     (b"PK\x03\x04rest", "is a workbook or an archive"), (b"M\xc3\xa3", "has no Số")],
)  # fmt: skip
def test_what_is_no_delimited_text_is_told(tmp_path, data, told):
    with pytest.raises(SourceError, match=told):
        list(read(put(tmp_path, data), small()))


def test_headings_alone_are_a_file_without_rows(tmp_path):
    for text in ("Mã,Số", "Mã,Số\n", "Mã,Số\n\n,\n"):
        files = read(put(tmp_path, text), small())
        assert list(files) == []
        assert files.facts[0].rows == 0


def test_columns_that_the_profile_does_not_read_are_not_held(tmp_path):
    (page,) = read(put(tmp_path, "Mã,Họ tên,Số\nA1,Nguyễn Thị Ánh Nguyệt,5\n"), small())
    assert "Nguyệt" not in str(page.columns.texts)

"""Which files of a drop folder are read for a period, and when not yet."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import ProfileError, SourceError, SourceUnavailable
from ingest.files.drop import FileMissing
from tests.ingest.files.drops import LATER, PERIOD, read, small, texts

TEXT = "Mã,Số\nA1,5\nA2,7\n"


def put(folder: Path, name: str, text: str = TEXT) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_the_file_of_the_period_is_read_and_its_hash_told(tmp_path):
    put(tmp_path, "so-lieu_2022-12.csv", "Mã,Số\nB1,1\n")
    put(tmp_path, "so-lieu_2023-01_lan 1.CSV")
    files = read(tmp_path, small())
    assert texts(files) == {"Mã": ["A1", "A2"], "Số": ["5", "7"]}
    (fact,) = files.facts
    assert (fact.name, fact.bytes, fact.rows) == ("so-lieu_2023-01_lan 1.CSV", len(TEXT.encode()), 2)
    assert fact.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_a_missing_file_names_folder_and_pattern(tmp_path):
    put(tmp_path, "so-lieu_2023-02.csv")
    with pytest.raises(FileMissing, match=r"no file so-lieu_2023-01\*\.csv in .*" + tmp_path.name):
        list(read(tmp_path, small()))
    with pytest.raises(FileMissing, match=r"the folder .* is not there"):
        list(read(tmp_path / "none", small()))


@pytest.mark.parametrize(
    "name", ["so-lieu_2023-01.csv.part", "so-lieu_2023-01.csv.crdownload", "so-lieu_2023-01.csv.tmp"]
)
def test_a_file_under_the_name_of_one_that_is_being_written_is_not_read(tmp_path, name):
    put(tmp_path, name)
    with pytest.raises(FileMissing, match="is still being written"):
        list(read(tmp_path, small()))


def test_lock_files_of_excel_and_hidden_files_are_not_read(tmp_path):
    put(tmp_path, "~$so-lieu_2023-01.csv", "rubbish")
    put(tmp_path, ".so-lieu_2023-01.csv", "rubbish")
    put(tmp_path, "so-lieu_2023-01.csv")
    assert texts(read(tmp_path, small(name="*so-lieu_{period:yyyy-MM}.csv")))["Mã"] == ["A1", "A2"]


def test_a_file_that_was_written_just_now_is_read_later(tmp_path):
    written = datetime(2023, 1, 15, 8, tzinfo=UTC).timestamp()
    os.utime(put(tmp_path, "so-lieu_2023-01.csv"), (written, written))
    at = lambda seconds: lambda: datetime.fromtimestamp(written + seconds, UTC)  # noqa: E731
    with pytest.raises(SourceUnavailable, match=r"written 59 seconds ago .* read after 60 seconds"):
        list(read(tmp_path, small(), clock=at(59)))
    assert len(texts(read(tmp_path, small(), clock=at(61)))["Mã"]) == 2


def test_a_time_of_the_file_far_ahead_is_a_wrong_clock_and_hinders_nothing(tmp_path):
    ahead = (datetime.now(UTC) + timedelta(days=400)).timestamp()
    os.utime(put(tmp_path, "so-lieu_2023-01.csv"), (ahead, ahead))
    assert len(texts(read(tmp_path, small()))["Mã"]) == 2


def test_a_file_that_grows_while_it_is_read_fails(tmp_path):
    path = put(tmp_path, "so-lieu_2023-01.csv", "Mã,Số\n" + "A1,5\n" * 60_000)
    pages = iter(read(tmp_path, small()))
    next(pages)
    with path.open("a", encoding="utf-8") as file:
        file.write("A3,9\n")
    with pytest.raises(SourceUnavailable, match="changed while it was read"):
        list(pages)


def test_a_file_that_is_replaced_while_it_is_read_fails(tmp_path):
    path = put(tmp_path, "so-lieu_2023-01.csv", "Mã,Số\n" + "A1,5\n" * 60_000)
    seen = path.stat()
    pages = iter(read(tmp_path, small()))
    next(pages)
    other = put(tmp_path, "other", "Mã,Số\n" + "A2,6\n" * 60_000)
    os.utime(other, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    other.replace(path)
    with pytest.raises(SourceUnavailable, match="changed while it was read"):
        list(pages)


def test_the_same_bytes_under_two_names_are_read_once(tmp_path):
    put(tmp_path, "so-lieu_2023-01.csv")
    put(tmp_path, "so-lieu_2023-01 (1).csv")
    files = read(tmp_path, small())
    assert texts(files)["Mã"] == ["A1", "A2"]
    assert [(fact.name, fact.also) for fact in files.facts] == [("so-lieu_2023-01 (1).csv", ("so-lieu_2023-01.csv",))]


def test_two_different_files_of_a_period_are_an_error_that_names_both(tmp_path):
    put(tmp_path, "so-lieu_2023-01.csv")
    put(tmp_path, "so-lieu_2023-01_sua.csv", "Mã,Số\nA1,6\n")
    with pytest.raises(SourceError, match=r"2 different files.*so-lieu_2023-01\.csv, so-lieu_2023-01_sua\.csv"):
        list(read(tmp_path, small()))


def test_parts_are_read_one_after_the_other(tmp_path):
    put(tmp_path, "so-lieu_2023-01_1.csv")
    put(tmp_path, "so-lieu_2023-01_2.csv", "Số,Mã\n8,A3\n")
    put(tmp_path, "so-lieu_2023-01_3.csv")
    files = read(tmp_path, small(several="parts"))
    assert texts(files) == {"Mã": ["A1", "A2", "A3"], "Số": ["5", "7", "8"]}
    assert [fact.name for fact in files.facts] == ["so-lieu_2023-01_1.csv", "so-lieu_2023-01_2.csv"]


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    secret = put(tmp_path, "elsewhere/secret.csv")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "so-lieu_2023-01.csv").symlink_to(secret)
    with pytest.raises(SourceError, match="a link that leads out of"):
        list(read(tmp_path / "drop", small()))


@pytest.fixture
def nobody():
    """Not root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_a_file_without_permission_is_named(nobody):
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), "so-lieu_2023-01.csv").chmod(0)
        with pytest.raises(SourceError, match=r"so-lieu_2023-01\.csv cannot be read \(Permission denied\)"):
            list(read(Path(folder), small()))
        Path(folder).chmod(0)
        with pytest.raises(SourceError, match=r"the folder .* cannot be read \(Permission denied\)|is not there"):
            list(read(Path(folder), small()))
        Path(folder).chmod(0o700)


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "so-lieu_2023-01.csv")
    with pytest.raises(SourceError, match="is no file"):
        list(read(tmp_path, small()))


def test_a_file_beyond_the_limit_is_not_opened(tmp_path):
    with put(tmp_path, "so-lieu_2023-01.csv").open("ab") as file:
        file.truncate(1_000_001)
    with pytest.raises(SourceError, match="the limit file_mb is 1"):
        list(read(tmp_path, small(limits={"file_mb": 1})))


def test_names_may_be_in_folders_of_the_month_and_in_decomposed_vietnamese(tmp_path):
    put(tmp_path, "tháng 1/số liệu xã.csv".replace("ố", "ố").replace("á", "á"))
    file = small(name="tháng {period:M}/số liệu*.csv")
    assert [page.file for page in read(tmp_path, file)] == ["tháng 1/số liệu xã.csv"]


def test_a_name_with_an_agency_needs_one(tmp_path):
    with pytest.raises(ProfileError, match="for_each: reporting_agency"):
        list(read(tmp_path, small(name="{identity_code}_{period:yyyy-MM}.csv")))


@pytest.mark.parametrize("text", ["../out_{period:yyyy}.csv", "/etc/{period:yyyy}.csv", "a\\{period:yyyy}.csv", "x.csv",
                                  "{period}.csv", "{month:yyyy}.csv", "{period:hh}.csv", "{period:yyyy.csv"])  # fmt: skip
def test_a_name_that_is_no_name_in_the_folder_or_has_no_period_is_refused(text):
    with pytest.raises(ValueError, match=r"name|period|brace"):
        small(name=text)


def test_two_reads_of_a_folder_are_equal(tmp_path):
    put(tmp_path, "so-lieu_2023-01.csv")
    first, second = read(tmp_path, small()), read(tmp_path, small(), clock=LATER, period=PERIOD)
    assert texts(first) == texts(second)
    assert first.facts == second.facts

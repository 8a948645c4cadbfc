from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from cchc.settings import settings
from ingest.errors import ProfileError
from ingest.landing import land
from ingest.profile import SHIPPED
from ingest.rejects.counts import counts, health
from ingest.rejects.returned import WorkbookRefused
from ingest.rejects.workbook import ANSWER, HEAD_ROWS, SHEET, WorkbookExists
from tests.ingest.landings import NAMES, PERIOD, certificate, document, land_now
from tests.ingest.rejects.people import (
    PERSONAL,
    changed,
    corrections,
    dossier,
    exported,
    fill,
    imported,
    in_force,
    lines,
    readable,
    state,
    store,
)

BAD_DATE = dossier(2, NgayTiepNhan="03-01-2023")
BAD_STATUS = dossier(3, TrangThaiHoSo="xong")
TWO_FAULTS = dossier(4, KenhThucHien="Quầy", NgayHenTra="mai")


@pytest.fixture
def book(province, tmp_path):
    """Lands these dossiers and returns the workbook of the one agency that has rejects."""

    def land(*dossiers, **others):
        province(portal_dossiers=list(dossiers), **others)
        land_now("portal_dossiers")
        (written,) = exported(tmp_path / f"out-{len(list(tmp_path.iterdir()))}")
        return written.path

    return land


def row_of(code: str):
    return next(row for row in in_force() if row["dossier_code"] == code)


EXCEL_DATE = datetime(2023, 1, 3, 7, 30)  # noqa: DTZ001


@pytest.mark.parametrize("written", ["03/01/2023 07:30:00", "03/01/2023 07:30", " 3/1/2023 7:30 ", EXCEL_DATE])
def test_a_corrected_date_is_read_as_people_write_it(book, written):
    done = imported(fill(book(dossier(1), BAD_DATE), {"received_at": written}))
    assert (done.accepted, done.not_landed) == (1, [])
    assert row_of(BAD_DATE["MaHoSo"])["received_at"] == datetime(2023, 1, 3, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", ["31/02/2023", "01/03/23", "2023", 44929, "hôm qua", NAMES[0]])
def test_an_answer_that_is_no_date_is_not_landed_and_told_by_its_form(book, written):
    done = imported(fill(book(dossier(1), BAD_DATE), {"received_at": written}))
    assert (done.accepted, len(done.not_landed)) == (0, 1)
    assert f"dòng {done.not_landed[0].line}, Ngày tiếp nhận: " in done.not_landed[0].reason
    assert NAMES[0] not in done.not_landed[0].reason
    assert state().open_ids == state().reject_ids
    (receipt,) = corrections()
    assert (receipt.rows_read, receipt.rejected, receipt.accepted) == (1, 1, 0)


@pytest.mark.parametrize("written", ["Trực tuyến", "trực  tuyến", "online", "TRỰC TUYẾN"])
def test_a_code_is_read_by_its_meaning_or_as_itself(book, written):
    imported(fill(book(dossier(1), dossier(2, KenhThucHien="Quầy")), {"channel": written}))
    assert row_of(dossier(2)["MaHoSo"])["channel"] == "online"


@pytest.mark.parametrize(("written", "fee"), [("8.000", 8000), ("8000", 8000), (8000, 8000), ("(để trống)", None)])
def test_a_number_is_read_with_or_without_points(book, written, fee):
    done = imported(fill(book(dossier(1), dossier(2, DanhSachLePhi=[{"Gia": "8k"}])), {"fee_vnd": written}))
    assert done.accepted == 1
    assert row_of(dossier(2)["MaHoSo"])["fee_vnd"] == fee


def test_a_number_with_a_broken_point_is_not_guessed_at(book):
    done = imported(fill(book(dossier(1), dossier(2, DanhSachLePhi=[{"Gia": "8k"}])), {"fee_vnd": 1.467}))
    assert (done.accepted, len(done.not_landed)) == (0, 1)


def test_a_required_column_cannot_be_said_to_have_no_value(book):
    done = imported(fill(book(dossier(1), dossier(2, MaTTHC="")), {"procedure_code": "(để trống)"}))
    assert (done.accepted, len(done.not_landed)) == (0, 1)


def test_a_row_is_landed_only_when_all_its_faulty_columns_are_corrected(book):
    path = book(dossier(1), TWO_FAULTS)
    half = imported(fill(path, {"channel": "Trực tiếp"}))
    assert (half.accepted, half.not_landed[0].reason) == (0, "chưa sửa hết, còn: Ngày hẹn trả")
    whole = imported(fill(path, {"channel": "Trực tiếp", "due_at": "20/01/2023 17:00"}))
    assert (whole.accepted, whole.not_landed) == (1, [])
    assert [(r.rows_read, r.accepted, r.rejected) for r in corrections()] == [(1, 0, 1), (1, 1, 0)]


def test_uncorrected_rows_stay_standing_and_come_again_in_the_next_workbook(book, tmp_path):
    done = imported(fill(book(dossier(1), BAD_DATE, TWO_FAULTS), {"received_at": "03/01/2023"}))
    assert (done.accepted, done.unanswered_lines) == (1, 2)
    (again,) = exported(tmp_path / "again")
    assert {line["Mã hồ sơ, văn bản"] for line in lines(again.path)} == {TWO_FAULTS["MaHoSo"]}


def test_what_hangs_on_a_faulty_status_is_asked_for_with_it(book):
    path = book(dossier(1), BAD_STATUS)
    assert {line.column for line in lines(path)} == {"status", "finished_at", "withdrawn_at", "refused_at"}
    without = imported(fill(path, {"status": "9 - Đã xử lý xong"}))
    assert without.not_landed[0].reason == "chưa sửa hết, còn: Ngày kết thúc xử lý"
    both = {"status": "9 - Đã xử lý xong", "withdrawn_at": "10/01/2023"}
    told = imported(fill(path, both)).not_landed[0].reason
    assert re.search("dòng \\d+: “Ngày rút hồ sơ” không dùng với giá trị đã ghi ở “Trạng thái hồ sơ”", told)
    assert imported(fill(path, {"status": "9", "finished_at": "10/01/2023 10:00"})).accepted == 1
    assert row_of(BAD_STATUS["MaHoSo"])["finished_at"] == datetime(2023, 1, 10, 3, tzinfo=UTC)


def test_a_status_that_ends_nothing_needs_no_date(book):
    assert imported(fill(book(dossier(1), BAD_STATUS), {"status": "Đang xử lý"})).accepted == 1
    assert row_of(BAD_STATUS["MaHoSo"])["finished_at"] is None


def test_a_corrected_key_and_a_cell_of_a_nested_list_are_landed(book):
    faulty = [dossier(2, MaHoSo=NAMES[0]), dossier(3, DanhSachHoSoBoSung=[{"NgayBoSung": ""} | dict.fromkeys(
        ("NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi"), "")])]  # fmt: skip
    done = imported(
        fill(
            book(dossier(1), *faulty),
            {"dossier_code": "000.22.26.H23-230103-00002", "supplements[0].requested_at": "5/1/2023"},
        )
    )
    assert (done.accepted, done.not_landed) == (2, [])
    assert row_of(dossier(3)["MaHoSo"])["supplements"][0]["requested_at"] == datetime(2023, 1, 4, 17, tzinfo=UTC)


def test_what_cannot_be_corrected_here_is_declined_in_words(book):
    path = book(dossier(1), "no row at all", dossier(2, DanhSachHoSoBoSung="không", KenhThucHien="Quầy"))
    assert all("phần mềm nguồn" in line["Giá trị hợp lệ"] for line in lines(path))
    done = imported(fill(path, lambda line: "Trực tiếp"))
    assert (done.accepted, [fault.reason for fault in done.not_landed]) == (
        0, ["bản ghi này không sửa được trong tệp, hãy sửa trên phần mềm nguồn"] * 2
    )  # fmt: skip


def test_a_corrected_row_that_is_there_already_is_an_exact_duplicate_and_repairs_its_reject(book):
    path = book(dossier(1), dossier(1, KenhThucHien="Quầy"))
    done = imported(fill(path, {"channel": "Trực tuyến"}))
    assert (done.accepted, done.exact_duplicates) == (0, 1)
    assert (len(state().open_ids), len(state().new)) == (0, 0)
    now = counts(store(), PERIOD, state())
    assert (now["accepted"], now["rejected"], now["exact_duplicates"]) == (4, 0, 1)


def test_the_last_correction_of_a_reject_wins_and_is_told(book):
    path = book(dossier(1), BAD_DATE)
    imported(fill(path, {"received_at": "03/01/2023"}))
    again = imported(fill(path, {"received_at": "04/01/2023"}))
    assert (again.accepted, again.replaced) == (1, 1)
    assert row_of(BAD_DATE["MaHoSo"])["received_at"] == datetime(2023, 1, 3, 17, tzinfo=UTC)


def test_a_row_that_the_source_repaired_meanwhile_is_not_landed_twice(book, province):
    path = book(dossier(1), BAD_DATE, TWO_FAULTS)
    province(portal_dossiers=[dossier(1), dossier(2), TWO_FAULTS])
    land_now("portal_dossiers")
    done = imported(fill(path, {"received_at": "03/01/2023", "channel": "Trực tiếp", "due_at": "20/01/2023"}))
    assert (done.accepted, [fault.row_key for fault in done.not_landed]) == (1, [None])
    assert "hệ thống nguồn đã sửa" in done.not_landed[0].reason


def test_a_correction_lies_still_while_the_source_is_right_and_returns_with_the_fault(book, province):
    imported(fill(book(dossier(1), BAD_DATE), {"received_at": "04/01/2023"}))
    before = state().batch
    for row, expected in ((dossier(2), 0), (BAD_DATE, 1)):
        province(portal_dossiers=[dossier(1), row])
        land_now("portal_dossiers")
        assert len(state().corrected) == expected
        assert len([r for r in in_force() if r["dossier_code"] == BAD_DATE["MaHoSo"]]) == 1
    assert state().batch == before


def test_of_rows_that_look_alike_all_stand_again_when_one_is_gone(book, province):
    """Their keys are faulty, so that nobody can say which of the corrections belongs to the row that is left."""
    alike = [dossier(n, MaHoSo=f"{NAMES[0]} {n}") for n in (2, 3)]
    path = book(dossier(1), *alike)
    codes = iter((dossier(2)["MaHoSo"], dossier(3)["MaHoSo"]))
    assert imported(fill(path, lambda line: next(codes))).accepted == 2
    province(portal_dossiers=[dossier(1), dossier(2), alike[1]])
    land_now("portal_dossiers")
    assert (len(state().open_ids), len(state().corrected)) == (1, 0)


def test_two_people_correct_different_workbooks(province, tmp_path):
    province(ca_certificates=[
        certificate(1), certificate(2, NotBefore="x"), certificate(3, OrganId="000.19.26.H23", NotBefore="x")
    ])  # fmt: skip
    land_now()
    one, other = exported(tmp_path / "out")
    assert (one.agency_code, other.agency_code) == ("11119", "11122")
    for book in (one, other):
        assert imported(fill(book.path, {"valid_from": date(2022, 1, 1)})).accepted == 1
    assert len(in_force("ca_certificates")) == 3
    assert not state("ca_certificates").open_ids


def test_a_row_without_an_agency_has_a_workbook_of_its_own(province, tmp_path):
    province(dms_documents=[document(1), document(2, Direction="X")])
    land_now("dms_documents")
    (book,) = exported(tmp_path / "out")
    assert (book.path.name, book.agency_code) == ("can-sua-2023-01-khong-ro-don-vi.xlsx", None)
    done = imported(fill(book.path, {"direction": "Văn bản đi", "agency_code": "000.22.26.H23"}))
    assert (done.accepted, done.not_landed) == (1, [])


TAMPERED = {
    "the value found": lambda book: setattr(book[SHEET].cell(HEAD_ROWS + 1, 7), "value", "03/01/2023"),
    "the key": lambda book: setattr(book[SHEET].cell(HEAD_ROWS + 1, 3), "value", "000.22.26.H23-230103-00009"),
    "the hidden reject": lambda book: setattr(book[SHEET].cell(HEAD_ROWS + 1, ANSWER + 3), "value", "0" * 16),
    "a note beside the table": lambda book: setattr(book[SHEET].cell(HEAD_ROWS + 1, 20), "value", "đã xem"),
    "a line below": lambda book: book[SHEET].append([9, "Hồ sơ", "1", "2", "3", "4", "5", "6", "03/01/2023"]),
    "a line twice": lambda book: book[SHEET].append([c.value for c in book[SHEET][HEAD_ROWS + 1]]),
    "the title": lambda book: setattr(book[SHEET]["A1"], "value", "BÁO CÁO"),
    "a heading": lambda book: setattr(book[SHEET].cell(HEAD_ROWS, ANSWER + 1), "value", "Ghi chú"),
    "the period": lambda book: setattr(book["_cchc"]["B2"], "value", "2023-02"),
    "the batch": lambda book: setattr(book["_cchc"]["B7"], "value", "f" * 16),
    "a formula as an answer": lambda book: setattr(book[SHEET].cell(HEAD_ROWS + 1, ANSWER + 1), "value", "=1+1"),
    "the hidden sheet gone": lambda book: book.remove(book["_cchc"]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_workbook_with_anything_else_changed_is_refused_whole(book, what):
    path = fill(book(dossier(1), BAD_DATE, TWO_FAULTS), {"received_at": "03/01/2023"})
    with pytest.raises(WorkbookRefused, match="Không tiếp nhận tệp"):
        imported(changed(path, TAMPERED[what]))
    assert corrections() == []


def test_lines_in_another_order_are_taken(book):
    def turned(workbook):
        sheet = workbook[SHEET]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD_ROWS + 1)][::-1]
        for number, row in enumerate(rows, HEAD_ROWS + 1):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value

    answers = {"received_at": "03/01/2023", "channel": "Trực tiếp", "due_at": "20/01/2023"}
    assert imported(changed(fill(book(dossier(1), BAD_DATE, TWO_FAULTS), answers), turned)).accepted == 2


def test_a_line_that_was_taken_out_leaves_its_reject_standing(book):
    path = fill(book(dossier(1), BAD_DATE, TWO_FAULTS), {"received_at": "03/01/2023"})
    done = imported(changed(path, lambda workbook: workbook[SHEET].delete_rows(HEAD_ROWS + 2, 2)))
    assert (done.accepted, done.missing_lines, len(state().open_ids)) == (1, 2, 1)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html></html>", b"\xd0\xcf\x11\xe0 old"])
def test_a_file_that_is_no_workbook_is_refused(home, tmp_path, content):
    (tmp_path / "file.xlsx").write_bytes(content)
    with pytest.raises(WorkbookRefused):
        imported(tmp_path / "file.xlsx")


def test_a_workbook_of_another_deployment_is_refused(book, home, monkeypatch, tmp_path):
    path = fill(book(dossier(1), BAD_DATE), {"received_at": "03/01/2023"})
    monkeypatch.setenv("CCHC_HOME", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    with pytest.raises(WorkbookRefused, match="does not have"):
        imported(path)


def test_a_workbook_that_is_there_is_not_written_over(book, tmp_path):
    path = book(dossier(1), BAD_DATE)
    with pytest.raises(WorkbookExists):
        exported(path.parent)


def test_what_is_told_of_the_health_of_rejects_comes_from_receipts(book, province):
    path = book(dossier(1), BAD_DATE, TWO_FAULTS)
    assert health(store(), "portal_dossiers", PERIOD).hours_to_repair is None
    imported(fill(path, {"received_at": "03/01/2023"}))
    told = health(store(), "portal_dossiers", PERIOD)
    read, correction = store().receipts("portal_dossiers", PERIOD)
    assert (told.open_rejects, told.corrected_rejects, told.repeat_offenders) == (1, 1, ())
    assert told.hours_to_repair == (correction.finished_at - read.finished_at).total_seconds() / 3600
    land("portal_dossiers", PERIOD.following(), settings(), lambda name: "any:thing")
    told = health(store(), "portal_dossiers", PERIOD.following())
    assert told.repeat_offenders == tuple(f"000.22.26.H23 {name}" for name in ("channel", "due_at", "received_at"))


def test_what_people_write_is_kept_nowhere_unless_it_meets_the_contract(book, home):
    path = book(
        dossier(1), BAD_DATE, BAD_STATUS, TWO_FAULTS, dossier(5, MaHoSo="", MaTTHC="", MaLinhVuc="?!", NgayTra="x")
    )
    words = iter([*PERSONAL, "+84 912 345 678", "bí thư Nguyễn Văn Tèo"] * 10)
    written = set()

    def answer(line):
        written.add(word := next(words))
        return word

    filled = fill(path, answer)
    done = imported(filled)
    assert (done.accepted, len(done.not_landed)) == (0, 4)
    kept = " ".join(readable(file) for file in home.home.rglob("*") if file.is_file()) + str(done)
    assert [word for word in written if word in kept] == []


def test_after_the_profile_was_changed_the_month_is_to_be_landed_again(book, tmp_path, monkeypatch):
    path = fill(book(dossier(1), BAD_DATE), {"received_at": "03/01/2023"})
    other = tmp_path / "other.yaml"
    other.write_text(
        (SHIPPED / "dvcqg.yaml").read_text(encoding="utf-8").replace('"3": postal}', '"3": postal, "4": postal}')
    )
    monkeypatch.setenv("CCHC_PROFILES", str(other))
    settings.cache_clear()
    for attempt in (lambda: exported(tmp_path / "again"), lambda: imported(path)):
        with pytest.raises(ProfileError, match="changed since"):
            attempt()
    assert corrections() == []

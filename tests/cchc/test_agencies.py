"""Who reports, what is wrong with tables of agencies, and a province's own rows into them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from typer.testing import CliRunner

from cchc.agencies import (
    AGENCY_COLUMNS,
    Agency,
    Succession,
    agencies,
    canonical_identity,
    reporting_agencies,
    successions,
)
from cchc.agency_checks import findings
from cchc.agency_import import AgenciesContradict, import_agencies
from cchc.agency_tables import AgencyFileRefused
from cchc.cli import app
from cchc.settings import ConfigurationError, settings

D1, D2, D3 = date(2004, 7, 8), date(2025, 6, 30), date(2025, 7, 1)
ALL = Decimal(1)


def configured(monkeypatch, provinces):
    monkeypatch.setenv("CCHC_PROVINCES", provinces)
    settings.cache_clear()
    return settings()


def codes(found, month):
    return [a.agency_code for a in reporting_agencies(found, found.period(month))]


# --- who reports ---------------------------------------------------------------------------------------------------------


def test_all_communes_of_the_named_provinces_report_as_they_were_on_the_last_day(home, monkeypatch):
    found = configured(monkeypatch, "30, 31")
    before, after = codes(found, "2025-06"), codes(found, "2025-07")
    assert {"11122", "11119"} <= set(before)
    assert len(after) == 114
    assert {"11113", "11948"} <= set(after)
    assert not {"15907", "15910"} & {*before, *after}  # of the stand-in province, not of this one


def test_a_pilot_names_districts_or_communes(home, monkeypatch):
    found = configured(monkeypatch, "298,15907")
    assert {len(code) for code in codes(found, "2023-06")} == {5}
    assert {"11119", "15907"} <= set(codes(found, "2023-06"))
    assert codes(found, "2025-08") == []


def test_the_range_of_a_local_row_narrows_and_its_departments_report(home, monkeypatch):
    home.home.mkdir(parents=True, exist_ok=True)
    rows = [
        "11113,2025-07-01,,Xã Tân Kỳ,commune,31,000.99.26.H24,2026-01-15,",
        "H24.05,2025-07-01,,Sở Tư pháp,department,31,000.00.05.H24,,",
        "H56.05,2025-07-01,,Sở Tư pháp,department,38,000.00.05.H56,2025-07-01,",
    ]
    (home.home / "agencies.csv").write_text("\n".join([",".join(AGENCY_COLUMNS), *rows]) + "\n", encoding="utf-8")
    found = configured(monkeypatch, "31")
    assert "11113" not in codes(found, "2026-01")
    assert "11113" in codes(found, "2026-02")
    assert "H24.05" in codes(found, "2025-08")
    assert "H56.05" not in codes(found, "2025-08")


@pytest.mark.parametrize(("value", "says"), [("99", "no agency has the code '99'"), ("Hải Dương", "write 30;")])
def test_a_province_that_does_not_exist_is_wrong_configuration(home, monkeypatch, value, says):
    with pytest.raises(ConfigurationError, match=says):
        codes(configured(monkeypatch, value), "2023-06")
    assert CliRunner().invoke(app, ["agencies", "check"]).exit_code == 2


def test_an_agency_without_the_identity_code_that_a_source_asks_by_is_named(home, monkeypatch):
    from cchc.agencies import AgenciesUnreadable
    from ingest.profile import load_exports
    from ingest.series import series_of

    found = configured(monkeypatch, "298")
    export = load_exports(found.profiles)["portal_dossiers"]
    with pytest.raises(
        AgenciesUnreadable, match=r"17 of 20 .* have no identity code.*11074.*cchc agencies import FILE"
    ):
        series_of(export, found.period("2023-06"), found)


@pytest.mark.parametrize(
    ("code", "canonical"),
    [
        ("H37.02.02", "H37.02.02"), ("000.01.12.H28", "H28.12.01"), ("000.00.26.H23", "H23.26"), ("000.00.00.H56", "H56"),
        ("G01.23", "G01.23"), ("H56", "H56"), ("11122", "11122"), ("30", "30"), ("", ""), ("0.0", "0.0"),
    ],
)  # fmt: skip
def test_an_identity_code_has_one_form_in_either_order(code, canonical):
    assert canonical_identity(code) == canonical


# --- what is wrong -------------------------------------------------------------------------------------------------------


def agency(code, starts=D1, ends=D2, above="10", identity="", level="commune"):
    return Agency(code, starts, ends, f"Xã {code}", level, above, identity, None, None)


def became(a, b, day=D3, kind="merge", weight=ALL, starts=D1, new=D3):
    return Succession(a, starts, b, new if b else None, day, kind, weight, "")


SOUND = (
    [
        Agency("10", D1, None, "Tỉnh P", "province", "", "H10", None, None),
        agency("10001", identity="000.01.26.H10"),
        agency("10002", identity="H10.26.02"),
        agency("10001", D3, None, identity="H10.26.01"),
        agency("10003", D3, None),
        agency("10004", ends=D2),
    ],
    [
        became("10001", "10001"),
        became("10002", "10001", kind="split", weight=Decimal("0.33333333")),
        became("10002", "10003", kind="split", weight=Decimal("0.66666667")),
        became("10004", "", kind="level_abolished", weight=None),
    ],
)


def rules(rows, changes):
    return {f.rule for f in findings(rows, changes)}


def test_sound_tables_have_no_findings():
    assert findings(*SOUND) == []
    unknown = [replace(s, weight=None) if s.kind == "split" else s for s in SOUND[1]]
    assert findings(SOUND[0], unknown) == []


@pytest.mark.parametrize(
    ("rule", "rows", "changes"),
    [
        ("range_backwards", [agency("10009", D3, D2)], [became("10009", "", starts=D3, kind="level_abolished", weight=None)]),
        ("code_overlap", [agency("10001", D2, None)], []),
        ("code_overlap", [agency("10003", D3, None)], []),
        ("code_gap", [agency("10009", D1, date(2020, 1, 1)), agency("10009", D3, None)],
         [became("10009", "10001", date(2020, 1, 2), new=D1)]),
        ("identity_overlap", [agency("10009", D1, None, identity="H10.26.01")], []),
        ("identity_overlap", [agency("10009", D1, None, identity="000.02.26.H10")], []),
        ("parent_missing", [agency("10009", D1, None, above="101")], []),
        ("parent_missing", [agency("10009", D1, None, above="")], []),
        ("parent_missing", [agency("10009", date(2004, 7, 7), None)], []),
        ("parent_level", [agency("10009", D3, None, above="10003")], []),
        ("parent_level", [agency("10009", above="10009", level="district")], []),
        ("parent_level", [agency("101", D1, None, above="10009", level="district"), agency("10009", D1, None)], []),
        ("parent_level", [agency("101", above="102", level="district"), agency("102", above="101", level="district")], []),
        ("parent_level", [agency("11", D1, None, level="province")], []),
        ("predecessor_missing", [], [became("10008", "10001")]),
        ("successor_missing", [agency("10009")], [became("10009", "10008")]),
        ("successor_missing", [agency("10009")], [became("10009", "")]),
        ("date_mismatch", [agency("10009")], [became("10009", "10001", date(2025, 7, 2))]),
        ("date_mismatch", [agency("10009", ends=None)], [became("10009", "10001")]),
        ("date_mismatch", [agency("10009", ends=date(2025, 6, 1))], [became("10009", "10001", date(2025, 6, 2))]),
        ("weights_not_one", [agency("10009")], [became("10009", "10001", weight=Decimal("0.9"))]),
        ("weights_not_one", [agency("10009")],
         [became("10009", "10001", weight=Decimal(2)), became("10009", "10003", weight=Decimal(-1))]),
        ("successor_twice", [agency("10009")], 2 * [became("10009", "10001", kind="split", weight=Decimal("0.5"))]),
        ("successor_twice", [agency("10009")], 2 * [became("10009", "10001", kind="split", weight=None)]),
        ("weight_missing", [agency("10009")], [became("10009", "10001", weight=None)]),
        ("weight_missing", [agency("10009")], [became("10009", "10001"), became("10009", "10003", weight=None)]),
        ("cycle", [agency("10008"), agency("10009")],
         [became("10008", "10009", new=D1), became("10009", "10008", new=D1)]),
        ("cycle", [agency("10009")], [became("10009", "10009", new=D1)]),
        ("no_successor", [agency("10009")], []),
    ],
)  # fmt: skip
def test_each_fault_is_found(rule, rows, changes):
    assert rule in rules([*SOUND[0], *rows], [*SOUND[1], *changes])


def test_an_overlap_with_an_agency_that_outlives_the_next_is_found():
    rows = [agency("1", D1, None, identity="H1.01"), agency("2", date(2010, 1, 1), date(2011, 1, 1)),
            agency("3", date(2020, 1, 1), None, identity="H1.01")]  # fmt: skip
    rows[1] = replace(rows[1], identity_code="H1.01")
    overlaps = [f.code for f in findings(rows, []) if f.rule == "identity_overlap"]
    assert overlaps == ["2", "3"]


def test_check_names_file_line_and_code(home):
    home.home.mkdir(parents=True, exist_ok=True)
    row = "11119,2020-01-01,,Xã Khác,commune,298,,,"
    (home.home / "agencies.csv").write_text("\n".join([",".join(AGENCY_COLUMNS), row]) + "\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["agencies", "check", "--json"])
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert {f["rule"] for f in found} == {"code_overlap", "parent_missing"}
    assert {(f["file"], f["line"], f["code"]) for f in found} == {(str(home.home / "agencies.csv"), 2, "11119")}


def test_what_is_shipped_holds_together(home):
    assert CliRunner().invoke(app, ["agencies", "check"]).exit_code == 0


# --- import --------------------------------------------------------------------------------------------------------------


def quiet(line):
    pass


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_departments_and_corrections_come_in_from_a_workbook_and_stay_as_they_are_when_it_comes_again(home, tmp_path):
    path = workbook(
        tmp_path / "don-vi.xlsx",
        ("Đơn vị", [
            ["DANH SÁCH SỞ, BAN, NGÀNH"],
            ["STT", "Mã đơn vị", "Tên đơn vị", "Cấp", "Mã đơn vị cấp trên", "Mã định danh", "Hiệu lực từ ngày", "Ghi chú"],
            [1, "H24.05", "Sở Tư pháp", "Sở", 31, "000.00.05.H24", D3, None],
            [2, 11113, None, None, None, "000.99.26.H24", None, "mã mới"],
        ]),
        ("Kế thừa", [
            ["Mã đơn vị cũ", "Mã đơn vị mới", "Ngày thay đổi", "Loại thay đổi", "Tỷ lệ"],
            [11143, 11140, "01/07/2025", "Chia tách", "0,7"],
            [11143, 11146, "01/07/2025", "Chia tách", "30%"],
        ]),
    )  # fmt: skip
    done = import_agencies(path, home, quiet)
    assert done.added == ["H24.05 2025-07-01"]
    assert done.replaced == ["11113 2025-07-01", "11143 2004-07-08 → 11140", "11143 2004-07-08 → 11146"]
    known = {a.key: a for a in agencies(home)}
    department = known["H24.05", D3]
    assert (department.name_vi, department.level, department.parent_code) == ("Sở Tư pháp", "department", "31")
    tan_ky = known["11113", D3]
    assert (tan_ky.name_vi, tan_ky.identity_code, tan_ky.reports_from) == ("Xã Tân Kỳ", "000.99.26.H24", D3)
    split = {s.to_code: s for s in successions(home) if s.from_code == "11143"}
    assert {code: s.weight for code, s in split.items()} == {"11140": Decimal("0.7"), "11146": Decimal("0.3")}
    assert all(s.legal_act.startswith("Nghị quyết 202/2025") for s in split.values())
    written = [path.read_bytes() for path in (home.agency_files[1], home.succession_files[1])]
    again = import_agencies(path, home, quiet)
    assert (again.added, again.replaced, len(again.unchanged)) == ([], [], 4)
    assert [path.read_bytes() for path in (home.agency_files[1], home.succession_files[1])] == written
    assert CliRunner().invoke(app, ["agencies", "check"]).exit_code == 0


def test_a_dash_empties_and_a_blank_keeps(home, tmp_path):
    path = tmp_path / "ma.csv"
    path.write_text("agency_code,identity_code,reports_from\n11113,,-\n", encoding="utf-8")
    import_agencies(path, home, quiet)
    (tan_ky,) = (a for a in agencies(home) if a.key == ("11113", D3))
    assert (tan_ky.identity_code, tan_ky.reports_from) == ("000.13.26.H23", None)


def test_a_commune_that_takes_another_name_is_two_ranges_and_a_succession(home, tmp_path):
    path = workbook(
        tmp_path / "doi-ten.xlsx",
        ("a", [["agency_code", "valid_from", "valid_to", "name_vi"],
               ["11113", "2025-07-01", "31/07/2026", None], ["11113", "1/8/2026", None, "Phường Tân Kỳ"]]),
        ("b", [["from_code", "to_code", "event_date", "kind"], ["11113", "11113", "2026-08-01", "Đổi tên"]]),
    )  # fmt: skip
    import_agencies(path, home, quiet)
    result = CliRunner().invoke(app, ["agencies", "show", "11113", "--json"])
    history = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(a["name_vi"], a["valid_from"], a["parent_code"]) for a in history] == [
        ("Xã Tân Kỳ", "2004-07-08", "298"), ("Xã Tân Kỳ", "2025-07-01", "31"), ("Phường Tân Kỳ", "2026-08-01", "31"),
    ]  # fmt: skip
    assert [s["name_vi"] for s in history[1]["successors"]] == ["Phường Tân Kỳ"]


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("agency_code,identity_code\n11140,000.13.26.H23\n", AgenciesContradict, "line 2: 11140: identity code .* that of 11113"),
        ("Mã đơn vị cũ,Mã đơn vị mới,Ngày thay đổi,Loại thay đổi,Tỷ lệ\n11143,11140,1/7/2025,chia tách,0.7\n",
         AgenciesContradict, "line 2: 11143: the weights of its successors .* do not add to 1"),
        ("Mã đơn vị,Mã định dan\n11113,1\n", AgencyFileRefused, "line 1: no column is called 'Mã định dan'.*mã định danh"),
        ("mã,tên\n11113,1\n", AgencyFileRefused, "has the heading 'Mã đơn vị'"),
        ("agency_code,identity_code\n", AgencyFileRefused, "no row below the headings"),
        ("agency_code,valid_from\n1113,2025-07-01\n", AgencyFileRefused, "line 2: agency_code is 1113: Excel has dropped"),
        ("agency_code,name_vi\nH24.05,Sở A\n", AgencyFileRefused, "H24.05 is new: say valid_from"),
        ("agency_code,valid_from\nH24.05,2025-07-01\n", AgencyFileRefused, "H24.05 is new: say name_vi, level, parent_code too"),
        ("agency_code,identity_code\n11113,1\n11113,2\n", AgencyFileRefused, "line 3: .* a second time, first in .* line 2"),
        ("agency_code,level\n11113,làng\n", ValueError, "line 2: level is 'làng'; write one of commune, "),
        ("agency_code,valid_to\n11113,31/02/2026\n", ValueError, "line 2: valid_to is '31/02/2026'; write it as"),
        ("from_code,to_code,event_date,kind\n11113,11140,31/02/2026,merge\n", ValueError, "line 2: event_date is '31/02/20"),
        ("from_code,to_code,event_date,kind\n11113,11140,,merge\n", ValueError, "line 2: event_date is blank"),
        ("from_code,to_code,event_date,kind,weight\n11113,11140,2026-07-01,merge,NaN\n", ValueError, "line 2: weight is 'NaN'"),
        ("from_code,to_code,event_date,kind,weight\n11113,11140,2026-07-01,merge,-inf\n", ValueError, "line 2: weight is '-inf'"),
        ("from_code,to_code,event_date,kind\n99999,11113,2025-07-01,merge\n", AgencyFileRefused, "no agency has the code 99999"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_hold_changes_nothing(home, tmp_path, text, error, says):
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=says):
        import_agencies(path, home, quiet)
    assert not home.agency_files[1].exists()
    assert not home.succession_files[1].exists()


def test_import_ends_with_the_code_of_whose_turn_it_is(home, tmp_path):
    path = tmp_path / "file.csv"
    for text, code in (("agency_code,identity_code\n11113,H24.26.13\n", 0), ("agency_code,identity_code\n11140,H24.26.13\n", 1),
                       ("mã\n1\n", 2)):  # fmt: skip
        path.write_text(text, encoding="utf-8")
        assert CliRunner().invoke(app, ["agencies", "import", str(path)]).exit_code == code
    assert CliRunner().invoke(app, ["agencies", "import", str(tmp_path / "none.csv")]).exit_code == 2
    assert CliRunner().invoke(app, ["agencies", "show", "00000"]).exit_code == 2

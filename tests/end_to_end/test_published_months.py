"""What people ask of published months: `cchc explain`, `cchc verify`, `cchc diff`, on real revisions and on damaged ones."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.explain.figure import explain
from cchc.settings import settings
from snapshots.store import Manifest
from tests.end_to_end.conftest import DAI_HOP, HOANG_CAT, cchc

pytestmark = pytest.mark.slow
PHUONG_KY, TU_KY = "11137", "298"


def explained(*words: str) -> dict[str, Any]:
    code, said = cchc("explain", *words, "--json")
    assert code == 0, said
    found: dict[str, Any] = json.loads(said)
    return found


def query(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings().analysts_file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def faults(*words: str) -> list[tuple[str, int | None, str | None, str]]:
    code, said = cchc("verify", *words, "--json")
    found = json.loads(said.splitlines()[-1])["faults"]
    assert code == (1 if found else 0)
    return [(f["period"], f["revision"], f["file"], f["what"]) for f in found]


def test_a_share_is_explained_by_the_dossiers_that_keep_it_below_one(restated):
    found = explained("2023-02", "dai hop", "online_share", "--rows", "3")
    figure, made = found["figure"], found["rows"]
    assert (figure["state"], figure["revision"], made["matches"]) == ("ok", 2, True)
    assert made["missing"] == figure["denominator"] - figure["numerator"] > 3
    assert len(made["shown"]) == 3
    assert {row["reason"] for row in made["shown"]} == {"kênh tiếp nhận: trực tiếp"}
    codes = [row[0] for row in query(f"select dossier_code from ({made['missing_sql']})")]
    assert len(codes) == made["missing"]
    assert {row["dossier_code"] for row in made["shown"]} <= set(codes)
    channels = {
        row["value"]: (row["rows"], row["counted"]) for row in made["breakdown"] if row["family"] == "Kênh tiếp nhận"
    }
    assert channels == {"trực tuyến": (figure["numerator"],) * 2, "trực tiếp": (made["missing"], 0)}


def test_every_figure_of_a_commune_and_a_province_is_the_rows_that_explain_finds(restated):
    month, seen = settings().period("2023-02"), 0
    for (code,) in query("select distinct indicator_code from indicator_values"):
        for agency in (DAI_HOP, "30"):
            for scope in ("month", "ytd"):
                found = explain(settings().analysts_file, month, agency, code, scope, 1)
                if found["rows"] and found["figure"]["state"] == "ok":
                    assert found["rows"]["matches"], (agency, code, scope)
                    seen += 1
    assert seen > 100


def test_an_official_reads_it_in_vietnamese(restated):
    code, said = cchc("explain", "2023-02", "Huyện Tứ Kỳ", "online_share", "--scope", "ytd", "--rows", "1")
    assert code == 0
    for words in (
        "Tỷ lệ hồ sơ trực tuyến · Huyện Tứ Kỳ (298, cấp huyện) · kỳ 2023-02 (15/12/2022 đến 14/02/2023), lũy kế từ đầu năm",
        "Lần công bố 2 (kênh tiếp nhận nhập sai)", "Mẫu số: Hồ sơ tiếp nhận trong kỳ", "Nghị định 45/2020/NĐ-CP",
        "Quyết định 766/QĐ-TTg 3.3", "Xã Phượng Kỳ", "kênh tiếp nhận: trực tiếp", "cchc dossier 000.",
    ):  # fmt: skip
        assert words in said


def test_the_year_names_the_revisions_it_rests_on_and_the_month_that_was_restated_since(restated):
    found = explained("2023-03", DAI_HOP, "online_share", "--scope", "ytd")
    assert [(m["month"], m["revision"], m["current_revision"]) for m in found["months"]] == [
        ("2023-01", 1, 1), ("2023-02", 1, 2), ("2023-03", 1, 1),
    ]  # fmt: skip
    assert found["rows"]["matches"] is False
    _, said = cchc("explain", "2023-03", DAI_HOP, "online_share", "--scope", "ytd")
    assert "nay là lần 2: kỳ 2023-03 cần được công bố lại" in said
    assert "khác số đã công bố" in said


def test_a_figure_that_is_not_stated_says_why_and_what_shows_more(restated):
    unmeasured = explained("2023-02", TU_KY, "staff_with_certificate_share")
    assert unmeasured["figure"]["state"] == "not_measured"
    assert "certificates, staffing" in unmeasured["reasons"][0]
    assert "cchc status 2023-02" in unmeasured["reasons"][-1]
    unpublished = explained("2023-05", TU_KY, "dossiers_received", "--scope", "ytd")
    assert unpublished["figure"]["state"] == "incomplete"
    assert "chưa công bố: 2023-04. Chạy cchc close 2023-04 2023-05" in " ".join(unpublished["reasons"])
    broken = explained("2023-02", "Tỉnh Thanh Hóa", "dossiers_received", "--scope", "ytd")
    assert broken["figure"]["state"] == "incomplete"
    assert any("Kỳ 2023-02: hồ sơ chuyển từ kỳ trước không khớp" in reason for reason in broken["reasons"])


def test_what_the_gate_withheld_or_what_did_not_occur_says_so(damaged):
    """States that the stand-in province has not, in the file as a gate and a quiet month would leave it."""
    at = f"period_month = '2023-02-01' and agency_code = '{PHUONG_KY}' and scope = 'month'"
    with duckdb.connect(str(damaged / "warehouse.duckdb")) as connection:
        connection.execute(f"update indicator_values set state = 'withheld', value = null, numerator = null, denominator = null "
                           f"where {at} and indicator_code = 'online_share'")  # fmt: skip
        connection.execute(f"update indicator_values set state = 'not_applicable', value = null, denominator = 0 "
                           f"where {at} and indicator_code = 'signed_share'")  # fmt: skip
        connection.execute(
            "update quality_results set outcome = 'withheld', failed_rows = 3, agency_codes = [?], sample_keys = ['H-1'] "
            "where period_month = '2023-02-01' and check_id = 'fct_dossiers.no_version_conflict'", [PHUONG_KY],
        )  # fmt: skip
        connection.execute(
            "insert into withheld_cells values "
            "('2023-02-01', (select revision from snapshots where period_month = '2023-02-01' and is_current), 'month', ?, "
            "'online_share', ['fct_dossiers.no_version_conflict'])", [PHUONG_KY],
        )  # fmt: skip
    assert explained("2023-02", PHUONG_KY, "online_share")["reasons"] == [
        "Cùng một mã hồ sơ nhưng nội dung khác nhau, không xác định được bản mới nhất (fct_dossiers.no_version_conflict): "
        "3 hàng, ví dụ H-1.",
        "Việc cần làm: Đơn vị xác định nội dung đúng của hồ sơ, hủy hoặc sửa bản trùng mã trên Hệ thống thông tin giải quyết "
        "thủ tục hành chính, đồng bộ lại rồi báo Tổ dữ liệu chạy lại.",
        "Xem thêm: cchc status 2023-02",
    ]
    assert explained("2023-02", PHUONG_KY, "signed_share")["reasons"] == [
        "Trong kỳ không phát sinh: Văn bản đi trong kỳ bằng 0."
    ]


def test_the_year_of_a_commune_takes_in_the_months_of_one_that_was_merged_into_it(damaged):
    with duckdb.connect(str(damaged / "warehouse.duckdb")) as connection:
        connection.execute("drop table if exists agency_succession")
        connection.execute(
            "create table agency_succession as select '11137' as from_code, date '2004-07-08' as from_valid_from, "
            "'11119' as to_code, date '2004-07-08' as to_valid_from, date '2023-03-01' as event_date, 1 as weight"
        )
        connection.execute("update dim_agencies set valid_to = '2023-02-28' where agency_code = '11137'")
    found = explained("2023-03", DAI_HOP, "dossiers_received", "--scope", "ytd")
    of_both = "select sum(numerator)::bigint from indicator_values where indicator_code = 'dossiers_received' " \
              "and scope = 'month' and period_month = '2023-01-01' and agency_code in ('11119', '11137')"  # fmt: skip
    of_one = of_both.replace("2023-01", "2023-03").replace(", '11137'", "")
    assert [found["months"][0]["numerator"]] == list(query(of_both)[0])
    assert [found["months"][2]["numerator"]] == list(query(of_one)[0])
    assert found["rows"]["numerator_found"] == sum(month["numerator"] for month in found["months"])
    before = explained("2023-02", DAI_HOP, "dossiers_received", "--scope", "ytd")
    assert before["rows"]["matches"]


def test_a_distinct_share_lists_the_procedures_that_nobody_used_online(restated):
    found = explained("2023-02", PHUONG_KY, "procedures_with_online_dossiers_share", "--scope", "ytd", "--rows", "1000")
    made, figure = found["rows"], found["figure"]
    assert made["matches"]
    assert made["missing"] == len(made["shown"]) == figure["denominator"] - figure["numerator"]


def test_a_deployment_that_names_its_provinces_is_explained_like_one_that_lists_ranges(restated, tmp_path):
    """Its agencies have no reporting ranges; and a code may have been that of an agency that was divided."""
    named, month = tmp_path / "warehouse.duckdb", settings().period("2023-02")
    shutil.copyfile(settings().analysts_file, named)
    asked = [(agency, code, scope) for agency in (DAI_HOP, TU_KY, "30") for scope in ("month", "ytd")
             for code in ("on_time_share", "documents_outgoing", "procedures_with_online_dossiers_share")]  # fmt: skip
    with duckdb.connect(str(named)) as connection:
        connection.execute("update dim_agencies set reports_from = null, reports_to = null")
        connection.execute(
            "insert into fct_dossiers select * replace ('OF-ANOTHER' as dossier_code, null as reporting_agency_code) "
            f"from fct_dossiers where agency_code = '{DAI_HOP}' and period_month = '2023-02-01' limit 20"
        )
    for agency, code, scope in asked:
        found = explain(named, month, agency, code, scope, 10)
        assert found["rows"]["matches"]
        assert found == explain(settings().analysts_file, month, agency, code, scope, 10), (agency, code, scope)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("2023-02", "tu kì", "online_share"), "298 Huyện Tứ Kỳ (cấp huyện)"),
        (("2023-02", DAI_HOP, "online_shar"), "online_share (Tỷ lệ hồ sơ trực tuyến)"),
        (("2023-04", DAI_HOP, "online_share"), "2023-02, 2023-03, 2023-05"),
        (("2023-02", "Quảng An", "online_share"), "Xã Quảng An (19888) báo cáo từ 15/12/2019 đến 14/12/2022"),
        (
            ("2023-02", "dân an", "online_share"),
            "Xã Dân An (11122) báo cáo từ 01/12/2024 đến 30/06/2025; từ 01/07/2025 là Xã Tân Kỳ (11113)",
        ),
        (("2023-02", "11143", "online_share"), "chia cho Xã Lạc Phượng (11140), Xã Nguyên Giáp (11146)"),
        (("2023-2", DAI_HOP, "online_share"), "YYYY-MM"),
    ],
)
def test_a_name_that_nothing_has_is_wrong_usage_and_the_closest_are_named(restated, words, told):
    code, said = cchc("explain", *words)
    assert (code, told in said) == (2, True), said


def test_what_was_published_is_what_was_sealed_but_the_years_on_a_restated_month_are_named(restated):
    assert faults() == [("2023-03", 1, None, "its year to date rests on older revisions of 2023-02")]
    assert faults("2023-02") == []
    code, said = cchc("verify", "2023-02")
    assert (code, "1 months, 2 revisions" in said) == (0, True)


def flip_a_byte(folder: Path) -> None:
    path = folder / "fct_dossiers.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def swap_two_files(folder: Path) -> None:
    one, other = folder / "fct_documents.parquet", folder / "fct_signatures.parquet"
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def edit_the_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("first publication", "first publicity"))


def say_other_rows_under_a_new_seal(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = Manifest.model_validate_json(path.read_bytes())
    entry = manifest.tables["dim_procedures"].model_copy(update={"content": "0" * 64})
    tables = manifest.tables | {"dim_procedures": entry}
    path.write_text(manifest.model_copy(update={"tables": tables}).sealed().model_dump_json())


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (flip_a_byte, [("fct_dossiers.parquet", "is not the file that was sealed: its sha256 differs")]),
        (lambda folder: (folder / "dim_agencies.parquet").unlink(), [("dim_agencies.parquet", "is not there")]),
        (swap_two_files, [("fct_documents.parquet", "is the file of fct_signatures"),
                          ("fct_signatures.parquet", "is the file of fct_documents")]),
        (edit_the_manifest, [("manifest.json", "does not fit its seal"),
                             ("warehouse.duckdb", "lists other revisions or seals than the snapshots have")]),
        (say_other_rows_under_a_new_seal, [
            ("dim_procedures.parquet", "has other rows than the manifest says: their hash differs"),
            ("warehouse.duckdb", "lists other revisions or seals than the snapshots have"),
        ]),
        (lambda folder: (folder / "manifest.json").write_text("{}"), [
            ("manifest.json", "is no manifest (11 faults in it)"),
            ("warehouse.duckdb", "lists other revisions or seals than the snapshots have"),
        ]),
        (lambda folder: (folder / "notes.txt").write_text("x"), [("notes.txt", "is in no manifest")]),
        (shutil.rmtree, [(None, "is not published"),
                         ("warehouse.duckdb", "lists other revisions or seals than the snapshots have")]),
    ],
)  # fmt: skip
def test_what_somebody_did_to_a_revision_is_named(damaged, spoil: Callable[[Path], None], told):
    spoil(damaged / "snapshots/2023-01/revision=001")
    assert [(file, what) for period, _, file, what in faults("2023-01") if period == "2023-01"] == told


def test_a_revision_that_was_taken_away_or_swapped_for_another_is_named(damaged):
    month = damaged / "snapshots/2023-02"
    (month / "revision=001").rename(month / "kept")
    assert faults("2023-02") == [
        ("2023-02", 1, None, "is gone, though a later revision is there"),
        ("2023-02", None, "warehouse.duckdb", "lists other revisions or seals than the snapshots have"),
    ]
    (month / "revision=002").rename(month / "revision=001")
    (month / "kept").rename(month / "revision=002")
    assert [what for *_, what in faults("2023-02")][:2] == [
        "is that of 2023-02 revision 2: it was moved or copied",
        "is that of 2023-02 revision 1: it was moved or copied",
    ]


def test_an_analysts_file_that_was_changed_misses_a_month_or_is_gone_is_named_and_can_be_made_anew(damaged):
    file = damaged / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("update indicator_values set value = 1 where period_month = '2023-01-01' and value < 1")
        connection.execute(
            "update fct_dossiers set is_latest = not is_latest where dossier_code = (select min(dossier_code) from dossiers)"
        )
        connection.execute("delete from monthly.dim_procedures where period_month = '2023-03-01'")
        connection.execute("delete from dim_indicators where indicator_code = 'online_share'")
    told = {(period, what) for period, _, name, what in faults() if name == "warehouse.duckdb"}
    assert told == {
        ("2023-01", "indicator_values differs from revision 1"),
        ("2023-03", "dim_procedures differs from revision 1"),
        ("analysts' file", "dim_indicators is not that of the newest months"),
        ("analysts' file", "dossiers is not that of the newest months"),
    }
    shutil.rmtree(damaged / "snapshots/2023-05")
    assert ("2023-05", None, file.name, "holds this month, whose snapshots are gone") in faults()
    file.write_bytes(b"no database")
    assert "cannot be read" in faults()[-1][3]
    file.unlink()
    assert faults()[-1][3] == "is not there"
    assert cchc("publish", "--rebuild")[0] == 0
    assert [what for *_, what in faults()] == ["its year to date rests on older revisions of 2023-02"]


def test_two_revisions_are_compared_figure_by_figure_and_dossier_by_dossier(restated):
    code, said = cchc("diff", "2023-02", "1", "2", "--json")
    found = json.loads(said)
    assert (code, found["differ"]) == (1, True)
    assert found["new"]["reason"] == "kênh tiếp nhận nhập sai"
    changed = [row for row in found["dossiers"] if row["kind"] == "changed"]
    assert len(changed) > 3
    assert {(c["column"], c["old"], c["new"]) for row in changed for c in row["changes"]} == {
        ("channel", "online", "in_person")
    }
    assert [(row["agency_code"], row["kind"]) for row in found["dossiers"] if row["kind"] != "changed"] == [
        (HOANG_CAT, "vanished")
    ]
    assert found["tables"]["fct_dossiers"] == {
        "appeared": 0, "vanished": 1, "changed": len(changed),
        "columns": {"channel": len(changed), "tokens": len(changed)}, "columns_gone": [],
        "columns_new": [],
    }  # fmt: skip
    assert not any(found["tables"]["fct_documents"].values())
    figures = {(f["agency_code"], f["indicator_code"], f["scope"]): (f["old"], f["new"]) for f in found["figures"]}
    old, new = figures[DAI_HOP, "dossiers_received_online", "month"]
    received = query("select count(*) filter (is_received) from fct_dossiers where period_month = '2023-02-01' and "
                     f"list_contains({[row['dossier_code'] for row in changed]}, dossier_code)")  # fmt: skip
    assert [(old["numerator"] - new["numerator"],)] == received
    assert (DAI_HOP, "dossiers_received", "month") not in figures
    assert figures[HOANG_CAT, "dossiers_received", "ytd"][1]["state"] == "incomplete"
    assert [read["export"] for read in found["reads"]] == ["portal_dossiers"]
    assert found["checks"]["warnings_new"] == ["fct_dossiers.carried_over_equals_pending_before"]


def test_a_diff_is_read_from_the_summary_down_and_equal_revisions_are_equal(restated):
    code, said = cchc("diff", "2023-02", "1", "2", "--rows", "2")
    lines = said.splitlines()
    assert code == 1
    assert lines[0] == "2023-02: revision 1 (first publication) → revision 2 (kênh tiếp nhận nhập sai)"
    assert re.search(r"fct_dossiers: (\d+) changed \(channel \1, tokens \1\); 1 vanished", said)
    assert re.search(r"\ndossiers: \d+ changed, 1 vanished \(the first 2\)\n", said)
    assert "channel online → in_person" in said
    assert cchc("diff", "2023-02", "2", "2") == (
        0,
        lines[0].replace("1 (first publication)", "2 (kênh tiếp nhận nhập sai)") + "\nequal\n",
    )
    code, said = cchc("diff", "2023-02", "1", "7")
    assert (code, "2023-02 has no revision 7; there is 1, 2" in said) == (2, True)

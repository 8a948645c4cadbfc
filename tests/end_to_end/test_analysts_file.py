"""The analysts' file over time: new columns, vanished records, damaged history, and what a month rests on."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from cchc import close as steps
from cchc.build import _dossier_rows
from cchc.settings import settings
from cchc.status import statuses
from sandbox.faults import Fault, FieldBroken
from snapshots.store import Manifest
from tests.end_to_end.conftest import cchc

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Forgotten(Fault):
    """The register no longer lists the first `count` certificates of the commune."""

    export = "ca_certificates"
    count: int = 4

    def spoil(self, question: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows[self.count :]


def test_a_column_that_a_later_month_brings_is_null_in_the_months_before_it(closed):
    folder = closed.home / "published/snapshots/2023-03"
    shutil.copytree(folder / "revision=001", folder / "revision=002")
    for path in (folder / "revision=002").iterdir():
        path.chmod(0o644)
    table = folder / "revision=002/fct_dossiers.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from read_parquet('{table}', hive_partitioning = false)")
        connection.execute(f"copy (select *, 'x' as brought_later from t) to '{table}' (format parquet)")
    manifest = Manifest.model_validate_json((folder / "revision=002/manifest.json").read_bytes())
    entry = manifest.tables["fct_dossiers"].model_copy(
        update={"sha256": hashlib.sha256(table.read_bytes()).hexdigest()}
    )
    tables = manifest.tables | {"fct_dossiers": entry}
    resealed = manifest.model_copy(update={"revision": 2, "tables": tables}).sealed()
    (folder / "revision=002/manifest.json").write_text(resealed.model_dump_json())
    for rebuild in (False, True):
        steps.refresh(rebuild=rebuild)
        by_month = (
            "select strftime(period_month, '%m'), count(brought_later) > 0 from fct_dossiers group by 1 order by 1"
        )
        assert closed.query(by_month) == [("01", False), ("02", False), ("03", True)]


def test_a_month_published_before_a_form_existed_lacks_it_and_makes_its_year_incomplete(closed):
    path = closed.home / "published/snapshots/2023-01/revision=001/manifest.json"
    manifest = Manifest.model_validate_json(path.read_bytes())
    tables = {name: entry for name, entry in manifest.tables.items() if not name.startswith("mart_")}
    path.chmod(0o644)
    path.write_text(manifest.model_copy(update={"tables": tables}).sealed().model_dump_json())
    steps.refresh(rebuild=True)
    months = "select distinct strftime(period_month, '%m') from mart_form_b06 order by 1"
    assert closed.query(months) == [("02",), ("03",)]
    assert cchc("build", "2023-03")[0] == 0
    with duckdb.connect(str(settings().build_file(settings().period("2023-03"))), read_only=True) as build:
        states = build.execute("select distinct scope, state from mart_form_b06 order by 1").fetchall()
    assert states == [("month", "ok"), ("ytd", "incomplete")]


def test_a_file_of_an_earlier_version_that_kept_dossiers_twice_is_made_anew(closed):
    latest = "select dossier_code, period_month from dossiers order by 1"
    before = closed.query(latest)
    with duckdb.connect(str(settings().analysts_file)) as connection:
        connection.execute(
            "create table kept as from dossiers; drop view dossiers; alter table kept rename to dossiers;"
            "alter table fct_dossiers drop column is_latest"
        )
    steps.refresh()
    assert closed.query("select count(*) from duckdb_views() where view_name = 'dossiers'") == [(1,)]
    assert closed.query(latest) == before


def test_a_certificate_that_the_register_no_longer_lists_is_kept_but_not_valid(closed):
    valid = "select count(*) from dim_certificates where is_valid"
    listed = "select count(*) from monthly.dim_certificates where is_valid and period_month = '2023-03-01'"
    before = closed.query("select count(*) from dim_certificates")
    closed.province.poison(Forgotten("", "2023-03", count=4))
    assert steps.close("2023-03", reason="danh bạ chứng thư số thiếu")["revision"] == 2
    assert closed.query(valid) == closed.query(listed)
    assert closed.query(valid.replace("is_valid", "list_contains(tokens, 'valid')")) == closed.query(listed)
    assert closed.query("select count(*) from dim_certificates") == before


def test_a_damaged_table_is_never_read_into_a_later_month(closed):
    path = closed.home / "published/snapshots/2023-01/revision=001/indicator_values.parquet"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    code, said = cchc("build", "2023-02")
    assert (code, "is not the file that 2023-01 revision 1 sealed" in said) == (1, True)


def test_an_old_damaged_verdict_does_not_stop_a_new_month_and_is_told(closed):
    damaged = closed.home / "audit/2023-01/0001/verdict.json"
    damaged.chmod(0o644)
    damaged.write_text(damaged.read_text().replace('"held"', '"failed"', 1))
    steps.refresh(rebuild=True)
    assert closed.query("select outcome, check_id from quality_results where period_month = '2023-01-01'") == [
        ("not_evaluated", "verdict.readable")
    ]
    assert closed.months() == {"2023-01": 1, "2023-02": 1, "2023-03": 1}


def test_a_late_december_asks_for_the_restatement_of_the_year_that_rests_on_it(closed):
    assert all(row["to_do"] == [] for row in statuses(None))
    steps.close("2022-12")
    named = {row["period"]: row["to_do"] for row in statuses(None)}
    assert all("2022-12" in named[month][0] for month in ("2023-01", "2023-02", "2023-03"))


def test_a_restatement_that_changes_nothing_a_later_month_rests_on_asks_for_nothing(closed):
    closed.province.poison(Forgotten("", "2023-01", count=0))
    closed.province.poison(FieldBroken("", "2023-01", field="StatusCode", value="01", count=3, of="dms_documents"))
    assert steps.close("2023-01", reason="trạng thái liên thông sửa lại")["revision"] == 2
    assert statuses("2023-02")[0]["to_do"] == []


def test_what_was_landed_or_audited_but_not_published_is_named(closed):
    closed.province.poison(FieldBroken("11119", "2023-03", field="KenhThucHien", value="1", count=20))
    steps.land("portal_dossiers", "2023-03")
    assert "records were landed" in statuses("2023-03")[0]["to_do"][0]
    steps.build("2023-03")
    steps.audit("2023-03")
    assert "held and is not published" in statuses("2023-03")[0]["to_do"][0]
    steps.publish("2023-03", reason="kênh tiếp nhận")
    assert statuses("2023-03")[0]["to_do"] == []


def test_a_build_of_another_calendar_is_refused_before_anything_is_written(closed, monkeypatch):
    before = closed.published()
    monkeypatch.setenv("CCHC_CALENDAR", "calendar")
    settings.cache_clear()
    code, said = cchc("publish", "2023-02")
    assert (code, "calendar" in said) == (1, True)
    assert closed.published() == before


def test_the_months_can_be_asked_by_the_agencies_of_today_and_of_any_date(closed):
    received = "where indicator_code = 'dossiers_received' and period_month = '2023-01-01' and scope = 'month'"
    as_it_was = closed.query(
        "select agency_code, value from indicator_values join dim_agencies using (agency_code) "
        f"{received} and level = 'commune' and valid_from <= '2023-01-14' order by agency_code"
    )
    for view in ("indicator_values_today", "indicator_values_on(date '2023-01-14')"):
        assert as_it_was == closed.query(
            f"select agency_code, value from {view} {received} and level = 'commune' order by agency_code"
        )
    after_the_mergers = "indicator_values_on(date '2025-07-01')"
    for level in ("commune", "province"):
        total = f"select sum(numerator)::bigint from {after_the_mergers} {received} and level = '{level}'"
        assert closed.query(total) == [(sum(value for _, value in as_it_was),)]
    assert closed.query(f"select level from {after_the_mergers} {received} and agency_code = '11113'") == [("commune",)]
    march = "indicator_code = 'dossiers_received' and scope = 'ytd' and period_month = '2023-03-01'"
    year = closed.query(f"select sum(value) from indicator_values where {march} and agency_code in ('30', '38')")
    for view in ("indicator_values_today", after_the_mergers):
        for level in ("commune", "province"):
            assert closed.query(f"select sum(value) from {view} where {march} and level = '{level}'") == year


def test_the_file_can_be_made_anew_from_the_snapshots(closed):
    settings().analysts_file.unlink()
    assert cchc("publish", "--rebuild")[0] == 0
    assert closed.months() == {"2023-01": 1, "2023-02": 1, "2023-03": 1}
    assert cchc("publish")[0] == 2


def test_a_file_that_cannot_be_carried_on_is_made_anew(closed):
    before = closed.query("select * from indicator_values order by all")
    settings().analysts_file.write_bytes(b"damaged" * 1000)
    steps.refresh()
    assert closed.query("select * from indicator_values order by all") == before
    assert len(closed.query("select * from source_health")) == 15


def test_a_file_that_an_earlier_version_made_with_other_columns_is_made_anew(closed):
    results = closed.query("select count(*) from quality_results")
    with duckdb.connect(str(settings().analysts_file)) as connection:
        connection.execute("alter table snapshots drop column last_date")
    steps.refresh()
    assert closed.query("select distinct last_date from snapshots where period_month = '2023-01-01'")[0][0].day == 14
    assert closed.query("select count(*) from quality_results") == results


def test_query_prints_whole_cells_to_a_pipe_and_takes_nothing_for_markup(closed):
    code, said = cchc("query", "select '[/x]' as cell, repeat('a', 300) as long")
    assert (code, said) == (0, f"cell\tlong\n[/x]\t{'a' * 300}\n")
    assert json.loads(cchc("query", "select 1 as one", "--json")[1]) == [{"one": 1}]
    assert cchc("query", "select 1 as one, 2 as two where false") == (0, "one\ttwo\n")


def test_every_table_and_column_that_an_analyst_sees_is_described(closed):
    """Also in a file that an earlier version made, and in one made anew."""
    undescribed = (
        "select table_name || '.' || column_name from duckdb_columns() where not internal and comment is null union all "
        "select table_name from duckdb_tables() where comment is null union all "
        "select view_name from duckdb_views() where not internal and comment is null"
    )
    for rebuild in (False, True):
        if rebuild:
            steps.refresh(rebuild=True)
        assert closed.query(undescribed) == []
    texts = dict(
        closed.query(
            "select table_name || '.' || column_name, comment from duckdb_columns() where schema_name = 'main'"
        )
    )
    assert texts["indicator_values.revision"].startswith("Current revision")
    assert texts["dossiers.due_at"] == texts["fct_dossiers.due_at"]
    assert texts["dim_procedures.has_fee"] == "Whether a fee is due."
    with duckdb.connect(str(settings().analysts_file)) as connection:
        connection.execute(
            "comment on column fct_dossiers.due_at is 'what it meant once'; comment on table snapshots is null"
        )
    steps.close("2023-04")
    assert closed.query(undescribed) == []
    assert closed.query("select count(*) from duckdb_columns() where comment = 'what it meant once'") == [(0,)]


def test_a_month_published_before_facts_had_tokens_is_closed_again_before_later_ones_rest_on_it(closed):
    folder = closed.home / "published/snapshots/2023-01/revision=001"
    for path in folder.iterdir():
        path.chmod(0o644)
    table = folder / "fct_dossiers.parquet"
    with duckdb.connect() as connection:
        rows = f"read_parquet('{table}', hive_partitioning = false)"
        connection.execute(f"create table t as select * exclude (tokens) from {rows}")
        connection.execute(f"copy t to '{table}' (format parquet)")
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    sealed = {"sha256": hashlib.sha256(table.read_bytes()).hexdigest(), "content": "of rows without tokens"}
    entry = manifest.tables["fct_dossiers"].model_copy(update=sealed)
    resealed = manifest.model_copy(update={"tables": manifest.tables | {"fct_dossiers": entry}}).sealed()
    (folder / "manifest.json").write_text(resealed.model_dump_json())
    code, said = cchc("build", "2023-02")
    assert (code, "2023-01 revision 1 has no tokens in fct_dossiers" in said) == (1, True)
    assert 'cchc close 2023-01 --reason "…"' in said
    # As the month before a year, which is asked for its pending dossiers alone, it will do.
    with duckdb.connect() as connection:
        rows = _dossier_rows(connection, settings(), resealed, is_in_year=False)
        found = connection.execute(f"select count(*) > 0, count(is_pending) > 0, count(tokens) from {rows}").fetchall()
    assert found == [(True, True, 0)]
    assert steps.close("2023-01", reason="cột mới")["revision"] == 2
    assert cchc("build", "2023-02")[0] == 0

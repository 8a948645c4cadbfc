"""Published numbers never change: corrections are revisions, and every way around the gate ends unpublished."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pytest

from cchc import close as steps
from cchc.settings import settings
from cchc.status import statuses
from cchc.tables import PUBLISHED, content_hash
from expectations.audit import GateFailed
from sandbox.faults import EmptyExport, Fault, FieldBroken, Transient
from sandbox.province import Province
from sandbox.server import serve
from tests.end_to_end.conftest import cchc

pytestmark = pytest.mark.slow
# A code that no contract accepts, in so many rows that the whole month is in doubt.
TOO_MANY_REJECTS = FieldBroken("11119", "2023-02", field="KenhThucHien", value="9", count=60)


@dataclass(frozen=True)
class Dropped(Fault):
    """The last `count` rows of the commune's month are no longer served."""

    count: int = 5

    def spoil(self, question: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows[: -self.count]


def analysts_content() -> dict[str, str]:
    """Content of every table in the analysts' file that holds no clock."""
    keys = {t.name: t.key for t in PUBLISHED} | {"dossiers": ("dossier_code",)}
    keys |= {"dim_procedures": ("agency_code", "procedure_code", "valid_from"), "dim_certificates": ("serial",)}
    with duckdb.connect(str(settings().analysts_file), read_only=True) as connection:
        return {name: content_hash(connection, name, key) for name, key in keys.items()}


def test_a_correction_is_a_new_revision_with_its_reason_and_the_old_one_stays(closed):
    before = {p: h for p, h in closed.published().items() if p.startswith("snapshots/")}
    online = "select numerator from indicator_values where period_month = '2023-02-01' and scope = 'month' and " \
             "agency_code = '11119' and indicator_code = 'dossiers_received_online'"  # fmt: skip
    was = closed.query(online)
    closed.province.poison(FieldBroken("11119", "2023-02", field="KenhThucHien", value="1", count=20))
    done = steps.close("2023-02", reason="kênh tiếp nhận nhập sai")
    assert done == {"period": "2023-02", "revision": 2, "is_new": True, "withheld": 0}
    assert {p: h for p, h in closed.published().items() if p in before} == before
    assert closed.query(online)[0][0] < was[0][0]
    assert closed.query(
        "select revision, is_current, reason from snapshots where period_month = '2023-02-01' order by 1"
    ) == [
        (1, False, "first publication"),
        (2, True, "kênh tiếp nhận nhập sai"),
    ]
    assert closed.query("select distinct revision from indicator_values where period_month = '2023-02-01'") == [(2,)]


def test_a_correction_that_the_gate_refuses_is_told_with_the_revision_that_stays(closed):
    closed.province.poison(TOO_MANY_REJECTS)
    with pytest.raises(GateFailed, match="is not published again, revision 1 stays in force"):
        steps.close("2023-02", reason="sửa ngày")
    (alert,) = closed.alerts
    assert "chưa công bố lại được (lần công bố 1 vẫn có hiệu lực)" in alert
    assert "CHƯA được công bố" not in alert
    assert any(step.startswith("cchc rejects export 2023-02") for step in statuses("2023-02")[0]["to_do"])


def test_a_superseded_month_is_named_by_status_until_what_rests_on_it_is_restated(closed):
    assert statuses("2023-03")[0]["to_do"] == []
    closed.province.poison(FieldBroken("11119", "2023-02", field="KenhThucHien", value="1", count=20))
    steps.close("2023-02", reason="kênh tiếp nhận nhập sai")
    assert "older revisions of 2023-02" in statuses("2023-03")[0]["to_do"][0]
    assert steps.close("2023-03", reason="theo kỳ 2023-02")["revision"] == 2
    assert statuses("2023-03")[0]["to_do"] == []
    manifest = json.loads((closed.home / "published/snapshots/2023-03/revision=002/manifest.json").read_text())
    assert manifest["ytd_basis"] == {"2022-12": None, "2023-01": 1, "2023-02": 2}


def test_a_month_restated_to_fewer_rows_leaves_none_behind_and_the_file_equals_a_rebuilt_one(closed):
    rows = closed.query("select count(*) from fct_dossiers where period_month = '2023-01-01' and agency_code = '15907'")
    closed.province.poison(Dropped("15907", "2023-01", count=5))
    assert steps.close("2023-01", reason="hồ sơ bị hủy ở nguồn")["revision"] == 2
    now = closed.query("select count(*) from fct_dossiers where period_month = '2023-01-01' and agency_code = '15907'")
    assert now[0][0] == rows[0][0] - 5
    grown = analysts_content()
    steps.refresh(rebuild=True)
    assert analysts_content() == grown


def test_months_closed_in_any_order_end_in_the_same_analysts_file_but_for_the_year_to_date(closed, three_months):
    in_order = analysts_content()
    shutil.rmtree(closed.home)
    for month in ("2023-03", "2023-01", "2023-02", "2023-03"):
        steps.close(month)
    content = analysts_content()
    assert {n for n in content if content[n] != in_order[n]} <= {"indicator_values"}
    assert closed.months() == {"2023-01": 1, "2023-02": 1, "2023-03": 2}


def test_closing_a_month_years_later_gives_the_bytes_of_closing_it_on_its_last_midnight(
    deployment, tmp_path, monkeypatch
):
    seen = []
    for name, today in (("then", datetime(2023, 1, 15)), ("later", None)):  # noqa: DTZ001
        monkeypatch.setenv("CCHC_HOME", str(tmp_path / name))
        with serve(Province(today=today)) as urls:
            for source, url in urls.items():
                monkeypatch.setenv(f"CCHC_SOURCE_URLS__{source.upper()}", url)
            settings.cache_clear()
            steps.close("2023-01")
        folder = tmp_path / name / "published" / "snapshots" / "2023-01" / "revision=001"
        seen.append([(folder / f"{table}.parquet").read_bytes() for table in ("indicator_values", "fct_dossiers")])
    assert seen[0] == seen[1]


def test_a_dossier_that_was_pending_and_is_gone_warns_and_leaves_the_communes_year_incomplete(closed):
    pending = closed.query(
        "select dossier_code from fct_dossiers where period_month = '2023-02-01' and is_pending and agency_code = '15907' limit 1"
    )[0][0]

    @dataclass(frozen=True)
    class Gone(Fault):
        def spoil(self, question: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [r for r in rows if r["MaHoSo"] != pending]

    closed.province.poison(Gone("15907", "2023-03"))
    assert steps.close("2023-03", reason="nguồn xóa hồ sơ")["revision"] == 2
    warned = closed.query(
        "select agency_codes, sample_keys from quality_results where period_month = '2023-03-01' and severity = 'warning' "
        "and outcome = 'failed' and check_id like '%carr%'"
    )
    assert warned == [(["15907"], [pending])]
    states = dict(
        closed.query(
            "select agency_code, state from indicator_values where period_month = '2023-03-01' and scope = 'ytd' "
            "and indicator_code = 'dossiers_received'"
        )
    )
    assert states["15907"] == "incomplete"
    assert states["38"] == "incomplete"
    assert states["11122"] == "ok"
    closed.province.repair()
    steps.close("2023-04")
    assert closed.query(
        "select state from indicator_values where period_month = '2023-04-01' and scope = 'ytd' and agency_code = '15907' "
        "and indicator_code = 'dossiers_received'"
    ) == [("incomplete",)]


def test_a_build_that_changed_after_its_verdict_is_refused(closed):
    before = closed.published()
    steps.build("2023-02")
    steps.audit("2023-02")
    with duckdb.connect(str(settings().build_file(settings().period("2023-02")))) as connection:
        connection.execute(
            "update indicator_values set numerator = numerator + 1 where indicator_code = 'dossiers_received'"
        )
    code, said = cchc("publish", "2023-02")
    assert (code, "was built again" in said) == (1, True)
    assert closed.published() == before


def test_a_month_that_was_never_audited_or_whose_verdict_was_edited_is_refused(closed):
    before = closed.published()
    verdict = closed.home / "audit/2023-02/0001/verdict.json"
    verdict.chmod(0o644)
    verdict.write_text(verdict.read_text().replace('"held"', '"failed"', 1))
    code, said = cchc("publish", "2023-02")
    assert (code, "seal" in said) == (1, True)
    shutil.rmtree(closed.home / "audit/2023-02")
    code, said = cchc("publish", "2023-02")
    assert (code, "never audited" in said) == (1, True)
    assert closed.published() == before


def test_a_failed_verdict_is_refused_by_publish_and_a_good_older_one_does_not_help(closed):
    before = closed.published()
    closed.province.poison(TOO_MANY_REJECTS)
    assert cchc("close", "2023-02")[0] == 1
    assert cchc("publish", "2023-02")[0] == 1
    assert closed.published() == before


def test_a_damaged_manifest_is_named(closed):
    manifest = closed.home / "published/snapshots/2023-02/revision=001/manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text().replace("first publication", "first publicity"))
    code, said = cchc("status", "2023-02")
    assert (code, "does not fit its seal" in said) == (1, True)


def test_exit_codes_say_whose_turn_it_is(deployment, monkeypatch):
    assert cchc("close", "2023-1")[0] == 2
    assert cchc("land", "portal_everything", "2023-01")[0] == 2
    assert cchc("query", "select 1")[0] == 2
    code, said = cchc("build", "2023-01")
    assert (code, "cchc land portal_dossiers 2023-01" in said) == (3, True)
    deployment.province.transient.append(Transient("portal", times=1, status=429, retry_after=0))
    assert cchc("land", "portal_dossiers", "2023-01")[0] == 0
    deployment.province.poison(EmptyExport("", "2023-01", of="ca_certificates"))
    assert cchc("land", "ca_certificates", "2023-01")[0] == 3
    monkeypatch.delenv("CCHC_SECRET_DMS_KEY")
    code, said = cchc("land", "dms_documents", "2023-01")
    assert (code, "CCHC_SECRET_DMS_KEY" in said) == (2, True)
    monkeypatch.setenv("CCHC_SECRET_DMS_KEY", "wrong")
    code, said = cchc("land", "dms_documents", "2023-01")
    assert (code, "401" in said, "wrong" in said) == (3, True, False)


def test_machines_read_json(closed):
    code, said = cchc("status", "--json")
    assert code == 0
    assert [(row["period"], row["revision"]) for row in json.loads(said)] == [
        ("2023-01", 1),
        ("2023-02", 1),
        ("2023-03", 1),
    ]
    code, said = cchc("query", "select count(*) as n from snapshots", "--json")
    assert (code, json.loads(said)) == (0, [{"n": 3}])

"""The same province through other systems: the figures do not depend on who serves the records, or how."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
import yaml

from cchc.period import Period
from cchc.settings import settings
from ingest.profile import SHIPPED
from ingest.store import Store
from sandbox.files import write_files
from tests.end_to_end.conftest import Deployment, cchc

MONTH = "2023-03"
FIGURES = (
    "select agency_code, indicator_code, numerator, denominator, value, state from indicator_values "
    "where scope = 'month' order by all"
)

pytestmark = pytest.mark.slow


def close_with(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, home: Path, profiles: str) -> list[tuple]:
    """The month's figures in a warehouse of its own whose portal is read through `profiles`."""
    monkeypatch.setenv("CCHC_HOME", str(home))
    monkeypatch.setenv("CCHC_PROFILES", profiles)
    settings.cache_clear()
    exit_code, output = cchc("close", MONTH)
    assert exit_code == 0, output
    return deployment.query(FIGURES)


@pytest.fixture
def catalogue_only(tmp_path: Path) -> str:
    """The national portal's catalogue without its dossiers: those come as files."""
    profile = yaml.safe_load((SHIPPED / "dvcqg.yaml").read_text(encoding="utf-8"))
    del profile["exports"]["portal_dossiers"]
    path = tmp_path / "catalogue.yaml"
    path.write_text(yaml.safe_dump(profile, allow_unicode=True), encoding="utf-8")
    return str(path)


def test_a_month_read_from_opencps_has_the_figures_of_the_national_payload(deployment, monkeypatch, tmp_path):
    national = close_with(deployment, monkeypatch, tmp_path / "a", "dvcqg,qcvn102_dms,ca_register")
    portal = os.environ["CCHC_SOURCE_URLS__PORTAL"]
    monkeypatch.setenv("CCHC_SOURCE_URLS__PORTAL", os.environ["CCHC_SOURCE_URLS__OPENCPS"])
    opencps = close_with(deployment, monkeypatch, tmp_path / "b", "opencps,qcvn102_dms,ca_register")
    monkeypatch.setenv("CCHC_SOURCE_URLS__PORTAL", portal)
    # OpenCPS does not say what was reused: then there is nothing to have a share of, and no zero.
    told, untold = ([row for row in opencps if (row[1] == "data_reused_share") is other] for other in (False, True))
    assert told == [row for row in national if row[1] != "data_reused_share"]
    assert {row[2:] for row in untold} == {(0, 0, None, "not_applicable")}


@pytest.mark.parametrize("kind", ["onestop_xlsx", "onestop_csv"])
def test_a_month_read_from_clerks_files_has_the_figures_of_the_national_payload(
    deployment, monkeypatch, tmp_path, catalogue_only, kind
):
    national = close_with(deployment, monkeypatch, tmp_path / "a", "dvcqg,qcvn102_dms,ca_register")
    drop = tmp_path / "drop"
    write_files(drop, Period.parse(MONTH), deployment.province)
    for path in drop.rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    monkeypatch.setenv("CCHC_SOURCE_FOLDERS__PORTAL", str(drop / kind))
    files = close_with(deployment, monkeypatch, tmp_path / "b", f"{kind},{catalogue_only},qcvn102_dms,ca_register")
    assert files == national
    receipt = Store(settings().raw).newest("portal_dossiers", settings().period(MONTH))
    assert receipt is not None
    assert [file.bytes for file in receipt.files] == [p.stat().st_size for p in sorted((drop / kind).iterdir())]


def test_what_communes_typed_into_their_forms_stands_beside_what_the_records_say(deployment, monkeypatch, tmp_path):
    drop = tmp_path / "drop"
    write_files(drop, Period.parse(MONTH), deployment.province)
    for path in drop.rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    monkeypatch.setenv("CCHC_SOURCE_FOLDERS__REPORTS", str(drop / "form_01b"))
    close_with(deployment, monkeypatch, tmp_path / "a", "dvcqg,qcvn102_dms,ca_register,form_01b_xlsx")
    with duckdb.connect(str(settings().build_file(settings().period(MONTH))), read_only=True) as build:
        rows = build.execute("select agency_code, value, null_reason from stg_reports__figures").fetchall()
    receipt = Store(settings().raw).newest("reports_form_01b", settings().period(MONTH))
    assert receipt is not None
    assert (len(rows), receipt.rejected) == (receipt.accepted, 0)
    assert {code for code, _, _ in rows} == set(receipt.rows_by_agency)
    assert all((value is None) == (reason is not None) for _, value, reason in rows)
    both = deployment.query(
        "select row_code, round(measured_value, 4), round(reported_value, 4), unit from mart_form_01b "
        "where scope = 'month' and measured_value is not null and reported_value is not null"
    )
    # The stand-in's clerks count right, and print shares with two decimals of a per cent.
    assert len({row[0] for row in both}) > 8
    assert [row for row in both if abs(row[1] - row[2]) > 0.0001] == []
    typed = deployment.query("select count(*) from mart_form_01b where origin = 'reported' and value is not null")
    assert typed[0][0] > 0

"""Corrections on their way into a month: the command line, the build file, and what `cchc status` says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import duckdb
import pytest
from typer.testing import CliRunner

from cchc.build import build_month
from cchc.cli import app
from cchc.settings import settings
from cchc.status import statuses
from cchc.tables import content_hash
from expectations.verdicts import AgencyRows, CheckResult, Verdict, write_verdict
from tests.ingest.conftest import deployment  # noqa: F401
from tests.ingest.landings import PERIOD, certificate, document, land_now
from tests.ingest.rejects.conftest import province  # noqa: F401
from tests.ingest.rejects.people import IDENTITIES, dossier, fill

FAULTY = [dossier(2, NgayTiepNhan="03-01-2023"), dossier(3, KenhThucHien="Quầy"), dossier(1, TrangThaiHoSo="?")]
ANSWERS = {
    "received_at": "03/01/2023 07:30",
    "channel": "Trực tiếp",
    "status": "10",
    "finished_at": "10/01/2023 10:00:00",
}


def run(*words: str, code: int = 0):
    done = CliRunner().invoke(app, ["rejects", *words])
    assert done.exit_code == code, done.output
    return done


def procedures():
    return [
        {"_agency": agency, "MaTTHC": "1.001193", "MaLinhVuc": "HT", "TenLinhVuc": "Hộ tịch", "MucDo": "4", "CoLePhi": "1",
         "LaHoSoChungThuc": "0", "NgayHieuLuc": "20200101", "NgayHetHieuLuc": ""}
        for agency in IDENTITIES
    ]  # fmt: skip


@pytest.fixture
def month(province):  # noqa: F811
    """A whole month with three rejected dossiers, one of which is a dossier that is there already."""
    signature = {"SignatureId": "KS-000001", "DocumentId": "", "MaHoSo": dossier(1)["MaHoSo"], "SerialNumber": "54A000000001",
                 "SignedAt": "2023-01-03 08:00:00", "Verification": "VALID"}  # fmt: skip
    province(
        portal_dossiers=[dossier(1), *FAULTY], portal_procedures=procedures(), dms_documents=[document(1)],
        ca_certificates=[certificate(1)], ca_signatures=[signature],
    )  # fmt: skip
    for export in ("portal_dossiers", "portal_procedures", "dms_documents", "ca_certificates", "ca_signatures"):
        land_now(export)


def built(sql: str):
    with duckdb.connect(str(settings().build_file(PERIOD)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def fingerprint() -> str:
    with duckdb.connect(str(settings().build_file(PERIOD)), read_only=True) as connection:
        return content_hash(connection, "landing.exports", ("export",))


def test_the_commands_list_export_and_import(month, tmp_path):
    listed = [json.loads(line) for line in run("list", "2023-01", "--json").stdout.splitlines()]
    assert {row["export"]: row["open"] for row in listed}["portal_dossiers"] == 3
    (told,) = map(json.loads, run("export", "2023-01", "--out", str(tmp_path / "out"), "--json").stdout.splitlines())
    assert (told["agency_code"], told["rejects"]) == ("11122", 3)
    run("export", "2023-01", "--out", str(tmp_path / "out"), code=2)
    filled = fill(tmp_path / "out" / "can-sua-2023-01-11122.xlsx", {"channel": "Trực tiếp", "received_at": "hôm qua"})
    done = json.loads(run("import", str(filled), "--json", code=1).stdout.splitlines()[-1])
    assert (done["accepted"], len(done["not_landed"]), done["unanswered_lines"]) == (1, 1, 4)
    run("import", str(tmp_path / "none.xlsx"), code=2)


def audited(*blocking: CheckResult) -> None:
    now = datetime.now(UTC)
    write_verdict(
        settings().audit,
        Verdict(period=str(PERIOD), calendar=PERIOD.calendar, run="", evaluated_at=now, fingerprint="f", tables={},
                results=list(blocking), outcome="failed"),
    )  # fmt: skip


def test_after_an_audit_that_failed_status_names_the_next_command(month, tmp_path):
    failed = {"severity": "critical", "scope": "period", "rows_checked": 5, "outcome": "failed"}
    shares = CheckResult(
        check="exports.reject_share", failed_rows=1, by_agency=[AgencyRows(agency_code=None, rows=1)], **failed
    )
    other = CheckResult(check="a.b", failed_rows=2, by_agency=[AgencyRows(agency_code="11122", rows=2)], **failed)
    audited(shares, other)

    assert statuses("2023-01")[0]["to_do"] == [
        "cchc rejects export 2023-01, then cchc rejects import FILE: exports.reject_share: 1 row of no single agency",
        "cchc close 2023-01, once it is corrected at the source: a.b: 2 rows of 11122",
    ]

    run("export", "2023-01", "--out", str(tmp_path / "out"))
    run("import", str(fill(tmp_path / "out" / "can-sua-2023-01-11122.xlsx", {"channel": "Trực tiếp"})))
    assert statuses("2023-01")[0]["to_do"] == [
        "cchc close 2023-01: records were landed or corrected after audit run 0001 failed"
    ]


@pytest.mark.slow
def test_corrected_rows_are_in_the_month_and_change_its_fingerprint(month, tmp_path):
    build_month(PERIOD, settings(), lambda _: None)
    before = fingerprint()
    assert built("select accepted, rejected from landing.exports where export = 'portal_dossiers'") == [(4, 3)]
    run("export", "2023-01", "--out", str(tmp_path / "out"))
    filled = fill(tmp_path / "out" / "can-sua-2023-01-11122.xlsx", ANSWERS)
    run("import", str(filled))
    build_month(PERIOD, settings(), lambda _: None)
    assert fingerprint() != before
    exports = (
        "select rows_read, accepted, rejected, exact_duplicates from landing.exports where export = 'portal_dossiers'"
    )
    assert built(exports) == [(7, 6, 0, 1)]
    assert built("select count(*) from landing.rejects") == [(0,)]
    codes = [(dossier(number)["MaHoSo"],) for number in (1, 2, 3)]
    assert built("select dossier_code from fct_dossiers where dossier_code like '000.22.26%' order by 1") == codes
    after = fingerprint()
    run("import", str(filled))
    build_month(PERIOD, settings(), lambda _: None)
    assert fingerprint() == after

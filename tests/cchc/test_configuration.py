from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cchc.agencies import AgenciesUnreadable, agencies, reporting_agencies
from cchc.cli import app
from cchc.settings import ConfigurationError, settings

HEADER = "agency_code,valid_from,valid_to,name_vi,level,parent_code,identity_code,reports_from,reports_to"


def local(home, *rows: str) -> None:
    home.home.mkdir(parents=True, exist_ok=True)
    (home.home / "agencies.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def test_the_communes_of_the_reports_report_in_their_months(home):
    for month, codes in (("2023-06", ["11119", "11122", "11137", "15907"]), ("2020-05", ["19888"])):
        assert [a.agency_code for a in reporting_agencies(home, home.period(month))] == codes


def test_a_local_row_replaces_the_shipped_one_of_the_same_code_and_day(home):
    shipped = next(a for a in agencies(home) if a.agency_code == "15907")
    row = f"15907,{shipped.valid_from},{shipped.valid_to},Xã Hoằng Cát,commune,399,000.99.30.H56,2022-12-15,2023-01-14"
    local(home, row)
    found = [a for a in agencies(home) if a.agency_code == "15907" and a.valid_from == shipped.valid_from]
    assert [a.identity_code for a in found] == ["000.99.30.H56"]
    assert "15907" not in {a.agency_code for a in reporting_agencies(home, home.period("2023-06"))}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("90001,1/1/2020,,Xã A,commune,99,000.00.01.H99,,", "line 2: valid_from is '1/1/2020'"),
        ("90001,,,Xã A,commune,99,000.00.01.H99,,", "line 2: valid_from is blank"),
        ("90001,2020-01-01,,Xã A", "line 2: column level"),
        (
            "90001,2020-01-01,,Xã A,xã,99,000.00.01.H99,,",
            "line 2: level is 'xã'; write one of commune, district, province",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_file_line_and_column(home, row, says):
    local(home, row)
    with pytest.raises(AgenciesUnreadable, match=says):
        agencies(home)
    assert CliRunner().invoke(app, ["land", "portal_dossiers", "2023-01"]).exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("CCHC_CALENDAR", "lunar"), ("CCHC_SOURCE_URLS", "foo"), ("CCHC_REJECT_SHARE_MAX", "two percent")],
)
def test_a_setting_that_cannot_be_used_is_named_and_is_wrong_usage(home, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match=name.removeprefix("CCHC_").lower() + "|" + name):
        settings()
    assert CliRunner().invoke(app, ["close", "2023-01"]).exit_code == 2


def test_records_of_a_province_of_any_size_are_made_alike_for_equal_seeds(home, tmp_path):
    made = []
    for folder in ("one", "two"):
        arguments = [
            "--out",
            str(tmp_path / folder),
            "--communes",
            "3",
            "--dossiers-per-month",
            "60",
            "--months",
            "2",
            "--seed",
            "7",
        ]
        result = CliRunner().invoke(app, ["sandbox", "records", *arguments])
        assert result.exit_code == 0
        made.append(
            {p.relative_to(tmp_path / folder): p.read_bytes() for p in (tmp_path / folder).rglob("*") if p.is_file()}
        )
    assert made[0] == made[1]
    assert len(made[0]) >= 20
    assert (
        CliRunner().invoke(app, ["sandbox", "records", "--communes", "3", "--dossiers-per-month", "2"]).exit_code == 2
    )

"""The month after the mergers of July 2025, of a deployment that names its provinces: who reports, and whose the rows are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pytest

from cchc.agencies import (
    AGENCY_COLUMNS,
    SUCCESSION_COLUMNS,
    agencies,
    canonical_identity,
    reporting_agencies,
    successions,
)
from cchc.build import bind_agencies
from cchc.period import Period
from cchc.settings import Settings
from tests.dbt_project.build_files import figures, query, write_build_file

pytestmark = pytest.mark.slow

Dbt = Callable[..., CompletedProcess[str]]
JULY = Period(2025, 7)  # 15 June to 14 July: Dân An (11122) until 30 June, Tân Kỳ (11113) from 1 July
# A province of two communes, a commune to come and a department; the shipped Hải Phòng's Tân Kỳ is named beside it.
LOCAL = [
    "99,2004-07-08,,Tỉnh P,province,,H99,,",
    "99001,2004-07-08,,Xã A,commune,99,000.01.00.H99,,",
    "99002,2004-07-08,,Xã B,commune,99,H99.00.02,,",
    "99003,2004-07-08,,Xã C,commune,99,000.03.00.H99,2026-01-15,",
    "H99.05,2025-07-01,,Sở Tư pháp,department,99,000.00.05.H99,,",
]
SPLIT = [
    "11143,2004-07-08,11140,2025-07-01,2025-07-01,split,0.7,",
    "11143,2004-07-08,11146,2025-07-01,2025-07-01,split,0.3,",
]
BOTH_ORDERS = {"99001": ("000.01.00.H99", "H99.00.01"), "99002": ("000.02.00.H99", "H99.00.02"),
               "H99.05": ("000.00.05.H99", "H99.05")}  # fmt: skip


def everything() -> dict[str, list[dict[str, Any]]]:
    """Of each entity one row by either spelling of each agency."""
    landing: dict[str, list[dict[str, Any]]] = {}
    for agency, spellings in BOTH_ORDERS.items():
        for number, code in enumerate(spellings):
            name = f"{agency}-{number}"
            rows = {
                "dossiers": {"dossier_code": name, "received_at": "2025-07-02", "status": 4, "channel": "online",
                             "procedure_code": "1.000001"},
                "documents": {"document_id": name, "direction": "incoming", "issued_date": "2025-07-02",
                              "received_at": "2025-07-02"},
                "procedures": {"procedure_code": f"1.00000{number}", "service_level": "full", "valid_from": "2020-01-01"},
                "certificates": {"serial": f"AB{agency[-1]}{number}", "holder_type": "person", "valid_from": "2024-01-01",
                                 "valid_to": "2026-01-01"},
                "staffing": {"date": f"2025-07-0{number + 1}", "staff_total": 10},
                "reported_figures": {"form": "01b", "row_code": str(number), "value": 1},
            }  # fmt: skip
            for entity, row in rows.items():
                landing.setdefault(entity, []).append(row | {"agency_code": code})
    for code, received in (("000.22.26.H23", "2025-06-20"), ("H23.26.13", "2025-07-02"), ("11113", "2025-07-02")):
        row = {"dossier_code": f"{code} {received}", "agency_code": code, "received_at": received, "status": 4}
        landing["dossiers"].append(row | {"channel": "online", "procedure_code": "1.000001"})
    return landing


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    for name, columns, rows in (("agencies", AGENCY_COLUMNS, LOCAL), ("agency_successions", SUCCESSION_COLUMNS, SPLIT)):
        (home / f"{name}.csv").write_text("\n".join([",".join(columns), *rows]) + "\n", encoding="utf-8")
    return Settings(home=home, provinces="99,11113")


@pytest.fixture(scope="module")
def july(dbt: Dbt, deployment: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("july")
    write_build_file(folder / "warehouse.duckdb", JULY, everything())
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for table in ("local_agencies", "local_successions", "reporting_provinces"):
            connection.execute(f"drop table landing.{table}")
        bind_agencies(connection, deployment)
    done = dbt(folder, "build", "--exclude-resource-type", "unit_test")
    assert done.returncode == 0, done.stdout
    return folder


def test_the_agencies_under_the_named_ones_report_and_no_others(july: Path, deployment: Settings) -> None:
    reporting = query(july, "select agency_code, valid_from from int_reporting_communes where is_current order by 1")
    assert reporting == [a.key for a in reporting_agencies(deployment, JULY)]
    assert [code for code, _ in reporting] == ["11113", "99001", "99002", "H99.05"]
    assert {key[1] for key in figures(july)} == {"11113", "31", "99001", "99002", "H99.05", "99"}


def test_a_department_counts_in_its_province(july: Path) -> None:
    found = figures(july)
    assert found["month", "H99.05", "dossiers_received"] == (2, None, 2.0, "ok")
    assert found["month", "99", "dossiers_received"] == (6, None, 6.0, "ok")


@pytest.mark.parametrize(
    "relation",
    ["fct_dossiers", "fct_documents", "dim_procedures", "dim_certificates", "stg_hr__staffing", "stg_reports__figures"],
)
def test_both_orders_of_an_identity_code_are_one_agency_wherever_a_source_names_it(july: Path, relation: str) -> None:
    rows = dict(query(july, f"select agency_code, count(*) from {relation} group by all"))
    assert {code: rows[code] for code in BOTH_ORDERS} == dict.fromkeys(BOTH_ORDERS, 2)


def test_a_code_is_whoever_held_it_on_the_day(july: Path) -> None:
    rows = dict(query(july, "select dossier_code, agency_code from fct_dossiers where agency_code like '1%'"))
    assert rows == {
        "000.22.26.H23 2025-06-20": "11122", "H23.26.13 2025-07-02": "11113", "11113 2025-07-02": "11113",
    }  # fmt: skip
    assert query(july, "select name_vi, parent_code from dim_agencies where agency_code = '11113' order by valid_from") == [
        ("Xã Tân Kỳ", "298"), ("Xã Tân Kỳ", "31"),
    ]  # fmt: skip
    assert query(july, "select name_vi from int_reporting_agencies where agency_code = '31'") == [
        ("Thành phố Hải Phòng",)
    ]


def test_the_warehouse_and_the_command_line_know_the_same_agencies(july: Path, deployment: Settings) -> None:
    known = agencies(deployment)
    rows = query(july, f"select {', '.join(AGENCY_COLUMNS)} from dim_agencies")
    spelled = {
        tuple(canonical_identity(a.identity_code) if c == "identity_code" else getattr(a, c) for c in AGENCY_COLUMNS)
        for a in known
    }
    assert {tuple("" if v is None and c.endswith("_code") else v for c, v in zip(AGENCY_COLUMNS, row, strict=True))
            for row in rows} == spelled  # fmt: skip
    assert len(rows) == len(known) > 14_000
    rows = query(july, "select from_code, from_valid_from, to_code, to_valid_from, weight from agency_succession")
    assert len(rows) == len(successions(deployment)) > 11_000
    assert {(*row[:2], row[2] or "", *row[3:]) for row in rows} == {
        (*s.predecessor, s.to_code, s.to_valid_from, s.weight) for s in successions(deployment)
    }

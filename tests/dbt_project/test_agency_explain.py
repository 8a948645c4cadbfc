"""`cchc explain` of months that the real dbt built: every figure is the rows that it lists, also what nobody answers for."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.explain.figure import explain
from cchc.explain.text import told
from cchc.period import Period
from tests.dbt_project.agency_file import agency_file
from tests.dbt_project.agency_world import HISTORIES, MONTHS
from tests.dbt_project.histories import BEGINNING

pytestmark = pytest.mark.slow

CODES = ("dossiers_received", "dossiers_carried_over", "dossiers_pending", "online_share", "documents_outgoing")


@pytest.fixture(scope="module")
def file(agency_months: dict[Period, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("analysts") / "warehouse.duckdb"
    with agency_file(agency_months, path):
        return path


def explained(file: Path, month: Period, agency: str, code: str, scope: str = "month") -> dict[str, Any]:
    return explain(file, month, agency, code, scope, 1)


@pytest.mark.parametrize("code", CODES)
def test_a_roll_ups_figure_is_its_communes_rows_and_those_that_nobody_answers_for(file: Path, code: str) -> None:
    seen = Counter[str]()
    for made in HISTORIES[:3]:
        for month in (MONTHS[0], MONTHS[-1]):
            rollups = [(f"{made.name}P", BEGINNING), (f"{made.name}D1", BEGINNING)]
            for agency in [code for code, start in rollups if made.stands((code, start), month.last_date)]:
                for scope in ("month", "ytd"):
                    found = explained(file, month, agency, code, scope)
                    if found["figure"]["state"] == "ok" and found["rows"]:
                        assert found["rows"]["matches"], (month, agency, code, scope)
                        seen[scope] += 1
                    parts = found["communes"] + found["left"]
                    if found["figure"]["state"] == "ok" and scope == "month":
                        assert sum(part["numerator"] for part in parts) == found["figure"]["numerator"]
                    seen["left"] += len(found["left"])
    assert min(seen[what] for what in ("month", "ytd", "left")) > 0


def test_a_communes_figures_are_the_rows_that_it_answers_for(file: Path) -> None:
    matched = Counter[str]()
    for made in HISTORIES[:8]:
        for agency, _ in made.communes_on(MONTHS[-1].last_date):
            for scope in ("month", "ytd"):
                found = explained(file, MONTHS[-1], agency, "dossiers_received", scope)
                if found["figure"]["state"] == "ok":
                    assert found["rows"]["matches"], (agency, scope)
                    matched[scope] += 1
                assert found["left"] == []
    assert matched["month"] > 5 < matched["ytd"]


def test_a_distinct_count_of_a_year_takes_a_procedure_once_for_whoever_has_it_now(file: Path) -> None:
    code, matched = "procedures_with_online_dossiers_share", 0
    for made in HISTORIES[:8]:
        for agency, _ in made.communes_on(MONTHS[-1].last_date):
            found = explained(file, MONTHS[-1], agency, code, "ytd")
            if found["figure"]["numerator"] is not None:
                assert found["rows"]["numerator_found"] == found["figure"]["numerator"], agency
                matched += 1
    assert matched > 3


def test_what_is_left_is_shown_with_who_left_it(file: Path) -> None:
    for made in HISTORIES:
        found = explained(file, MONTHS[-1], f"{made.name}P", "dossiers_received")
        if found["left"]:
            break
    assert {one["agency_code"] for one in found["left"]} <= {code for code, _ in made.agencies}
    tables = [part for part in told(found) if not isinstance(part, str)]
    cells = [str(cell) for table in tables for column in table.columns for cell in column.cells]
    assert cells.count("đã chia tách, chưa phân bổ được") == len(found["left"])


def changed(file: Path, folder: Path, sql: str) -> Path:
    copy = folder / "changed.duckdb"
    shutil.copyfile(file, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(sql)
    return copy


def test_a_file_that_an_earlier_version_made_is_explained_as_that_version_did(file: Path, tmp_path: Path) -> None:
    older = changed(file, tmp_path, "drop macro table agency_shares_on")
    for scope in ("month", "ytd"):
        assert explained(older, MONTHS[-1], f"{HISTORIES[0].name}P", "dossiers_received", scope)["left"] == []


def test_a_province_that_reports_for_itself_is_explained_by_its_own_rows(file: Path, tmp_path: Path) -> None:
    province = f"{HISTORIES[0].name}P"
    own = changed(
        file,
        tmp_path,
        f"update dim_agencies set reports_from = date '2004-07-08' where agency_code = '{province}';"
        f"update indicator_values set numerator = 0, value = 0, state = 'ok' where agency_code = '{province}'",
    )
    for scope in ("month", "ytd"):
        found = explained(own, MONTHS[-1], province, "dossiers_received", scope)
        assert (found["communes"], found["left"], found["rows"]["numerator_found"]) == ([], [], 0)
        assert found["rows"]["matches"]

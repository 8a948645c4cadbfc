"""Figures withheld from a built month, through the real dbt: which change, and what forms and later months make of it.

One file, since all tests look at the same builds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc.withholding import NoSuchCell, withhold_cells
from snapshots.analysts import replace_views
from tests.dbt_project.build_files import query
from tests.dbt_project.withheld_months import GONE, NEW, PROVINCE, QUIET, ROLLUPS, reporting
from tests.dbt_project.withheld_province import FEBRUARY, JANUARY, MARCH, ONE_OF_EACH, SETS, Built, Withholding
from tests.dbt_project.withheld_reference import Cell, after_withholding

pytestmark = pytest.mark.slow

# Tables of figures; no other published table may ever change.
FIGURES = {
    "indicator_values",
    "unallocated_values",
    "mart_form_b06",
    "mart_form_b06_unallocated",
    "mart_form_01b",
    "mart_index_766",
    "mart_par_index",
}

B06 = {
    "dossiers_received", "dossiers_received_online", "dossiers_received_in_person", "dossiers_received_postal",
    "dossiers_carried_over", "dossiers_resolved", "dossiers_resolved_early", "dossiers_resolved_on_time",
    "dossiers_resolved_late", "dossiers_resolved_without_due_date", "dossiers_pending", "dossiers_pending_in_time",
    "dossiers_pending_overdue", "dossiers_refused", "dossiers_withdrawn",
}  # fmt: skip


@pytest.fixture(scope="module")
def withholding(tmp_path_factory: pytest.TempPathFactory) -> Withholding:
    return Withholding(tmp_path_factory.mktemp("province"))


def test_the_month_has_every_kind_of_figure_in_every_state_and_at_every_level(withholding: Withholding) -> None:
    sound = withholding.february
    assert set(withholding.kinds.values()) == {"flow", "opening_stock", "closing_stock", "distinct"}
    assert {withholding.kinds[code] for code in ONE_OF_EACH} == set(withholding.kinds.values())
    assert {agency for _, agency, _ in sound.figures} == {*reporting(FEBRUARY), *ROLLUPS}
    assert {figure[3] for figure in sound.figures.values()} == {"ok", "not_applicable", "not_measured", "incomplete"}
    assert {agency for agency, _ in sound.left} == {GONE}
    assert sum(1 for numerator, _ in sound.left.values() if numerator) > 10
    assert set(withholding.cells) == set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_named_cells_and_what_rests_on_them_are_withheld_and_every_other_cell_is_as_it_was(
    withholding: Withholding, name: str
) -> None:
    sound, cells = withholding.february.figures, withholding.cells[name]
    wanted = after_withholding(sound, cells, withholding.world())
    assert withholding.withheld[name].figures == wanted
    changed = {cell for cell, figure in wanted.items() if figure != sound[cell]}
    assert changed >= {cell for cell in cells if cell in wanted}
    assert len(changed) < len(wanted)


def test_in_the_first_month_of_the_year_the_stock_that_the_year_began_with_goes_too(withholding: Withholding) -> None:
    sound, after = withholding.january.figures, withholding.opening.figures
    assert after == after_withholding(sound, withholding.opening_cells, withholding.world(JANUARY))
    assert (
        after["ytd", "W01", "dossiers_carried_over"][3] == after["ytd", "WD2", "dossiers_carried_over"][3] == "withheld"
    )
    assert withholding.withheld["agencies"].figures["ytd", "W01", "dossiers_carried_over"][3] == "ok"


@pytest.mark.parametrize("name", SETS)
def test_what_an_agency_left_has_no_figure_where_it_is_withheld_and_no_fact_ever_changes(
    withholding: Withholding, name: str
) -> None:
    sound, after = withholding.february, withholding.withheld[name]
    named = {cell[1:] for cell in withholding.cells[name] if cell[0] == "month"}
    assert after.left == {key: (None, None) if key in named else figure for key, figure in sound.left.items()}
    assert {table for table, digest in after.hashes.items() if digest != sound.hashes[table]} <= FIGURES


def test_once_no_cell_is_withheld_every_table_is_that_of_the_first_build(withholding: Withholding) -> None:
    assert withholding.withheld["agencies"].hashes != withholding.february.hashes
    assert withholding.filled.hashes == withholding.february.hashes


@pytest.mark.parametrize("name", SETS)
def test_checks_of_figures_that_belong_together_skip_what_is_withheld(withholding: Withholding, name: str) -> None:
    frames = withholding.withheld[name].frames
    for *sides, unanswered in frames["identities"]:
        pairs = zip(sides[::2], sides[1::2], strict=True)
        assert all(left == right for left, right in pairs if None not in (left, right))
        assert unanswered == 0
    assert any(None not in row for row in withholding.february.frames["identities"])
    assert all(total == parts for total, parts in frames["rollups"] if None not in (total, parts))
    assert all(month <= year for month, year in frames["indicator_year"] if None not in (month, year))
    assert set(frames["indicator_grid"]) == {(1,)}
    silent = {agency for agency, dossiers in frames["reporting_agencies"] if dossiers == 0}
    assert silent <= set(QUIET)


def test_the_views_show_no_withheld_figure(withholding: Withholding) -> None:
    """On the month's own last day the view says what the table says, of agencies and of roll-ups."""
    name = "random 400"
    file = withhold_cells(FEBRUARY, withholding.settings, withholding.cells[name], lambda _: None)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            attach '{file}' as built (read_only);
            create table dim_agencies as from built.dim_agencies;
            create table agency_succession as from built.agency_succession;
            create table dim_indicators as from built.dim_indicators;
            create table indicator_values as select *, 1 as revision from built.indicator_values;
            create table unallocated_values as from built.unallocated_values;
            create table mart_form_b06 as from built.mart_form_b06;
            create table mart_form_b06_unallocated as from built.mart_form_b06_unallocated;
            create table snapshots as select date '{FEBRUARY.first_of_month}' as period_month, 'nd09' as reporting_calendar,
                date '{FEBRUARY.last_date}' as last_date, 1 as revision, true as is_current, '{{}}'::json as ytd_basis
            """
        )
        replace_views(connection)
        rows = connection.execute(
            "select scope, agency_code, indicator_code, numerator::bigint, denominator::bigint, value, state "
            "from indicator_values_today where agency_code is not null and scope = 'month'"
        ).fetchall()
        left = connection.execute(
            "select distinct numerator is null, state from indicator_values_today where agency_code is null "
            "and indicator_code in (select indicator_code from unallocated_values where numerator is null)"
        ).fetchall()
        forms = connection.execute(
            "select agency_code, field_code, state, c3_taken_on::bigint, c7_ended::bigint, c11_pending::bigint "
            "from mart_form_b06_today where agency_code is not null and scope = 'month'"
        ).fetchall()
        published = connection.execute(
            "select agency_code, field_code, state, c3_taken_on, c7_ended, c11_pending from mart_form_b06 where scope = 'month'"
        ).fetchall()
    assert sorted(forms, key=str) == sorted(published, key=str)
    assert any(row[2] == "withheld" for row in forms)
    figures = withholding.withheld[name].figures
    assert {row[:3]: row[3:] for row in rows} == {
        cell: figure[:4] for cell, figure in figures.items() if cell[0] == "month"
    }
    assert left == [(True, "withheld")]


def test_the_year_of_a_later_month_lacks_what_was_published_as_withheld(withholding: Withholding) -> None:
    """March is as it would be, but for years that a withheld figure of February is part of."""
    before, after = withholding.march, withholding.march_after
    left = {code for agency, code in withholding.february.left if agency == GONE}
    lost: set[tuple[str, str]] = set()
    for code in ONE_OF_EACH:
        kind = withholding.kinds[code]
        if kind in ("flow", "distinct"):
            lost |= {(agency, code) for agency in ("W01", NEW, "WD1", PROVINCE)}
            lost |= {("WD2", code)} if code in left else set()
        elif kind == "opening_stock":
            lost |= {(agency, code) for agency in (NEW, "WD1", PROVINCE)}
    for cell, figure in after.figures.items():
        scope, agency, code = cell
        if scope == "ytd" and (agency, code) in lost:
            assert figure[:4] == (None, None, None, "incomplete"), cell
            assert figure[4] < before.figures[cell][4], cell
        else:
            assert figure == before.figures[cell], cell
    assert after.figures["ytd", "W01", "dossiers_received"][4] == 2 / 3
    assert after.figures["ytd", NEW, "dossiers_received"][4] == 1 / 2
    assert before.figures["ytd", "W01", "dossiers_received"][3] == "ok"
    for (scope, agency, _), row in after.forms["mart_form_b06"].items():
        if scope == "ytd" and agency in ("W01", NEW, "WD1", PROVINCE):
            assert row["state"] == "incomplete"
            assert {value for column, value in row.items() if column[1:2].isdigit()} == {None}


def test_carried_over_is_compared_with_the_pending_dossiers_of_a_withheld_month_too(withholding: Withholding) -> None:
    assert query(withholding.folder(MARCH), "from int_carry_over_breaks where not is_handed_over") == []
    assert withholding.march_after.hashes["fct_dossiers"] == withholding.march.hashes["fct_dossiers"]


@pytest.mark.parametrize(
    "cell",
    [("month", "W99", "dossiers_received"), ("month", "W01", "dossiers_lost"), ("year", "W01", "dossiers_received")],
)
def test_a_cell_that_has_no_figure_is_refused_and_the_file_stays(withholding: Withholding, cell: Cell) -> None:
    file: Path = withholding.settings.build_file(FEBRUARY)
    before = file.read_bytes()
    with pytest.raises(NoSuchCell, match=" ".join(cell)):
        withhold_cells(FEBRUARY, withholding.settings, [cell], lambda _: None)
    assert file.read_bytes() == before
    assert not [path for path in file.parent.iterdir() if path.name.startswith("draft-")]


def terms(*formulas: str | None) -> set[str]:
    """The indicators that formulas name; rows of a typed form are none."""
    words = [word.lstrip("-") for formula in formulas if formula for word in formula.split()]
    return {word.split(".")[0] for word in words if not word.startswith("01b:")}


def states(built: Built, scope: str, agency: str, codes: set[str]) -> dict[str, str]:
    return {code: built.figures[scope, agency, code][3] for code in codes}


def formulas(withholding: Withholding, table: str, columns: str) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in query(withholding.folder(FEBRUARY), f"select {columns} from {table}")}


def test_the_forms_have_something_to_lose(withholding: Withholding) -> None:
    found: dict[str, set[str]] = {}
    for built in (withholding.february, *withholding.withheld.values()):
        for table, rows in built.forms.items():
            column = "origin" if table == "mart_form_01b" else "state"
            found.setdefault(table, set()).update(row[column] for row in rows.values() if column in row)
    assert found["mart_form_b06"] == {"ok", "withheld", "incomplete"}
    assert found["mart_form_01b"] == {"measured", "withheld", "reported", "not_measured"}
    assert found["mart_index_766"] == {"ok", "withheld", "incomplete", "not_measured", "not_applicable"}


@pytest.mark.parametrize("name", SETS)
def test_the_rows_of_b06_go_with_their_fifteen_counts(withholding: Withholding, name: str) -> None:
    sound, after = withholding.february, withholding.withheld[name]
    assert after.forms["mart_form_b06"].keys() == sound.forms["mart_form_b06"].keys()
    for key, row in after.forms["mart_form_b06"].items():
        now = states(after, *key[:2], B06)
        if now == states(sound, *key[:2], B06):
            assert row == sound.forms["mart_form_b06"][key]
        else:
            assert row["state"] == ("withheld" if "withheld" in now.values() else "incomplete"), key
            assert {value for column, value in row.items() if column[1:2].isdigit()} == {None}


@pytest.mark.parametrize("name", SETS)
def test_a_row_of_form_01b_is_withheld_with_a_term_of_it_and_shows_what_was_typed(
    withholding: Withholding, name: str
) -> None:
    sound, after = withholding.february, withholding.withheld[name]
    measured_by = formulas(withholding, "int_form_01b_rows", "row_code, measured_by")
    for key, row in after.forms["mart_form_01b"].items():
        was = sound.forms["mart_form_01b"][key]
        if "withheld" in states(after, *key[:2], terms(*measured_by[key[2]])).values():
            without = {"origin": "withheld", "value": None, "measured_value": None, "measured_state": "withheld"}
            assert row == was | without
        else:
            assert row == was


@pytest.mark.parametrize("name", SETS)
def test_a_component_of_766_is_withheld_with_a_term_of_it_and_its_points_are_in_no_sum(
    withholding: Withholding, name: str
) -> None:
    sound, after = withholding.february.forms["mart_index_766"], withholding.withheld[name].forms["mart_index_766"]
    used = formulas(withholding, "int_index_766_components", "component_code, numerator, denominator, needs")
    points: dict[tuple[str, str, str], list[Any]] = {}
    changed = set()
    for key, row in after.items():
        scope, agency, code = key
        if row["row_kind"] != "component":
            continue
        now, was = (
            states(b, scope, agency, terms(*used[code])) for b in (withholding.withheld[name], withholding.february)
        )
        if now == was or row["state"] == "not_applicable":
            assert row == sound[key]
        else:
            assert row["state"] == ("withheld" if "withheld" in now.values() else "incomplete"), key
            assert (row["value"], row["points"], row["points_measured"]) == (None, None, 0)
            changed |= {(scope, agency, row["group_code"]), (scope, agency, "total")}
        for whole in (row["group_code"], "total"):
            points.setdefault((scope, agency, whole), []).append(row["points"])
    for key, row in after.items():
        if row["row_kind"] == "component":
            continue
        known = [given for given in points[key] if given is not None]
        assert row["points"] == (sum(known) if known else None)
        assert row["state"] == "incomplete" if key in changed else row == sound[key]

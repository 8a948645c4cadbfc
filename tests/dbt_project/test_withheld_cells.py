"""Figures withheld from a built month, through the real dbt: which change, that no other does, and what a later month makes of it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cchc.withholding import NoSuchCell, withhold_cells
from snapshots.analysts import VIEWS
from tests.dbt_project.build_files import query
from tests.dbt_project.withheld_months import DISTRICTS, GONE, NEW, PROVINCE, QUIET, reporting
from tests.dbt_project.withheld_province import FEBRUARY, MARCH, ONE_OF_EACH, SETS, Withholding
from tests.dbt_project.withheld_reference import Cell, after_withholding

pytestmark = pytest.mark.slow

# Tables of figures; no other published table may ever change.
FIGURES = {"indicator_values", "unallocated_values", "mart_form_b06", "mart_form_01b", "mart_index_766", "mart_par_index"}


def test_the_month_has_every_kind_of_figure_in_every_state_and_at_every_level(withholding: Withholding) -> None:
    sound = withholding.february
    assert set(withholding.kinds.values()) == {"flow", "opening_stock", "closing_stock", "distinct"}
    assert {withholding.kinds[code] for code in ONE_OF_EACH} == set(withholding.kinds.values())
    assert {agency for _, agency, _ in sound.figures} == {*reporting(FEBRUARY), *DISTRICTS, PROVINCE}
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
    assert silent <= {QUIET}


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
            create table indicator_values as select *, 1 as revision from built.indicator_values;
            create table unallocated_values as from built.unallocated_values;
            create table snapshots as select date '{FEBRUARY.first_of_month}' as period_month,
                date '{FEBRUARY.last_date}' as last_date, 1 as revision, true as is_current
            """
        )
        for path in VIEWS:
            connection.execute(path.read_text(encoding="utf-8"))
        rows = connection.execute(
            "select agency_code, indicator_code, numerator::bigint, denominator::bigint, value, state "
            "from indicator_values_today where agency_code is not null"
        ).fetchall()
        left = connection.execute(
            "select distinct numerator is null, state from indicator_values_today where agency_code is null "
            "and indicator_code in (select indicator_code from unallocated_values where numerator is null)"
        ).fetchall()
    figures = withholding.withheld[name].figures
    assert {("month", *row[:2]): row[2:] for row in rows} == {
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

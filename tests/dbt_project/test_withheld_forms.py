"""Forms and indices over withheld figures, through the real dbt: each row goes with what it is computed from, and no other does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt_project.build_files import query
from tests.dbt_project.withheld_province import FEBRUARY, SETS, Built, Withholding

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("name", SETS)]

B06 = {
    "dossiers_received", "dossiers_received_online", "dossiers_received_in_person", "dossiers_received_postal",
    "dossiers_carried_over", "dossiers_resolved", "dossiers_resolved_early", "dossiers_resolved_on_time",
    "dossiers_resolved_late", "dossiers_resolved_without_due_date", "dossiers_pending", "dossiers_pending_in_time",
    "dossiers_pending_overdue", "dossiers_refused", "dossiers_withdrawn",
}  # fmt: skip


def terms(*formulas: str | None) -> set[str]:
    """The indicators that formulas name; rows of a typed form are none."""
    words = [word.lstrip("-") for formula in formulas if formula for word in formula.split()]
    return {word.split(".")[0] for word in words if not word.startswith("01b:")}


def states(built: Built, scope: str, agency: str, codes: set[str]) -> dict[str, str]:
    return {code: built.figures[scope, agency, code][3] for code in codes}


def formulas(withholding: Withholding, table: str, columns: str) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in query(withholding.folder(FEBRUARY), f"select {columns} from {table}")}


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
        now, was = (states(b, scope, agency, terms(*used[code])) for b in (withholding.withheld[name], withholding.february))
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


def test_a_criterion_of_the_par_index_is_not_measurable_over_a_withheld_year(withholding: Withholding, name: str) -> None:
    sound, after = withholding.february, withholding.withheld[name]
    used = formulas(withholding, "int_par_index_criteria", "criterion_code, numerator, denominator")
    for key, row in after.forms["mart_par_index"].items():
        if "withheld" in states(after, "ytd", key[0], terms(*used[key[1]])).values():
            assert (row["outcome"], row["why"], row["value"], row["points"]) == ("not_measurable", "withheld", None, None)
        else:
            assert row == sound.forms["mart_par_index"][key]

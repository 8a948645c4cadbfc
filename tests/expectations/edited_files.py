"""What somebody with a text editor and this program's sources would make of a verdict and a build file on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb

from expectations.verdicts import content_of, newest_verdict, seal_of
from snapshots.publish import publish_snapshot
from tests.expectations.conftest import PERIOD
from tests.expectations.publishable import FINISHED, MONTH, REJECTS, Month


def edited(month: Month, change: Callable[[dict[str, Any]], None], *, sealed_again: bool = True) -> None:
    """Changes the newest verdict on disk, as somebody with a text editor and this program's sources would."""
    verdict = newest_verdict(MONTH, month.settings)
    assert verdict is not None
    path = month.settings.audit / MONTH / verdict.run / "verdict.json"
    content = json.loads(path.read_text())
    change(content)
    if sealed_again:
        content["seal"] = seal_of(content)
    path.write_text(json.dumps(content))


def of_finished(content: dict[str, Any]) -> dict[str, Any]:
    return of_check(content, FINISHED)


def of_check(content: dict[str, Any], check: str) -> dict[str, Any]:
    return next(result for result in content["results"] if result["check"] == check)


def call_it_held(content: dict[str, Any]) -> None:
    content["outcome"] = "held"


def make_it_hold(content: dict[str, Any]) -> None:
    call_it_held(content)
    of_finished(content).update(outcome="held", failed_rows=0, by_agency=[])


def make_rejects_hold(content: dict[str, Any]) -> None:
    call_it_held(content)
    of_check(content, REJECTS).update(outcome="held", failed_rows=0, by_agency=[])


def call_rejects_contained(content: dict[str, Any]) -> None:
    call_it_held(content)
    result = of_check(content, REJECTS)
    result["scope"] = "cell"
    result["by_agency"][0]["withheld"] = 0


def make_it_hold_and_name_no_cell(content: dict[str, Any]) -> None:
    make_it_hold(content)
    content.update(withheld=[], held_back=[])


def name_no_cell(content: dict[str, Any]) -> None:
    content.update(withheld=[], held_back=[])


def name_fewer_cells(content: dict[str, Any]) -> None:
    content["withheld"] = content["withheld"][1:]


def say_that_nothing_rests_on_it(content: dict[str, Any]) -> None:
    name_no_cell(content)
    of_finished(content)["by_agency"][0]["withheld"] = 0


def say_that_its_rows_are_of_nobody_who_reports(content: dict[str, Any]) -> None:
    of_finished(content)["by_agency"][0]["agency_code"] = "99999"


def make_it_a_warning(content: dict[str, Any]) -> None:
    call_it_held(content)
    of_finished(content)["severity"] = "warning"


def leave_it_out(content: dict[str, Any]) -> None:
    call_it_held(content)
    content["results"].remove(of_finished(content))


def make_up_a_waiver(content: dict[str, Any]) -> None:
    call_it_held(content)
    of_finished(content)["waivers"] = [
        {"waiver": "W0001", "agency": "11122", "rows": 1, "rows_at_most": 1, "reason": "đã rà soát xong hồ sơ",
         "ground": "Công văn 12/UBND", "requested_by": "lan.pham", "approved_by": "minh.vo", "approved_through": "Airflow",
         "expires_at": "2099-01-01T00:00:00Z", "seal": "0" * 64}
    ]  # fmt: skip


def with_figures_put_back(month: Month, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
    """The build file says again what was withheld, and the verdict is made to fit it."""
    month.edited(
        "delete from landing.withheld_cells; create or replace table indicator_values as from landing.built_values"
    )
    with duckdb.connect(str(month.settings.build_file(PERIOD)), read_only=True) as connection:
        found, tables = content_of(connection)

    def fits(content: dict[str, Any]) -> None:
        content.update(fingerprint=found, tables=tables)
        change(content)

    edited(month, fits)
    month.publish()


def with_one_figure_put_back(month: Month) -> None:
    month.edited(
        "update indicator_values set numerator = 3, value = 3, state = 'ok' "
        "where scope = 'month' and agency_code = '11122' and indicator_code = 'dossiers_received'"
    )
    with duckdb.connect(str(month.settings.build_file(PERIOD)), read_only=True) as connection:
        found, tables = content_of(connection)
    edited(month, lambda content: content.update(fingerprint=found, tables=tables))
    month.publish()


def with_the_list_of_cells_emptied(month: Month) -> None:
    month.edited("delete from landing.withheld_cells")
    month.publish()


def published_directly(month: Month) -> None:
    """By the function that writes revisions, which asks the gate itself."""
    publish_snapshot(PERIOD, month.settings, {}, "because I say so")

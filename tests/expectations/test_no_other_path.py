"""There is no other path past a critical check than a waiver: every way in that we know of, and where each ends.

A month with a fault of single cells is published without them, or not at all; one with a fault of the period is not published.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from typer.main import get_command

from cchc import close as steps
from cchc.cli import app
from cchc.settings import ConfigurationError, Settings, settings
from expectations import suites
from expectations.audit import GateFailed
from expectations.verdicts import newest_verdict
from snapshots.publish import PublishRefused
from snapshots.store import Manifest, current
from tests.expectations.conftest import PERIOD, builder
from tests.expectations.publishable import FINISHED, REJECTS, Month, finished_early, rejected, withhold_by_hand
from tests.expectations.ways_past_the_gate import PAST_A_PERIOD_CHECK, WAYS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def two_suites() -> Iterator[None]:
    """The gate itself is whole; that it judges by two suites here, and that no dbt withholds, saves most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suites, "SUITES", {name: suites.SUITES[name] for name in ("fct_dossiers", "exports")})
        patch.setattr(steps, "withhold_cells", withhold_by_hand)
        yield


def home_of(home: Path, *faults: str) -> Path:
    """A home in which the month with these faults was built and audited."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_HOME", str(home))
        settings.cache_clear()
        month = Month(settings(), builder(settings()))
        month.built(*faults)
        with suppress(GateFailed):
            month.audit()
    settings.cache_clear()
    return home


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One in which a dossier of 11122 ended before it was received, and one in which too many rows were rejected."""
    folder = tmp_path_factory.mktemp("homes")
    faults = {"cells": finished_early("11122"), "period": rejected(4)}
    return {name: home_of(folder / name, fault) for name, fault in faults.items()}


@pytest.fixture
def month(home: Settings, homes: dict[str, Path]) -> Month:
    shutil.copytree(homes["cells"], home.home)
    return Month(home, builder(home))


@pytest.fixture
def failed(home: Settings, homes: dict[str, Path]) -> Month:
    shutil.copytree(homes["period"], home.home)
    return Month(home, builder(home))


def resting_on_11122(figures: dict[tuple[str, str, str], float | None]) -> set[float | None]:
    return {value for (_, agency, _), value in figures.items() if agency in ("11122", "30")}


@pytest.mark.parametrize("name", WAYS)
def test_every_way_past_a_check_of_cells_ends_unpublished_or_without_them(name: str, month: Month):
    way, ending = WAYS[name]
    if ending is None:
        way(month)
        figures = month.figures()
        assert resting_on_11122(figures) == {None}
        assert None not in {value for (_, agency, _), value in figures.items() if agency == "11119"}
        return
    with pytest.raises(ending[0], match=ending[1]):
        way(month)
    if ending[0] is GateFailed:  # as after "mark success" of a failed audit
        with pytest.raises(PublishRefused, match="does not let it through"):
            month.publish()
    assert month.figures() == {}


@pytest.mark.parametrize("name", PAST_A_PERIOD_CHECK)
def test_every_way_past_a_check_of_the_period_ends_unpublished(name: str, failed: Month):
    way, (error, says) = PAST_A_PERIOD_CHECK[name]
    with pytest.raises(error, match=says):
        way(failed)
    assert not [path for path in failed.published() if path.startswith("snapshots/")]


def test_no_cell_is_withheld_from_a_month_that_is_not_published(month: Month):
    month.built(finished_early("11122"), rejected(4))
    with pytest.raises(GateFailed, match=f"{FINISHED}: 1 row of 11122; {REJECTS}: 1 row of no single agency"):
        month.audit()
    verdict = newest_verdict(PERIOD, month.settings)
    assert verdict is not None
    assert (verdict.withheld, verdict.held_back) == ([], [])
    with duckdb.connect(str(month.settings.build_file(PERIOD)), read_only=True) as connection:
        assert connection.execute("from landing.withheld_cells").fetchall() == []


def test_rows_that_a_waiver_covers_are_published_and_those_of_another_agency_withheld(month: Month):
    month.waived()
    month.built(finished_early("11122"), finished_early("11119"))
    summary = month.audit()
    month.publish()

    assert (summary["outcome"], summary["waived"], summary["contained"]) == ("held", [FINISHED], [FINISHED])
    of = {
        agency: {v for (_, one, _), v in month.figures().items() if one == agency}
        for agency in ("11122", "11119", "30")
    }
    assert None not in of["11122"]
    assert of["11119"] == of["30"] == {None}
    manifest = current(month.settings, PERIOD)
    assert manifest is not None
    assert [waiver["waiver"] for waiver in manifest.waivers] == ["W0001"]
    assert {cell["agency"] for cell in manifest.withheld} == {"11119"}


def test_the_month_of_these_tests_is_published_once_it_is_repaired(month: Month):
    month.built()
    month.audit()
    assert month.publish() == {"period": "2023-04", "revision": 1, "is_new": True, "withheld": 0}
    assert None not in month.figures().values()


def test_an_old_manifest_keeps_its_seal_and_one_with_waivers_and_cells_cannot_lose_them(month: Month):
    month.waived()
    month.built(finished_early("11122"), finished_early("11119"))
    month.audit()
    month.publish()
    manifest = current(month.settings, PERIOD)
    assert manifest is not None
    assert manifest.waivers
    assert manifest.withheld
    for name in ("waivers", "withheld"):
        assert not manifest.model_copy(update={name: []}).is_whole()

    content = manifest.model_copy(update={"waivers": [], "withheld": []}).sealed().model_dump(mode="json")
    del content["waivers"], content["withheld"]
    assert Manifest.model_validate(content).is_whole()
    text = json.dumps({k: v for k, v in content.items() if k != "seal"}, sort_keys=True, ensure_ascii=False)
    assert content["seal"] == hashlib.sha256(text.encode()).hexdigest(), "as every manifest so far was sealed"


@pytest.mark.parametrize(
    ("name", "value"),
    [("CCHC_REJECT_SHARE_MAX", "0.5"), ("CCHC_PLAUSIBLE_YEARS", "500"), ("CCHC_WAIVER_DAYS", "400")],
)
def test_a_setting_may_tighten_a_critical_bound_and_never_loosen_it(
    name: str, value: str, month: Month, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match=name):
        month.publish()


def test_no_setting_switches_a_check_off():
    # Where things lie, what is read, who reports, which calendar; three bounds, each with a hard limit; when people are
    # reminded. Think before adding here.
    assert set(Settings.model_fields) == {
        "home", "calendar", "profiles", "provinces", "source_urls", "source_folders", "proxy", "ca_file", "open_months",
        "plausible_years", "reject_share_max", "waiver_days", "answer_days", "report_days",
    }  # fmt: skip


def test_another_calendar_is_another_month(month: Month, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CCHC_CALENDAR", "calendar")
    settings.cache_clear()
    with pytest.raises(PublishRefused, match="calendar"):
        month.publish()


def test_no_command_of_a_close_has_an_option_that_says_yes_for_the_gate():
    commands = get_command(app).commands  # type: ignore[attr-defined]
    options = {name: {p.name for p in commands[name].params} for name in ("build", "audit", "publish", "close")}
    assert options == {
        "build": {"period", "as_json"},
        "audit": {"period", "as_json"},
        "publish": {"period", "reason", "rebuild", "as_json"},
        "close": {"periods", "reason", "because", "as_json"},
    }

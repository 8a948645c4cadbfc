"""There is no other path past a critical check than a waiver: every way in that we know of, and each ends unpublished."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from cchc.cli import app
from cchc.settings import ConfigurationError, Settings, settings
from expectations import suites
from expectations.audit import GateFailed
from snapshots.publish import PublishRefused
from snapshots.store import Manifest, current
from tests.expectations.conftest import PERIOD, builder
from tests.expectations.publishable import FINISHED, Month, finished_early
from tests.expectations.ways_past_the_gate import WAYS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def two_suites() -> Iterator[None]:
    """The gate itself is whole; that it judges by two suites here saves most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suites, "SUITES", {name: suites.SUITES[name] for name in ("fct_dossiers", "exports")})
        yield


@pytest.fixture(scope="module")
def failed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which one dossier of 11122 ended before it was received: built, audited, failed."""
    home = tmp_path_factory.mktemp("failed") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CCHC_HOME", str(home))
        settings.cache_clear()
        month = Month(settings(), builder(settings()))
        month.built(finished_early("11122"))
        with pytest.raises(GateFailed, match=FINISHED):
            month.audit()
    settings.cache_clear()
    return home


@pytest.fixture
def month(home: Settings, failed_home: Path) -> Month:
    shutil.copytree(failed_home, home.home)
    return Month(home, builder(home))


@pytest.mark.parametrize("name", WAYS)
def test_every_way_past_a_critical_check_ends_unpublished(name: str, month: Month):
    way, (error, says) = WAYS[name]
    with pytest.raises(error, match=says):
        way(month)
    if error is GateFailed:  # as after "mark success" of a failed audit
        with pytest.raises(PublishRefused, match="does not let it through"):
            month.publish()

    assert not [path for path in month.published() if path.startswith("snapshots/")]


def test_the_month_of_these_tests_is_published_once_it_is_repaired(month: Month):
    month.built()
    month.audit()
    assert month.publish()["revision"] == 1


def test_a_manifest_from_before_there_were_waivers_keeps_its_seal_and_one_with_waivers_cannot_lose_them(month: Month):
    month.waived()
    month.audit()
    month.publish()
    manifest = current(month.settings, PERIOD)
    assert manifest is not None
    assert [waiver["waiver"] for waiver in manifest.waivers] == ["W0001"]
    assert not manifest.model_copy(update={"waivers": []}).is_whole()

    content = manifest.model_copy(update={"waivers": []}).sealed().model_dump(mode="json")
    del content["waivers"]
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

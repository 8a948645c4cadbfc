"""Which months are open, from when on a source is asked for changes, and what a batch brought that another had not."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta

import pytest

from cchc import late
from cchc.period import LOCAL, PeriodError
from cchc.settings import settings
from ingest.landing import land
from ingest.profile import load_exports
from ingest.store import Receipt, Store
from tests.ingest.opencps import EXPORT, PERIOD, at, dossier, serve_rows


def published(home, *months: str) -> None:
    for month in months:
        folder = home.snapshots / month / "revision=001"
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("until", "found"),
    [
        ("2023-04-14T03:00", ["2023-01", "2023-02", "2023-03"]),
        ("2023-04-15T00:00", ["2023-02", "2023-03", "2023-04"]),
        ("2023-04-30T03:00", ["2023-02", "2023-03", "2023-04"]),
        ("2023-05-15T03:00", ["2023-03", "2023-04"]),
        ("2023-12-31T03:00", []),
        (None, ["2023-02", "2023-03", "2023-04"]),
    ],
)
def test_open_are_the_last_months_that_had_ended_and_are_published(home, until, found):
    published(home, "2022-11", "2023-01", "2023-02", "2023-03", "2023-04")
    assert late.open_months(instant(until) if until else None) == found


def test_open_months_follow_calendar_months_and_the_setting(home, monkeypatch):
    published(home, "2023-01", "2023-02", "2023-03", "2023-04")
    monkeypatch.setenv("CCHC_CALENDAR", "calendar")
    monkeypatch.setenv("CCHC_OPEN_MONTHS", "1")
    settings.cache_clear()
    assert late.open_months(instant("2023-04-30T03:00")) == ["2023-03"]
    assert late.open_months(instant("2023-05-01T00:00")) == ["2023-04"]
    monkeypatch.setenv("CCHC_OPEN_MONTHS", "0")
    settings.cache_clear()
    assert late.open_months(None) == []


def test_without_a_published_month_none_is_open(home):
    assert late.open_months(None) == late.open_months(instant("2023-04-30T03:00")) == []


def test_a_day_named_by_hand_counts_to_its_end_and_goes_before_the_interval():
    assert late.until_of_run("2023-02-14", instant("2023-09-01T03:00")) == instant("2023-02-15T00:00")
    assert late.until_of_run(None, instant("2023-09-01T03:00")) == instant("2023-09-01T03:00")
    assert late.until_of_run(None, None) is None
    with pytest.raises(PeriodError, match="tomorrow"):
        late.until_of_run("tomorrow", None)


@pytest.fixture
def portal(home, source, monkeypatch):
    """An OpenCPS portal whose rows a test sets and lands."""
    monkeypatch.setenv("CCHC_PROFILES", "opencps")
    monkeypatch.setenv("CCHC_SOURCE_URLS__PORTAL", source.url)
    monkeypatch.setenv("CCHC_SECRET_OPENCPS_TOKEN", "any")
    settings.cache_clear()

    def landed(*rows) -> Receipt:
        serve_rows(source, list(rows))
        return land(EXPORT, PERIOD, settings(), lambda _: "any")

    return landed


def cursor(export: str = EXPORT) -> datetime | None:
    return late.cursor(load_exports(settings().profiles)[export], PERIOD)


def test_changes_are_asked_for_since_the_newest_change_on_hand_less_the_overlap(portal):
    assert cursor() is None
    portal(dossier(1, 10), dossier(2, 500), dossier(3, 40))
    assert cursor() == at(500) - timedelta(minutes=60)
    assert cursor("portal_procedures") is None


def test_a_change_dated_in_the_future_does_not_hide_those_that_come_before_it(portal):
    receipt = portal(dossier(1, 10), dossier(2, modifiedDate="31/12/2034 00:00:00"))
    found = cursor()
    assert found is not None
    assert found <= receipt.started_at - timedelta(minutes=60)


def test_a_batch_without_changes_or_mapped_otherwise_is_read_whole(portal, monkeypatch):
    portal(dossier(1, modifiedDate=""))
    assert cursor() is None
    portal(dossier(1, 10))
    assert cursor() is not None
    export = load_exports(settings().profiles)[EXPORT]
    monkeypatch.setattr(type(export), "fingerprint", lambda _: "of another mapping")
    assert late.cursor(export, PERIOD) is None


def test_reading_again_asks_for_changes_only_and_receipts_say_that_nothing_changed(portal, source):
    first = portal(*(dossier(n, n) for n in range(100)))
    source.asked.clear()
    (again,) = late.reread(EXPORT, [str(PERIOD)])
    assert (again["kind"], again["rows_read"], again["batch_id"]) == ("changes", 61, first.batch_id)
    assert all(query["modifiedFrom"] == "01/03/2023 00:39:00" for _, query, _ in source.asked)


def test_a_month_that_cannot_be_read_again_is_named_after_the_others_were_read(portal, source):
    portal(dossier(1))
    good = source.answer
    source.answer = lambda path, query: (
        (200, {}, {"total": 9, "data": []}) if query["fromStatisticDate"] == "15/01/2023" else good(path, query)
    )
    with pytest.raises(late.RereadFailed, match="CountsDiffer: ") as raised:
        late.reread(EXPORT, ["2023-02", "2023-03"])
    assert str(raised.value).count("\n") == 0
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.months, str(again)) == (["2023-02"], str(raised.value))
    newest = Store(settings().raw).newest(EXPORT, PERIOD)
    assert newest is not None
    assert (newest.sequence, newest.status) == (2, "landed")


def test_a_difference_counts_what_was_added_changed_and_is_gone(portal):
    before = portal(dossier(1), dossier(2), dossier(3))
    after = portal(dossier(2, 90, dossierStatus="done"), dossier(3), dossier(4), dossier(5), dossier(6))
    store = Store(settings().raw)
    found = late.difference(store, EXPORT, PERIOD, before.batch_id or "", after.batch_id or "")
    assert found == late.Difference(added=3, changed=1, gone=1)
    assert late.difference(store, EXPORT, PERIOD, "no such batch", after.batch_id or "") is None

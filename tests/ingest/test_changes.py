"""A read of changes only, merged into the batch before: it ends with what a whole read would have brought."""

from __future__ import annotations

import random
from datetime import datetime

import pyarrow.parquet as pq
import pytest

from cchc.settings import settings
from ingest.errors import HeadingsMissing, ProfileError, SourceError
from ingest.landing import land
from ingest.store import Receipt, Store
from tests.ingest.opencps import EXPORT, PERIOD, Row, at, dossier, serve_rows


@pytest.fixture
def portal(home, source, monkeypatch):
    """An OpenCPS portal whose rows a test sets."""
    monkeypatch.setenv("CCHC_PROFILES", "opencps")
    monkeypatch.setenv("CCHC_SOURCE_URLS__PORTAL", source.url)
    settings.cache_clear()
    return lambda rows: serve_rows(source, rows)


def read(since: datetime | None = None) -> Receipt:
    return land(EXPORT, PERIOD, settings(), lambda _: "any", changed_since=since)


def kept(receipt: Receipt) -> tuple[list[Row], set[tuple[str, str, str]], list[Row]]:
    """What a batch holds: rows, faults and what was good of the rejected rows."""
    store, batch = Store(settings().raw), receipt.batch_id or ""
    rows = pq.read_table(store.rows_path(EXPORT, PERIOD, batch)).to_pylist()
    rejects = store.rejects(EXPORT, PERIOD, batch).to_pylist()
    held = pq.read_table(store.held_path(EXPORT, PERIOD, batch)).to_pylist()
    return rows, {(r["reject_id"], r["column_name"], r["found"]) for r in rejects}, held


def codes(receipt: Receipt) -> list[str]:
    return [row["dossier_code"][-4:] for row in kept(receipt)[0]]


def test_late_rows_are_added_and_changed_ones_replaced_by_key(portal):
    portal([dossier(1), dossier(2), dossier(3)])
    read()
    portal([dossier(1), dossier(2, 90, dossierStatus="done"), dossier(3), dossier(4, 95)])
    receipt = read(at(60))
    assert (receipt.kind, receipt.rows_read, receipt.accepted, receipt.exact_duplicates) == ("changes", 2, 2, 0)
    rows, _, _ = kept(receipt)
    assert [(r["dossier_code"][-4:], r["status"]) for r in rows] == [
        ("0001", 4),
        ("0002", 10),
        ("0003", 4),
        ("0004", 4),
    ]


def test_equal_rows_and_no_rows_change_nothing_but_the_receipts(portal):
    portal([dossier(n, n) for n in range(5)])
    whole = read()
    overlap, none = read(at(3)), read(at(99))
    assert (overlap.rows_read, none.rows_read, none.kind) == (2, 0, "changes")
    assert whole.batch_id == overlap.batch_id == none.batch_id
    assert [r.sequence for r in (whole, overlap, none)] == [1, 2, 3]
    assert none.base_batch_id == whole.batch_id


def test_the_batch_of_changes_is_the_one_of_a_whole_read(portal):
    portal([dossier(n) for n in range(50)])
    read()
    portal([*(dossier(n) for n in range(40)), *(dossier(n, 90, dossierStatus="done") for n in range(40, 60))])
    assert read(at(60)).batch_id == read().batch_id


def test_changes_of_changes_stand_on_the_batch_before(portal):
    portal([dossier(1)])
    read()
    portal([dossier(1), dossier(2, 60)])
    first = read(at(60))
    portal([dossier(1), dossier(2, 60), dossier(3, 120)])
    second = read(at(120))
    assert second.base_batch_id == first.batch_id
    assert codes(second) == ["0001", "0002", "0003"]


def test_a_row_that_was_rejected_and_is_right_now_stands_once_as_a_row(portal):
    portal([dossier(1), dossier(2, receiveDate="31/02/2023 09:00:00")])
    assert read().rejected == 1
    portal([dossier(1), dossier(2, 90)])
    receipt = read(at(60))
    rows, rejects, held = kept(receipt)
    assert (len(rows), rejects, held) == (2, set(), [])
    assert receipt.batch_id == read().batch_id


def test_a_row_that_was_right_and_is_rejected_now_stands_once_as_a_reject(portal):
    portal([dossier(1), dossier(2)])
    read()
    portal([dossier(1), dossier(2, 90, receiveDate="31/02/2023 09:00:00")])
    receipt = read(at(60))
    assert codes(receipt) == ["0001"]
    assert [r["dossier_code"][-4:] for r in kept(receipt)[2]] == ["0002"]
    assert receipt.batch_id == read().batch_id


def test_the_fault_of_a_row_that_is_read_again_is_told_once_and_as_it_is_now(portal):
    portal([dossier(1), dossier(2, receiveDate="?"), dossier(3, receiveDate="?")])
    read()
    portal([dossier(1), dossier(2, 90, dueDate="?"), dossier(3, 90, receiveDate="?")])
    receipt = read(at(60))
    _, rejects, held = kept(receipt)
    assert {(column, found) for _, column, found in rejects} == {("due_at", "?"), ("received_at", "?")}
    assert (len(rejects), len(held)) == (2, 2)
    assert receipt.batch_id == read().batch_id


def test_rejects_that_are_not_read_again_stay(portal):
    portal([dossier(1), dossier(2, receiveDate="?")])
    before = kept(read())
    portal([dossier(1), dossier(2, receiveDate="?"), dossier(3, 90)])
    after = kept(read(at(60)))
    assert (after[1], after[2]) == (before[1], before[2])


def test_a_failed_read_of_changes_leaves_the_batch_as_it_is(portal, source):
    portal([dossier(1)])
    first = read()
    source.answer = lambda _, query: (200, {}, {"total": 3, "data": [dossier(2, 90)]})
    with pytest.raises(SourceError):
        read(at(60))
    store = Store(settings().raw)
    failed, landed = store.newest(EXPORT, PERIOD), store.landed(EXPORT, PERIOD)
    assert failed is not None
    assert landed is not None
    assert (failed.kind, failed.status, landed.batch_id) == ("changes", "failed", first.batch_id)


def test_changes_cannot_be_asked_of_an_export_that_has_none(portal):
    with pytest.raises(ProfileError, match="no `changes`"):
        land("portal_procedures", PERIOD, settings(), lambda _: "any", changed_since=at(0))


@pytest.mark.parametrize("seed", range(12))
def test_any_days_of_changes_end_with_the_batch_of_a_whole_read(portal, seed):
    chance = random.Random(seed)
    rows = {n: dossier(n) for n in range(30)}

    def spoiled() -> Row:
        return chance.choice([{}, {}, {"dossierStatus": "done"}, {"receiveDate": "?"}, {"dueDate": "x", "online": "?"}])

    rows |= {n: rows[n] | spoiled() for n in chance.sample(range(30), 10)}
    portal(list(rows.values()))
    read()
    for day in range(1, 4):
        for number in chance.sample(range(30 + 10 * day), 8):
            rows[number] = dossier(number, day * 1440) | spoiled()
        served = list(rows.values())
        chance.shuffle(served)
        right = [row for row in served if "?" not in row.values()]
        portal([*served, *chance.sample(right, 2)])
        merged = read(at(day * 1440 - 60))
        assert merged.rows_read == merged.accepted + merged.rejected + merged.exact_duplicates + merged.withheld
    assert kept(merged) == kept(read())


def test_rows_of_a_read_of_changes_may_leave_out_keys_that_others_have(portal):
    portal([dossier(1), dossier(2), dossier(3)])
    read()
    changed = dossier(2, 90)
    for key in ("cancellingDate", "domainCode", "finishDate"):
        changed.pop(key, None)
    portal([dossier(1), changed, dossier(3)])
    assert read(at(60)).status == "landed"
    portal(
        [dossier(1), {("receivedOn" if k == "receiveDate" else k): v for k, v in dossier(2, 95).items()}, dossier(3)]
    )
    with pytest.raises(HeadingsMissing, match="receiveDate"):
        read(at(92))


def test_a_home_with_an_apostrophe_in_its_name_takes_changes(portal, monkeypatch, tmp_path):
    monkeypatch.setenv("CCHC_HOME", str(tmp_path / "d'an"))
    settings.cache_clear()
    portal([dossier(1), dossier(2)])
    read()
    portal([dossier(1), dossier(2, 90), dossier(3, 91)])
    assert codes(read(at(60))) == ["0001", "0002", "0003"]

"""What a killed pull leaves on the disk: damaged in any way, it costs a page read again and never a row."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cchc.period import Period
from cchc.settings import settings
from ingest.http.pace import Clock
from ingest.landing import land
from ingest.store import Receipt, Store
from tests.ingest.landings import NAMES, PERIOD, certificate, land_now, newest, stored

ROWS, SIZE = 1000, 200


class Killed(BaseException):
    """The process is gone."""


def asked(source) -> list[str]:
    return [query["page"] for _, query, _ in source.asked]


def killed_after(pages: int, **how: Any) -> Path:
    """A pull that dies with so many pages on the spool; returns the folder of these."""

    def progress(line: str) -> None:
        if line.endswith(f" {pages * SIZE} rows read"):
            raise Killed

    with pytest.raises(Killed):
        land("ca_certificates", PERIOD, settings(), lambda _: "any:thing", progress, **how)
    return Store(settings().raw).pull_path("ca_certificates", PERIOD) / "all"


@pytest.fixture
def certificates(deployment):
    """More certificates than one page holds, one of them faulty."""
    rows = [certificate(n) for n in range(ROWS)]
    rows[333] = certificate(333, NotAfter="?")
    deployment(rows)
    return rows


def damage_rows(folder: Path, page: int) -> None:
    path = folder / f"{page:06d}.arrow"
    path.write_bytes(path.read_bytes()[:-40])


def flip_a_byte(folder: Path, page: int) -> None:
    path = folder / f"{page:06d}.arrow"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)


def damage_note(folder: Path, page: int) -> None:
    path = folder / f"{page:06d}.json"
    path.write_bytes(path.read_bytes()[:-40])


def change_note(folder: Path, page: int) -> None:
    path = folder / f"{page:06d}.json"
    path.write_text(path.read_text().replace('\\"rows\\": 200', '\\"rows\\": 199'))


def lose_rows(folder: Path, page: int) -> None:
    (folder / f"{page:06d}.arrow").unlink()


def lose_note(folder: Path, page: int) -> None:
    (folder / f"{page:06d}.json").unlink()


def empty_note(folder: Path, page: int) -> None:
    (folder / f"{page:06d}.json").write_text("")


DAMAGES = [damage_rows, flip_a_byte, damage_note, change_note, lose_rows, lose_note, empty_note]


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("page", [1, 2, 4])
def test_a_damaged_page_is_read_again_with_all_after_it(certificates, source, damage, page):
    folder = killed_after(4)
    damage(folder, page)
    source.asked.clear()
    receipt = land_now()
    assert asked(source)[0] == str(page)
    assert (receipt.rows_read, receipt.accepted, receipt.rejected, receipt.resumed_pages) == (ROWS, 999, 1, page - 1)
    assert sorted(stored(receipt).column("serial").to_pylist()) == sorted(
        row["SerialNumber"] for row in certificates if row["NotAfter"] != "?"
    )


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_series_that_was_complete_is_not_when_a_page_of_it_is_damaged(certificates, source, damage, monkeypatch):
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("ingest.landing.write_batch", killed)
        with pytest.raises(Killed):
            land_now()
    folder = Store(settings().raw).pull_path("ca_certificates", PERIOD) / "all"
    assert (folder / "complete").exists()
    damage(folder, 5)
    source.asked.clear()
    receipt = land_now()
    assert asked(source)[0] == "5"
    assert (receipt.rows_read, receipt.accepted, receipt.resumed_pages) == (ROWS, 999, 4)


def test_finished_pages_are_not_asked_for_again(certificates, source):
    whole = land_now().batch_id
    killed_after(3)
    source.asked.clear()
    receipt = land_now()
    assert asked(source) == ["4", "5", "6"]
    assert (receipt.batch_id, receipt.resumed_pages) == (whole, 3)


def test_a_damaged_list_of_what_was_asked_starts_anew(certificates, source):
    folder = killed_after(3)
    (folder.parent / "pull.json").write_text('{"asked": "')
    source.asked.clear()
    assert land_now().resumed_pages == 0
    assert asked(source)[0] == "1"


def at(hour: int) -> Clock:
    return Clock(lambda: datetime(2023, 2, 1, tzinfo=UTC) + timedelta(hours=hour), lambda _: None)


@pytest.mark.parametrize(("hour", "first"), [(5, "3"), (6, "1"), (30, "1")])
def test_after_six_hours_a_pull_begins_anew(certificates, source, hour, first):
    killed_after(2, clock=at(0))
    source.asked.clear()
    receipt = land("ca_certificates", PERIOD, settings(), lambda _: "any:thing", clock=at(hour))
    assert asked(source)[0] == first
    assert (receipt.rows_read, receipt.accepted) == (ROWS, 999)


def test_another_month_does_not_go_on_with_this_one(certificates, source):
    killed_after(2)
    source.asked.clear()
    later = land("ca_certificates", Period.parse("2023-02"), settings(), lambda _: "any:thing")
    assert (asked(source)[0], later.resumed_pages) == ("1", 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("was", "now"),
    [("{path: OrganId}", "{param: from}"), ("/api/certificates", "/api/other"), ("size: 200", "size: 100"),
     ("total: total", "total: count"), ("{period_end:yyyy-MM-dd}", "{period_last_day:yyyy-MM-dd}")],
)  # fmt: skip
def test_a_changed_profile_begins_anew(certificates, source, monkeypatch, tmp_path, was, now):
    from ingest.profile import SHIPPED

    killed_after(2)
    text = (SHIPPED / "ca_register.yaml").read_text()
    assert was in text
    (tmp_path / "changed.yaml").write_text(text.replace(was, now))
    monkeypatch.setenv("CCHC_PROFILES", str(tmp_path / "changed.yaml"))
    settings.cache_clear()
    source.asked.clear()
    answer = source.answer
    source.answer = lambda path, query: (200, {}, answer(path, query)[2] | {"count": ROWS})
    try:
        receipt = land_now()
    except Exception:  # what such a profile leads to is not the question here
        receipt = newest()
    assert (asked(source)[0], receipt.resumed_pages) == ("1", 0)


@pytest.mark.parametrize("grown", [1, -1])
def test_a_source_whose_total_has_changed_is_read_anew(deployment, certificates, source, grown):
    killed_after(2)
    rows = [certificate(n) for n in range(ROWS + grown)]
    deployment(rows)
    source.asked.clear()
    receipt = land_now()
    assert asked(source)[:2] == ["3", "1"]
    assert (receipt.rows_read, receipt.accepted) == (ROWS + grown, ROWS + grown)


@pytest.mark.slow
@pytest.mark.parametrize("broken", [{}, {"NotAfter": "?"}])
def test_a_source_whose_rows_have_moved_is_read_anew(deployment, certificates, source, broken):
    certificates[399] = certificate(399, **broken)
    deployment(certificates)
    killed_after(2)
    rows = [certificate(5000), *certificates[:-1]]
    deployment(rows)
    receipt = land_now()
    assert (receipt.rows_read, receipt.exact_duplicates) == (ROWS, 0)
    deployment(rows)
    assert land_now().batch_id == receipt.batch_id


def test_a_rejected_row_that_changed_and_moved_is_seen_on_both_pages(deployment, source):
    """Its faults differ, its key does not: the row that slipped onto a page already read is not lost."""
    rows = [certificate(n) for n in range(300)]
    rows[0] = certificate(0, NotAfter="?")
    deployment(rows)
    now = [*rows[1:], certificate(0, NotAfter="2025-13-41")]
    first = True

    def answer(_: str, query: dict[str, str]):
        nonlocal first
        begin = (int(query["page"]) - 1) * int(query["size"])
        found, first = rows if first else now, False
        return 200, {}, {"total": 300, "data": found[begin:][: int(query["size"])]}

    source.answer = answer
    receipt = land_now()
    assert (receipt.accepted, receipt.rejected) == (299, 1)


def test_nothing_but_columns_of_the_contract_is_on_the_spool(deployment, source):
    """Names in every value, and in keys that nobody mapped."""
    odd = {"030190001234": 1, NAMES[0]: NAMES[1], "Extra": {NAMES[2]: [{NAMES[0]: NAMES[1]}]}}
    deployment(
        [certificate(n, **odd) | {"OrganId": NAMES[n % 3] if n % 7 == 0 else "000.22.26.H23"} for n in range(ROWS)]
    )
    folder = killed_after(4)
    pages = sorted(folder.glob("*.arrow"))
    assert len(pages) >= 4
    contract = stored(land_now()).schema.names if not pages else None
    assert contract is None
    for page in pages:
        table = pa.ipc.open_file(page.read_bytes()).read_all()
        assert set(table.schema.names) - {"_reject"} == {
            "serial", "agency_code", "holder_type", "holder_role", "valid_from", "valid_to", "revoked_at"
        }  # fmt: skip
        assert not any(secret in repr(table.to_pylist()) for secret in NAMES)
    for path in (p for p in settings().home.rglob("*") if p.is_file()):
        assert not any(secret.encode() in path.read_bytes() for secret in NAMES), path
        if path.suffix == ".json":
            assert not any(
                secret in json.dumps(json.loads(path.read_text()), ensure_ascii=False) for secret in NAMES
            ), path


def test_a_receipt_tells_how_much_was_resumed_and_counts_every_row_once(certificates, source):
    killed_after(1)
    killed_after(3)
    receipt: Receipt = land_now()
    assert (receipt.resumed_pages, receipt.rows_read, receipt.accepted, receipt.rejected) == (3, ROWS, 999, 1)


def test_another_address_of_the_source_begins_anew(certificates, source, monkeypatch):
    killed_after(2)
    monkeypatch.setenv("CCHC_SOURCE_URLS__CA", source.url.replace("127.0.0.1", "localhost"))
    settings.cache_clear()
    source.asked.clear()
    assert land_now().resumed_pages == 0
    assert asked(source)[0] == "1"

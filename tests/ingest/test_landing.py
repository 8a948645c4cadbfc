from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cchc.agencies import AgenciesUnreadable
from cchc.period import Period
from cchc.settings import MissingSecret, settings
from ingest.errors import CountsDiffer, EmptyExport, HeadingsMissing, ProfileError, TooFewRows, TooManyRejects
from ingest.landing import land
from ingest.store import Receipt, Store
from tests.ingest.landings import NAMES, PERIOD, certificate, document, land_now, newest, stored


def test_every_row_read_is_accepted_rejected_a_duplicate_or_withheld(deployment):
    deployment(
        [
            document(1),
            document(1),
            document(2, Subject="khác"),
            document(3, SecretLevel="2"),
            document(4, SecretLevel=""),
            document(5, Direction="?"),
            document(6, SecretLevel=None),
            "not a row",
        ]
    )
    receipt = land_now("dms_documents")
    assert (receipt.rows_read, receipt.accepted, receipt.exact_duplicates, receipt.withheld, receipt.rejected) == (
        8,
        2,
        1,
        4,
        1,
    )


def test_a_row_without_a_readable_shape_is_a_reject_not_a_crash(deployment):
    deployment([certificate(1), "not a row", None])
    receipt = land_now()
    assert (receipt.rows_read, receipt.accepted, receipt.rejected) == (3, 1, 2)


def test_a_reject_names_row_key_column_what_was_found_and_what_was_expected(deployment):
    deployment([certificate(1), certificate(2, NotAfter=NAMES[0], HolderRole="XX")])
    receipt = land_now()
    rejects = Store(settings().raw).rejects("ca_certificates", PERIOD, receipt.batch_id or "").to_pylist()
    assert [(r["row_number"], r["row_key"], r["column_name"], r["code"], r["found"]) for r in rejects] == [
        (2, "54A000000002", "holder_role", "not_allowed", "XX"),
        (2, "54A000000002", "valid_to", "bad_date", "Aaaaaa Aaa Aaa Aaaaaa"),
    ]


def test_landing_the_same_rows_again_changes_nothing_but_the_receipts(deployment):
    deployment([certificate(1), certificate(2)])
    first = land_now()
    before = Store(settings().raw).rows_path("ca_certificates", PERIOD, first.batch_id or "").stat()
    second = land_now()
    after = Store(settings().raw).rows_path("ca_certificates", PERIOD, first.batch_id or "").stat()
    assert (second.batch_id, second.sequence) == (first.batch_id, 2)
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_batch_does_not_depend_on_the_order_of_rows_or_on_repetition(deployment):
    rows = [certificate(n) for n in range(40)]
    deployment(rows)
    first = land_now()
    random.Random(3).shuffle(rows)
    deployment([*rows, rows[0]])
    assert land_now().batch_id == first.batch_id


def test_a_source_that_goes_from_a_to_b_and_back_is_current_at_a(deployment):
    batches = []
    for rows in ([certificate(1)], [certificate(2)], [certificate(1)]):
        deployment(rows)
        batches.append(land_now().batch_id)
    newest = Store(settings().raw).newest("ca_certificates", PERIOD)
    assert batches[0] == batches[2] != batches[1]
    assert newest is not None
    assert (newest.sequence, newest.batch_id) == (3, batches[0])


def test_a_column_that_is_all_null_keeps_its_declared_type(deployment):
    deployment([certificate(1)])
    assert str(stored(land_now()).schema.field("revoked_at").type) == "timestamp[us, tz=UTC]"


def test_a_failed_read_leaves_a_receipt_with_its_reason_and_no_batch(deployment):
    deployment([certificate(1)], declared=2)
    with pytest.raises(CountsDiffer, match="declares 2 rows, 1 were read"):
        land_now()
    newest = Store(settings().raw).newest("ca_certificates", PERIOD)
    assert newest is not None
    assert (newest.status, newest.batch_id, newest.rows_read) == ("failed", None, 1)
    assert "declares 2 rows" in (newest.error or "")


def test_an_empty_export_fails(deployment):
    deployment([])
    with pytest.raises(EmptyExport, match="no rows at all"):
        land_now()


def test_a_period_in_which_no_agency_reports_is_said_to_be_one(deployment):
    deployment([])
    with pytest.raises(EmptyExport, match="no agency reports"):
        land("portal_dossiers", Period.parse("1999-01"), settings(), lambda name: "x")


def test_a_source_without_an_address_says_which_variable_to_set(home):
    with pytest.raises(ProfileError, match="CCHC_SOURCE_URLS__CA"):
        land_now()


def test_an_unknown_export_names_the_known_ones(home):
    with pytest.raises(ProfileError, match="ca_certificates"):
        land_now("ca_everything")


def test_no_personal_data_reaches_the_disk(deployment):
    deployment([certificate(1), certificate(2, NotBefore=NAMES[0]), certificate(3, SerialNumber=NAMES[1]),
                certificate(4, OrganId=NAMES[2]), certificate(5, HolderRole=NAMES[0])])  # fmt: skip
    receipt = land_now()
    assert receipt.rejected == 4
    table = stored(receipt).to_pylist()
    files = [p for p in settings().home.rglob("*") if p.is_file()]
    assert len(files) >= 3
    for secret in NAMES:
        assert secret not in repr(table)
        assert all(secret.encode() not in p.read_bytes() for p in files)


def test_receipts_of_reads_at_the_same_moment_are_all_kept(deployment):
    deployment([certificate(1)])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: land_now(), range(16)))
    sequences = [r.sequence for r in Store(settings().raw).receipts("ca_certificates", PERIOD)]
    assert sequences == list(range(1, 17))


def test_a_landing_waits_for_another_of_the_same_export_and_month(deployment):
    deployment([certificate(1)])
    said: list[str] = []
    with ThreadPoolExecutor(1) as pool, Store(settings().raw).landing("ca_certificates", PERIOD, print):
        later = pool.submit(land_now, progress=said.append)
        with pytest.raises(TimeoutError):
            later.result(0.5)
        assert Store(settings().raw).newest("ca_certificates", PERIOD) is None
        assert any("waiting" in line for line in said)
    assert later.result(10).sequence == 1


def test_a_missing_secret_is_no_read_and_leaves_no_receipt(deployment):
    def none(name: str) -> str:
        raise MissingSecret(f"secret {name!r} is not set")

    with pytest.raises(MissingSecret):
        land("ca_certificates", PERIOD, settings(), none)
    assert Store(settings().raw).newest("ca_certificates", PERIOD) is None


def test_a_receipt_tells_a_fault_that_is_not_ours_by_its_type_only(deployment):
    deployment([certificate(1)])

    def broken(line: str) -> None:
        raise OSError("password s3cret of the log server is wrong")

    with pytest.raises(OSError, match="s3cret"):
        land_now(progress=broken)
    assert newest().error == "OSError"


def test_nothing_is_named_before_it_is_on_the_disk(deployment, monkeypatch):
    flushed, named = set(), []
    fsync, link, rename = os.fsync, os.link, Path.rename

    def linked(draft, final):
        named.append(Path(draft).stat().st_ino in flushed)
        link(draft, final)

    def renamed(draft, final):
        named.append({p.stat().st_ino for p in (draft, *draft.iterdir())} <= flushed)
        return rename(draft, final)

    monkeypatch.setattr(os, "fsync", lambda fd: (flushed.add(os.fstat(fd).st_ino), fsync(fd)))
    monkeypatch.setattr(os, "link", linked)
    monkeypatch.setattr(Path, "rename", renamed)
    deployment([certificate(1)])
    land_now()
    assert named == [True, True]


def test_rejects_in_another_order_are_the_same_batch(deployment):
    rows = [certificate(1), certificate(2, NotAfter="?"), certificate(3, HolderType="?", NotAfter="?"), certificate(4)]
    deployment(rows)
    first = land_now()
    deployment(rows[::-1])
    assert land_now().batch_id == first.batch_id
    deployment([certificate(1), certificate(2, NotAfter="?!"), *rows[2:]])
    assert land_now().batch_id != first.batch_id


def test_half_a_surrogate_pair_is_a_reject_and_not_a_crash(deployment):
    deployment([certificate(1), certificate(2, HolderName="A\ud83d"), certificate(3, OrganId="\ud83d")])
    receipt = land_now()
    assert (receipt.accepted, receipt.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("drop", "says"),
    [
        ("RevokedAt", r"no row has RevokedAt \(there is RevokedOn\); correct the paths in ca_register"),
        ("OrganId", "no row has OrganId;"),
    ],
)
def test_a_renamed_key_fails_the_landing_instead_of_emptying_a_column(deployment, drop, says):
    rows = [certificate(n, RevokedOn=NAMES[0]) for n in range(3)]
    for row in rows:
        del row[drop]
    deployment(rows)
    with pytest.raises(HeadingsMissing, match=says):
        land_now()
    assert newest().status == "failed"
    assert NAMES[0] not in (newest().error or "")


def test_a_key_that_one_row_holds_is_there(deployment):
    rows = [certificate(n) for n in range(3)]
    del rows[0]["RevokedAt"], rows[2]["RevokedAt"]
    deployment(rows)
    assert land_now().accepted == 3


def test_a_receipt_that_does_not_add_up_cannot_be_made():
    with pytest.raises(ValueError, match="3 rows read, 2 accounted for"):
        Receipt(
            export="x", entity="x", source="x", profile="x", calendar="nd09", period="2023-01", status="landed",
            started_at="2023-01-01T00:00:00Z", finished_at="2023-01-01T00:00:00Z", fingerprint="x", rows_read=3, accepted=2,
        )  # fmt: skip


def test_a_read_that_was_too_small_is_asked_for_again_and_not_kept(deployment, source):
    periods = [Period.parse(f"2023-{month:02d}") for month in range(1, 5)]
    deployment([certificate(n) for n in range(100)])
    for period in periods[:3]:
        land("ca_certificates", period, settings(), lambda name: "any:thing")
    deployment([certificate(n) for n in range(10)])
    with pytest.raises(TooFewRows, match="10 rows, under 80% of the 100"):
        land("ca_certificates", periods[3], settings(), lambda name: "any:thing")
    deployment([certificate(n) for n in range(99)])
    receipt = land("ca_certificates", periods[3], settings(), lambda name: "any:thing", because="không cần")
    assert (receipt.rows_read, receipt.accepted_because, receipt.resumed_pages) == (99, None, 0)
    deployment([certificate(n) for n in range(10)])
    receipt = land("ca_certificates", periods[3], settings(), lambda name: "any:thing", because="xã sáp nhập")
    assert (receipt.rows_read, receipt.accepted_because) == (10, "xã sáp nhập")


def test_a_few_rows_less_in_a_small_export_are_chance(deployment):
    for month, rows in (("2023-01", 30), ("2023-02", 30), ("2023-03", 30), ("2023-04", 22)):
        deployment([certificate(n) for n in range(rows)])
        receipt = land("ca_certificates", Period.parse(month), settings(), lambda name: "any:thing")
    assert receipt.rows_read == 22


def test_an_agency_that_reports_twice_is_said_to_and_counted_never(deployment):
    shipped = settings().agency_files[0].read_text(encoding="utf-8").splitlines()
    line = next(line for line in shipped if line.startswith("11119,"))
    code, _, *rest = line.split(",")
    settings().home.mkdir(parents=True)
    (settings().home / "agencies.csv").write_text(
        "\n".join([shipped[0], ",".join([code, "2022-12-20", *rest])]), encoding="utf-8"
    )
    with pytest.raises(AgenciesUnreadable, match="11119 reports twice on 2023-01-14"):
        land("portal_dossiers", PERIOD, settings(), lambda name: "x")


def test_a_flood_of_rejects_ends_the_read_and_names_what_to_do(deployment, monkeypatch):
    monkeypatch.setattr("ingest.pull._FLOOD", 150)
    deployment([certificate(n, NotAfter="31/02/2023") for n in range(400)])
    with pytest.raises(TooManyRejects, match=r"do not meet the contract.*cchc profile try"):
        land_now()
    deployment([certificate(n, NotAfter="31/02/2023" if n % 3 == 0 else "2025-01-01") for n in range(600)])
    assert land_now().rejected == 200

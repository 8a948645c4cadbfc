"""What must hold for every receipt, whatever the test that made it: nothing is lost between what was read and what is kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from cchc.period import Period
from ingest.contracts import CONTRACTS
from ingest.store import REJECTS, Receipt, Store


def check_all(raw: Path) -> int:
    """Checks every receipt below a raw folder; returns how many there are."""
    store, checked = Store(raw), 0
    for export, month in store.reads("nd09") | store.reads("calendar"):
        for calendar in ("nd09", "calendar"):
            if not (raw / export / calendar / month).exists():
                continue
            receipts = store.receipts(export, Period.parse(month, calendar))
            assert [r.sequence for r in receipts] == list(range(1, len(receipts) + 1))
            for receipt in receipts:
                check(receipt, store)
                checked += 1
    return checked


def check(receipt: Receipt, store: Store) -> None:
    """Counts add up, a failed read has no batch, and the files of a batch are what the receipt says of them."""
    about = f"{receipt.export} {receipt.period} receipt {receipt.sequence}"
    assert min(receipt.accepted, receipt.rejected, receipt.exact_duplicates, receipt.withheld) >= 0, about
    if receipt.status == "failed":
        assert receipt.batch_id is None, about
        assert receipt.error, about
        return
    kept = receipt.accepted + receipt.rejected + receipt.exact_duplicates + receipt.withheld
    assert receipt.rows_read == kept, about
    assert receipt.declared_rows in (None, receipt.rows_read), about
    assert receipt.batch_id is not None, about
    if receipt.rows_by_agency:
        assert sum(receipt.rows_by_agency.values()) == receipt.rows_read, about
    if receipt.kind != "correction":  # a batch of corrections holds the answers of one workbook
        _check_batch(receipt, store, about)


def _check_batch(receipt: Receipt, store: Store, about: str) -> None:
    period, contract = Period.parse(receipt.period, receipt.calendar), CONTRACTS[receipt.entity]  # type: ignore[arg-type]
    where = (receipt.export, period, receipt.batch_id or "")
    rows = pq.read_table(store.rows_path(*where))
    held, rejects = pq.read_table(store.held_path(*where)), pq.read_table(store.rejects_path(*where))
    assert rows.schema.equals(contract.schema()), about
    assert held.schema.names == ["reject_id", *contract.schema().names], about
    assert rejects.schema.equals(REJECTS), about
    values = rows.to_pylist()
    keys = [tuple(_ordered(row[name]) for name in contract.key) for row in values]
    assert keys == sorted(keys), f"{about}: not in the order of the key"
    assert len({repr(row) for row in values}) == len(values), f"{about}: exact duplicates in the batch"
    for column in contract.columns:
        if column.required:
            assert rows.column(column.name).null_count == 0, f"{about}: {column.name}"
    faulty, ids = set(rejects.column("reject_id").to_pylist()), held.column("reject_id").to_pylist()
    assert Counter(ids) == Counter(faulty), f"{about}: held rows and rejects differ"
    if receipt.kind == "read":
        assert len(rows) == receipt.accepted, about
        assert len(faulty) == receipt.rejected, about
    by_id = {row["reject_id"]: row for row in held.to_pylist()}
    for reject in rejects.to_pylist():
        column = reject["column_name"].partition("[")[0]
        if column in by_id[reject["reject_id"]] and column not in {child.name for child in contract.children}:
            assert by_id[reject["reject_id"]][column] is None, f"{about}: a faulty {column} was held as good"


def _ordered(value: object) -> tuple[bool, bytes]:
    """Texts in the order of their bytes, nulls last, as DuckDB sorts them."""
    return value is None, str(value).encode()

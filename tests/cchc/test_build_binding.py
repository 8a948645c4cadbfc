"""Batches are bound where they lie, with the columns and types of their contract, whatever version wrote them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cchc.build import _bind_entity
from cchc.period import Period
from ingest.contracts import CONTRACTS

ENTITY = "signatures"
ROWS = [
    {"signature_id": "S1", "document_id": "D1", "serial": "AA01", "signed_at": None, "verification": "valid"},
    {"signature_id": "S2", "document_id": None, "serial": "AA02", "signed_at": None, "verification": "unknown"},
]


def bound(folder: Path, batches: dict[str, pa.Table], corrected: list[dict[str, Any]] | None = None) -> list[Any]:
    """Rows of landing.signatures and its types, from one export per batch."""
    schema = CONTRACTS[ENTITY].schema()
    rows = pa.Table.from_pylist(corrected or [], schema=schema.append(pa.field("batch_id", pa.string())))
    paths, reads = {}, []
    for export, batch in batches.items():
        paths[export] = folder / f"{len(paths)} it's.parquet"
        pq.write_table(batch, paths[export])
        receipt = SimpleNamespace(export=export, batch_id="0" * 16, entity=ENTITY)
        reads.append(SimpleNamespace(receipt=receipt, new_rows=lambda: rows))
    store = SimpleNamespace(rows_path=lambda export, *_: paths[export])
    with duckdb.connect() as connection:
        connection.execute(
            "create schema landing; create table landing.accepted_rows (entity VARCHAR, agency_code VARCHAR, accepted BIGINT)"
        )
        _bind_entity(connection, store, Period(2023, 1), ENTITY, CONTRACTS[ENTITY], reads)  # type: ignore[arg-type]
        types = {row[0]: row[1] for row in connection.execute(f"describe landing.{ENTITY}").fetchall()}
        assert types["signed_at"] == "TIMESTAMP WITH TIME ZONE"
        assert set(types) == {*schema.names, "export", "batch_id"}
        return connection.execute(f"select signature_id, export from landing.{ENTITY} order by all").fetchall()


def test_rows_of_all_exports_and_those_that_people_corrected_are_there(tmp_path: Path) -> None:
    batch = pa.Table.from_pylist(ROWS, schema=CONTRACTS[ENTITY].schema())
    fixed = [{"signature_id": "S3", "serial": "AA03", "verification": "valid", "batch_id": "1" * 16}]
    assert bound(tmp_path, {"ca": batch, "ca_ủy_ban": batch.slice(1), "it's": batch.slice(2)}, fixed) == [
        ("S1", "ca"), ("S2", "ca"), ("S2", "ca_ủy_ban"), ("S3", "ca"), ("S3", "ca_ủy_ban"), ("S3", "it's"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "batch",
    [
        pa.table({"signature_id": ["S1"], "serial": ["AA01"]}),
        pa.table({"signature_id": ["S1"], "signed_at": ["2023-01-01 00:00:00+00"], "serial": ["AA01"]}),
        pa.table({"signature_id": ["S1"], "serial": ["AA01"], "unheard_of": [1]}),
    ],
    ids=["columns_missing", "instants_as_text", "column_unknown"],
)
def test_a_batch_that_another_version_wrote_is_read_as_the_contract_says(tmp_path: Path, batch: pa.Table) -> None:
    assert bound(tmp_path, {"ca": batch}) == [("S1", "ca")]


def test_an_entity_without_an_export_is_empty(tmp_path: Path) -> None:
    assert bound(tmp_path, {}) == []

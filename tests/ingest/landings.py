"""Rows, a landing and its receipt, for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow.parquet as pq

from cchc.period import Period
from cchc.settings import settings
from ingest.cells import Fault
from ingest.columns import Columns
from ingest.decode import Decoder
from ingest.landing import land
from ingest.mapping import map_columns
from ingest.profile import ExportMap
from ingest.store import Receipt, Store

PERIOD = Period.parse("2023-01")
NAMES = ("Nguyễn Thị Ánh Nguyệt", "030190001234", "anhnguyet@example.vn")


def certificate(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "SerialNumber": f"54A0{number:08X}", "OrganId": "000.22.26.H23", "HolderType": "CN", "HolderRole": "CC",
        "HolderName": NAMES[0], "HolderIdNumber": NAMES[1], "Email": NAMES[2], "NotBefore": "2022-01-01",
        "NotAfter": "2025-01-01", "RevokedAt": "",
    } | changes  # fmt: skip


def document(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "DocumentId": f"000.22.26.H23,2023/01/03,{number}/UBND-VP", "From": {"OrganId": "000.22.26.H23"}, "To": {},
        "Direction": "DI", "SecretLevel": "0", "Subject": NAMES[0], "PromulgationInfo": {"PromulgationDate": "2023/01/03"},
        "DocumentType": {"TypeName": "Công văn"}, "ReceivedAt": "", "SentAt": "2023/01/03 08:00:00", "ExchangeForm": "1",
        "StatusCode": "", "ProcessedOnline": "1", "IsSigned": "1", "PublishedOnWeb": "0", "MaHoSo": "",
    } | changes  # fmt: skip


def land_now(export: str = "ca_certificates", progress=lambda _: None) -> Receipt:
    return land(export, PERIOD, settings(), lambda name: "any:thing", progress)


def stored(receipt: Receipt):
    return pq.read_table(Store(settings().raw).rows_path(receipt.export, PERIOD, receipt.batch_id or ""))


def newest(export: str = "ca_certificates") -> Receipt:
    found = Store(settings().raw).newest(export, PERIOD)
    assert found is not None
    return found


def columns_of(export: ExportMap, *rows: Any) -> Columns:
    """Rows as their source would send them, decoded."""
    body: Any = list(rows)
    for step in reversed(export.rows.split(".") if export.rows else []):
        body = {step: body}
    if export.total:
        body[export.total] = str(len(rows))
    if export.success:
        body[export.success.path] = export.success.equals
    return Decoder(export, "test").page(json.dumps(body).encode()).columns


def map_row(export: ExportMap, row: Any, params: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
    """The contract's columns of one source row, and its faults."""
    mapped = map_columns(export, columns_of(export, row), params)
    return mapped.table.to_pylist()[0], list(mapped.faults)

"""A province whose three systems serve the rows of a test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ingest.rejects.people import IDENTITIES, dossier

PATHS = {
    "/api/DongBoHoSoMC": "portal_dossiers", "/api/LayDanhSachTTHC": "portal_procedures", "/api/documents": "dms_documents",
    "/api/certificates": "ca_certificates", "/api/signatures": "ca_signatures",
}  # fmt: skip


@pytest.fixture
def province(deployment, source):
    """Serves rows by export; dossiers by the agency in their code, one dossier for an agency that has none."""

    def serve(**rows: list[Any]) -> None:
        def answer(path: str, query: dict[str, str]):
            chosen = rows.get(PATHS[path], [])
            if agency := query.get("MaDinhDanhDV"):
                chosen = [row for row in chosen if agency_of(row) == agency] or [dossier(99_999, agency)]
            size = next(int(query[name]) for name in ("limit", "size", "SoBanGhi") if name in query)
            start = int(query.get("offset", 0)) or (int(query.get("page", query.get("Trang", 1))) - 1) * size
            page, total = chosen[start : start + size], len(chosen)
            return 200, {}, {"TongSo": str(total), "total": total, "data": page, "items": page, "error_code": "0"}

        source.answer = answer

    return serve


def agency_of(row: Any) -> str:
    """Which agency's list a row is in; a row that does not say is in that of Quảng Nghiệp."""
    return row.get("_agency", "") or IDENTITIES[1] if isinstance(row, dict) else IDENTITIES[1]

"""A deployment whose sources serve the rows of a test."""

from __future__ import annotations

from typing import Any

import pytest

from cchc.settings import settings
from tests.ingest.receipts import check_all


@pytest.fixture
def deployment(home, source, monkeypatch):
    """Serves `rows` as any export, one page of all."""
    for name in ("PORTAL", "DMS", "CA"):
        monkeypatch.setenv(f"CCHC_SOURCE_URLS__{name}", source.url)
    settings.cache_clear()

    def serve(rows: list[Any], declared: int | None = None) -> None:
        total = len(rows) if declared is None else declared
        offset = lambda q: int(q.get("offset", 0)) or (int(q.get("page", 1)) - 1) * 200  # noqa: E731

        def answer(_: str, query: dict[str, str]):
            return 200, {}, {"total": total, "data": rows[offset(query) :][:200], "items": rows[offset(query) :][:200]}

        source.answer = answer

    return serve


@pytest.fixture(autouse=True)
def every_receipt_adds_up(tmp_path):
    """After each test: whatever it landed below its home, no receipt may have lost a row."""
    yield
    check_all(tmp_path / "home" / "raw")

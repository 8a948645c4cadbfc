"""One province for the read-only tests of a session: its records are made once."""

from __future__ import annotations

import pytest

from sandbox.province import Province


@pytest.fixture(scope="session")
def province() -> Province:
    return Province()

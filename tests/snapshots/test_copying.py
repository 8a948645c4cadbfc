"""Large files are copied past the page cache, or as ever; never half, and never another content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snapshots.copying import _copy_direct, copy_large

SIZES = [0, 1, 4096, 8 * 2**20, 8 * 2**20 + 262_144, 16 * 2**20 + 5]


@pytest.mark.parametrize("size", SIZES)
def test_a_copy_of_any_size_is_equal_and_takes_the_place_of_what_was_there(tmp_path: Path, size: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(size))
    target.write_bytes(b"older, and longer" * 2**20)
    assert copy_large(source, target) == target
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_ino != source.stat().st_ino


def test_where_the_file_system_cannot_go_past_the_cache_the_file_is_copied_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(4096))
    monkeypatch.delattr(os, "O_DIRECT", raising=False)
    with pytest.raises(OSError, match="O_DIRECT"):
        _copy_direct(source, target)
    assert copy_large(source, target).read_bytes() == source.read_bytes()


def test_a_source_that_is_not_there_is_an_error_and_leaves_no_copy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy_large(tmp_path / "nowhere", tmp_path / "target")
    assert not (tmp_path / "target").exists()

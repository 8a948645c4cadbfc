"""One content is one batch: whatever the order of its rows, however it was cut into pages, whatever lies under its nulls."""

from __future__ import annotations

import random
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import runs
from ingest.batch import Batch, write_batch, write_rows
from ingest.columns import Page
from ingest.contracts import CERTIFICATE
from ingest.profile import load_exports
from ingest.sorter import REJECT, Base, Sorter
from ingest.spool import Spool
from tests.ingest.landings import certificate, columns_of

EXPORT = load_exports("ca_register")["ca_certificates"]
BAD = [{"NotAfter": "?"}, {"NotAfter": "2025-13-01", "HolderRole": "?"}, {"SerialNumber": ""}, {"OrganId": "?"}]
recipes = st.tuples(st.integers(0, 12), st.sampled_from([{}, {}, {}, {"HolderRole": "LD"}, {"RevokedAt": ""}, *BAD]))


def batch_of(pages: list[list[tuple[int, dict]]], folder: Path, base: Base | None = None) -> Batch:
    """The batch of these pages, spooled and written as a landing does."""
    spool = Spool(folder / "pull", EXPORT).series("all")
    first = 0
    for number, page in enumerate(pages, 1):
        columns = columns_of(EXPORT.map, *(certificate(n, **changes) for n, changes in page))
        spool.add(number, Page(columns), {}, first, None, None)
        first += len(page)
    draft = folder / "draft"
    draft.mkdir()
    return write_batch(draft, EXPORT.map.contract, "fingerprint", spool.files(), spool.rejects(), base)


def cut(rows: list, at: list[int]) -> list[list]:
    edges = [0, *sorted({place % (len(rows) + 1) for place in at}), len(rows)]
    return [rows[low:high] for low, high in pairwise(edges) if low < high]


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(recipes, min_size=1, max_size=25), at=st.lists(st.integers(0, 60), max_size=4), seed=st.integers(0, 99),
    again=st.lists(st.integers(0, 60), max_size=3),
)  # fmt: skip
def test_order_cut_and_repetition_do_not_matter_and_content_does(rows, at, seed, again):
    folder = Path(tempfile.mkdtemp(prefix="cchc-batch-"))
    try:
        whole = batch_of([rows], folder / "a")
        mixed = list(rows)
        good = [row for row in rows if row[1] not in BAD]  # a faulty row that comes twice is two faulty rows
        mixed += [good[place % len(good)] for place in again] if good else []
        random.Random(seed).shuffle(mixed)
        assert batch_of(cut(mixed, at), folder / "b").batch_id == whole.batch_id
        other = [*rows, (77, {})]
        assert batch_of([other], folder / "c").batch_id != whole.batch_id
        if len(rows) > 1:
            left = rows[1:]
            same = {repr(r) for r in map(_seen, rows)} == {repr(r) for r in map(_seen, left)}
            fewer = sum(r[1] in BAD for r in left) < sum(r[1] in BAD for r in rows)
            assert (batch_of([left], folder / "d").batch_id == whole.batch_id) == (same and not fewer)
    finally:
        shutil.rmtree(folder)


def _seen(row: tuple[int, dict]) -> tuple[int, dict]:
    """The row as the contract sees it: an empty change is none."""
    return row[0], {name: value for name, value in row[1].items() if (name, value) != ("RevokedAt", "")}


def _hash(table: pa.Table, cuts: list[int], folder: Path) -> str:
    edges = [0, *sorted(cuts), len(table)]
    parts = [table.slice(low, high - low) for low, high in pairwise(edges)]
    return write_rows(folder / "rows.parquet", table.schema, parts)[1]


_PARTS = pa.struct([("at", pa.timestamp("us", tz="UTC")), ("n", pa.int64())])
SCHEMA = pa.schema([
    ("text", pa.string()), ("number", pa.int64()), ("share", pa.decimal128(18, 6)), ("is", pa.bool_()), ("day", pa.date32()),
    ("at", pa.timestamp("us", tz="UTC")), ("list", pa.list_(_PARTS)),
])  # fmt: skip


def values(count: int, seed: int) -> pa.Table:
    draw = random.Random(seed)
    maybe = lambda value: None if draw.random() < 0.3 else value  # noqa: E731
    return pa.Table.from_pylist([
        {"text": maybe(draw.choice(["", "a", "Đ", "aĐ"])), "number": maybe(draw.randrange(3)), "share": maybe(draw.randrange(4)),
         "is": maybe(draw.random() < 0.5), "day": maybe(draw.randrange(9)), "at": maybe(draw.randrange(9)),
         "list": maybe([maybe({"at": maybe(n), "n": maybe(n)}) for n in range(draw.randrange(3))])}
        for _ in range(count)
    ], schema=SCHEMA)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_hash_does_not_depend_on_chunks(tmp_path, seed):
    table = values(500, seed)
    whole = _hash(table, [], tmp_path)
    assert _hash(table, [1, 2, 250, 499], tmp_path) == whole
    assert _hash(pa.concat_tables([table.slice(0, 7), table.slice(7)]), [100], tmp_path) == whole
    assert _hash(pa.concat_tables([values(3, 9), table]).slice(3), [], tmp_path) == whole


def test_the_hash_sees_every_value(tmp_path):
    rows = values(40, 1).to_pylist()
    seen = {_hash(pa.Table.from_pylist(rows, schema=SCHEMA), [], tmp_path)}
    for name, value in (
        ("text", "b"),
        ("number", 9),
        ("share", 9),
        ("is", None),
        ("day", None),
        ("at", None),
        ("list", []),
    ):
        old = next(n for n, row in enumerate(rows) if row[name] not in (value, None, [], ""))
        changed = [row | {name: value} if n == old else row for n, row in enumerate(rows)]
        seen.add(_hash(pa.Table.from_pylist(changed, schema=SCHEMA), [], tmp_path))
    assert len(seen) == 8


@pytest.mark.parametrize(
    "pair",
    [
        ([None], [""]),
        (["ab", "c"], ["a", "bc"]),
        ([[]], [None]),
        ([[1], []], [[], [1]]),
        ([[None]], [[]]),
        ([None], [0]),
    ],
)
def test_contents_that_look_alike_are_not_the_same(tmp_path, pair):
    kind = pa.list_(pa.int64()) if any(isinstance(v, list) for v in pair[0]) else None
    kind = kind or (pa.string() if any(isinstance(v, str) for side in pair for v in side) else pa.int64())
    tables = [pa.table({"x": pa.array(side, kind)}) for side in pair]
    assert _hash(tables[0], [], tmp_path) != _hash(tables[1], [], tmp_path)


def test_what_lies_under_a_null_is_no_content(tmp_path):
    bits = pa.array([True, False, True]).buffers()[1]
    one, other = (
        pa.Array.from_buffers(pa.int64(), 3, [bits, pa.py_buffer(np.array([1, hidden, 3]).tobytes())])
        for hidden in (0, 9)
    )
    texts = [
        pa.StringArray.from_buffers(3, pa.py_buffer(np.array(ends, np.int32).tobytes()), pa.py_buffer(data), bits)
        for ends, data in (([0, 1, 1, 2], b"ac"), ([0, 1, 4, 5], b"aXYZc"))
    ]
    assert one.equals(other)
    assert texts[0].equals(texts[1])
    hashes = {_hash(pa.table({"n": n, "t": t}), [], tmp_path) for n in (one, other) for t in texts}
    assert len(hashes) == 1


def certificates(path: Path, numbers: np.ndarray) -> Path:
    """A page of certificates with these serials, written as a spool does."""
    size = len(numbers)
    days = pa.array(np.zeros(size, np.int32)).cast(pa.date32())
    columns = {
        "serial": pa.array([f"54A0{n:08X}" for n in numbers]), "agency_code": pa.array(["000.22.26.H23"] * size),
        "holder_type": pa.array(["person"] * size), "valid_from": days, "valid_to": days,
    }  # fmt: skip
    full = [columns.get(f.name, pa.nulls(size, f.type)) for f in CERTIFICATE.schema()]
    table = pa.Table.from_arrays(full, schema=CERTIFICATE.schema()).append_column(REJECT, pa.nulls(size, pa.string()))
    runs.write(path, table, CERTIFICATE.key, np.arange(size))
    return path


def test_rows_that_need_several_ranges_are_sorted_and_once(tmp_path):
    """More than are sorted at once, most of them twice, in random order over many pages."""
    count = 400_000
    numbers = np.random.default_rng(5).permutation(np.repeat(np.arange(count // 2), 2))
    parts = enumerate(np.array_split(numbers, 8), 1)
    pages = [certificates(tmp_path / f"{number:06d}.arrow", part) for number, part in parts]
    (tmp_path / "draft").mkdir()
    batch = write_batch(tmp_path / "draft", CERTIFICATE, "x", pages, [], None)
    written = pq.read_table(tmp_path / "draft" / "rows.parquet").column("serial").to_pylist()
    assert batch.accepted == count // 2
    assert written == [f"54A0{n:08X}" for n in range(count // 2)]


def test_pages_show_a_row_twice_or_not_however_many_ranges_they_need(tmp_path):
    """Pages whose keys follow one another: most ranges find nothing in most of them."""
    pages = [certificates(tmp_path / f"{n}.arrow", np.arange(n * 60_000, (n + 1) * 60_000)) for n in range(5)]
    with Sorter(CERTIFICATE, tmp_path / "scratch") as sorter:
        assert not sorter.repeats(pages)
        assert sorter.repeats([*pages, certificates(tmp_path / "again.arrow", np.array([299_999]))])


def test_rows_of_two_files_that_are_faulty_in_the_same_way_on_the_same_line_are_two_rejects(tmp_path):
    spool = Spool(tmp_path / "pull", EXPORT).series("all")
    for number, name in enumerate(("a.csv", "b.csv"), 1):
        columns = columns_of(EXPORT.map, certificate(1, NotAfter="?", HolderRole="?"))
        spool.add(number, Page(columns, file=name), {}, 0, None, None)
    (tmp_path / "draft").mkdir()
    write_batch(tmp_path / "draft", EXPORT.map.contract, "x", spool.files(), spool.rejects(), None)
    rejects = pq.read_table(tmp_path / "draft" / "rejects.parquet").to_pylist()
    held = pq.read_table(tmp_path / "draft" / "held.parquet").to_pylist()
    assert len({reject["reject_id"] for reject in rejects}) == len(held) == 2
    assert [reject["file"] for reject in rejects] == ["a.csv", "a.csv", "b.csv", "b.csv"]

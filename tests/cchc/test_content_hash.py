"""The hash of a table's content: what manifests of years ago hold must come out again."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from cchc.tables import content_hash

ROWS = """
create table records as
select
    i as record_code,
    case when i % 3 > 0 then 'a|b||' || i end as "its text",
    [i, null] as listed,
    {'kind': 'x|', 'at': timestamptz '2023-03-15 00:00:00+07'} as nested,
    i / 3 as share,
    i % 2 = 0 as flagged,
    date '2023-03-15' + i::integer as issued_date,
    case when i <> 4 then timestamptz '2023-03-15 08:00:00.5+07' + to_hours(i) end as received_at,
    i::decimal(9, 3) as amount,
    '' as empty
from range(7) t(i)
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
    yield connection
    connection.close()


def test_the_hash_of_known_rows_is_what_it_was_when_the_first_manifests_were_written(
    connection: duckdb.DuckDBPyConnection,
):
    connection.execute(ROWS)

    found = content_hash(connection, "records", ("record_code",))

    assert found == "eaa9e7456a7105c03d5120121a837dfe59136725c93eedddc1be2b0b3e8078ca"


def test_the_order_in_which_rows_and_columns_lie_does_not_matter(connection: duckdb.DuckDBPyConnection):
    connection.execute(ROWS)
    turned = "(select * exclude (record_code), record_code from records order by hash(record_code))"

    assert content_hash(connection, turned, ("record_code",)) == content_hash(connection, "records", ("record_code",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 1 as k, null::varchar as a", "select 1 as k, '' as a"),
        ("select 1 as k, null::varchar as a", "select 1 as k, '-' as a"),
        ("select 1 as k, 'x|=' as a, 'y' as b", "select 1 as k, 'x' as a, '=|y' as b"),
        ("select 1 as k, '1' as a", "select 1 as k, 1 as a"),
        ("select 1 as k", "select unnest([1, 1]) as k"),
    ],
)
def test_rows_that_differ_hash_differently(connection: duckdb.DuckDBPyConnection, one: str, other: str):
    assert content_hash(connection, f"({one})", ("k",)) != content_hash(connection, f"({other})", ("k",))

"""Temporary views that several frames look at. They live in the memory of the reader; the build file is only read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

# In the order in which they rest on one another.
_SHARED = ("months_at_work", "comparable_figures")
_FOLDER = Path(__file__).parent / "frames" / "shared"
_COLUMNS = """
select t.table_name, c.column_name, c.data_type
from expected_tables as t
inner join information_schema.columns as c on t.table_name = c.table_name and c.table_schema = 'main'
where c.data_type in ('VARCHAR', 'VARCHAR[]')
order by all
"""


def set_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `months_at_work`, `comparable_figures`, `published_columns` and `published_texts` beside the build file's tables.

    One that cannot be made, because the build lacks what it looks at, is left out: its frames are then not evaluated.
    """
    for name in _SHARED:
        _create(connection, name, (_FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    # Asked once and written out: to ask for columns binds every view of the file.
    columns = connection.execute(_COLUMNS).fetchall()
    names = ", ".join(f"('{table}', '{column}')" for table, column, _ in columns)
    _create(connection, "published_columns", f"select * from (values {names}) as c(table_name, column_name)")
    _create(connection, "published_texts", _texts(columns))


def _texts(columns: Sequence[tuple[str, str, str]]) -> str:
    """SQL for every distinct text of every published table, whatever columns it has: a new column is looked at too."""
    parts = []
    for table, column, type_ in columns:
        value = f'unnest("{column}")' if type_ == "VARCHAR[]" else f'"{column}"'
        parts.append(
            f"select '{table}' as table_name, '{column}' as column_name, {value} as found "
            f'from (select distinct "{column}" from "{table}")'
        )
    return " union all ".join(parts)


def _create(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    try:
        connection.execute(f"create or replace temp view {name} as {query}")
    except duckdb.Error:
        connection.execute(f"drop view if exists temp.{name}")

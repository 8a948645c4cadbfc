"""SQLAlchemy on a DuckDB connection that is already open: how Great Expectations reads a frame where it lies.

The library reads a result after it has given its connection back, SQLAlchemy rolls back whatever is given back, and DuckDB
drops a pending result on rollback: through an ordinary dialect every expectation fails. Here each statement fetches its whole
result (a row of counts, or the failing rows) when it runs, and nothing begins, commits, rolls back or closes, so that the
temporary tables of the gate stay in sight and its connection stays its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import StaticPool


def reading_engine(connection: duckdb.DuckDBPyConnection) -> sa.Engine:
    """An engine whose every statement runs on `connection`, which stays open when the engine is done with."""
    return sa.create_engine("duckdb+reading://", creator=lambda: _Connection(connection), poolclass=StaticPool)


class ReadingDialect(DefaultDialect):
    """What Great Expectations asks of a dialect: SELECTs, and the columns of a table."""

    name = "duckdb"
    driver = "reading"
    supports_statement_cache = True
    supports_native_boolean = True

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        return duckdb

    def get_columns(self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        described = connection.exec_driver_sql(f'describe "{table_name}"')
        return [{"name": row[0], "type": sa.types.NULLTYPE, "nullable": True, "default": None} for row in described]

    def get_pk_constraint(
        self, connection: sa.Connection, table_name: str, schema: str | None = None, **kw: Any
    ) -> Any:
        return {"constrained_columns": [], "name": None}


class _Connection:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class _Cursor:
    """One statement with its whole result. DuckDB's own cursors are other connections, without this one's temporary tables."""

    arraysize = 1
    rowcount = -1

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self.description: Any = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        found = self._connection.execute(statement, list(parameters))
        self.description = found.description
        self._rows = iter(found.fetchall())

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchmany(self, size: int = arraysize) -> list[tuple[Any, ...]]:
        return [row for _, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)

    def close(self) -> None: ...


registry.register("duckdb.reading", __name__, ReadingDialect.__name__)

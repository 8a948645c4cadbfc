"""Reads frames from the build file of a period. The connection is read-only: the gate changes nothing it judges."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED
from expectations.checks import Check, Frame
from expectations.views import set_views

if TYPE_CHECKING:
    import pandas as pd

FRAMES = Path(__file__).parent / "frames"
_IN_PLACE = "frame_in_place"


class NothingToAudit(RuntimeError):
    """There is no build file for the period, or it holds another period."""


def open_build_file(period: Period, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Opens the build file read-only and sets the bounds of the period beside it.

    Raises NothingToAudit when the file is missing or was built for another period or reporting calendar.
    """
    path = settings.build_file(period)
    if not path.exists():
        raise NothingToAudit(f"nothing is built for {period}: {path} is missing; run `cchc build {period}` first")
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("set timezone = 'UTC'")
    found = connection.execute("select period_month, reporting_calendar from landing.period").fetchall()
    if found != [(period.first_of_month, period.calendar)]:
        connection.close()
        raise NothingToAudit(f"{path} was built for {found}, not for {period} under calendar {period.calendar}")
    set_bounds(connection, period, settings)
    return connection


def set_bounds(connection: duckdb.DuckDBPyConnection, period: Period, settings: Settings) -> None:
    """Temporary tables that frames join: `bounds` (one row) and `expected_tables`. They live in memory only."""
    connection.execute(
        """
        create or replace temp table bounds as
        select
            ?::date as first_date,
            ?::date as last_date,
            ?::timestamptz as starts_at,
            ?::timestamptz as ends_at,
            ?::timestamptz - to_years(?::integer) as plausible_from,
            ?::timestamptz + to_years(?::integer) as plausible_to,
            ?::double as reject_share_max
        """,
        [
            period.first_date,
            period.last_date,
            period.starts_at,
            period.ends_at,
            period.starts_at,
            settings.plausible_years,
            period.ends_at,
            settings.plausible_years,
            settings.reject_share_max,
        ],
    )
    connection.execute("create or replace temp table expected_tables (table_name varchar)")
    connection.executemany("insert into expected_tables values (?)", [[table.name] for table in PUBLISHED])
    set_views(connection)


def period_bounds(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """The bounds that `set_bounds` has set, by name; empty on a connection without them."""
    try:
        found = connection.execute("from bounds")
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchone() or (), strict=False))
    except duckdb.CatalogException:
        return {}


class FrameTable:
    """The rows of a frame as a temporary table of the connection, to be evaluated there. The next such table replaces it.

    `columns` are those that were laid out, in the order of the frame, and a number of each row where it was asked for.
    """

    name = "frame_in_place"
    number = "number_in_frame"

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        sql: str,
        wanted: Set[str] | None = None,
        *,
        numbered: bool = False,
    ) -> None:
        """Lays out the `wanted` columns of the frame that `sql` selects, or all of them."""
        self.connection, self._sql = connection, sql
        found = [row[0] for row in connection.execute(f"describe {sql}").fetchall()]
        self.columns = tuple(column for column in found if wanted is None or column in wanted)
        selected = [f'"{column}"' for column in self.columns]
        if numbered or not selected:
            selected.append(f"row_number() over () as {self.number}")
        connection.execute(f"create or replace temp table {self.name} as select {', '.join(selected)} from ({sql})")
        ((self._rows,),) = connection.execute(f"select count(*) from {self.name}").fetchall()

    def __len__(self) -> int:
        return int(self._rows)

    def numbered(self, more: Set[str]) -> FrameTable:
        """The same rows with more columns and a number each."""
        return FrameTable(self.connection, self._sql, more | set(self.columns), numbered=True)

    def rows(self, numbers: pd.Series[int], columns: Sequence[str]) -> pd.DataFrame:
        """Those of the columns that there are, of the rows with these numbers."""
        named = ", ".join(f'"{column}"' for column in columns if column in self.columns)
        self.connection.register("numbers_asked", numbers.to_frame(self.number))
        try:
            return _into_pandas(
                self.connection, f"select {named} from {self.name} semi join numbers_asked using ({self.number})"
            )
        finally:
            self.connection.unregister("numbers_asked")


def frame_sql(frame: Frame) -> str:
    return (FRAMES / f"{frame.name}.sql").read_text(encoding="utf-8")


def read_frame(connection: duckdb.DuckDBPyConnection, frame: Frame) -> pd.DataFrame:
    """Runs the frame's SQL into pandas, with a plain row number as index."""
    data = _into_pandas(connection, frame_sql(frame))
    _demand_keys(frame, data.columns)
    return data


def _into_pandas(connection: duckdb.DuckDBPyConnection, sql: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        # duckdb 2.0 still uses a keyword that pandas 3.1 deprecates; nothing here can change that.
        warnings.filterwarnings("ignore", message="The inplace keyword")
        return connection.execute(sql).df()


def lay_out_frame(connection: duckdb.DuckDBPyConnection, frame: Frame, checks: Sequence[Check]) -> FrameTable:
    """Runs the frame's SQL into a temporary table with the columns that the expectations read.

    What is told of failing rows is not among them: most months have none, and keys are the longest columns of all.
    """
    _demand_keys(frame, [row[0] for row in connection.execute(f"describe {frame_sql(frame)}").fetchall()])
    return FrameTable(connection, frame_sql(frame), frozenset[str]().union(*(check.columns_read for check in checks)))


def _demand_keys(frame: Frame, columns: Iterable[str]) -> None:
    missing = {"agency_code", "row_key"} - set(columns)
    if missing:
        raise ValueError(f"frame {frame.name} has no column {', '.join(sorted(missing))}")


def has_source(connection: duckdb.DuckDBPyConnection, entity: str) -> bool:
    """Whether any export of the entity was bound to this build."""
    row = connection.execute("select count(*) from landing.exports where entity = ?", [entity]).fetchone()
    return bool(row and row[0])


def agency_names(connection: duckdb.DuckDBPyConnection, period: Period) -> dict[str, str]:
    """Vietnamese name by agency code, as each code is used on the period's last day, else its latest use."""
    rows = connection.execute(
        """
        select agency_code, name_vi
        from dim_agencies
        qualify row_number() over (
            partition by agency_code
            order by (valid_from <= $day and coalesce(valid_to, $day) >= $day) desc, valid_from desc
        ) = 1
        """,
        {"day": period.last_date},
    ).fetchall()
    return {str(code): str(name) for code, name in rows}

"""The records of a clean province, month by month: rows of the contracts with the habits of real offices.

Offices of uneven size and quality, with seasons, weekdays, Tết, working days and noise, but without a fault. A dossier has one
life, whichever month is asked; a month holds what was received, closed or open in it, as it was known when the month ended.
Equal sizes give equal rows: chance is a hash, there is no generator and no clock.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from cchc.period import Period
from cchc.settings import Settings
from cchc.working_calendar import add_working_days
from ingest.contracts import CONTRACTS
from sandbox.landed import Rows
from sandbox.workdays import in_tet

PROVINCE = "99"
# The second software of the communes: civil status, which the portal does not see.
DOSSIER_EXPORTS = ("portal_dossiers", "civil_dossiers")
_OTHER_EXPORTS = {
    "dms_documents": "documents",
    "portal_procedures": "procedures",
    "ca_certificates": "certificates",
    "ca_signatures": "signatures",
    "hr_staffing": "staffing",
    "reports_form_01b": "reported_figures",
}
_SQL = Path(__file__).parent / "sql"
_FIRST_DAY = date(2022, 1, 1)
_LAST_DAY = date(2026, 12, 31)
# More in January to March (papers of the new year) and August (schools), fewer in the summer; Mondays are busy.
_SEASON = (1.08, 0.98, 1.06, 1.03, 1.0, 0.95, 0.93, 1.04, 1.02, 1.0, 0.98, 0.97)
_WEEKDAY = (1.25, 1.0, 1.0, 0.95, 0.8, 0.6, 0.6)
_AROUND_TET = 0.65


@dataclass(frozen=True)
class Records:
    """A province of `communes` communes, each with 100 to 300 dossiers and 90 to 150 documents in a usual month.

    `newcomers` more, larger ones, begin in the month `since`: mergers make such.
    """

    communes: int
    newcomers: int
    since: Period

    def code(self, number: int) -> str:
        """The official code of a commune."""
        return f"{90_000 + number}"

    def identity(self, number: int) -> str:
        """The identity code by which the sources name it."""
        return f"000.{number // 90 + 1:02d}.{number % 90 + 10:02d}.H99"

    @contextmanager
    def month(self, period: Period) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database with the clean rows of the month, a table of each entity, for faults to be put into.

        The table of dossiers has a column `export` besides: two of them deliver dossiers. Rows that landing
        rejects are put into a table beside, `rejected_dossiers` and so on. Forms are not typed yet.
        """
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
            connection.register("day_list", _days())
            connection.execute("create table days as from day_list")
            for name in ("communes", "procedures", "dossiers", "documents", "signatures"):
                self._run(connection, name, period)
            yield connection

    def type_forms(self, connection: duckdb.DuckDBPyConnection, period: Period) -> None:
        """Lets every commune type its form 01b from what its software shows, faults included."""
        self._run(connection, "forms", period)

    def _run(self, connection: duckdb.DuckDBPyConnection, name: str, period: Period) -> None:
        bounds = {
            "communes": self.communes,
            "all_communes": self.communes + (self.newcomers if period >= self.since else 0),
            "starts": f"timestamptz '{period.starts_at.isoformat()}'",
            "ends": f"timestamptz '{period.ends_at.isoformat()}'",
            "first_date": f"date '{period.first_date}'",
            "last_date": f"date '{period.last_date}'",
            "since": f"date '{self.since.first_date}'",
        }
        connection.execute((_SQL / f"{name}.sql").read_text(encoding="utf-8").format(**bounds))

    def write_agencies(self, path: Path) -> None:
        """The province and its communes, in the columns of the project's agency table."""
        columns = "agency_code valid_from valid_to name_vi level parent_code identity_code reports_from reports_to"
        first = _FIRST_DAY.isoformat()
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns.split())
            writer.writerow((PROVINCE, first, "", "Tỉnh Thử Nghiệm", "province", "", "000.00.00.H99", "", ""))
            for number in range(self.communes + self.newcomers):
                name, identity = f"Xã Tình Huống {number}", self.identity(number)
                begins = first if number < self.communes else self.since.first_date.isoformat()
                writer.writerow((self.code(number), begins, "", name, "commune", PROVINCE, identity, begins, ""))


def at_counter(records: Records, period: Period) -> frozenset[int]:
    """The communes with seventy dossiers or more at the counter in a clean month."""
    with records.month(period) as connection:
        found = connection.execute(
            "select agency_code from dossiers where channel = 'in_person' and received_at >= ? "
            "group by all having count(*) >= 70",
            [period.starts_at],
        ).fetchall()
    busy = {code for (code,) in found}
    return frozenset(number for number in range(records.communes) if records.identity(number) in busy)


def rows_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    """The month's rows by export, in the columns of their contracts."""
    return {name: _rows(connection, "dossiers", f"export = '{name}'") for name in DOSSIER_EXPORTS} | {
        name: _rows(connection, entity, "true") for name, entity in _OTHER_EXPORTS.items()
    }


def _rows(connection: duckdb.DuckDBPyConnection, entity: str, where: str) -> Rows:
    schema = CONTRACTS[entity].schema()
    columns = ", ".join(schema.names)

    def found(table: str) -> pa.Table:
        query = f"select {columns} from {table} where {where} order by all"
        return connection.sql(query).to_arrow_table().cast(schema)

    connection.execute(f"create table if not exists rejected_{entity} as from {entity} limit 0")
    return Rows(found(entity), found(f"rejected_{entity}"))


@lru_cache(maxsize=1)
def _days() -> pa.Table:
    """Every working day with its number, and how busy it is beside a usual one."""
    calendar, days, day = Settings(home=_SQL), list[date](), _FIRST_DAY - timedelta(days=1)  # no swaps of its own
    while (day := add_working_days(day, 1, calendar)) <= _LAST_DAY:
        days.append(day)
    busy = [
        _SEASON[day.month - 1]
        * _WEEKDAY[day.weekday()]
        * (_AROUND_TET if in_tet(day) or in_tet(day + timedelta(7)) else 1)
        for day in days
    ]
    return pa.table({"n": pa.array(range(len(days)), pa.int32()), "day": pa.array(days, pa.date32()), "busy": busy})

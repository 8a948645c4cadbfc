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
from cchc.working_days import add_working_days
from ingest.contracts import CONTRACTS
from sandbox.workdays import in_tet

PROVINCE = "99"
# The second software of the communes: civil status, which the portal does not see.
DOSSIER_EXPORTS = ("portal_dossiers", "civil_dossiers")
ENTITIES = ("dossiers", "documents", "procedures", "certificates", "signatures", "staffing")
_SQL = Path(__file__).parent / "sql"
_FIRST_DAY = date(2022, 1, 1)
_LAST_DAY = date(2026, 12, 31)
# More in January to March (papers of the new year) and August (schools), fewer in the summer; Mondays are busy.
_SEASON = (1.08, 0.98, 1.06, 1.03, 1.0, 0.95, 0.93, 1.04, 1.02, 1.0, 0.98, 0.97)
_WEEKDAY = (1.25, 1.0, 1.0, 0.95, 0.8, 0.6, 0.6)
_AROUND_TET = 0.65


@dataclass(frozen=True)
class Records:
    """A province of `communes` communes, each with 100 to 300 dossiers and 50 to 150 documents in a usual month."""

    communes: int

    def code(self, number: int) -> str:
        """The official code of a commune."""
        return f"{90_000 + number}"

    def identity(self, number: int) -> str:
        """The identity code by which the sources name it."""
        return f"000.{number // 90 + 1:02d}.{number % 90 + 10:02d}.H99"

    @contextmanager
    def month(self, period: Period) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database with the clean rows of the month, a table of each entity, for faults to be put into.

        The table of dossiers has a column `export` besides: two of them deliver dossiers.
        """
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
            days = _days()
            connection.register("day_list", days)
            connection.execute("create table days as from day_list")
            bounds = {
                "communes": self.communes,
                "starts": f"timestamptz '{period.starts_at.isoformat()}'",
                "ends": f"timestamptz '{period.ends_at.isoformat()}'",
                "first_date": f"date '{period.first_date}'",
                "last_date": f"date '{period.last_date}'",
            }
            for name in ("communes", "procedures", "dossiers", "documents", "signatures"):
                connection.execute((_SQL / f"{name}.sql").read_text(encoding="utf-8").format(**bounds))
            yield connection

    def write_agencies(self, path: Path) -> None:
        """The province and its communes, in the columns of the project's agency table."""
        columns = "agency_code valid_from valid_to name_vi level parent_code identity_code reports_from reports_to"
        first = _FIRST_DAY.isoformat()
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns.split())
            writer.writerow((PROVINCE, first, "", "Tỉnh Thử Nghiệm", "province", "", "000.00.00.H99", "", ""))
            for number in range(self.communes):
                name, identity = f"Xã Tình Huống {number}", self.identity(number)
                writer.writerow((self.code(number), first, "", name, "commune", PROVINCE, identity, first, ""))


def rows_of(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """The month's rows by export, in the columns of their contracts."""
    exports = {name: ("dossiers", f"where export = '{name}'") for name in DOSSIER_EXPORTS} | {
        "dms_documents": ("documents", ""),
        "portal_procedures": ("procedures", ""),
        "ca_certificates": ("certificates", ""),
        "ca_signatures": ("signatures", ""),
        "hr_staffing": ("staffing", ""),
    }
    found = {}
    for export, (entity, where) in exports.items():
        schema = CONTRACTS[entity].schema()
        columns = ", ".join(schema.names)
        table = connection.sql(f"select {columns} from {entity} {where} order by all").to_arrow_table()
        found[export] = table.cast(schema)
    return found


@lru_cache(maxsize=1)
def _days() -> pa.Table:
    """Every working day with its number, and how busy it is beside a usual one."""
    calendar, days, day = Settings(), list[date](), _FIRST_DAY - timedelta(days=1)
    while (day := add_working_days(day, 1, calendar)) <= _LAST_DAY:
        days.append(day)
    busy = [
        _SEASON[day.month - 1]
        * _WEEKDAY[day.weekday()]
        * (_AROUND_TET if in_tet(day) or in_tet(day + timedelta(7)) else 1)
        for day in days
    ]
    return pa.table({"n": pa.array(range(len(days)), pa.int32()), "day": pa.array(days, pa.date32()), "busy": busy})

"""What the gate compares a month with: published figures of the months before, and of the same season of earlier years.

Nineteen months at most, whatever was published: cost follows the month, not the history.
"""

from __future__ import annotations

import duckdb

from cchc.period import Period
from cchc.settings import Settings
from snapshots.store import Manifest, current, table_rows

_TRAILING = 12
_YEARS = 3
# Signatures are in no figure, so they are counted in the facts, of as many months as tell silence from a quiet month.
_SIGNATURE_MONTHS = 3
# Months back from the one built: the trailing year, then the same month of earlier years and its neighbours, since Tết moves
# between January and February and a reporting month may begin before it or after.
_DISTANCES = sorted({*range(1, _TRAILING + 1), *(12 * y + near for y in range(1, _YEARS + 1) for near in (-1, 0, 1))})


def bind_history(connection: duckdb.DuckDBPyConnection, period: Period, settings: Settings) -> None:
    """Fills `landing.earlier_months`, `earlier_figures` (month scope) and `earlier_signatures` from current revisions.

    Tables, not views on the files: what the gate judged stays in the build file. Raises SnapshotDamaged.
    """
    connection.execute(
        "create table landing.earlier_months (period_month DATE, distance INTEGER, first_date DATE, last_date DATE);"
        "create table landing.earlier_figures (period_month DATE, agency_code VARCHAR, indicator_code VARCHAR, "
        "numerator BIGINT, denominator BIGINT);"
        "create table landing.earlier_signatures (period_month DATE, agency_code VARCHAR, signatures BIGINT)"
    )
    month = period
    for distance in range(1, _DISTANCES[-1] + 1):
        month = month.previous()
        manifest = current(settings, month) if distance in _DISTANCES else None
        if manifest:
            row = [month.first_of_month, distance, month.first_date, month.last_date]
            connection.execute("insert into landing.earlier_months values (?, ?, ?, ?)", row)
            _copy_figures(connection, settings, manifest, with_signatures=distance <= _SIGNATURE_MONTHS)


def _copy_figures(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest, *, with_signatures: bool
) -> None:
    figures = table_rows(settings, manifest, "indicator_values")
    connection.execute(
        "insert into landing.earlier_figures select period_month, agency_code, indicator_code, numerator, denominator "
        f"from {figures} where scope = 'month' and state in ('ok', 'not_applicable')"
    )
    if with_signatures:
        signatures = table_rows(settings, manifest, "fct_signatures")
        connection.execute(
            "insert into landing.earlier_signatures select period_month, agency_code, count(*) "
            f"from {signatures} where agency_code is not null group by all"
        )

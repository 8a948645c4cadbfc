"""What agencies that are gone had left and nobody answers for: which of it a figure counts, and which rows of the facts it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from cchc.explain.naming import Named, Release

# An agency by its code and first day, as in dim_agencies.
Key = tuple[str, date]


@dataclass(frozen=True)
class Left:
    """What one agency left in one month; `keys` are it and those that it had taken over whole, as facts name them."""

    month: date
    heir: Key
    name: str
    keys: tuple[Key, ...]


def counted_beside(
    connection: duckdb.DuckDBPyConnection, release: Release, named: Named, is_rollup: bool, months: Sequence[date]
) -> tuple[list[tuple[date, str]], list[Left]]:
    """Of the months what a figure of `named` counts beside its communes' own: what lies whole in a roll-up by the release's last
    day, or is the agency's by then.

    First agencies that reported then and have been divided since, as (first of the month, code); then what was left of others.
    """
    # A file that an earlier version made has no such view until the next release.
    if not connection.execute("from duckdb_functions() where function_name = 'agency_shares_on'").fetchall():
        return [], []
    of_months = "from unallocated_values where list_contains($1, period_month) limit 1"
    if len(months) == 1 and not connection.execute(of_months, [list(months)]).fetchall():
        return [], []
    found = connection.execute(
        """
        select s.period_month, t.agency_code, t.valid_from, a.name_vi, t.is_reporting
        from agency_shares_on($day) as t
        join snapshots as s on t.last_date = s.last_date and s.is_current
        join dim_agencies as a on t.agency_code = a.agency_code and t.valid_from = a.valid_from
        where list_contains($months, s.period_month) and (t.share is null or t.share > 0)
        group by all
        having
            $is_rollup and bool_and(coalesce(t.district_code = $code, false))
            or $is_rollup and bool_and(coalesce(t.province_code = $code, false))
            or bool_and(coalesce(t.unit_code = $code and t.share = 1, false))
        order by all
        """,
        {"day": release.last_date, "months": list(months), "code": named.code, "is_rollup": is_rollup},
    ).fetchall()
    reported = [(month, code) for month, code, _, _, is_reporting in found if is_reporting]
    left = [
        Left(month, (code, since), name, _line(connection, month, (code, since)))
        for month, code, since, name, is_reporting in found
        if not is_reporting
    ]
    return reported, left


def _line(connection: duckdb.DuckDBPyConnection, month: date, heir: Key) -> tuple[Key, ...]:
    rows = connection.execute(
        """
        with recursive line as (
            select $code::varchar as agency_code, $since::date as valid_from
            union
            select s.from_code, s.from_valid_from
            from line
            join agency_succession as s on line.agency_code = s.to_code and line.valid_from = s.to_valid_from
            where s.weight = 1 and s.event_date <= (select last_date from snapshots where is_current and period_month = $month)
        )
        from line order by all
        """,
        {"code": heir[0], "since": heir[1], "month": month},
    ).fetchall()
    return tuple(rows)

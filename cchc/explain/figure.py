"""One published figure, explained: what it says, what it is made of, and why it says nothing where it does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from cchc.explain.left import Left, counted_beside
from cchc.explain.naming import Named, NameUnknown, Release, agency_of, indicator_of, release_of
from cchc.explain.reasons import Commune, reasons_of
from cchc.explain.reporting import REPORTING
from cchc.explain.rows import TABLES, Months, Part, breakdown, count, listed, procedures_without
from cchc.period import Period

_FORMS = {
    "form_01b_row": "Phụ lục 01b, mục",
    "form_06_column": "Biểu số 06, cột",
    "qd_766_component": "Quyết định 766/QĐ-TTg",
    "par_index_criterion": "PAR INDEX, tiêu chí",
}


def explain(path: Path, period: Period, agency: str, indicator: str, scope: str, rows: int) -> dict[str, Any]:
    """Everything `cchc explain` prints, from the analysts' file at `path`; at most `rows` rows of each list.

    Raises NameUnknown (Vietnamese, with the closest names) for a month, agency or indicator that is not published.
    """
    if not path.exists():
        raise NameUnknown(f"chưa có kỳ nào được công bố tại {path}: cchc close PERIOD")
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        release = release_of(connection, period)
        named = agency_of(connection, release, agency)
        code, version = indicator_of(connection, release, indicator)
        definition = _row(
            connection, "from dim_indicators where indicator_code = ? and definition_version = ?", code, version
        )
        figure = _row(
            connection,
            "select numerator, denominator, value, state, coverage, revision from indicator_values "
            "where period_month = ? and agency_code = ? and indicator_code = ? and scope = ?",
            release.month, named.code, code, scope,
        )  # fmt: skip
        communes = _communes(connection, release, named)
        is_rollup = [commune.code for commune in communes] != [named.code]
        year = [one.first_of_month for one in period.earlier_in_year()] if scope == "ytd" else []
        reported, left = counted_beside(connection, release, named, is_rollup, [*year, release.month])
        pairs = _own_months(connection, release, communes, [*year, release.month])
        own = Months(sorted({*pairs, *reported}), left, pairs)
        months = _months(connection, release, code, own, period) if scope == "ytd" else []
        explained: dict[str, Any] = {
            "period": str(period), "scope": scope, "release": asdict(release),
            "first_date": ((period.earlier_in_year() or [period])[0] if scope == "ytd" else period).first_date,
            "agency": asdict(named) | {"is_rollup": is_rollup},
            "indicator": _definition(definition), "figure": figure, "months": months,
            "communes": _by_commune(connection, release, code, scope, communes) if is_rollup else [],
            "left": _by_left(connection, code, own.of(release.month).left) if is_rollup and scope == "month" else [],
            "reasons": reasons_of(connection, period, release, figure["state"], scope, definition, named, communes),
        }  # fmt: skip
        return explained | _made_of(connection, definition, figure, own, release, rows)


def _row(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> dict[str, Any]:
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description or ()]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def _definition(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("indicator_code", "name_vi", "unit", "kind", "numerator_words", "denominator_words", "sources", "legal_ground",
            "definition_version", "valid_from", "valid_to", "fact", "numerator_filter", "denominator_fact",
            "denominator_filter")  # fmt: skip
    forms = {words: row[column] for column, words in _FORMS.items() if row.get(column)}
    return {name: row[name] for name in kept} | {"forms": forms}


def _communes(connection: duckdb.DuckDBPyConnection, release: Release, named: Named) -> list[Commune]:
    """The reporting agencies whose figures the agency's are made of, as they were on the period's last day."""
    rows = connection.execute(
        f"""
        with {REPORTING},
        held as (
            from dim_agencies where $day between valid_from and coalesce(valid_to, date '9999-12-31')
        ),
        of_month as (
            from reporting where period_month = $month
        )
        select c.agency_code, c.name_vi, c.valid_from
        from of_month c left join held p on p.agency_code = c.parent_code
        where c.agency_code = $code
            or ($code not in (select agency_code from of_month) and $code in (c.parent_code, p.parent_code))
        order by 1
        """,
        {"day": release.last_date, "month": release.month, "code": named.code},
    ).fetchall()
    return [Commune(*row) for row in rows]


def _own_months(
    connection: duckdb.DuckDBPyConnection, release: Release, communes: list[Commune], months: list[date]
) -> dict[tuple[date, str], str]:
    """The published months in which each commune reported, or one whose place it has taken whole by the period's last day.

    By (first of the month, code then), the commune's code.

    A predecessor under the same code is not the commune, unless the successions say that the commune took its place.
    """
    known = connection.execute("select 1 from duckdb_tables() where table_name = 'agency_succession'").fetchone()
    before = (
        "union select s.from_code, s.from_valid_from from line join agency_succession s on s.to_code = line.agency_code "
        "and s.to_valid_from = line.valid_from and s.weight = 1 and s.event_date <= $day"
    )
    pairs: dict[tuple[date, str], str] = {}
    for commune in communes:
        found = connection.execute(
            f"with recursive {REPORTING}, line as (select $code::varchar as agency_code, $since::date as valid_from "
            f"{before if known else 'union select * from line where false'}) "
            "select r.period_month, r.agency_code from reporting r join line using (agency_code, valid_from) "
            "where list_contains($months, r.period_month) order by 1, 2",
            {"code": commune.code, "since": commune.valid_from, "months": months}
            | ({"day": release.last_date} if known else {}),
        ).fetchall()
        pairs |= dict.fromkeys(found, commune.code)
    return pairs


def _months(
    connection: duckdb.DuckDBPyConnection, release: Release, code: str, own: Months, period: Period
) -> list[dict[str, Any]]:
    """Every month of the year so far: the revision that the year to date rests on, and what the month contributes."""
    basis = json.loads(_row(connection, "select ytd_basis from snapshots where period_month = ? and is_current",
                            release.month)["ytd_basis"])  # fmt: skip
    found = []
    for month in [*period.earlier_in_year(), period]:
        of_month = own.of(month.first_of_month)
        sums = _row(
            connection,
            "select cast(sum(numerator) as bigint) as numerator, cast(sum(denominator) as bigint) as denominator, "
            "any_value(revision) as current_revision from indicator_values "
            "where period_month = ? and scope = 'month' and indicator_code = ? and list_contains(?, agency_code)",
            month.first_of_month, code, [agency for _, agency in of_month.pairs],
        )  # fmt: skip
        for left in _by_left(connection, code, of_month.left):
            sums |= {
                part: (sums[part] or 0) + left[part] for part in ("numerator", "denominator") if left[part] is not None
            }
        rests_on = release.revision if month == period else basis.get(str(month))
        found.append({"month": str(month), "revision": rests_on} | sums)
    return found


def _by_commune(
    connection: duckdb.DuckDBPyConnection, release: Release, code: str, scope: str, communes: list[Commune]
) -> list[dict[str, Any]]:
    """The figures that a roll-up sums, the lowest first."""
    names = {commune.code: commune.name for commune in communes}
    cursor = connection.execute(
        "select agency_code, numerator, denominator, value, state from indicator_values where period_month = ? "
        "and scope = ? and indicator_code = ? and list_contains(?, agency_code) order by value nulls first, 1",
        [release.month, scope, code, list(names)],
    )
    columns = ("agency_code", "numerator", "denominator", "value", "state")
    return [dict(zip(columns, row, strict=True)) | {"name": names[row[0]]} for row in cursor.fetchall()]


def _by_left(connection: duckdb.DuckDBPyConnection, code: str, left: Sequence[Left]) -> list[dict[str, Any]]:
    """What agencies that are gone had left, as their months published it."""
    found = []
    for one in left:
        rows = connection.execute(
            "select numerator, denominator from unallocated_values where period_month = ? and indicator_code = ? "
            "and agency_code = ? and agency_valid_from = ?",
            [one.month, code, *one.heir],
        ).fetchall()
        found += [
            {"agency_code": one.heir[0], "name": one.name, "numerator": numerator, "denominator": denominator}
            for numerator, denominator in rows
        ]
    return found


def _made_of(
    connection: duckdb.DuckDBPyConnection, definition: dict[str, Any], figure: dict[str, Any], own: Months,
    release: Release, rows: int,
) -> dict[str, Any]:  # fmt: skip
    """The rows that the figure counts, and of a share those that it does not."""
    kind, fact, below = definition["kind"], definition["fact"], definition["denominator_fact"]
    if not own or fact not in TABLES:
        return {"rows": None}
    first = own.all[0]
    taken = {"opening_stock": first, "closing_stock": release.month}.get(kind)
    of_month = own.of(release.month)
    numerator = Part(fact, tuple(definition["numerator_filter"].split()), own.of(taken) if taken else own)
    found = count(connection, numerator, kind == "distinct")
    made: dict[str, Any] = {"fact": fact, "numerator_found": found, "numerator_sql": numerator.sql(connection)}
    made["matches"] = figure["numerator"] is None or figure["numerator"] == found
    if below == fact and kind != "distinct":
        denominator = Part(fact, tuple(definition["denominator_filter"].split()), numerator.months)
        total = count(connection, denominator)
        made |= {"denominator_found": total, "missing_sql": denominator.sql(connection, numerator.tokens)}
        made["matches"] &= figure["denominator"] is None or figure["denominator"] == total
        made["breakdown"] = breakdown(connection, denominator, numerator.tokens)
        made["missing"], made["shown"] = listed(connection, denominator, numerator.tokens, rows, lacking=True)
    elif below in TABLES:
        catalogue = Part(below, tuple(definition["denominator_filter"].split()), of_month)
        made["denominator_found"] = count(connection, catalogue)
        made["breakdown"] = breakdown(connection, numerator, numerator.tokens)
        made["fact_of_missing"] = below
        made["missing"], made["shown"] = procedures_without(connection, catalogue, numerator, rows)
    else:
        made["breakdown"] = breakdown(connection, numerator, numerator.tokens)
        made["missing"] = None
        _, made["shown"] = listed(connection, numerator, numerator.tokens, rows, lacking=False)
    return {"rows": made}

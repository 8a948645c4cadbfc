"""The rows of the facts that a figure counts, selected by their tokens exactly as the figure was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb

from cchc.explain.left import Left
from cchc.explain.words import FLAGS, PENDING_WITHOUT_DUE_DATE, family, family_value, reason, told

# Of the dimensions every published month's rows, and not the newest alone.
TABLES = {
    "dossiers": "fct_dossiers",
    "documents": "fct_documents",
    "certificates": "monthly.dim_certificates",
    "procedures": "monthly.dim_procedures",
}
_DAYS_LATE = (
    "case when list_contains(tokens, 'timeliness:late') then ended_date - due_date "
    "when list_contains(tokens, 'overdue') then last_date - due_date end"
)
_SHOWN = {
    "dossiers": f"dossier_code, procedure_code, coalesce(field_name, field_code) as field, received_date, due_date, ended_date, "
    f"{_DAYS_LATE} as days_late",
    "documents": "document_id, document_type, counted_date",
    "certificates": "serial, valid_from, valid_to",
    "procedures": "procedure_code, coalesce(field_name, field_code) as field, valid_from, valid_to",
}
_KEYS = {
    "dossiers": "dossier_code",
    "documents": "document_id",
    "certificates": "serial",
    "procedures": "procedure_code",
}


@dataclass(frozen=True)
class Months:
    """Which months of which communes a figure is made of, as (first of the month, agency code); and what agencies left."""

    pairs: Sequence[tuple[date, str]]
    left: Sequence[Left] = ()
    # Whose count a pair is in, where it is another agency's by now.
    heirs: Mapping[tuple[date, str], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.pairs or self.left)

    @property
    def all(self) -> list[date]:
        return sorted({month for month, _ in self.pairs} | {one.month for one in self.left})

    def of(self, month: date) -> Months:
        return Months(
            [pair for pair in self.pairs if pair[0] == month],
            [one for one in self.left if one.month == month],
            self.heirs,
        )

    def where(self, agency_column: str) -> str:
        keys = (
            [f"('{one.month}', {_quoted(code)}, '{since}')" for one in self.left for code, since in one.keys]
            if agency_column == "reporting_agency_code"
            else []
        )
        left = (
            f"(reporting_agency_code is null and (period_month, agency_code, agency_valid_from) in ({', '.join(keys)}))"
        )
        if not keys:
            return self._reported(agency_column)
        return f"({self._reported(agency_column)} or {left})" if self.pairs else left

    def _reported(self, agency_column: str) -> str:
        months = sorted({month for month, _ in self.pairs})
        codes = sorted({code for _, code in self.pairs})
        if not self.pairs:
            return "false"
        if len(self.pairs) == len(months) * len(codes):
            return f"{_among('period_month', map(str, months))} and {_among(agency_column, codes)}"
        listed = ", ".join(f"('{month}', {_quoted(code)})" for month, code in self.pairs)
        return f"(period_month, {agency_column}) in ({listed})"


@dataclass(frozen=True)
class Part:
    """The numerator or the denominator of a figure: a filter over one fact."""

    fact: str
    tokens: tuple[str, ...]
    months: Months

    def sql(self, connection: duckdb.DuckDBPyConnection, without: Sequence[str] = ()) -> str:
        """SELECT of the rows that have all tokens; with `without`, those of them that lack one of these."""
        table = TABLES[self.fact]
        lacking = f" and not list_has_all(tokens, {_list(without)})" if without else ""
        return (
            f"select * from {table} where {self.months.where(_agency_column(connection, table))} "
            f"and list_has_all(tokens, {_list(self.tokens)}){lacking}"
        )


def count(connection: duckdb.DuckDBPyConnection, part: Part, distinct: bool = False) -> int:
    if not distinct:
        return _count(connection, part.sql(connection))
    # A roll-up's distinct count is the sum of those of its communes, and of agencies that are gone.
    reported = replace(part, months=Months(part.months.pairs)).sql(connection)
    heirs = ", ".join(
        f"('{month}'::date, {_quoted(code)}, {_quoted(part.months.heirs.get((month, code), code))})"
        for month, code in part.months.pairs
    )
    column = _agency_column(connection, TABLES[part.fact])
    found = (
        _count(
            connection,
            f"select distinct heir, procedure_code from ({reported}) as r "
            f"join (values {heirs}) as h (month, code, heir) on r.period_month = h.month and r.{column} = h.code",
        )
        if heirs
        else 0
    )
    for heir in {left.heir for left in part.months.left}:
        of_it = Months([], [left for left in part.months.left if left.heir == heir])
        found += _count(
            connection, f"select distinct procedure_code from ({replace(part, months=of_it).sql(connection)})"
        )
    return found


def breakdown(connection: duckdb.DuckDBPyConnection, part: Part, counted: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of `part` by every token with a value (channel, timeliness, …): how many there are, how many `counted` takes."""
    found = connection.execute(
        f"select token, count(*), count(*) filter (list_has_all(tokens, {_list(counted)})) "
        f"from ({part.sql(connection)}) cross join unnest(tokens) as t(token) where contains(token, ':') "
        "group by token order by split_part(token, ':', 1), 2 desc, 1"
    ).fetchall()
    rows = []
    for token, total, taken in found:
        name, _, value = token.partition(":")
        rows.append({
            "token": token, "family": family(name), "value": family_value(name, value), "rows": total, "counted": taken,
        })  # fmt: skip
    return rows


def listed(
    connection: duckdb.DuckDBPyConnection, part: Part, wanted: Sequence[str], limit: int, lacking: bool
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows of `part` there are, and the first of them, the latest first; each with its reason.

    With `lacking` those that do not have all of `wanted`, and why; else all of them and how they stand.
    """
    rows = part.sql(connection, wanted if lacking else ())
    order = "days_late desc nulls last, received_date, " if part.fact == "dossiers" else ""
    fields = (
        "left join (select agency_code, field_code, any_value(field_name) as field_name from monthly.dim_procedures "
        "group by all) as fields on fields.agency_code = found.agency_code and fields.field_code = found.field_code"
        if part.fact == "dossiers" else ""
    )  # fmt: skip
    cursor = connection.execute(
        f"with found as ({rows}) select strftime(found.period_month, '%Y-%m') as month, found.agency_code, "
        f"{_SHOWN[part.fact].replace('field_code', 'found.field_code')}, tokens from found "
        f"join snapshots s on s.period_month = found.period_month and s.is_current {fields} "
        f"order by {order}found.period_month, {_KEYS[part.fact]}, found.agency_code limit {int(limit)}"
    )
    shown = _dicts(cursor)
    for row in shown:
        tokens = row.pop("tokens")
        row["reason"] = reason(wanted, tokens) if lacking else told(tokens)
        if part.fact == "dossiers" and row["due_date"] is None:
            row["reason"] = row["reason"].replace(FLAGS["in_time"][0], PENDING_WITHOUT_DUE_DATE)
    return _count(connection, rows), shown


def procedures_without(
    connection: duckdb.DuckDBPyConnection, catalogue: Part, dossiers: Part, limit: int
) -> tuple[int, list[dict[str, Any]]]:
    """Of a distinct count's denominator the procedures that no counted dossier has."""
    rows = (
        f"select * from ({catalogue.sql(connection)}) as c where not exists (select 1 from ({dossiers.sql(connection)}) as d "
        "where d.agency_code = c.agency_code and d.procedure_code = c.procedure_code)"
    )
    cursor = connection.execute(
        f"select strftime(period_month, '%Y-%m') as month, agency_code, {_SHOWN['procedures']} "
        f"from ({rows}) order by procedure_code, agency_code limit {int(limit)}"
    )
    shown = [row | {"reason": "chưa phát sinh hồ sơ được tính"} for row in _dicts(cursor)]
    return _count(connection, rows), shown


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    ((found,),) = connection.execute(f"select count(*) from ({rows})").fetchall()
    return int(found)


def _dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _agency_column(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A row counts for the agency that reports it, which a hand-over may make another than the one that received it."""
    schema, _, name = table.rpartition(".")
    known = connection.execute(
        "select 1 from duckdb_columns() where table_name = ? and schema_name = ? and column_name = 'reporting_agency_code'",
        [name, schema or "main"],
    ).fetchone()
    # Null where nobody reports it: the code of an agency that was divided may be another one's by now.
    return "reporting_agency_code" if known else "agency_code"


def _among(column: str, values: Any) -> str:
    quoted = [_quoted(value) for value in values]
    return f"{column} = {quoted[0]}" if len(quoted) == 1 else f"{column} in ({', '.join(quoted)})"


def _list(tokens: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, tokens))}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

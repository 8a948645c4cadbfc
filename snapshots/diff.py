"""What changed between two revisions of a month, read from their sealed files alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED
from snapshots.store import Manifest, manifests, table_rows

_FIGURE = ("numerator", "denominator", "value", "state", "coverage", "definition_version")
# Says again what other columns say.
_DERIVED = ("tokens",)


class RevisionUnknown(ValueError):
    """The month has no such revision; the message says which it has."""


def diff(settings: Settings, period: Period, old: int, new: int) -> dict[str, Any]:
    """Figures, rows of every table, checks, reads and basis that differ from revision `old` to revision `new`.

    Raises RevisionUnknown, and SnapshotDamaged when a file is not the one that was sealed.
    """
    known = {manifest.revision: manifest for manifest in manifests(settings, period)}
    for number in (old, new):
        if number not in known:
            there = ", ".join(map(str, known)) or "none"
            raise RevisionUnknown(f"{period} has no revision {number}; there is {there}")
    before, after = known[old], known[new]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        tables = {}
        for table in PUBLISHED:
            if table.name in before.tables and table.name in after.tables:
                sides = (table_rows(settings, before, table.name), table_rows(settings, after, table.name))
                tables[table.name] = _table(connection, table.key, *sides)
        figures = _figures(connection, settings, before, after)
        dossiers = _dossiers(connection, settings, before, after)
    return {
        "period": str(period), "old": _told(before), "new": _told(after),
        "differ": before.content() != after.content(),
        "tables": tables, "tables_gone": sorted(set(before.tables) - set(after.tables)),
        "tables_new": sorted(set(after.tables) - set(before.tables)),
        "figures": figures, "dossiers": dossiers, "checks": _checks(before, after), "reads": _reads(before, after),
        "ytd_basis": {
            month: [before.ytd_basis.get(month), after.ytd_basis.get(month)]
            for month in sorted({*before.ytd_basis, *after.ytd_basis})
            if before.ytd_basis.get(month) != after.ytd_basis.get(month)
        },
    }  # fmt: skip


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "revision": manifest.revision, "reason": manifest.reason, "published_at": manifest.published_at.isoformat(),
        "versions": manifest.versions, "verdict_run": manifest.verdict.get("run"),
    }  # fmt: skip


def _columns(connection: duckdb.DuckDBPyConnection, rows: str) -> list[str]:
    return [row[0] for row in connection.execute(f"describe from {rows}").fetchall()]


def _joined(key: Sequence[str]) -> str:
    return " and ".join(f'o."{column}" is not distinct from n."{column}"' for column in key)


def _table(connection: duckdb.DuckDBPyConnection, key: Sequence[str], old: str, new: str) -> dict[str, Any]:
    """Counts of rows that appeared, vanished and changed, and in how many rows each column changed."""
    of_old, of_new = _columns(connection, old), _columns(connection, new)
    shared = [column for column in of_old if column in of_new and column not in key]
    on = _joined(key)
    ((vanished,),) = connection.execute(f"select count(*) from {old} o anti join {new} n on {on}").fetchall()
    ((appeared,),) = connection.execute(f"select count(*) from {new} n anti join {old} o on {on}").fetchall()
    differs = [f'o."{column}" is distinct from n."{column}"' for column in shared]
    changed = connection.execute(
        f"select count(*) filter ({' or '.join(differs)}), {', '.join(f'count(*) filter ({one})' for one in differs)} "
        f"from {old} o join {new} n on {on}"
    ).fetchall()[0]
    return {
        "appeared": appeared, "vanished": vanished, "changed": changed[0],
        "columns": {column: rows for column, rows in zip(shared, changed[1:], strict=True) if rows},
        "columns_gone": [column for column in of_old if column not in of_new],
        "columns_new": [column for column in of_new if column not in of_old],
    }  # fmt: skip


def _figures(
    connection: duckdb.DuckDBPyConnection, settings: Settings, before: Manifest, after: Manifest
) -> list[dict[str, Any]]:
    """One entry per figure that differs: agency, indicator, scope, and both sides; null where a side has none."""
    old, new = (table_rows(settings, manifest, "indicator_values") for manifest in (before, after))
    sides = [", ".join(f"'{column}': {side}.{column}" for column in _FIGURE) for side in ("o", "n")]
    key = ("agency_code", "indicator_code", "scope")
    differs = " or ".join(f"o.{column} is distinct from n.{column}" for column in _FIGURE)
    found = connection.execute(
        f"select coalesce(o.agency_code, n.agency_code), coalesce(o.indicator_code, n.indicator_code), "
        f"coalesce(o.scope, n.scope), case when o.agency_code is not null then {{{sides[0]}}} end, "
        f"case when n.agency_code is not null then {{{sides[1]}}} end "
        f"from {old} o full join {new} n on {_joined(key)} "
        f"where o.agency_code is null or n.agency_code is null or {differs} order by 3, 1, 2"
    ).fetchall()
    names = _agency_names(connection, settings, after)
    return [
        {"agency_code": agency, "agency": names.get(agency, ""), "indicator_code": indicator, "scope": scope, "old": o, "new": n}
        for agency, indicator, scope, o, n in found
    ]  # fmt: skip


def _agency_names(connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest) -> dict[str, str]:
    """Code to name on the period's last day."""
    day = settings.period(manifest.period).last_date
    return dict(
        connection.execute(
            f"select agency_code, name_vi from {table_rows(settings, manifest, 'dim_agencies')} "
            "where $day between valid_from and coalesce(valid_to, date '9999-12-31')",
            {"day": day},
        ).fetchall()
    )


def _dossiers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, before: Manifest, after: Manifest
) -> list[dict[str, Any]]:
    """One entry per dossier that appeared, vanished or changed, with the columns that changed and their two values."""
    old, new = (table_rows(settings, manifest, "fct_dossiers") for manifest in (before, after))
    of_new = _columns(connection, new)
    shared = [c for c in _columns(connection, old) if c in of_new and c not in ("dossier_code", *_DERIVED)]
    changes = ", ".join(
        f"case when o.\"{c}\" is distinct from n.\"{c}\" then {{'column': '{c}', 'old': cast(o.\"{c}\" as varchar), "
        f"'new': cast(n.\"{c}\" as varchar)}} end"
        for c in shared
    )
    found = connection.execute(
        f"with sides as (select coalesce(o.dossier_code, n.dossier_code) as dossier_code, "
        "coalesce(n.agency_code, o.agency_code) as agency_code, "
        "case when o.dossier_code is null then 'appeared' when n.dossier_code is null then 'vanished' "
        "else 'changed' end as kind, "
        f"list_filter([{changes}], lambda change: change is not null) as changes "
        f"from {old} o full join {new} n on o.dossier_code = n.dossier_code) "
        "select * from sides where kind <> 'changed' or len(changes) > 0 order by kind, dossier_code"
    ).fetchall()
    return [
        {"dossier_code": code, "agency_code": agency, "kind": kind, "changes": changed if kind == "changed" else []}
        for code, agency, kind, changed in found
    ]


def _checks(before: Manifest, after: Manifest) -> dict[str, Any]:
    """How many checks held on each side, and which warnings came and went."""
    old, new = (set(manifest.verdict.get("warned", [])) for manifest in (before, after))
    return {
        "held": [before.verdict.get("held"), after.verdict.get("held")],
        "warnings_new": sorted(new - old), "warnings_gone": sorted(old - new),
    }  # fmt: skip


def _reads(before: Manifest, after: Manifest) -> list[dict[str, Any]]:
    """The exports of which another read is in force."""
    old, new = ({receipt["export"]: receipt for receipt in manifest.receipts} for manifest in (before, after))
    return [
        {"export": export, "old": old.get(export), "new": new.get(export)}
        for export in sorted({*old, *new})
        if (old.get(export) or {}).get("batch_id") != (new.get(export) or {}).get("batch_id")
    ]

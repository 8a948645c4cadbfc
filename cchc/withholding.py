"""Withholding: cells of a built month that are not to be published, since a check found fault with what they rest on."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from cchc.build_files import new_build_file
from cchc.dbt import Progress, run_dbt_build
from cchc.period import Period
from cchc.settings import Settings

# scope (month or ytd), agency_code, indicator_code
Cell = tuple[str, str, str]
_CELL = pa.schema([(name, pa.string()) for name in ("scope", "agency_code", "indicator_code")])


class NoSuchCell(ValueError):
    """A cell to withhold names a scope, an agency or an indicator that has no figures in the build file."""


def withhold_cells(period: Period, settings: Settings, cells: Iterable[Cell], progress: Progress) -> Path:
    """Replaces the month's build file by one in which these cells and no others are withheld; returns its path.

    A cell of scope `month` spoils the agency's figure of the month and the year to date that rests on it, one of scope `ytd`
    the year to date alone. It may name an agency, a roll-up, or an agency that is gone, for what it left unallocated. Only
    the figures and what hangs on them are made again: the facts stay, and without cells the tables are those that
    `build_month` made. Whoever has the old file open keeps reading the old one; a process that does is given the old one again
    when it connects once more (DuckDB shares what is open by path), so it must close first to see the new one.

    Raises NoSuchCell when a cell names what the file has no figures of, BuildFailed when dbt says no.
    """
    withheld = sorted(set(cells))
    with new_build_file(period, settings) as draft:
        progress(f"build {period}: withholding {len(withheld)} cells")
        shutil.copyfile(settings.build_file(period), draft)
        with duckdb.connect(str(draft), config={"threads": 1}) as connection:
            connection.register(
                "cells", pa.Table.from_pylist([dict(zip(_CELL.names, c, strict=True)) for c in withheld], _CELL)
            )
            connection.execute(
                "delete from landing.withheld_cells; insert into landing.withheld_cells by name from cells"
            )
            _refuse_unknown(connection, period)
        run_dbt_build(settings, draft, draft.parent / "target", progress, select="stg_landing__withheld_cells+")
    return settings.build_file(period)


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, period: Period) -> None:
    unknown = connection.execute(
        """
        select scope, agency_code, indicator_code from landing.withheld_cells where scope not in ('month', 'ytd')
            or indicator_code not in (select indicator_code from indicator_values)
            or agency_code not in (
                select agency_code from indicator_values union select agency_code from unallocated_values)
        order by all
        """
    ).fetchall()
    if unknown:
        named = ", ".join(" ".join(cell) for cell in unknown[:5])
        raise NoSuchCell(
            f"{len(unknown)} cells to withhold have no figure in {period}: {named}; expected month or ytd, an agency of "
            "indicator_values or unallocated_values, and an indicator code: name the agency that answers for the rows"
        )

"""A month that can be published without sources or dbt: the hand-written build file, faults of its records, and cells that are
withheld by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

from cchc import close as steps
from cchc import waive
from cchc.period import Period
from cchc.settings import Settings
from tests.expectations.conftest import PERIOD

# What publishing reads and the gate does not.
FOR_PUBLISHING = """
create table landing.ytd_basis (period_month date, revision integer);
alter table dim_procedures add column is_in_force boolean default true;
alter table dim_certificates add column is_valid boolean default true;
"""
# What tells which figures rest on which records.
FOR_LINEAGE = """
create table if not exists landing.withheld_cells (scope varchar, agency_code varchar, indicator_code varchar);
create table if not exists int_answering_agencies as
    select agency_code, valid_from, null::date as named_from, null::date as named_to, agency_code as heir_code,
        valid_from as heir_valid_from, true as is_allocated, agency_code as reporting_agency_code
    from dim_agencies;
alter table fct_dossiers add column if not exists agency_valid_from date default '2004-07-08';
alter table fct_documents add column if not exists agency_valid_from date default '2004-07-08';
alter table dim_certificates add column if not exists agency_valid_from date default '2004-07-08';
alter table dim_indicators add column if not exists fact varchar default 'dossiers';
alter table dim_indicators add column if not exists numerator_filter varchar;
alter table dim_indicators add column if not exists denominator_fact varchar default 'dossiers';
update dim_indicators set numerator_filter = case indicator_code when 'dossiers_received' then 'received'
    when 'dossiers_pending' then 'pending' else 'received channel:online' end;
"""
FINISHED = "fct_dossiers.finished_not_before_received"
REJECTS = "exports.reject_share"
MONTH = str(PERIOD)


def finished_early(agency: str, rows: int = 1) -> str:
    """The first dossiers of the agency ended before they were received."""
    return (
        "update fct_dossiers set finished_at = received_at - interval 1 hour "
        f"where agency_code = '{agency}' and dossier_code <= '{agency}-{rows}'"
    )


def rejected(rows: int = 1) -> str:
    """Of the eight dossiers that were read so many were rejected: a fault of the whole period."""
    return f"update landing.exports set accepted = 8 - {rows}, rejected = {rows} where export = 'portal_dossiers'"


def withhold_by_hand(
    period: Period, settings: Settings, cells: Iterable[tuple[str, str, str]], progress: object = None
) -> None:
    """What dbt makes of withheld cells: no figure there, nor in the roll-ups that hold them."""
    with duckdb.connect(str(settings.build_file(period))) as connection:
        connection.execute("create table if not exists landing.built_values as from indicator_values")
        connection.execute("delete from landing.withheld_cells")
        connection.execute("create or replace table indicator_values as from landing.built_values")
        if not (rows := list(cells)):
            return
        connection.executemany("insert into landing.withheld_cells values (?, ?, ?)", rows)
        connection.execute(
            """
            update indicator_values as v set numerator = null, denominator = null, value = null, coverage = 0,
                state = case when v.agency_code = w.agency_code then 'withheld' else 'incomplete' end
            from landing.withheld_cells as w
            left join int_agency_rollups as r on w.agency_code = r.agency_code
            where v.indicator_code = w.indicator_code and (w.scope = 'month' or v.scope = w.scope)
                and v.agency_code in (w.agency_code, r.rollup_code)
            """
        )


class Month:
    """The month under one home: built as told, waived, judged and published."""

    def __init__(self, settings: Settings, build: Callable[..., Path]) -> None:
        self.settings, self._build = settings, build

    def built(self, *changes: str) -> Path:
        return self._build(FOR_PUBLISHING, FOR_LINEAGE, *changes)

    def edited(self, sql: str) -> None:
        """Somebody changes the build file by hand."""
        with duckdb.connect(str(self.settings.build_file(PERIOD))) as connection:
            connection.execute(sql)

    def waived(self, check: str = FINISHED, **changed: object) -> str:
        """Asks for a waiver and has another person approve it; its id."""
        waiver = self.asked(check, **changed)
        waive.decide(waiver, "minh.vo", approved=True)
        return waiver

    def asked(self, check: str = FINISHED, **changed: object) -> str:
        wanted = {
            "period": MONTH,
            "agency": "11122",
            "rows_at_most": 1,
            "reason": "hồ sơ chuyển từ phần mềm cũ, ngày kết thúc đúng theo sổ giấy",
            "ground": "Công văn 1234/UBND-KSTT ngày 12/03/2023 của tỉnh",
            "requested_by": "lan.pham",
        } | changed
        return str(waive.request(check, **wanted)["waiver"])  # type: ignore[arg-type]

    def published(self) -> list[str]:
        """Every file under published/ that somebody could read figures from."""
        folder = self.settings.published
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def figures(self) -> dict[tuple[str, str, str], float | None]:
        """What was published of dossiers, by scope, agency and indicator; empty when nothing was."""
        found = sorted((self.settings.published / "snapshots").glob("*/revision=*/indicator_values.parquet"))
        if not found:
            return {}
        rows = duckdb.sql(
            f"select scope, agency_code, indicator_code, value from read_parquet('{found[-1]}', hive_partitioning = false) "
            "where indicator_code in ('dossiers_received', 'dossiers_pending', 'online_share')"
        ).fetchall()
        return {row[:3]: row[3] for row in rows}

    def audit(self) -> dict:
        return steps.audit(MONTH)

    def publish(self) -> dict:
        return steps.publish(MONTH)

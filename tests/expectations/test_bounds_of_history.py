"""The bounds that rest on earlier months: healthy provinces stay within them for two years, and a large loss does not.

Counts are drawn as healthy ones vary: by chance, by a twelfth from month to month, with seasons, growth and a Tết at half speed.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations.reading import FRAMES

AGENCIES, MONTHS, JUDGED, CODES = 60, 48, 24, ("dossiers_received", "documents_outgoing")
CELLS_OF_AN_AGENCY = 43 * 2

pytestmark = pytest.mark.slow


class Province:
    """Counts and shares of every agency and month, from one seed."""

    def __init__(self) -> None:
        rng = np.random.default_rng(20230414)
        months = np.arange(MONTHS)
        self.is_tet = (months % 12 == 1) | (months % 24 == 2)
        self.working_days = 22 - 4 * self.is_tet + rng.integers(-1, 2, MONTHS)
        pace = self.working_days * np.where(self.is_tet, 0.6, 1.0) * 1.003**months
        phase = rng.uniform(0, 2 * np.pi, (AGENCIES, 1, 1))
        season = 1 + 0.1 * np.sin(2 * np.pi * months / 12 + phase)
        size = 4 * np.exp(rng.normal(0, 0.9, (AGENCIES, len(CODES), 1)))
        self.counts = rng.poisson(size * season * pace * rng.gamma(150, 1 / 150, (AGENCIES, len(CODES), MONTHS)))
        share = np.clip(rng.beta(8, 2, (AGENCIES, 1)) + rng.normal(0, 0.03, (AGENCIES, MONTHS)), 0, 1)
        self.online = rng.binomial(self.counts[:, 0, :], share)

    def figures(self, month: int) -> pd.DataFrame:
        codes = [
            pd.DataFrame({"indicator_code": code, "numerator": self.counts[:, i, month]})
            for i, code in enumerate(CODES)
        ]
        share = {
            "indicator_code": "online_share",
            "numerator": self.online[:, month],
            "denominator": self.counts[:, 0, month],
        }
        rows = pd.concat([*codes, pd.DataFrame(share)])
        rows["agency_code"] = [f"A{i:02d}" for i in range(AGENCIES)] * (len(CODES) + 1)
        return rows.assign(is_tet=self.is_tet[month], working_days=self.working_days[month])

    def bind(self, connection: duckdb.DuckDBPyConnection, month: int) -> None:
        distances = [d for d in (*range(1, 14), 23, 24, 25, 35, 36, 37) if d <= month]
        earlier = pd.concat([self.figures(month - d).assign(distance=d) for d in distances])
        now = self.figures(month)
        connection.register("earlier_rows", earlier)
        connection.register("now_rows", now)
        connection.execute(
            "create or replace table comparable_figures as select * replace (numerator::bigint as numerator, "
            "denominator::bigint as denominator) from earlier_rows;"
            "create or replace table indicator_values as select agency_code, indicator_code, 'month' as scope, "
            "numerator::bigint as numerator, denominator::bigint as denominator, "
            "coalesce(numerator / nullif(denominator, 0), numerator) as value from now_rows;"
            f"create or replace table months_at_work as select 0 as distance, {self.working_days[month]} as working_days, "
            f"{bool(self.is_tet[month])} as is_tet"
        )


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute(
            "create table dim_indicators (indicator_code varchar, name_vi varchar);"
            "create table int_reporting_agencies as "
            f"select format('A{{:02d}}', i) as agency_code, false as is_rollup from range({AGENCIES}) r(i)"
        )
        yield opened


def warned(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Agency and figure of every row that one of the checks does not accept."""
    volumes, shares = ((FRAMES / f"{name}.sql").read_text(encoding="utf-8") for name in ("volumes", "share_jumps"))
    rows = connection.execute(
        f"select agency_code, indicator_code from ({volumes}) where counted not between usual_least and usual_most "
        f"union all select agency_code, indicator_code from ({shares}) where share_before is not null"
    ).fetchall()
    return set(rows)


def test_healthy_provinces_cross_the_bounds_less_than_once_in_a_thousand_cells(connection: duckdb.DuckDBPyConnection):
    province, found = Province(), 0
    for month in range(MONTHS - JUDGED, MONTHS):
        province.bind(connection, month)
        found += len(warned(connection))

    assert found <= JUDGED * AGENCIES * CELLS_OF_AN_AGENCY / 1000


@pytest.mark.parametrize(("kept", "least"), [(0.5, 0.2), (0.2, 0.9)])
def test_a_large_loss_is_told_of_agencies_with_a_hundred_cases(
    connection: duckdb.DuckDBPyConnection, kept: float, least: float
):
    province, month = Province(), 40
    large = [i for i in range(AGENCIES) if province.counts[i, 1, month] >= 100]
    province.counts[large, 1, month] = province.counts[large, 1, month] * kept
    province.bind(connection, month)

    found = {agency for agency, code in warned(connection) if code == "documents_outgoing"}

    told = sum(f"A{i:02d}" in found for i in large) / len(large)
    assert (len(large) > 10, told >= least) == (True, True), told


def test_a_lost_flag_is_told(connection: duckdb.DuckDBPyConnection):
    province, month = Province(), 40
    province.online[7, month] = 0
    province.bind(connection, month)

    assert ("A07", "online_share") in warned(connection)

"""The tables that the bench makes by hand beside the same months built by the real dbt: neither may change a rule alone.

The hand-written SQL follows the definitions, not the models. The months have pauses of every kind, overlapping, told twice and
open, over Tết; supplements that came after the month; recalled documents; procedures that ended; older versions of dossiers;
communes that did nothing of a kind. January begins a year, February goes on with it.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bench import by_hand
from bench.close_month import FIRST, Deployment
from bench.province import Province
from bench.served import EXPORTS
from cchc.period import Period
from sandbox.landed import Rows, put_month

pytestmark = pytest.mark.slow

JANUARY, FEBRUARY = FIRST, FIRST.following()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """January published, February built."""
    home = Deployment(tmp_path_factory.mktemp("bench") / "home", Province(60, 8_000, 500, FIRST))
    put(home, JANUARY)
    home.close(JANUARY)
    put(home, FEBRUARY)
    home.close(FEBRUARY, ("build",))
    return home


def put(home: Deployment, period: Period) -> None:
    """The month of the province, in which every hundredth dossier was sent once before, not ended and on another channel."""
    rows = home.province.rows(period)
    dossiers = rows["dossiers"]
    rows["dossiers"] = duckdb.sql("""
        from dossiers
        union all
        select * replace ('postal' as channel, null as finished_at, updated_at - interval 1 hour as updated_at)
        from dossiers
        where hash(dossier_code) % 100 = 0
    """).to_arrow_table().cast(dossiers.schema)  # fmt: skip
    put_month(home.settings, period, {export: Rows(rows[entity]) for export, entity in EXPORTS.items()})


@pytest.mark.parametrize("period", [JANUARY, FEBRUARY], ids=str)
def test_a_month_by_hand_is_the_month_that_dbt_built(closed: Deployment, tmp_path: Path, period: Period) -> None:
    build_file, file, figures = closed.settings.build_file(period), tmp_path / "month", tmp_path / "figures"
    by_hand.run(closed.settings, period, file)
    assert by_hand.differences(file, build_file) == []
    by_hand.run(closed.settings, period, figures, by_hand.FIGURES_ALONE)
    assert by_hand.differences(figures, build_file, ("indicator_values",)) == []

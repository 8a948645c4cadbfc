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
    """The month of the province; every hundredth dossier was sent once before, not ended and on another channel."""
    rows = home.province.rows(period)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        connection.register("province", rows["dossiers"])
        if period == FEBRUARY:
            connection.execute("create table dossiers as " + EDGES, {"ends_at": period.ends_at})
        else:
            connection.execute("create view dossiers as from province")
        sent_before = "'postal' as channel, null as finished_at, updated_at - interval 1 hour as updated_at"
        dossiers = connection.sql(
            f"from dossiers union all select * replace ({sent_before}) from dossiers where hash(dossier_code) % 100 = 0"
        ).to_arrow_table()
        if period == FEBRUARY:
            connection.register("catalogue", rows["procedures"])
            procedures = connection.sql(
                "select * replace (if(procedure_code like '%9', date '2021-01-31', null) as valid_to) from catalogue"
            ).to_arrow_table()
            rows["procedures"] = procedures.cast(rows["procedures"].schema)
    rows["dossiers"] = dossiers.cast(rows["dossiers"].schema)
    put_month(home.settings, period, {export: Rows(rows[entity]) for export, entity in EXPORTS.items()})


# What a gate would speak of, in a month that is not published: due before the reception, a pause before it, of no time at all or
# to the last instant, a supplement at the first instant after the month and a dossier received then, another field than before.
EDGES = """
    select * replace (
        case hash(dossier_code) % 40
            when 0 then received_at - interval 1 day when 1 then $ends_at + interval 9 day else due_at
        end as due_at,
        case hash(dossier_code) % 40 when 1 then [{
            'requested_at': $ends_at, 'answered_at': null,
            'old_due_at': $ends_at - interval 9 day, 'new_due_at': $ends_at + interval 9 day
        }] else supplements end as supplements,
        case hash(dossier_code) % 40
            when 2 then [{'step': 8, 'started_at': received_at - interval 1 day, 'finished_at': received_at + interval 1 day,
                          'due_at': null}]
            when 3 then [{'step': 8, 'started_at': received_at, 'finished_at': received_at, 'due_at': null}]
            when 4 then [{'step': 6, 'started_at': received_at, 'finished_at': $ends_at, 'due_at': null}]
            else steps
        end as steps,
        case when hash(dossier_code) % 40 = 5 then 'HT' end as field_code
    )
    from province
    union all
    select * replace (
        dossier_code || '9' as dossier_code, $ends_at as received_at, $ends_at + interval 1 hour as updated_at, 2 as status,
        null as finished_at, null as refused_at, null as withdrawn_at, null as returned_at, [] as supplements, [] as steps
    )
    from province
    where hash(dossier_code) % 100 = 1
"""


@pytest.mark.parametrize("period", [JANUARY, FEBRUARY], ids=str)
def test_a_month_by_hand_is_the_month_that_dbt_built(closed: Deployment, tmp_path: Path, period: Period) -> None:
    build_file, file, figures = closed.settings.build_file(period), tmp_path / "month", tmp_path / "figures"
    by_hand.run(closed.settings, period, file)
    assert by_hand.differences(file, build_file) == []
    by_hand.run(closed.settings, period, figures, by_hand.FIGURES_ALONE)
    assert by_hand.differences(figures, build_file, ("indicator_values",)) == []

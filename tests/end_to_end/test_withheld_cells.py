"""Broken exports of some agencies: the figures that rest on them are withheld, and nothing else of the month is touched.

Random faults, one commune each; what they spoil follows from the columns that they break, and is compared with a clean month,
row by row. Once the sources are repaired, the next revision is the clean month.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cchc import close as steps
from cchc.settings import settings
from cchc.status import statuses
from expectations.lineage import Lineage, tokens_of
from expectations.verdicts import newest_verdict
from sandbox.faults import CommuneMissing, DuplicateCodes, Fault
from snapshots.store import current
from tests.end_to_end.conftest import Deployment, cchc

pytestmark = pytest.mark.slow
MONTH = "2023-01"
IDENTITIES = {"11122": "000.22.26.H23", "11119": "000.19.26.H23", "11137": "000.37.26.H23", "15907": "000.07.30.H56"}
ROLLUPS = {"11122": ("298", "30"), "11119": ("298", "30"), "11137": ("298", "30"), "15907": ("399", "38")}
ENDED = ("9", "10")


@dataclass(frozen=True)
class Dossiers(Fault):
    """`count` dossiers of the commune are changed, those that `change` can change."""

    change: Callable[[dict[str, Any], Any], bool] = lambda row, question: False
    count: int = 3

    def spoil(self, question: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        changed = 0
        for position in random.Random(self.count).sample(range(len(rows)), len(rows)):
            changed += self.change(rows[position], question)
            if changed == self.count:
                break
        return rows


@dataclass(frozen=True)
class Documents(Fault):
    """Some documents that the commune sent were issued a hundred years ago, says the document system."""

    of: str = "dms_documents"
    count: int = 2

    def spoil(self, question: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        mine = [row for row in rows if row["From"]["OrganId"] == IDENTITIES[self.agency] and row["SentAt"]]
        for row in mine[: self.count]:
            row["PromulgationInfo"]["PromulgationDate"] = "1923/01/05"
        return rows


def _due_in_another_century(row: dict[str, Any], question: Any) -> bool:
    if found := bool(row["NgayHenTra"]):
        row["NgayHenTra"] = "2123" + row["NgayHenTra"][4:]
    return found


def _end_without_its_date(row: dict[str, Any], question: Any) -> bool:
    if found := row["TrangThaiHoSo"] in ENDED:
        row["NgayKetThucXuLy"] = ""
    return found


def _received_after_the_period(row: dict[str, Any], question: Any) -> bool:
    row["NgayTiepNhan"] = f"{question.end + timedelta(days=3):%Y%m%d}080000"
    return True


def _received_in_another_century(row: dict[str, Any], question: Any) -> bool:
    row["NgayTiepNhan"] = "1923" + row["NgayTiepNhan"][4:]
    return True


# What may break, and which columns a check that sees it puts in doubt.
DATES = tuple(
    f"fct_dossiers.{name}_at"
    for name in ("submitted", "received", "finished", "refused", "withdrawn", "returned", "due")
)
FAULTS: dict[str, tuple[Callable[[str, int], Fault], tuple[str, ...]]] = {
    "a commune missing": (lambda agency, n: CommuneMissing(agency, MONTH), ("fct_dossiers",)),
    "one code, two contents": (lambda agency, n: DuplicateCodes(agency, MONTH, count=n), ("fct_dossiers",)),
    "due in another century": (
        lambda agency, n: Dossiers(agency, MONTH, _due_in_another_century, count=n), ("fct_dossiers.due_at",)),
    "an end without its date": (
        lambda agency, n: Dossiers(agency, MONTH, _end_without_its_date, count=n), ("fct_dossiers.finished_at",)),
    "received after the period": (
        lambda agency, n: Dossiers(agency, MONTH, _received_after_the_period, count=n), ("fct_dossiers.received_at",)),
    "received in another century": (lambda agency, n: Dossiers(agency, MONTH, _received_in_another_century, count=n), DATES),
    "documents of another century": (
        lambda agency, n: Documents(agency, MONTH, count=n),
        ("fct_documents.received_at", "fct_documents.sent_at", "fct_documents.issued_date")),
}  # fmt: skip


def tables(home: Path, revision: int) -> dict[str, set[tuple[Any, ...]]]:
    """Every published table of the month as a set of rows, each with its agency first."""
    folder = home / f"published/snapshots/{MONTH}/revision={revision:03d}"
    found = {}
    for path in sorted(folder.glob("*.parquet")):
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            rows = f"read_parquet('{path}', hive_partitioning = false)"
            names = [row[0] for row in connection.execute(f"describe from {rows}").fetchall()]
            agency = "agency_code" if "agency_code" in names else "null"
            found[path.stem] = set(connection.execute(f"select {agency}, to_json(t)::varchar from {rows} t").fetchall())
    return found


def cells(home: Path, revision: int) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    path = home / f"published/snapshots/{MONTH}/revision={revision:03d}/indicator_values.parquet"
    rows = duckdb.sql(
        "select scope, agency_code, indicator_code, state, numerator, denominator, value, coverage from "
        f"read_parquet('{path}', hive_partitioning = false)"
    ).fetchall()
    return {row[:3]: row[3:] for row in rows}


@pytest.mark.parametrize("seed", [1, 5])
def test_random_faults_withhold_the_predicted_cells_and_leave_all_else_as_it_was(
    seed: int, deployment: Deployment, one_month: Path, monkeypatch: pytest.MonkeyPatch
):
    chance = random.Random(seed)
    broken = chance.sample(sorted(IDENTITIES), 3)
    kinds = chance.sample(sorted(FAULTS), 3)
    faults = [FAULTS[kind][0](agency, chance.randint(1, 4)) for agency, kind in zip(broken, kinds, strict=True)]
    for fault in faults:
        deployment.province.poison(fault)

    code, said = cchc("close", MONTH, "--json")

    told = f"seed {seed}: {dict(zip(broken, kinds, strict=True))}"
    assert code == 0, f"{told}\n{said}"
    done = json.loads(said.splitlines()[-1])
    with duckdb.connect(str(settings().build_file(settings().period(MONTH))), read_only=True) as connection:
        catalogue = Lineage(connection).indicators
    predicted = {
        (agency, code)
        for agency, kind in zip(broken, kinds, strict=True)
        for code, indicator in catalogue.items()
        if indicator.rests_on(tokens_of(FAULTS[kind][1]))
    }
    clean, found = cells(one_month, 1), cells(deployment.home, 1)
    assert set(found) == set(clean)
    above = {(rollup, code) for agency, code in predicted for rollup in ROLLUPS[agency]}
    for (scope, agency, code), figure in found.items():
        was = clean[scope, agency, code]
        if (agency, code) in predicted and was[0] != "not_measured":
            assert figure == ("withheld", None, None, None, 0.0), (told, scope, agency, code)
        elif (agency, code) in above and was[0] != "not_measured":
            assert figure[:4] == ("incomplete", None, None, None), (told, scope, agency, code)
            assert figure[4] < was[4]
        else:
            assert figure == was, (told, scope, agency, code)
    before, after = tables(one_month, 1), tables(deployment.home, 1)
    touched = {*broken, *(rollup for agency in broken for rollup in ROLLUPS[agency])}
    for name in before:
        left = [{row for row in rows[name] if row[0] not in touched} for rows in (before, after)]
        assert left[0] == left[1], (told, name)

    withheld = {(scope, agency, code) for (scope, agency, code), figure in found.items() if figure[0] == "withheld"}
    manifest = current(settings(), settings().period(MONTH))
    assert manifest is not None
    assert {(cell["scope"], cell["agency"], cell["indicator"]) for cell in manifest.withheld} == withheld
    assert done["withheld"] == len(withheld)
    rows = deployment.query("select scope, agency_code, indicator_code from withheld_cells where revision = 1")
    assert set(rows) == withheld
    assert len(deployment.alerts) >= 1

    monkeypatch.setattr("expectations.audit._judged_here", set())  # as in another process: judged again
    assert json.loads(cchc("publish", MONTH, "--json")[1].splitlines()[-1]) == done | {"is_new": False}

    for fault in faults:
        deployment.province.repair(fault)
    assert steps.close(MONTH) == {"period": MONTH, "revision": 2, "is_new": True, "withheld": 0}
    assert tables(deployment.home, 2) == before
    assert statuses(MONTH)[0]["to_do"] == []
    verdict = newest_verdict(MONTH, settings())
    assert verdict is not None
    assert verdict.unresolved() == []

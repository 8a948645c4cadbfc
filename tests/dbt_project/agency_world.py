"""Three months with random histories of agencies and the mergers of December 2024 in them, built through the real dbt."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cchc.period import Period
from tests.dbt_project.build_files import published_rows, write_build_file
from tests.dbt_project.histories import History, Key, history

Dbt = Callable[..., CompletedProcess[str]]
MONTHS = [Period(2024, 10), Period(2024, 11), Period(2024, 12)]
DAYS = [date(2024, 9, 15), date(2024, 10, 15), date(2024, 12, 14)]
HISTORIES = [history(f"r{number}.", DAYS, seed=number) for number in range(12)]
QUANG_NGHIEP, PHUONG_KY, LAC_PHUONG = "000.22.26.H23", "000.37.26.H23", "000.40.26.H23"
FIELDS = {"1.000000": "G1", "1.000001": "G1", "1.000002": "G2"}  # by procedure; of others nobody says the field
# What the communes of the shipped list received: (code, identity code, received, finished).
SHIPPED = [
    ("QN-1", QUANG_NGHIEP, date(2024, 9, 1), None),
    ("QN-2", QUANG_NGHIEP, date(2024, 10, 20), date(2024, 10, 30)),
    ("QN-3", QUANG_NGHIEP, date(2024, 11, 20), date(2024, 12, 5)),
    ("DA-1", QUANG_NGHIEP, date(2024, 12, 3), None),
    ("PK-1", PHUONG_KY, date(2024, 9, 1), date(2024, 12, 3)),
    ("PK-2", PHUONG_KY, date(2024, 11, 20), None),
    ("LP-1", LAC_PHUONG, date(2024, 12, 3), None),
]


@dataclass
class Dossier:
    """`holders`: whom the portal names, month by month, in months where the dossier is served."""

    code: str
    received: date
    ended: date | None
    channel: str
    procedure: str
    due: date | None = None
    holders: dict[Period, Key] = field(default_factory=dict)

    def received_in(self, month: Period) -> bool:
        return month.first_date <= self.received <= month.last_date

    def carried_into(self, month: Period) -> bool:
        return self.received < month.first_date

    def pending_after(self, month: Period) -> bool:
        return self.ended is None or self.ended > month.last_date


def dossiers_of(made: History, seed: int) -> list[Dossier]:
    """Received by whoever lived on the day; of an agency that was divided, some are handed over to a part of it."""
    rng = random.Random(seed)
    found = []
    for number in range(60):
        received = date(2024, 7, 1) + timedelta(days=rng.randrange(167))
        ended = received + timedelta(days=rng.randrange(120)) if rng.random() < 0.8 else None
        holder = rng.choice(made.communes_on(received))
        one = Dossier(
            f"{made.name}{number}", received, ended, rng.choice(["online", "in_person"]), f"1.00000{number % 4}",
            received + timedelta(days=30) if number % 3 else None,
        )  # fmt: skip
        handed_over = rng.choice([None, *MONTHS])
        for month in MONTHS:
            if received > month.last_date or (ended and ended < month.first_date):
                continue
            parts = sorted(made.parts(holder, month.last_date))
            is_gone = not made.answering(holder, month.last_date)[1]
            # A portal that renamed the holder of a dossier once keeps it with somebody who exists.
            renamed_before = holder[1] > received and not made.stands(holder, month.last_date)
            if parts and ((is_gone and handed_over == month) or renamed_before):
                holder = rng.choice(parts)
            one.holders[month] = holder
        found.append(one)
    return found


DOSSIERS = {made.name: dossiers_of(made, seed) for seed, made in enumerate(HISTORIES)}


def landing(month: Period) -> dict[str, list[dict[str, Any]]]:
    dossiers = [
        {"dossier_code": d.code, "agency_code": f"{d.holders[month][0]}/{d.holders[month][1]}", "procedure_code": d.procedure,
         "field_code": FIELDS.get(d.procedure), "channel": d.channel, "received_at": f"{d.received} 08:00",
         "due_at": f"{d.due} 17:00" if d.due else None, "finished_at": f"{d.ended} 17:00" if d.ended else None,
         "status": 9 if d.ended else 4}
        for found in DOSSIERS.values() for d in found if month in d.holders
    ]  # fmt: skip
    dossiers += [
        {"dossier_code": code, "agency_code": agency, "procedure_code": "1.000001", "channel": "online", "status": 4,
         "received_at": f"{received} 08:00", "finished_at": f"{ended} 17:00" if ended else None}
        for code, agency, received, ended in SHIPPED if received <= month.last_date
    ]  # fmt: skip
    documents = [
        {"document_id": f"{made.name}{key[0]}/{day}", "agency_code": f"{key[0]}/{key[1]}", "direction": "outgoing",
         "sent_at": f"{day} 09:00", "issued_date": str(day)}
        for made in HISTORIES for day in (month.first_date, month.last_date) for key in made.communes_on(day)
    ]  # fmt: skip
    agencies = [row for made in HISTORIES for row in made.agency_rows()]
    return {"dossiers": dossiers, "documents": documents, "procedures": [], "local_agencies": agencies}


def build(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> dict[Period, Path]:
    """Each month built upon what the months before it published."""
    seeds = tmp_path_factory.mktemp("seeds")
    assert dbt(seeds, "seed").returncode == 0
    with duckdb.connect(str(seeds / "warehouse.duckdb")) as connection:
        rows = [row for made in HISTORIES for row in made.succession_rows()]
        connection.register("new_rows", pa.Table.from_pylist(rows))
        connection.execute("insert into agency_successions by name from new_rows")
    built: dict[Period, Path] = {}
    published: dict[str, list[dict[str, Any]]] = {}
    for month in MONTHS:
        folder = tmp_path_factory.mktemp(str(month))
        shutil.copyfile(seeds / "warehouse.duckdb", folder / "warehouse.duckdb")
        earlier = [{"period_month": before.first_of_month, "revision": 1} for before in built]
        write_build_file(folder / "warehouse.duckdb", month, landing(month), year_months=earlier, published=published)
        done = dbt(folder, "build", "--exclude-resource-type", "unit_test", "seed")
        assert done.returncode == 0, done.stdout
        built[month] = folder
        for name, new in published_rows(folder).items():
            published[name] = published.get(name, []) + new
    return built

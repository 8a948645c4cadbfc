"""Three months through the real dbt, with random histories of agencies and the mergers of December 2024 in them.

Every dossier's path is known, so that what each agency must report is counted here in plain Python.
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cchc.period import Period
from expectations.reading import FRAMES
from tests.dbt_project.build_files import figures, published_rows, query, write_build_file
from tests.dbt_project.histories import History, Key, history

pytestmark = pytest.mark.slow

Dbt = Callable[..., CompletedProcess[str]]
MONTHS = [Period(2024, 10), Period(2024, 11), Period(2024, 12)]
DAYS = [date(2024, 8, 1), date(2024, 10, 25), date(2024, 12, 1)]
HISTORIES = [history(f"r{number}.", DAYS, seed=number) for number in range(12)]
QUANG_NGHIEP, PHUONG_KY, LAC_PHUONG = "000.22.26.H23", "000.37.26.H23", "000.40.26.H23"
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
            f"{made.name}{number}", received, ended, rng.choice(["online", "in_person"]), f"1.00000{number % 4}"
        )
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
         "channel": d.channel, "received_at": f"{d.received} 08:00", "finished_at": f"{d.ended} 17:00" if d.ended else None,
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


@pytest.fixture(scope="module")
def months(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> dict[Period, Path]:
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


def answered(month: Period, on: Period | None = None) -> Iterable[tuple[History, Dossier, Key, bool]]:
    """The dossiers of a month with who answers for them at its end, or at that of a later month."""
    for made in HISTORIES:
        for dossier in DOSSIERS[made.name]:
            if month in dossier.holders:
                yield made, dossier, *made.answering(dossier.holders[month], (on or month).last_date)


def counted(month: Period, agency: Callable[[History, Key, bool], str | None]) -> Counter[tuple[str, str]]:
    """(agency, indicator) to what it must be, with agencies named by `agency`."""
    sums: Counter[tuple[str, str]] = Counter()
    for made, dossier, unit, exists in answered(month):
        if name := agency(made, unit, exists):
            sums[name, "dossiers_received"] += dossier.received_in(month)
            sums[name, "dossiers_received_online"] += dossier.received_in(month) and dossier.channel == "online"
            sums[name, "dossiers_carried_over"] += dossier.carried_into(month)
            sums[name, "dossiers_pending"] += dossier.pending_after(month)
            sums[name, "dossiers_resolved"] += not dossier.pending_after(month)
    return sums


def found(folder: Path, scope: str, names: set[str], codes: set[str]) -> dict[tuple[str, str], Any]:
    return {
        (agency, code): row[0]
        for (of_scope, agency, code), row in figures(folder).items()
        if of_scope == scope and agency in names and code in codes
    }


CODES = {
    "dossiers_received",
    "dossiers_received_online",
    "dossiers_carried_over",
    "dossiers_pending",
    "dossiers_resolved",
}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_commune_reports_what_it_and_those_it_took_over_whole_received(
    months: dict[Period, Path], month: Period
) -> None:
    wanted = counted(month, lambda made, unit, exists: unit[0] if exists else None)
    names = {code for made in HISTORIES for code, _ in made.communes_on(month.last_date)}
    got = found(months[month], "month", names, CODES)
    assert got == {(name, code): wanted[name, code] for name in names for code in CODES}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_province_counts_every_dossier_once_and_what_no_commune_has_is_told(
    months: dict[Period, Path], month: Period
) -> None:
    whole = counted(month, lambda made, unit, exists: f"{made.name}P")
    names = {f"{made.name}P" for made in HISTORIES}
    assert found(months[month], "month", names, CODES) == {key: whole[key] for key in whole}
    gone = counted(month, lambda made, unit, exists: None if exists else unit[0])
    rows = query(
        months[month], "select agency_code, indicator_code, sum(numerator) from unallocated_values group by all"
    )
    got = {(agency, code): total for agency, code, total in rows if code in CODES and total}
    assert got == {key: total for key, total in gone.items() if total}
    assert month != MONTHS[-1] or gone


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_totals_that_the_gate_compares_are_equal(months: dict[Period, Path], month: Period) -> None:
    for frame, left, right in (("rollups", "total", "parts_total"), ("identities", "taken_on", "accounted_for")):
        sql = (FRAMES / f"{frame}.sql").read_text(encoding="utf-8")
        rows = query(months[month], f"select agency_code, row_key, {left}, {right} from ({sql})")
        assert [row for row in rows if row[2] != row[3]] == []
        assert any(row[2] for row in rows)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_facts_keep_the_agency_of_the_source_and_name_who_reports_them(
    months: dict[Period, Path], month: Period
) -> None:
    rows = query(
        months[month],
        "select dossier_code, agency_code, agency_valid_from, reporting_agency_code from fct_dossiers "
        "where agency_code like 'r%'",
    )
    assert sorted(rows) == sorted(
        (dossier.code, *dossier.holders[month], unit[0] if exists else None)
        for made, dossier, unit, exists in answered(month)
    )


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_documents_follow_like_dossiers(months: dict[Period, Path], month: Period) -> None:
    wanted: Counter[str] = Counter()
    for made in HISTORIES:
        for day in (month.first_date, month.last_date):
            for key in made.communes_on(day):
                unit, exists = made.answering(key, month.last_date)
                wanted[f"{made.name}P"] += 1
                if exists:
                    wanted[unit[0]] += 1
    got = found(months[month], "month", set(wanted), {"documents_outgoing"})
    assert got == {(name, "documents_outgoing"): total for name, total in wanted.items()}


def in_doubt(made: History, now: Period) -> set[str]:
    """Communes whose year nobody can state: they took over an unknown part of an agency that had figures this year, or were
    handed dossiers that had been counted elsewhere."""
    doubtful = set()
    for month in MONTHS:
        for key in made.communes_on(month.last_date):
            if not made.answering(key, now.last_date)[1]:
                doubtful |= {code for code, _ in made.parts(key, now.last_date)}
    for dossier in DOSSIERS[made.name]:
        for before, month in itertools.pairwise(MONTHS):
            if before in dossier.holders and month in dossier.holders and dossier.pending_after(before):
                was, is_now = (made.answering(dossier.holders[m], month.last_date)[0] for m in (before, month))
                # What only moved between parts that are one agency again moved nothing.
                if (holder := made.answering(is_now, now.last_date)[0]) != made.answering(was, now.last_date)[0]:
                    doubtful.add(holder[0])
    return doubtful


def test_the_year_goes_through_mergers_and_stops_where_a_part_is_unknown(months: dict[Period, Path]) -> None:
    now = MONTHS[-1]
    rows = figures(months[now])
    wanted: Counter[tuple[str, str]] = Counter()
    procedures: dict[str, set[str]] = {}
    for month in MONTHS:
        for made, dossier, unit, exists in answered(month, on=now):
            for name in (unit[0] if exists else None, f"{made.name}P"):
                if name:
                    wanted[name, "dossiers_received"] += dossier.received_in(month)
                    wanted[name, "dossiers_resolved"] += not dossier.pending_after(month)
                    wanted[name, "dossiers_carried_over"] += month == MONTHS[0] and dossier.carried_into(month)
                    wanted[name, "dossiers_pending"] += month == now and dossier.pending_after(month)
            if dossier.received_in(month) and dossier.channel == "online" and exists:
                procedures.setdefault(unit[0], set()).add(dossier.procedure)
    stated = Counter[str]()
    for made in HISTORIES:
        doubtful = in_doubt(made, now)
        for name in [code for code, _ in made.communes_on(now.last_date)] + [f"{made.name}P"]:
            for code in ("dossiers_received", "dossiers_resolved", "dossiers_carried_over", "dossiers_pending"):
                numerator, _, _, state = rows["ytd", name, code]
                stated[state] += 1
                if name in doubtful:
                    assert state == "incomplete", (name, code)
                else:
                    assert (numerator, state) == (wanted[name, code], "ok"), (name, code)
            if name not in doubtful and not name.endswith("P"):
                assert rows["ytd", name, "procedures_with_online_dossiers_share"][0] == len(procedures.get(name, ()))
    assert stated["ok"] > 100 < stated["incomplete"]


def test_carried_over_is_what_was_pending_before_and_a_hand_over_is_told_as_one(months: dict[Period, Path]) -> None:
    for month in MONTHS:
        assert query(months[month], "from int_carry_over_breaks where not is_handed_over") == []
    assert query(months[MONTHS[-1]], "select count(*) > 0 from int_carry_over_breaks") == [(True,)]


def test_the_code_11122_counts_for_dan_an_and_its_year_is_that_of_quang_nghiep_too(months: dict[Period, Path]) -> None:
    december = figures(months[MONTHS[-1]])
    assert december["month", "11122", "dossiers_received"][0] == 2
    assert december["month", "11122", "dossiers_carried_over"][0] == 1
    assert december["ytd", "11122", "dossiers_received"] == (3, None, 3.0, "ok")
    assert december["ytd", "11122", "dossiers_carried_over"] == (1, None, 1.0, "ok")
    assert query(
        months[MONTHS[-1]],
        "select dossier_code, agency_valid_from, reporting_agency_code from fct_dossiers where agency_code = '11122' order by 1",
    ) == [
        ("DA-1", date(2024, 12, 1), "11122"),
        ("QN-1", date(2004, 7, 8), "11122"),
        ("QN-3", date(2004, 7, 8), "11122"),
    ]


def test_what_phuong_ky_received_before_its_merger_is_reported_by_lac_phuong(months: dict[Period, Path]) -> None:
    december = figures(months[MONTHS[-1]])
    assert ("month", "11137", "dossiers_received") not in december
    assert december["month", "11140", "dossiers_received"][0] == 2
    assert december["ytd", "11140", "dossiers_received"] == (2, None, 2.0, "ok")
    assert december["ytd", "11140", "dossiers_carried_over"] == (1, None, 1.0, "ok")
    assert december["ytd", "298", "dossiers_received"] == (5, None, 5.0, "ok")
    assert december["ytd", "30", "dossiers_resolved"] == (3, None, 3.0, "ok")

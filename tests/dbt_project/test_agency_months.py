"""Three months through the real dbt, with random histories of agencies and the mergers of December 2024 in them.

Every dossier's path is known, so that what each agency must report is counted here in plain Python.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cchc.period import Period
from expectations.reading import FRAMES
from tests.dbt_project.agency_world import DOSSIERS, HISTORIES, MONTHS, Dossier
from tests.dbt_project.build_files import figures, query
from tests.dbt_project.histories import History, Key

pytestmark = pytest.mark.slow


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
    agency_months: dict[Period, Path], month: Period
) -> None:
    wanted = counted(month, lambda made, unit, exists: unit[0] if exists else None)
    names = {code for made in HISTORIES for code, _ in made.communes_on(month.last_date)}
    got = found(agency_months[month], "month", names, CODES)
    assert got == {(name, code): wanted[name, code] for name in names for code in CODES}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_province_counts_every_dossier_once_and_what_no_commune_has_is_told(
    agency_months: dict[Period, Path], month: Period
) -> None:
    whole = counted(month, lambda made, unit, exists: f"{made.name}P")
    names = {f"{made.name}P" for made in HISTORIES}
    assert found(agency_months[month], "month", names, CODES) == {key: whole[key] for key in whole}
    gone = counted(month, lambda made, unit, exists: None if exists else unit[0])
    rows = query(
        agency_months[month], "select agency_code, indicator_code, sum(numerator) from unallocated_values group by all"
    )
    got = {(agency, code): total for agency, code, total in rows if code in CODES and total}
    assert got == {key: total for key, total in gone.items() if total}
    assert month != MONTHS[-1] or gone


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_totals_that_the_gate_compares_are_equal(agency_months: dict[Period, Path], month: Period) -> None:
    for frame, left, right in (("rollups", "total", "parts_total"), ("identities", "taken_on", "accounted_for")):
        sql = (FRAMES / f"{frame}.sql").read_text(encoding="utf-8")
        rows = query(agency_months[month], f"select agency_code, row_key, {left}, {right} from ({sql})")
        assert [row for row in rows if row[2] != row[3]] == []
        assert any(row[2] for row in rows)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_facts_keep_the_agency_of_the_source_and_name_who_reports_them(
    agency_months: dict[Period, Path], month: Period
) -> None:
    rows = query(
        agency_months[month],
        "select dossier_code, agency_code, agency_valid_from, reporting_agency_code from fct_dossiers "
        "where agency_code like 'r%'",
    )
    assert sorted(rows) == sorted(
        (dossier.code, *dossier.holders[month], unit[0] if exists else None)
        for made, dossier, unit, exists in answered(month)
    )


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_documents_follow_like_dossiers(agency_months: dict[Period, Path], month: Period) -> None:
    wanted: Counter[str] = Counter()
    for made in HISTORIES:
        for day in (month.first_date, month.last_date):
            for key in made.communes_on(day):
                unit, exists = made.answering(key, month.last_date)
                wanted[f"{made.name}P"] += 1
                if exists:
                    wanted[unit[0]] += 1
    got = found(agency_months[month], "month", set(wanted), {"documents_outgoing"})
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


def test_the_year_goes_through_mergers_and_stops_where_a_part_is_unknown(agency_months: dict[Period, Path]) -> None:
    now = MONTHS[-1]
    rows = figures(agency_months[now])
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


def test_carried_over_is_what_was_pending_before_and_a_hand_over_is_told_as_one(
    agency_months: dict[Period, Path],
) -> None:
    for month in MONTHS:
        assert query(agency_months[month], "from int_carry_over_breaks where not is_handed_over") == []
    assert query(agency_months[MONTHS[-1]], "select count(*) > 0 from int_carry_over_breaks") == [(True,)]


def test_the_code_11122_counts_for_dan_an_and_its_year_is_that_of_quang_nghiep_too(
    agency_months: dict[Period, Path],
) -> None:
    december = figures(agency_months[MONTHS[-1]])
    assert december["month", "11122", "dossiers_received"][0] == 2
    assert december["month", "11122", "dossiers_carried_over"][0] == 1
    assert december["ytd", "11122", "dossiers_received"] == (3, None, 3.0, "ok")
    assert december["ytd", "11122", "dossiers_carried_over"] == (1, None, 1.0, "ok")
    assert query(
        agency_months[MONTHS[-1]],
        "select dossier_code, agency_valid_from, reporting_agency_code from fct_dossiers where agency_code = '11122' order by 1",
    ) == [
        ("DA-1", date(2024, 12, 1), "11122"),
        ("QN-1", date(2004, 7, 8), "11122"),
        ("QN-3", date(2004, 7, 8), "11122"),
    ]


def test_what_phuong_ky_received_before_its_merger_is_reported_by_lac_phuong(agency_months: dict[Period, Path]) -> None:
    december = figures(agency_months[MONTHS[-1]])
    assert ("month", "11137", "dossiers_received") not in december
    assert december["month", "11140", "dossiers_received"][0] == 2
    assert december["ytd", "11140", "dossiers_received"] == (2, None, 2.0, "ok")
    assert december["ytd", "11140", "dossiers_carried_over"] == (1, None, 1.0, "ok")
    assert december["ytd", "298", "dossiers_received"] == (5, None, 5.0, "ok")
    assert december["ytd", "30", "dossiers_resolved"] == (3, None, 3.0, "ok")

"""The declared lineage against the real dbt project: whatever moves when a column changes is declared to rest on it.

Every column has a commune of its own. All communes land the same records; in the second build each column holds other values
in its commune.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pytest

from cchc.period import Period
from expectations.lineage import COLUMNS, EVERY, Lineage, tokens_of
from expectations.suites import all_checks
from ingest.contracts import CONTRACTS
from tests.dbt_project.build_files import figures, query, write_build_file

pytestmark = pytest.mark.slow
Rows = list[dict[str, Any]]
JANUARY = Period(2023, 1)
# The fact of each landed entity; the catalogue calls the fact as the entity is called.
FACTS = {
    "fct_dossiers": "dossiers",
    "fct_documents": "documents",
    "dim_certificates": "certificates",
    "dim_procedures": "procedures",
    "staffing": "staffing",
}
LANDED_AS = {("staffing", "as_of_date"): "date"}
TIMES = [None, "2022-12-01 08:00", "2022-12-20 09:00", "2023-01-05 10:00", "2023-01-20 08:00"]
FLAGS = [True, True, False, None]
# Other values for a column, given to its rows in turn.
VALUES: dict[str, list[Any]] = {
    "received_at": ["2022-11-20 08:00", "2023-01-20 08:00", "2022-12-18 08:00", None],
    "finished_at": TIMES, "refused_at": TIMES, "withdrawn_at": TIMES, "returned_at": TIMES, "submitted_at": TIMES,
    "revoked_at": TIMES, "sent_at": ["2023-02-01 08:00", None, "2022-12-16 08:00"],
    "due_at": [None, "2022-12-19 17:00", "2023-01-05 17:00", "2023-03-01 17:00"],
    "issued_date": ["2022-12-01", None, "2023-01-13"],
    "valid_from": ["2023-02-01", "2019-01-01"], "valid_to": ["2022-12-31", None], "as_of_date": ["2023-02-01"],
    "procedure_code": ["9.000009", "1.000002", "1.000001"], "channel": ["postal", "in_person", "online"],
    "service_level": ["partial", "full", "information", None],
    "applicant_type": ["business", "citizen", None], "return_method": ["postal", None], "field_code": ["HT09", None],
    "field_name": ["Đất đai"], "fee_vnd": [0, 90000, None], "rating": [1, None, 5], "staff_total": [77],
    "direction": ["incoming"], "document_type": ["Quyết định", None], "exchange_form": ["paper", "electronic", None],
    "exchange_status": ["13", None, "15"], "answers_dossier_code": ["000.22.26.H23-221220-0001"],
    "holder_type": ["person"], "holder_role": ["leader", None, "organisation"],
    **dict.fromkeys(
        ("is_e_certification", "input_digitised", "result_digitised", "result_electronic", "data_reused", "paid_online",
         "processed_online", "is_signed", "published_on_web", "has_fee"), FLAGS),
}  # fmt: skip


@dataclass(frozen=True)
class Changed:
    """A column of a fact, and the commune in which it holds other values."""

    fact: str
    column: str
    commune: str

    @property
    def name(self) -> str:
        return f"{self.fact}.{self.column}"


CHANGED = [
    Changed(fact, column, f"{80001 + number}")
    for number, (fact, column) in enumerate((fact, column) for fact in FACTS for column in COLUMNS[fact])
]
SPARE = "80000"
COMMUNES = [SPARE, *(one.commune for one in CHANGED)]


def agencies() -> Rows:
    common = {"valid_from": "2004-07-08", "reports_from": "2022-12-15"}
    communes = [
        common | {"agency_code": code, "name_vi": f"Xã {code}", "level": "commune", "parent_code": "8", "identity_code": code}
        for code in COMMUNES
    ]  # fmt: skip
    return [{"agency_code": "8", "valid_from": "2004-07-08", "name_vi": "Tỉnh", "level": "province"}, *communes]


def _dossiers(commune: str) -> Iterator[dict[str, Any]]:
    lives: list[dict[str, Any]] = [
        {"received_at": "2022-12-20 08:00", "due_at": "2023-01-09 17:00", "finished_at": "2023-01-06 09:00"},
        {"received_at": "2022-12-20 08:00", "due_at": "2023-01-06 17:00", "finished_at": "2023-01-06 09:00"},
        {"received_at": "2022-12-21 08:00", "due_at": "2023-01-03 17:00", "finished_at": "2023-01-06 09:00"},
        {"received_at": "2022-12-21 08:00", "finished_at": "2023-01-06 09:00"},
        {"received_at": "2022-12-22 08:00", "due_at": "2023-01-20 17:00"},
        {"received_at": "2022-12-22 08:00", "due_at": "2023-01-04 17:00"},
        {"received_at": "2022-12-22 08:00", "refused_at": "2022-12-23 08:00"},
        {"received_at": "2022-12-22 08:00", "withdrawn_at": "2022-12-23 08:00"},
        {"received_at": "2022-12-02 08:00", "due_at": "2022-12-30 17:00"},
        {"received_at": "2022-12-02 08:00", "due_at": "2022-12-30 17:00", "finished_at": "2022-12-28 09:00"},
        {"received_at": "2022-12-03 08:00", "refused_at": "2022-12-28 09:00"},
        {"received_at": "2022-12-03 08:00", "withdrawn_at": "2022-12-28 09:00"},
    ]
    for number in range(36):
        life = lives[number % len(lives)]
        yield {
            "dossier_code": f"000.{commune}.H23-221220-{number:04d}", "agency_code": commune, "status": 4,
            "procedure_code": f"1.00000{1 + number % 3}", "channel": ("online", "in_person", "postal")[number // 12],
            "applicant_type": "citizen", "fee_vnd": 8000, "rating": 4 if number % 5 else 2,
            # Half of them have level and certification from the catalogue.
            "service_level": "full" if number % 2 else None, "is_e_certification": False if number % 2 else None,
        } | dict.fromkeys(
            ("input_digitised", "result_digitised", "result_electronic", "data_reused", "paid_online"), number % 7 != 0
        ) | life  # fmt: skip


def landing() -> dict[str, Rows]:
    found: dict[str, Rows] = {entity: [] for entity in FACTS.values()} | {"local_agencies": agencies()}
    for commune in COMMUNES:
        found["dossiers"] += _dossiers(commune)
        found["documents"] += [
            {"document_id": f"000.{commune}.H23,2023/01/03,{number}/UBND", "agency_code": commune, "issued_date": "2023-01-03",
             "direction": "incoming" if number % 2 else "outgoing", "document_type": "Công văn", "exchange_status": "06",
             "received_at": "2023-01-04 08:00" if number % 2 else None, "sent_at": None if number % 4 else "2023-01-04 09:00",
             "exchange_form": "electronic_and_paper" if number % 3 else "electronic", "processed_online": number % 3 == 0,
             "is_signed": number % 3 == 1, "published_on_web": number % 3 == 2}
            for number in range(12)
        ]  # fmt: skip
        found["certificates"] += [
            {"serial": f"AB{commune}{number}", "agency_code": commune, "holder_type": "person" if number % 2 else "organisation",
             "holder_role": "staff", "valid_from": "2022-01-01", "valid_to": "2024-01-01"}
            for number in range(6)
        ]  # fmt: skip
        found["procedures"] += [
            {"procedure_code": f"1.00000{number}", "agency_code": commune, "field_code": "HT01", "field_name": "Hộ tịch",
             "service_level": "full", "has_fee": True, "is_e_certification": number == 1, "valid_from": "2020-01-01"}
            for number in (1, 2, 3)
        ]  # fmt: skip
        found["staffing"].append({"agency_code": commune, "date": "2022-12-31", "staff_total": 20})
    return found


def spoiled() -> dict[str, Rows]:
    """The same, with other values of each column in its commune."""
    found = landing()
    for one in CHANGED:
        entity, column = FACTS[one.fact], LANDED_AS.get((one.fact, one.column), one.column)
        mine = [row for row in found[entity] if row["agency_code"] == one.commune]
        if column == "agency_code":
            for row in mine[::2]:
                row[column] = SPARE
        elif one.column in VALUES:
            for number, row in enumerate(mine):
                row[column] = VALUES[one.column][number % len(VALUES[one.column])]
        else:  # a code by which rows are told apart: some rows get that of another
            for row, other in zip(mine[::4], mine[2::4], strict=False):
                row[column] = other[column]
    return found


@pytest.fixture(scope="module")
def built(dbt: Callable[..., CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The month as landed, and with the columns changed."""
    folders = []
    for name, rows in (("plain", landing()), ("changed", spoiled())):
        folder = tmp_path_factory.mktemp(name)
        write_build_file(folder / "warehouse.duckdb", JANUARY, rows)
        done = dbt(folder, "build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
        assert done.returncode == 0, done.stdout
        folders.append(folder)
    return folders[0], folders[1]


@pytest.fixture(scope="module")
def lineage(built: tuple[Path, Path]) -> Iterator[Lineage]:
    with duckdb.connect(str(built[0] / "warehouse.duckdb"), read_only=True) as connection:
        yield Lineage(connection)


def resting(lineage: Lineage, *spoils: str) -> set[str]:
    decided = tokens_of(spoils)
    return {code for code, indicator in lineage.indicators.items() if indicator.rests_on(decided)}


def test_every_figure_that_moves_when_a_column_changes_is_declared_to_rest_on_it(
    built: tuple[Path, Path], lineage: Lineage
) -> None:
    plain, changed = figures(built[0]), figures(built[1])
    undeclared, unmoved = {}, []
    for one in CHANGED:
        mine = [key for key in plain if key[1] == one.commune]
        moved = {code for scope, agency, code in mine if plain[scope, agency, code] != changed[scope, agency, code]}
        declared = resting(lineage, one.name)
        if moved - declared:
            undeclared[one.name] = moved - declared
        if declared and not moved:
            unmoved.append(one.name)
    assert undeclared == {}
    assert " ".join(unmoved) == "", "declared, though nothing moves: the records of this test or the declaration are at fault"


def test_every_token_that_moves_when_a_column_changes_is_declared(built: tuple[Path, Path]) -> None:
    undeclared = {}
    for table, fact in FACTS.items():
        if table == "staffing":
            continue
        plain, changed = (_tokens(folder, table) for folder in built)
        for one in CHANGED:
            declared = tokens_of([one.name]).get(fact, frozenset())
            moved = {
                token for (agency, token) in {*plain, *changed} if agency == one.commune
                and plain[agency, token] != changed[agency, token]
            }  # fmt: skip
            stray = {token for token in moved if token not in declared and f"{token.partition(':')[0]}:" not in declared}
            # Of rows that come or go every token moves; those that decide it are declared.
            rows = plain[one.commune, ""] != changed[one.commune, ""]
            if stray and not rows and EVERY not in declared:
                undeclared[one.name, fact] = stray
    assert undeclared == {}


def _tokens(folder: Path, table: str) -> Counter[tuple[str, str]]:
    rows = query(folder, f"select agency_code, unnest(list_append(tokens, '')) from {table}")
    return Counter((agency, token) for agency, token in rows)


def test_every_column_that_a_source_delivers_is_declared() -> None:
    # What no fact keeps: the version that counts is chosen by updated_at, and ends are read from their dates.
    not_kept = {"dossiers": {"status", "updated_at", "supplements", "steps"}}
    for fact, entity in {**FACTS, "fct_signatures": "signatures"}.items():
        landed = set(CONTRACTS[entity].schema().names)
        renamed = {LANDED_AS.get((fact, column), column) for column in COLUMNS[fact]}
        assert landed - renamed == not_kept.get(entity, set()), fact


def test_every_declared_column_is_one_of_the_fact(built: tuple[Path, Path]) -> None:
    for fact in set(COLUMNS) - {"staffing"}:
        known = {row[0] for row in query(built[0], f"describe {fact}")}
        assert set(COLUMNS[fact]) <= known, fact


@pytest.mark.parametrize("check", [c for c in all_checks() if c.scope == "cell"], ids=lambda check: check.id)
def test_every_cell_check_says_what_it_spoils(check: Any, lineage: Lineage) -> None:
    assert tokens_of(check.spoils) is not None
    if not check.spoils:
        from expectations.reading import FRAMES

        assert "indicator_code" in (FRAMES / f"{check.frame.name}.sql").read_text(encoding="utf-8"), check.id


def test_what_a_due_date_decides_is_timeliness_and_nothing_that_was_received(lineage: Lineage) -> None:
    of_due_dates = resting(lineage, "fct_dossiers.due_at")
    assert {"on_time_share", "early_share", "dossiers_resolved_late", "dossiers_pending_overdue"} <= of_due_dates
    assert not of_due_dates & {"dossiers_received", "online_share", "dossiers_resolved", "dossiers_pending", "signed_share"}
    assert resting(lineage, "fct_documents.is_signed") == {"documents_outgoing_signed", "signed_share"}
    assert resting(lineage, "fct_signatures.signed_at", "fct_dossiers.returned_at") == set()
    whole = {code for code, one in lineage.indicators.items() if any(term.fact == "dossiers" for term in one.terms)}
    assert resting(lineage, "fct_dossiers") == whole

"""Hand-written months through the real dbt: one clean, the next resting on it, one poisoned, one without sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import duckdb
import pytest

from cchc.period import Period
from cchc.tables import PUBLISHED, content_hash
from tests.dbt_project.build_files import figures, published_rows, query, write_build_file

pytestmark = pytest.mark.slow

Dbt = Callable[..., CompletedProcess[str]]
QUANG_NGHIEP, DAI_HOP, PHUONG_KY, HOANG_CAT = "000.22.26.H23", "000.19.26.H23", "000.37.26.H23", "000.07.30.H56"
AGENCIES = {"11122", "11119", "11137", "15907", "298", "30", "399", "38"}
JANUARY, FEBRUARY = Period(2023, 1), Period(2023, 2)


def dossier(code: str, received: str | None, **more: Any) -> dict[str, Any]:
    return {
        "dossier_code": code,
        "agency_code": QUANG_NGHIEP,
        "procedure_code": "1.000001",
        "channel": "online",
        "received_at": received,
        "status": 4,
    } | more


def document(number: int, direction: str, **more: Any) -> dict[str, Any]:
    return {
        "document_id": f"000.22.26.H23,2023/01/03,{number}/UBND",
        "agency_code": QUANG_NGHIEP,
        "direction": direction,
        "issued_date": "2023-01-03",
        "received_at": "2023-01-04 08:00" if direction == "incoming" else None,
    } | more


def january() -> dict[str, list[dict[str, Any]]]:
    return {
        "dossiers": [
            dossier("EARLY", "2022-12-20", due_at="2023-01-05 17:00", finished_at="2023-01-04 18:00", fee_vnd=8000,
                    paid_online=True, result_digitised=True, input_digitised=True),
            dossier("ON-TIME", "2022-12-20", due_at="2023-01-05 17:00", finished_at="2023-01-05 18:00", fee_vnd=8000),
            dossier("LATE", "2022-12-20", due_at="2023-01-05 17:00", finished_at="2023-01-06 08:00", fee_vnd=0),
            dossier("NO-DUE-DATE", "2022-12-20", finished_at="2023-01-06 08:00", channel="in_person",
                    procedure_code="1.000003"),
            dossier("REFUSED", "2022-12-21", refused_at="2022-12-22", channel="postal", procedure_code="1.000003"),
            dossier("WITHDRAWN", "2022-12-21", withdrawn_at="2022-12-22", procedure_code="2.000002"),
            dossier("CARRIED", "2022-12-01", due_at="2022-12-30 17:00"),
            dossier("FINISHED-LATER", "2023-01-10", due_at="2023-02-01 17:00", finished_at="2023-01-20",
                    supplements=[{"requested_at": "2023-01-16", "old_due_at": "2023-01-12 17:00",
                                  "new_due_at": "2023-02-01 17:00"}],
                    steps=[{"step": 4, "started_at": "2023-01-10"}]),
            dossier("NEVER-RECEIVED", None, submitted_at="2023-01-10", refused_at="2023-01-11", status=3),
            dossier("NEWER-WINS", "2023-01-10", due_at="2023-01-20 17:00", updated_at="2023-01-10 09:00"),
            dossier("NEWER-WINS", "2023-01-10", due_at="2023-01-20 17:00", finished_at="2023-01-11", status=9,
                    updated_at="2023-01-11 09:00"),
            dossier("NEIGHBOUR", "2023-01-10", agency_code=DAI_HOP, channel="in_person"),
        ],
        "procedures": [
            {"procedure_code": code, "agency_code": QUANG_NGHIEP, "service_level": "full", "valid_from": "2020-01-01",
             "is_e_certification": code == "2.000002"}
            for code in ("1.000001", "2.000002", "1.000003")
        ],
        "documents": [
            document(1, "incoming", processed_online=True),
            document(2, "incoming", processed_online=False),
            document(3, "outgoing", exchange_form="electronic", is_signed=True),
            document(4, "outgoing", exchange_form="electronic_and_paper", is_signed=True),
            document(5, "outgoing", exchange_form="electronic", is_signed=True, exchange_status="13"),
        ],
        "certificates": [
            {"serial": f"AB00000{n}", "agency_code": QUANG_NGHIEP, "holder_type": kind, "valid_from": "2022-01-01",
             "valid_to": "2024-01-01", "revoked_at": revoked}
            for n, kind, revoked in ((1, "person", None), (2, "person", "2023-01-14 12:00"), (3, "organisation", None))
        ],
        "signatures": [
            {"signature_id": "SIG-1", "serial": "AB000001", "signed_at": "2023-01-03 09:00", "verification": "valid",
             "document_id": document(3, "outgoing")["document_id"]}
        ],
        "staffing": [{"agency_code": QUANG_NGHIEP, "date": "2022-12-31", "staff_total": 20}],
    }  # fmt: skip


@pytest.fixture(scope="session")
def first_month(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("january")
    write_build_file(folder / "warehouse.duckdb", JANUARY, january())
    done = dbt(folder, "build")
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="session")
def second_month(dbt: Dbt, first_month: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("february")
    landing = january()
    landing["dossiers"] = [
        # CARRIED is no longer served, and so breaks the carry-over of its commune.
        dossier("FINISHED-LATER", "2023-01-10", due_at="2023-02-01 17:00", finished_at="2023-01-20"),
        dossier("FEBRUARY", "2023-01-20", procedure_code="9.000009"),
        dossier("NEIGHBOUR", "2023-01-10", agency_code=DAI_HOP, channel="in_person", finished_at="2023-01-20"),
        dossier("NEIGHBOUR-2", "2023-01-20", agency_code=DAI_HOP),
    ]
    write_build_file(
        folder / "warehouse.duckdb",
        FEBRUARY,
        landing,
        year_months=[{"period_month": JANUARY.first_of_month, "revision": 1}],
        published=published_rows(first_month),
    )
    done = dbt(folder, "build", "--exclude-resource-type", "unit_test")
    assert done.returncode == 0, done.stdout
    return folder


def test_every_agency_and_roll_up_has_every_code_in_both_scopes(first_month: Path) -> None:
    found = figures(first_month)
    assert {key[1] for key in found} == AGENCIES
    codes = {code for (code,) in query(first_month, "select indicator_code from dim_indicators")}
    assert {key[2] for key in found} == codes
    assert len(found) == len(AGENCIES) * len(codes) * 2


@pytest.mark.parametrize(
    ("code", "numerator", "denominator"),
    [
        ("dossiers_received", 8, None),
        ("dossiers_received_online", 6, None),
        ("dossiers_received_in_person", 1, None),
        ("dossiers_received_postal", 1, None),
        ("dossiers_carried_over", 1, None),
        ("dossiers_resolved", 5, None),
        ("dossiers_resolved_early", 2, None),
        ("dossiers_resolved_on_time", 1, None),
        ("dossiers_resolved_late", 1, None),
        ("dossiers_resolved_without_due_date", 1, None),
        ("dossiers_pending", 2, None),
        ("dossiers_pending_in_time", 0, None),
        ("dossiers_pending_overdue", 2, None),
        ("dossiers_refused", 1, None),
        ("dossiers_withdrawn", 1, None),
        ("e_certified_copies", 1, None),
        ("online_share", 6, 8),
        ("postal_share", 1, 8),
        ("early_share", 2, 5),
        ("on_time_share", 3, 5),
        ("input_digitised_share", 1, 8),
        ("result_digitised_share", 1, 5),
        ("online_payment_share", 1, 2),
        ("procedures_with_online_dossiers_share", 2, 3),
        ("documents_incoming", 2, None),
        ("documents_outgoing", 2, None),
        ("documents_outgoing_signed", 2, None),
        ("signed_share", 2, 2),
        ("electronic_only_share", 1, 2),
        ("processed_online_share", 1, 2),
        ("certificates_personal", 1, None),
        ("certificates_organisation", 1, None),
        ("staff_with_certificate_share", 1, 20),
    ],
)
def test_each_code_counts_what_the_catalogue_says(
    first_month: Path, code: str, numerator: int, denominator: int | None
) -> None:
    value = numerator / denominator if denominator else float(numerator)
    assert figures(first_month)["month", "11122", code] == (numerator, denominator, value, "ok")


def test_every_figure_of_a_commune_is_the_rows_that_have_its_tokens(first_month: Path) -> None:
    """The SQL that documentation gives to analysts, for all codes at once."""
    rows = " union all ".join(
        f"select '{fact}' as fact, agency_code, {member} as member, tokens from {table}"
        for fact, table, member in (
            ("dossiers", "fct_dossiers", "procedure_code"),
            ("documents", "fct_documents", "null"),
            ("certificates", "dim_certificates", "null"),
            ("procedures", "dim_procedures", "null"),
        )
    )
    counts = ", ".join(
        f"(select case when i.kind = 'distinct' and '{part}' = 'numerator' then count(distinct r.member) else count(*) end "
        f"from ({rows}) as r where r.fact = i.{fact} and r.agency_code = v.agency_code "
        f"and list_has_all(r.tokens, string_split(i.{part}_filter, ' ')))"
        for part, fact in (("numerator", "fact"), ("denominator", "denominator_fact"))
    )
    found = query(
        first_month,
        f"select v.indicator_code, v.numerator, coalesce(v.denominator, 0), {counts} from indicator_values v "
        "join dim_indicators i using (indicator_code) join int_reporting_communes c using (agency_code) "
        "where v.scope = 'month' and v.state in ('ok', 'not_applicable') and coalesce(i.denominator_fact, '') <> 'staffing'",
    )
    assert len({row[0] for row in found}) > 30
    assert len(found) > 100
    assert any(row[1] for row in found)
    assert [row for row in found if row[1:3] != row[3:]] == []


def test_a_district_sums_its_communes_and_a_quiet_commune_has_zeros(first_month: Path) -> None:
    found = figures(first_month)
    assert found["month", "298", "online_share"] == (6, 9, 6 / 9, "ok")
    assert found["month", "30", "dossiers_received"] == (9, None, 9.0, "ok")
    assert found["month", "15907", "dossiers_received"] == (0, None, 0.0, "ok")
    assert found["month", "15907", "online_share"] == (0, 0, None, "not_applicable")
    assert found["month", "11119", "staff_with_certificate_share"] == (None, None, None, "not_measured")
    assert found["month", "298", "staff_with_certificate_share"] == (None, None, None, "incomplete")


def test_a_dossier_without_reception_is_listed(first_month: Path) -> None:
    assert query(first_month, "from int_unreceived_dossiers") == [("NEVER-RECEIVED", "11122", 3)]


def test_the_same_rows_in_another_order_give_the_same_tables(dbt: Dbt, first_month: Path, tmp_path: Path) -> None:
    shuffled = {entity: rows[::-1] for entity, rows in january().items()}
    write_build_file(tmp_path / "warehouse.duckdb", JANUARY, shuffled)
    done = dbt(tmp_path, "build", "--exclude-resource-type", "unit_test", "test")
    assert done.returncode == 0, done.stdout

    def hashes(folder: Path) -> dict[str, str]:
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            return {table.name: content_hash(connection, table.name, table.key) for table in PUBLISHED}

    assert hashes(tmp_path) == hashes(first_month)


def test_year_to_date_adds_the_published_month_and_recounts_procedures(second_month: Path) -> None:
    found = figures(second_month)
    assert found["month", "11119", "dossiers_received"] == (1, None, 1.0, "ok")
    assert found["ytd", "11119", "dossiers_received"] == (2, None, 2.0, "ok")
    assert found["ytd", "11119", "online_share"] == (1, 2, 0.5, "ok")
    assert found["ytd", "11119", "dossiers_carried_over"] == (0, None, 0.0, "ok")
    assert found["ytd", "11119", "dossiers_pending"] == (1, None, 1.0, "ok")
    assert query(
        second_month,
        "select members from int_year_members where agency_code = '11122'",
    ) == [(3,)]


def test_what_was_never_measured_covers_nothing_and_a_stock_rests_on_one_month(second_month: Path) -> None:
    assert figures(second_month)["ytd", "11119", "staff_with_certificate_share"][3] == "not_measured"
    assert query(second_month, "select distinct coverage from indicator_values where state = 'not_measured'") == [
        (0.0,)
    ]
    assert query(
        second_month,
        "select scope, coverage from indicator_values where agency_code = '298' "
        "and indicator_code = 'staff_with_certificate_share' order by scope",
    ) == [("month", 1 / 3), ("ytd", 1 / 3)]


def test_a_dossier_that_vanished_between_two_months_makes_the_year_incomplete(second_month: Path) -> None:
    assert query(second_month, "select agency_code, dossier_code, kind from int_carry_over_breaks") == [
        ("11122", "CARRIED", "vanished")
    ]
    found = figures(second_month)
    for agency in ("11122", "298", "30"):
        assert found["ytd", agency, "dossiers_received"] == (None, None, None, "incomplete")
        assert found["month", agency, "dossiers_received"][3] == "ok"
    assert found["ytd", "38", "dossiers_received"][3] == "ok"


def test_the_documentation_site_is_made_from_a_built_month(dbt: Dbt, first_month: Path, target: Path) -> None:
    done = dbt(first_month, "docs", "generate", "--static", "--no-compile")
    assert done.returncode == 0, done.stdout
    nodes = json.loads((target / "catalog.json").read_text(encoding="utf-8"))["nodes"]
    assert {f"model.cchc_warehouse.{table.name}" for table in PUBLISHED} <= set(nodes)
    page = (target / "static_index.html").read_text(encoding="utf-8")
    assert "One row per dossier and reporting month" in page


def test_a_poisoned_month_is_built_for_the_gate_to_judge(dbt: Dbt, tmp_path: Path) -> None:
    landing = january()
    asked = [{"requested_at": "2023-01-03", "answered_at": "2023-01-05"}, {"requested_at": "2023-01-04"}]
    steps = [{"step": 2, "started_at": "2023-01-02"}, {"step": 4, "started_at": "2023-01-02"}]
    landing["dossiers"] = [
        dossier("TWICE", "2023-01-02", status=4),
        dossier("TWICE", "2023-01-02", status=9, finished_at="2023-01-03"),
        # One content, whose children were sent in two orders, is no conflict.
        dossier("TWICE-ALIKE", "2023-01-02", supplements=asked, steps=steps),
        dossier("TWICE-ALIKE", "2023-01-02", supplements=asked[::-1], steps=steps[::-1]),
        dossier("FINISHED-BEFORE-RECEIVED", "2023-01-02", finished_at="2022-11-01"),
        dossier("UNKNOWN-AGENCY", "2023-01-02", agency_code="000.99.99.H99"),
        *(dossier(f"P{n}", "2023-01-02", procedure_code=f"1.10000{n}") for n in range(5)),
    ]
    landing["documents"] = [document(1, "outgoing"), document(1, "outgoing", is_signed=True)]
    write_build_file(tmp_path / "warehouse.duckdb", JANUARY, landing)
    done = dbt(tmp_path, "build", "--exclude-resource-type", "unit_test")
    assert done.returncode == 0, done.stdout
    assert query(tmp_path, "from int_version_conflicts") == [("TWICE", "11122", 2)]
    assert [row[:2] for row in query(tmp_path, "from int_key_conflicts")] == [
        ("documents", document(1, "outgoing")["document_id"])
    ]
    assert query(tmp_path, "select dossier_code from fct_dossiers where ended_at < received_at") == [
        ("FINISHED-BEFORE-RECEIVED",)
    ]
    assert query(tmp_path, "select agency_code from fct_dossiers where dossier_code = 'UNKNOWN-AGENCY'") == [
        ("000.99.99.H99",)
    ]
    share = figures(tmp_path)["month", "11122", "procedures_with_online_dossiers_share"]
    assert share[:2] == (6, 3)


def test_a_month_without_sources_and_with_an_unpublished_one_before_it_says_so(dbt: Dbt, tmp_path: Path) -> None:
    write_build_file(
        tmp_path / "warehouse.duckdb",
        FEBRUARY,
        {"dossiers": [dossier("ONE", "2023-01-20")]},
        year_months=[{"period_month": JANUARY.first_of_month, "revision": None}],
    )
    done = dbt(tmp_path, "build", "--exclude-resource-type", "unit_test", "test")
    assert done.returncode == 0, done.stdout
    found = figures(tmp_path)
    assert found["month", "11122", "documents_incoming"] == (None, None, None, "not_measured")
    assert found["month", "11122", "dossiers_received"] == (1, None, 1.0, "ok")
    assert found["ytd", "11122", "dossiers_received"] == (None, None, None, "incomplete")
    assert found["ytd", "11122", "dossiers_pending"] == (None, None, None, "incomplete")
    assert found["ytd", "11122", "documents_incoming"] == (None, None, None, "not_measured")

"""Rules on the shape of the dbt project, read from its manifest and its files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from cchc.tables import PUBLISHED
from ingest.contracts import CONTRACTS
from tests.dbt_project.build_files import PROJECT

MAY_READ = {
    "stg": {"source", "stg", "dim_agencies"},
    "int": {"stg", "int", "fct", "dim", "agency", "seed", "indicator_values"},
    "fct": {"stg", "int", "dim"},
    "dim": {"stg", "int", "seed"},
    "agency": {"stg", "seed"},
    "mart": {"stg_landing__period", "int", "fct", "dim", "indicator_values"},
}
ENGINE_WORDS = (
    r"::|\b(list_\w+|unnest|timezone|md5|string_split|interval|date_trunc|strftime|least|struct_pack|read_\w+)\b"
)


@pytest.fixture(scope="module")
def manifest(dbt: Callable[..., CompletedProcess[str]], target: Path, tmp_path_factory: Any) -> dict[str, Any]:
    done = dbt(tmp_path_factory.mktemp("manifest"), "parse")
    assert done.returncode == 0, done.stdout
    assert "deprecat" not in done.stdout.lower()
    content: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return content


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(found) > 30
    return found


def layer(unique_id: str) -> str:
    kind, _, name = unique_id.split(".", 2)
    if kind in ("source", "seed"):
        return kind
    prefix = name.split("_")[0]
    return prefix if prefix in MAY_READ else "mart"


@pytest.mark.slow
def test_each_layer_reads_only_the_layers_below_it(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        allowed = MAY_READ[layer(model["unique_id"])]
        for parent in model["depends_on"]["nodes"]:
            assert layer(parent) in allowed or parent.split(".")[-1] in allowed, f"{model['name']} reads {parent}"


@pytest.mark.slow
def test_every_model_states_its_grain_and_tests_it(manifest: dict[str, Any]) -> None:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("grain", "grain_of_one")
    }
    for model in models(manifest):
        assert model["description"].startswith("One row"), model["name"]
        assert model["unique_id"] in tested, f"{model['name']} has no grain test"


@pytest.mark.slow
def test_every_column_is_described(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        assert model["columns"], model["name"]
        assert all(column["description"] for column in model["columns"].values()), model["name"]


@pytest.mark.slow
def test_facts_dimensions_and_marts_have_enforced_contracts(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        wanted = layer(model["unique_id"]) in ("fct", "dim", "agency", "mart")
        assert model["config"]["contract"]["enforced"] is wanted, model["name"]


@pytest.mark.slow
def test_every_published_table_is_a_model_that_the_exposures_name(manifest: dict[str, Any]) -> None:
    published = {f"model.cchc_warehouse.{table.name}" for table in PUBLISHED}
    exposures = {exposure["name"]: set(exposure["depends_on"]["nodes"]) for exposure in manifest["exposures"].values()}
    assert set(exposures) == {"analysts", "gate", "snapshots"}
    assert exposures["snapshots"] == exposures["analysts"] == published


@pytest.mark.slow
def test_nothing_is_incremental_and_nothing_is_a_dbt_snapshot(manifest: dict[str, Any]) -> None:
    kinds = {node["resource_type"] for node in manifest["nodes"].values()}
    assert "snapshot" not in kinds
    assert {model["config"]["materialized"] for model in models(manifest)} == {"table", "view"}


@pytest.mark.slow
def test_staging_takes_every_column_of_the_contracts(manifest: dict[str, Any]) -> None:
    versions = {m["name"]: set(m["columns"]) for m in models(manifest) if m["name"].endswith("_versions")}
    for entity, contract in CONTRACTS.items():
        wanted = {column.name for column in contract.columns} | {child.name for child in contract.children}
        wanted = {"as_of_date" if entity == "staffing" and name == "date" else name for name in wanted}
        assert any(wanted <= columns for columns in versions.values()), f"{entity} lacks columns in staging"


def test_no_python_package_and_no_module_that_dbt_would_import() -> None:
    root = PROJECT.parent
    assert not list(PROJECT.rglob("*.py"))
    for on_the_path in (root, root / "dags"):
        assert not list(on_the_path.glob("dbt_*.py"))
    assert not (root / "tests" / "dbt_project" / "__init__.py").exists()


def test_models_speak_plain_sql_and_leave_dialects_to_macros() -> None:
    files = list((PROJECT / "models").rglob("*.sql"))
    assert len(files) > 30
    for file in files:
        text = re.sub(r"--[^\n]*|\{\{.*?\}\}|\{%.*?%\}", "", file.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(ENGINE_WORDS, text), f"{file.name} speaks one engine's dialect"
        assert not re.search(r"current_(date|timestamp)|now\(\)|\bvar\(|is_incremental", text), file.name


def catalogue() -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_catalogue_holds_every_promised_code() -> None:
    assert {row["indicator_code"] for row in catalogue()} >= {
        "dossiers_received", "dossiers_received_online", "dossiers_received_in_person", "dossiers_received_postal",
        "dossiers_carried_over", "dossiers_resolved", "dossiers_resolved_early", "dossiers_resolved_on_time",
        "dossiers_resolved_late", "dossiers_resolved_without_due_date", "dossiers_pending", "dossiers_pending_in_time",
        "dossiers_pending_overdue", "dossiers_refused", "dossiers_withdrawn", "e_certified_copies", "online_share",
        "postal_share", "early_share", "on_time_share", "input_digitised_share", "result_digitised_share",
        "online_payment_share", "procedures_with_online_dossiers_share", "documents_incoming", "documents_outgoing",
        "documents_outgoing_signed", "signed_share", "electronic_only_share", "processed_online_share",
        "certificates_personal", "certificates_organisation", "staff_with_certificate_share",
    }  # fmt: skip


def test_every_filter_asks_for_tokens_that_exist() -> None:
    groups = (PROJECT / "models" / "intermediate" / "int_indicator_groups.sql").read_text(encoding="utf-8")
    known = set(re.findall(r"[^_]token\('(\w+)'", groups)) | {"staff"}
    prefixes = set(re.findall(r"valued_token\('(\w+)'", groups))
    for row in catalogue():
        for token in f"{row['numerator_filter']} {row['denominator_filter']}".split():
            assert token in known or token.split(":")[0] in prefixes, f"{row['indicator_code']}: {token}"


def test_a_distinct_count_asks_only_for_what_published_dossiers_carry() -> None:
    distinct = [row for row in catalogue() if row["kind"] == "distinct"]
    assert distinct
    for row in distinct:
        assert row["fact"] == "dossiers"
        for token in row["numerator_filter"].split():
            assert token.split(":")[0] in {"received", "carried_over", "pending", "channel"}, row["indicator_code"]


def test_a_denominator_has_its_words_and_the_sources_are_entities() -> None:
    for row in catalogue():
        share = bool(row["denominator_filter"])
        assert share == bool(row["denominator_words"]) == bool(row["denominator_fact"]), row["indicator_code"]
        assert share == row["indicator_code"].endswith("_share")
        assert set(row["sources"].split()) <= set(CONTRACTS)
        for column in ("name_vi", "name_en", "unit", "numerator_words", "legal_ground", "definition_version"):
            assert row[column], f"{row['indicator_code']} has no {column}"


def test_every_parent_in_the_seed_is_an_agency_on_the_same_days() -> None:
    path: Path = PROJECT / "seeds" / "agencies.csv"
    with path.open(encoding="utf-8", newline="") as file:
        agencies = list(csv.DictReader(file))
    for agency in agencies:
        if agency["parent_code"]:
            parents = [a for a in agencies if a["agency_code"] == agency["parent_code"]]
            assert min(a["valid_from"] for a in parents) <= agency["valid_from"]
            assert max(a["valid_to"] or "9999" for a in parents) >= (agency["valid_to"] or "9999")

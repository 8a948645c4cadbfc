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
from tests.dbt_project.portable_sql import STAND_IN, agreed, emitted, macros_of, source_of, used

MAY_READ = {
    "stg": {"source", "stg", "dim_agencies"},
    "int": {"stg", "int", "fct", "dim", "agency", "seed", "indicator_values"},
    "fct": {"stg", "int", "dim"},
    "dim": {"stg", "int", "seed"},
    "agency": {"stg", "seed"},
    # What the close says of the month as a whole is for every layer.
    "mart": {"stg_landing__period", "stg_landing__withheld_cells", "int", "fct", "dim", "indicator_values"},
}


@pytest.fixture(scope="module")
def manifest(dbt: Callable[..., CompletedProcess[str]], target: Path, tmp_path_factory: Any) -> dict[str, Any]:
    """Of `dbt compile`, so that it has the compiled SQL too."""
    done = dbt(tmp_path_factory.mktemp("manifest"), "compile")
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


def test_models_speak_portable_sql_and_leave_dialects_to_macros() -> None:
    files = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "tests").rglob("*.sql")]
    assert len(files) > 30
    for file in files:
        assert not re.search(r"\bvar\(|is_incremental|modules\.", file.read_text(encoding="utf-8")), file.name
        foreign = used(source_of(file)) - agreed() - {STAND_IN}
        assert not foreign, f"{file.name} uses {foreign}: a dispatched macro, or a line in portable_sql.yml with its reason"


@pytest.mark.parametrize(
    "sql",
    [
        "select a::date from t", "select [a, b] from t", "select {'a': 1} from t", "select list_sum(a) from t",
        "select current_date", "select a from t qualify row_number() over (order by a) = 1", "select now()",
        "select count(*) filter (where a) from t", "select d + interval 1 day from t", "select least(a, b) from t",
        "select * exclude (a) from t", "select a from read_parquet('x')", "select cast(a as struct(b int)) from t",
        "select greatest(a, b), round(c, 2) from t", "select a ilike 'x' from t", "select distinct on (a) a from t",
        "select a from t tablesample 10%", "select unnest(a) from t", "select a from t group by all",
    ],
)  # fmt: skip
def test_a_dialect_would_be_noticed(sql: str, tmp_path: Path) -> None:
    (tmp_path / "model.sql").write_text(f"with a as (select 1 from {{{{ ref('x') }}}}) {sql}", encoding="utf-8")
    assert used(source_of(tmp_path / "model.sql")) - agreed()
    hidden = "select {{ token('x', 'list_sum(a) > 0') }} from t"
    (tmp_path / "model.sql").write_text(hidden, encoding="utf-8")
    assert "list_sum" in used(source_of(tmp_path / "model.sql"))


@pytest.mark.slow
def test_compiled_sql_holds_nothing_but_portable_sql_and_what_its_macros_say_that_they_emit(manifest: dict[str, Any]) -> None:
    emits, seen = emitted(), dict[str, set[str]]()
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "test"):
            continue
        words, macros = used(node["compiled_code"]), macros_of(node, manifest)
        declared = {word for macro in macros for word in emits.get(macro, ())}
        assert words <= agreed() | declared, f"{node['name']} uses {words - agreed() - declared}"
        for macro in macros:
            seen.setdefault(macro, set()).update(words)
    dispatched = {name.rsplit(".", 1)[1] for name in manifest["macros"] if name.startswith("macro.cchc_warehouse.duckdb__")}
    assert set(emits) == dispatched, "macros/_macros.yml says of every duckdb__ macro what it emits"
    for macro, words in emits.items():
        assert macro not in seen or words <= seen[macro] - agreed(), f"{macro} does not emit {words - seen[macro]}"


def rules_of(sql: str) -> set[str]:
    return used(sql) & {"case", "count", "sum", "min", "max", "row_number", "lag", "lead", "rank"}


@pytest.mark.slow
def test_every_rule_has_a_unit_test(manifest: dict[str, Any]) -> None:
    """A case or something counted, above staging: a model that only joins and renames has no rule."""
    tested = {test["depends_on"]["nodes"][0] for test in manifest["unit_tests"].values()}
    assert len(tested) > 15
    untested = {
        model["name"]: sorted(rules_of(model["compiled_code"]))
        for model in models(manifest)
        if layer(model["unique_id"]) != "stg" and rules_of(model["compiled_code"]) and model["unique_id"] not in tested
    }
    assert untested == {}


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


TOKENS_OF = {
    "dossiers": "fct_dossiers",
    "documents": "fct_documents",
    "certificates": "dim_certificates",
    "procedures": "dim_procedures",
}


def tokens_of(fact: str) -> set[str]:
    """The tokens that rows of a fact may have; `name:` for those with a value."""
    if fact == "staffing":
        return {"staff"}
    text = (PROJECT / "models" / "facts" / f"{TOKENS_OF[fact]}.sql").read_text(encoding="utf-8")
    return set(re.findall(r"\btoken\('(\w+)'", text)) | {f"{n}:" for n in re.findall(r"valued_token\('(\w+)'", text)}


def test_every_filter_asks_for_tokens_that_rows_of_its_fact_may_have() -> None:
    for row in catalogue():
        for fact, words in ((row["fact"], "numerator_filter"), (row["denominator_fact"], "denominator_filter")):
            for token in row[words].split():
                assert re.sub(r"(?<=:).*", "", token) in tokens_of(fact), f"{row['indicator_code']}: {token}"


def test_a_distinct_count_is_made_of_dossiers_since_only_they_are_read_back_from_published_months() -> None:
    distinct = [row for row in catalogue() if row["kind"] == "distinct"]
    assert distinct
    assert {row["fact"] for row in distinct} == {"dossiers"}


def test_a_denominator_has_its_words_and_the_sources_are_entities() -> None:
    for row in catalogue():
        share = bool(row["denominator_filter"])
        assert share == bool(row["denominator_words"]) == bool(row["denominator_fact"]), row["indicator_code"]
        assert share == row["indicator_code"].endswith("_share")
        assert set(row["sources"].split()) <= set(CONTRACTS)
        for column in ("name_vi", "name_en", "unit", "numerator_words", "legal_ground", "definition_version"):
            assert row[column], f"{row['indicator_code']} has no {column}"

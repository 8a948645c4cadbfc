"""Every fault of a profile is said in a line that a person can act on, and all of them at once."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from unicodedata import normalize

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from cchc.cli import app
from cchc.settings import PROJECT, MissingSecret, Settings, settings
from ingest.contracts import CONTRACTS
from ingest.errors import ProfileError
from ingest.fields import Strict
from ingest.profile import SHIPPED, load_profile
from ingest.profile_check.check import read
from ingest.profile_check.figures import ALL, FIGURES
from ingest.profile_check.hints import hints
from ingest.profile_check.sentences import FORMS
from tests.ingest.profile_faults import FILE_FAULTS, FILES, HTTP, HTTP_FAULTS


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "test.yaml"
    path.write_text(text, encoding="utf-8")
    return [str(fault).removeprefix(f"{tmp_path}/") for fault in read(path).faults]


@pytest.mark.parametrize("defect", [*HTTP_FAULTS, *FILE_FAULTS])
def test_a_fault_is_said_in_one_line_with_its_place_and_what_is_allowed(tmp_path, defect):
    text, (old, new, says) = (HTTP, HTTP_FAULTS[defect]) if defect in HTTP_FAULTS else (FILES, FILE_FAULTS[defect])
    assert text.count(old) >= 1
    found = faults(tmp_path, text.replace(old, new, 1))
    assert any(re.match(f"test.yaml{says}", line) for line in found), found
    assert all("\n" not in line for line in found)
    spoken = " ".join(found)
    assert not re.search(r"Field required|Extra inputs|Input should|validation error|Value error", spoken)


@pytest.mark.parametrize(
    "defect", sorted({*HTTP_FAULTS, *FILE_FAULTS} - {"misspelt_column", "misspelt_child", "child_column_missing"})
)
def test_what_follows_from_a_fault_is_not_said_as_another(tmp_path, defect):
    text, (old, new, _) = (HTTP, HTTP_FAULTS[defect]) if defect in HTTP_FAULTS else (FILES, FILE_FAULTS[defect])
    assert len(faults(tmp_path, text.replace(old, new, 1))) == 1


def test_all_faults_are_said_at_once_in_the_order_of_the_file(tmp_path):
    text = HTTP
    chosen = [
        "misspelt_key", "misspelt_paging_style", "misspelt_format", "no_format", "code_that_is_not_allowed",
        "placeholder_that_does_not_exist", "field_of_an_unknown_parameter", "a_path_alone", "misspelt_child", "sum_of_nothing",
        "hours_that_are_none", "changes_since_no_time",
    ]  # fmt: skip
    for defect in chosen:
        old, new, _ = HTTP_FAULTS[defect]
        assert old in text, defect
        text = text.replace(old, new, 1)
    found = faults(tmp_path, text)
    for defect in chosen:
        assert any(re.match(f"test.yaml{HTTP_FAULTS[defect][2]}", line) for line in found), (defect, found)
    lines = [int(line.split(":")[1]) for line in found]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "text", ["", "- a", "just words", "profile: x\nsource: y\nexports: {}\n", "exports: &a {x: *a}", "a: {[1]: 2}"]
)
def test_what_is_no_profile_at_all_is_said_too(tmp_path, text):
    assert faults(tmp_path, text)


def test_a_file_that_is_not_utf8_or_not_there_is_said(tmp_path):
    path = tmp_path / "utf16.yaml"
    path.write_bytes("profile: x".encode("utf-16"))
    assert "is not UTF-8" in str(read(path).faults[0])
    assert "cannot be read" in str(read(tmp_path / "none.yaml").faults[0])


def test_loading_says_the_same_as_checking(tmp_path):
    path = tmp_path / "test.yaml"
    path.write_text(HTTP.replace("epoch_ms", "epochms").replace("page_number", "pages"), encoding="utf-8")
    with pytest.raises(ProfileError) as refused:
        load_profile(path)
    assert str(refused.value).splitlines() == [str(fault) for fault in read(path).faults]
    assert len(read(path).faults) == 2


def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path):
    for wrong in ('header: "Token: abc123"', "secret: [abc123]", "extra_headers: {X: 'abc123 '}", "abc: abc123"):
        text = HTTP.replace(
            "type: bearer, secret: test_token",
            f"type: api_key, secret: s, {wrong}" if "secret" not in wrong else f"type: api_key, {wrong}",
        )
        found = faults(tmp_path, text)
        assert found
        assert "abc123" not in " ".join(found)


def test_every_pattern_of_the_language_is_said_in_words():
    schema = json.dumps(
        [model.model_json_schema() for model in Strict.__subclasses__() if issubclass(model, BaseModel)]
    )
    patterns = {json.loads(f'"{found}"') for found in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', schema)}
    assert patterns <= set(FORMS)


def test_a_fault_inside_one_export_leaves_the_others_judged(tmp_path):
    text = HTTP.replace("    entity: dossiers\n", "") + HTTP[HTTP.index("  portal_dossiers:"):].replace(
        "portal_dossiers", "portal_others"
    ).replace("epoch_ms", "epochms")  # fmt: skip
    assert len(faults(tmp_path, text)) == 2


@pytest.mark.parametrize("profile", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_profiles_have_no_fault(profile):
    assert read(profile).faults == ()


def _no_secret(name: str) -> str:
    raise MissingSecret(f"secret {name!r} is not set")


def test_what_is_missing_around_a_profile_is_a_hint(tmp_path):
    path = tmp_path / "test.yaml"
    path.write_text(HTTP.replace('      from: "{period_start:yyyy-MM-dd}"\n', ""), encoding="utf-8")
    profile = load_profile(path)
    found = hints(profile, Settings(source_urls={}), _no_secret)
    for number, word in enumerate(("not set", "no address", "period")):
        assert word in found[number]
    assert (
        hints(load_profile(SHIPPED / "dvcqg.yaml"), Settings(source_urls={"portal": "http://x"}), lambda name: "x")
        == []
    )


def test_columns_that_are_not_indented_below_fields_are_said_to_be_so(tmp_path):
    columns = HTTP[HTTP.index("      dossier_code:") : HTTP.index("    children:")]
    found = faults(tmp_path, HTTP.replace(columns, columns.replace("\n      ", "\n    ").removeprefix("  ")))
    assert any(
        "dossier_code: the indentation is wrong: dossier_code belongs below fields, further in" in f for f in found
    )


def test_a_profile_saved_in_decomposed_letters_reads_the_same_headings_and_words(tmp_path):
    text = FILES.replace("{path: Số người}", "{path: Số người, format: digits, codes: {Đủ cả: 5}}")
    path = tmp_path / "test.yaml"
    path.write_text(normalize("NFD", text), encoding="utf-8")
    fields = load_profile(path).exports["hr_staffing"].fields
    assert (fields["agency_code"].path, fields["staff_total"].path) == ("Đơn vị", "Số người")
    assert fields["staff_total"].codes == {"Đủ cả": 5}


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "test.yaml"
    path.write_text(text, encoding="utf-8")
    return hints(load_profile(path), Settings(source_urls={"portal": "http://x"}), lambda _: "x")


def test_dossiers_without_the_time_of_their_acceptance_are_said_to_be_in_no_figure(tmp_path):
    (line,) = (one for one in told(tmp_path, HTTP) if "received_at" in one)
    assert "all other figures of dossiers will be 0 or missing" in line


def test_a_status_that_ends_a_dossier_without_its_time_is_said_with_the_figures_that_it_costs(tmp_path):
    found = told(tmp_path, HTTP)
    assert any(
        "finished_at is not mapped although status can be 9 or 10" in f and "dossiers_resolved," in f for f in found
    )
    assert any("withdrawn_at is not mapped although status can be 7" in f and "dossiers_withdrawn" in f for f in found)
    assert not any("refused_at" in line for line in found)
    open_only = told(tmp_path, HTTP.replace("{path: status}", '{path: status, codes: {"3": 3, "4": 4, "9": 9}}'))
    assert any("finished_at is not mapped although status can be 9, and" in line for line in open_only)
    assert not any("withdrawn_at" in line for line in open_only)


def test_an_export_without_total_is_told_what_it_cannot_notice(tmp_path):
    assert any("no total" in line for line in told(tmp_path, HTTP.replace("    total: total\n", "")))
    assert not any("no total" in line for line in told(tmp_path, HTTP))


def test_every_figure_that_a_hint_can_name_is_an_indicator_and_every_column_is_in_its_contract():
    with (PROJECT / "dbt_project" / "seeds" / "indicators.csv").open(encoding="utf-8") as file:
        known = {row["indicator_code"] for row in csv.DictReader(file)} | {ALL}
    for entity, columns in FIGURES.items():
        assert set(columns) <= {column.name for column in CONTRACTS[entity].columns}
        assert {figure for figures in columns.values() for figure in figures} <= known


@pytest.fixture
def checked(tmp_path):
    def run(*arguments: str):
        settings.cache_clear()
        return CliRunner().invoke(app, ["profile", "check", *arguments])

    return run


def test_the_command_ends_with_2_when_any_profile_has_a_fault(tmp_path, checked):
    path = tmp_path / "test.yaml"
    path.write_text(HTTP.replace("epoch_ms", "epochms"), encoding="utf-8")
    done = checked("dvcqg", str(path))
    assert done.exit_code == 2
    assert "dvcqg.yaml: no fault" in done.output
    assert (
        "portal_dossiers: dossiers, 22 of 27 columns mapped, all required ones; not mapped: service_level"
        in done.output
    )
    assert "'epochms' is no format" in done.output
    assert checked("dvcqg").exit_code == 0
    assert checked("igate").exit_code == 2


def test_a_file_that_is_not_there_is_said_plainly(tmp_path, checked):
    done = checked(str(tmp_path / "none.yaml"))
    assert done.exit_code == 2
    assert " ".join(done.output.split()).endswith("none.yaml: no such file")
    assert "shipped" not in done.output


def test_hints_are_no_faults(tmp_path, checked):
    path = tmp_path / "test.yaml"
    path.write_text(HTTP, encoding="utf-8")
    done = checked(str(path))
    assert done.exit_code == 0
    assert "  hint: portal_dossiers: received_at is not mapped" in done.output


def test_the_command_speaks_json(tmp_path, checked):
    path = tmp_path / "test.yaml"
    path.write_text(HTTP.replace("epoch_ms", "epochms"), encoding="utf-8")
    wrong, right = (json.loads(line) for line in checked(str(path), "ca_register", "--json").output.splitlines())
    assert wrong["faults"][0]["line"] == 29
    assert wrong["faults"][0]["path"] == "exports.portal_dossiers.fields.updated_at.format"
    assert right["exports"]["ca_certificates"]["not_mapped"] == []

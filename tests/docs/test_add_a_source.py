"""docs/add-a-source.md: a newcomer who types what it says gets what it shows, and its reference is the language."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cchc.settings import PROJECT, settings
from ingest.contracts import CONTRACTS
from ingest.fields import ChildMap, FieldMap, Over
from ingest.files.options import AGENCY, MOMENTS, FileExport, Limits, Renamed, Until
from ingest.formats import NAMED_DATES, NUMBERS
from ingest.http.options import Auth, Http, Pace, Paging
from ingest.placeholders import MOMENTS as PARAM_MOMENTS
from ingest.placeholders import SINCE
from ingest.profile import Changes, ExportMap, Profile
from ingest.profile_check.language import choices, keys_of
from tests.docs import columns
from tests.docs.bien_che import PEOPLE, drop
from tests.docs.song_hong import CLIENT, PASSWORD, PERSONAL, Vendor, dossier, served
from tests.docs.tutorial import Tutorial

PAGE = PROJECT / "docs" / "add-a-source.md"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tutorial, Vendor]]:
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patched, served() as vendor:
        tutorial = Tutorial(
            PAGE, folder, patched, {"https://egov.songhong.example": vendor.url}, {"release 2": lambda: _next(vendor)}
        )
        drop(folder / "drop")
        tutorial.run()
        settings.cache_clear()
        yield tutorial, vendor
    settings.cache_clear()


def _next(vendor: Vendor) -> None:
    vendor.release = 2


def test_every_command_prints_what_the_page_shows(ran):
    tutorial, _ = ran
    lost = {step.command: (step.missing(), step.printed) for step in tutorial.steps if step.missing()}
    assert not lost


def test_the_page_shows_a_check_that_fails_and_ends_with_profiles_without_fault(ran):
    tutorial, _ = ran
    codes = [step.exit_code for step in tutorial.steps if step.command == "cchc profile check song_hong.yaml"]
    assert codes == [2, 0, 2]
    assert tutorial.step("cchc profile check bien_che.yaml").exit_code == 0
    assert {step.exit_code for step in tutorial.steps if step.command.startswith("cchc profile try")} == {0}


def test_the_answer_on_the_page_is_the_one_that_the_vendor_gives(ran):
    tutorial, _ = ran
    shown = json.loads(tutorial.texts["json"])["data"]["dossiers"][0]
    sent = dossier(1, date(2022, 12, 15))
    hidden = json.loads(
        json.dumps(sent, ensure_ascii=False), object_hook=lambda o: {k: _hidden(k, v) for k, v in o.items()}
    )
    assert shown == hidden


def _hidden(key: str, value: Any) -> Any:
    personal = {"officer", "fullName", "idNumber", "phone", "email", "address", "name"}
    return "…" if key in personal or (key == "title" and value != "Lệ phí") else value


def test_the_pace_of_the_profile_keeps_the_vendor_content_and_an_expired_token_is_renewed_once(ran):
    _, vendor = ran
    statuses = [status for _, _, status in vendor.asked]
    assert 429 not in statuses
    refused = [index for index, status in enumerate(statuses) if status == 401]
    assert refused
    assert all(vendor.asked[index + 1][1:] == ("/api/connect/token", 200) for index in refused)


def test_what_the_tutorial_lands_is_what_the_vendor_has(ran):
    tutorial, _ = ran
    batches = tutorial.folder.glob("var/raw/portal_dossiers/nd09/2023-01/batches/*/rows.parquet")
    rows = pq.read_table(next(batches)).to_pylist()
    assert len(rows) == 242
    one = next(row for row in rows if row["dossier_code"] == "000.22.26.H23-221216-0001")
    assert one["received_at"].isoformat() == "2022-12-16T01:00:00+00:00"
    assert (one["status"], one["fee_vnd"], one["input_digitised"], one["result_digitised"]) == (9, 8000, True, False)
    assert sum(len(row["supplements"]) for row in rows) == sum(row["status"] == 5 for row in rows)


def test_no_personal_data_and_no_secret_come_out_of_the_tutorial(ran):
    tutorial, vendor = ran
    forbidden = [*PERSONAL, *PEOPLE, PASSWORD, f"{CLIENT}:", *vendor.tokens]
    printed = "".join(step.printed for step in tutorial.steps)
    stored = [path for path in (tutorial.folder / "var").rglob("*") if path.is_file()]
    assert stored
    for word in forbidden:
        assert word not in printed
        for path in stored:
            assert word.encode() not in path.read_bytes(), path


def test_a_reader_can_start_the_vendor_and_log_in():
    command = [sys.executable, "-m", "tests.docs.song_hong", "--port", "0", "--release", "2"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            url = re.search(r"http://\S+/api", server.stdout.readline())
            assert url
            login = {"auth": (CLIENT, PASSWORD), "data": {"grant_type": "client_credentials"}, "timeout": 10}
            assert requests.post(f"{url[0]}/connect/token", **login).json()["token_type"] == "Bearer"
        finally:
            server.terminate()


# --- the reference ---------------------------------------------------------------------------------------------------

SECTIONS: dict[str, type[BaseModel]] = {
    "Profile": Profile, "auth": Auth, "http": Http, "pace": Pace, "export": ExportMap, "paging": Paging,
    "changes": Changes, "field": FieldMap, "over a list": Over, "children": ChildMap, "file": FileExport,
    "until": Until, "renamed": Renamed, "limits": Limits,
}  # fmt: skip


def reference(section: str) -> dict[str, list[str]]:
    """The first table of a section of the page: its rows by their first cell, without backticks."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n### {section}\n", 1)[1].split("\n###", 1)[0]
    table = text[text.index("|") :].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return {row[0].strip(" |").strip("`"): row for row in rows}


@pytest.mark.parametrize("section", SECTIONS)
def test_the_reference_has_every_key_of_the_language_and_no_other(section):
    assert list(reference(section)) == list(keys_of(SECTIONS[section]))


@pytest.mark.parametrize("section", SECTIONS)
def test_the_reference_names_every_allowed_word_and_every_default(section):
    for key, info in keys_of(SECTIONS[section]).items():
        _, allowed, default, _ = reference(section)[key]
        for word in choices(info.annotation):
            assert f"`{word}`" in allowed, (key, word)
        assert _default(info) in default, key


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.default if info.default is not PydanticUndefined else None
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return (
        f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if isinstance(value, (str, int)) and value else ""
    )


def test_every_model_of_the_language_has_a_section_or_is_said_in_its_row():
    found, todo = set[type[BaseModel]](), [Profile]
    while todo:
        model = todo.pop()
        found.add(model)
        for info in model.model_fields.values():
            inner = re.findall(r"\b[A-Z]\w+", str(info.annotation))
            todo += [m for m in _models() if m.__name__ in inner and m not in found]
    said = {"Answer": "success", "Withhold": "withhold", "When": "when", "Sheet": "sheet"}
    assert {model.__name__ for model in found} == {model.__name__ for model in SECTIONS.values()} | set(said)
    for name, key in said.items():
        model = next(model for model in found if model.__name__ == name)
        row = {**reference("export"), **reference("field"), **reference("file")}[key]
        assert all(f"{inner}: …" in row[1] or f"{inner}: […]" in row[1] for inner in keys_of(model)), key


def _models() -> list[type[BaseModel]]:
    from ingest.fields import Strict

    return list(Strict.__subclasses__())


def test_the_reference_has_every_entity_format_and_placeholder():
    assert all(f"`{entity}`" in reference("export")["entity"][1] for entity in CONTRACTS)
    formats = reference("Formats")
    assert {*NAMED_DATES, *NUMBERS} <= set(formats)
    said = PAGE.read_text(encoding="utf-8").split("\n### Placeholders\n", 1)[1]
    for name in (*PARAM_MOMENTS, SINCE, *MOMENTS):
        assert f"`{{{name}:…}}`" in said
    assert all(f"`{{{name}}}`" in said for name in AGENCY)


def test_the_tables_of_columns_are_those_of_the_contracts():
    assert columns.shown() == columns.tables(), "write them again: python -m tests.docs.columns"

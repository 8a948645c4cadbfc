"""docs/add-an-indicator.md: whoever adds the rows that it shows, and closes two months, sees the figures that it states."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cchc.settings
from cchc.settings import PROJECT, settings
from sandbox.province import Province
from sandbox.server import SECRETS, serve
from tests.docs.tutorial import Tutorial

PAGE = PROJECT / "docs" / "add-an-indicator.md"
MARKS = {
    "the row is saved": "indicators",
    "the definition changes": "indicators",
    "the province has a criterion": "par_index_criteria",
    "the target changes": "index_766_components",
}

pytestmark = pytest.mark.slow


def saves(project: Path) -> dict[str, Callable[[], None]]:
    """For each mark: the rows of the block above it go into their seed, in the place of those of the same key and version."""
    blocks = re.findall(r"^```csv\n(.*?)^```\n<!-- (.*?) -->", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert [mark for _, mark in blocks] == list(MARKS)

    def save(text: str, seed: Path) -> None:
        shown = csv.DictReader(io.StringIO(text))
        with seed.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            assert shown.fieldnames == rows.fieldnames
            names = list(rows.fieldnames or ())
            version = "definition_version" if "definition_version" in names else "version"
            key = [n for n in names if n in ("province_code", "year") or (n.endswith("_code") and "group" not in n)]
            kept = {tuple(row[n] for n in [*key, version]): row for row in rows}
        kept |= {tuple(row[n] for n in [*key, version]): row for row in shown}
        with seed.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(kept.values())

    return {
        mark: lambda text=text, mark=mark: save(text, project / "seeds" / f"{MARKS[mark]}.csv")  # type: ignore[misc]
        for text, mark in blocks
    }


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tutorial]:
    root = tmp_path_factory.mktemp("indicator")
    copy = root / "dbt_project"
    shutil.copytree(PROJECT / "dbt_project", copy, ignore=shutil.ignore_patterns("target", "logs"))
    with pytest.MonkeyPatch.context() as patched, serve(Province()) as urls:
        patched.setattr(cchc.settings, "PROJECT", root)
        patched.setenv("CCHC_HOME", str(root / "home"))
        for source, url in urls.items():
            patched.setenv(f"CCHC_SOURCE_URLS__{source.upper()}", url)
        for name, value in SECRETS.items():
            patched.setenv(f"CCHC_SECRET_{name.upper()}", value)
        settings.cache_clear()
        tutorial = Tutorial(PAGE, root, patched, {}, saves(copy))
        tutorial.run()
        yield tutorial
    settings.cache_clear()


def test_every_command_prints_what_the_page_states(ran: Tutorial) -> None:
    assert {step.exit_code for step in ran.steps} == {0}, [step.printed for step in ran.steps]
    lost = {step.command: (step.missing(), step.printed) for step in ran.steps if step.missing()}
    assert not lost


def test_no_file_but_a_seed_was_touched(ran: Tutorial) -> None:
    ours, copy = PROJECT / "dbt_project", ran.folder / "dbt_project"
    files = [path.relative_to(ours) for path in ours.rglob("*") if path.is_file() and "target" not in path.parts]
    changed = {str(path) for path in files if (ours / path).read_bytes() != (copy / path).read_bytes()}
    assert changed == {f"seeds/{seed}.csv" for seed in MARKS.values()}

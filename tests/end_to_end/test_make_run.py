"""The two-command start as a user types it: `make run`, its figures, its second run, and what it leaves on the disk."""

from __future__ import annotations

import csv
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import ahocorasick
import duckdb
import psutil
import pytest

from cchc.period import Period
from cchc.settings import PROJECT
from sandbox.province import Province

pytestmark = pytest.mark.slow
PRINTED = list(csv.DictReader((PROJECT / "sandbox" / "printed_figures.csv").open(encoding="utf-8", newline="")))


def make_run(home: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CCHC_", "AIRFLOW"))}
    return subprocess.run(
        ["make", "--no-print-directory", "run"],
        cwd=PROJECT, env=environment | {"CCHC_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    home = tmp_path_factory.mktemp("make_run") / "home"
    return home, make_run(home)


@pytest.fixture
def home(ran) -> Path:
    home, done = ran
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return home


def query(home: Path, sql: str, *values: str) -> list[tuple]:
    with duckdb.connect(str(home / "published" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_it_publishes_every_month_and_says_so(ran, home):
    months = [f"2020-{m:02d}" for m in range(1, 10)] + [f"2023-{m:02d}" for m in range(1, 13)]
    assert query(home, "select strftime(period_month, '%Y-%m'), revision from snapshots order by 1") == [
        (m, 1) for m in months
    ]
    said = ran[1].stdout
    assert all(month in said for month in months)
    assert "differs" not in said
    assert said.count("equal") >= len(PRINTED)
    assert "cchc status" in said


def test_the_tables_that_analysts_are_promised_are_there(home):
    found = {
        row[0] for row in query(home, "select table_name from information_schema.tables where table_schema = 'main'")
    }
    assert {
        "indicator_values", "fct_dossiers", "fct_documents", "fct_signatures", "dossiers", "dim_agencies", "dim_procedures",
        "dim_indicators", "dim_certificates", "dim_working_days", "snapshots", "quality_results", "source_health",
        "mart_form_b06", "mart_form_01b", "mart_index_766", "mart_par_index",
    } <= found  # fmt: skip


@pytest.mark.parametrize("row", PRINTED, ids=lambda r: f"{r['agency_name']}-{r['period']}-{r['indicator_code']}")
def test_a_printed_figure_is_computed_from_the_records(home, row):
    found = query(
        home,
        "select numerator, denominator, round(value, 4), state from indicator_values "
        "where strftime(period_month, '%Y-%m') = ? and scope = ? and agency_code = ? and indicator_code = ?",
        row["period"], row["scope"], row["agency_code"], row["indicator_code"],
    )  # fmt: skip
    denominator = int(row["denominator"]) if row["denominator"] else None
    assert found == [(int(row["numerator"]), denominator, float(row["value"]), "ok")]


def test_the_printed_figures_are_those_of_five_communes():
    assert len(PRINTED) == 41
    assert {row["agency_code"] for row in PRINTED} == {"11122", "11119", "15907", "11137", "19888"}


def test_every_dossier_stands_once_in_dossiers_as_its_newest_published_month_has_it(home):
    assert query(home, "select count(*) - count(distinct dossier_code) from dossiers") == [(0,)]
    missing = query(
        home,
        "select count(*) from (select dossier_code, max(period_month) m from fct_dossiers group by 1) f "
        "left join dossiers d on d.dossier_code = f.dossier_code and d.period_month = f.m where d.dossier_code is null",
    )
    assert missing == [(0,)]


def _texts(home: Path) -> list[tuple[str, str]]:
    """Every byte under the home as text, and every text that compressed tables hold."""
    found = []
    for path in sorted(p for p in home.rglob("*") if p.is_file() and not p.is_symlink()):
        found.append((str(path), path.read_bytes().decode("latin-1")))
        if path.suffix == ".parquet":
            with duckdb.connect() as connection:
                rows = connection.execute(f"select * from read_parquet('{path}', hive_partitioning = false)").fetchall()
            found.append((f"{path} decoded", repr(rows).encode().decode("latin-1")))
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                names = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
                for schema, table in names:
                    rows = connection.execute(f'from "{schema}"."{table}"').fetchall()
                    found.append((f"{path} {table}", repr(rows).encode().decode("latin-1")))
    return found


def _is_value(name: str, text: str, end: int, value: str) -> bool:
    """DuckDB packs texts side by side: two agency codes of five digits look like a telephone in its bytes. A number within more
    digits is none there; the tables are searched decoded as well."""
    around = text[max(0, end - len(value)) : end - len(value) + 1] + text[end + 1 : end + 2]
    return not (name.endswith(".duckdb") and value.isdigit() and any(sign.isdigit() for sign in around))


def test_no_personal_data_that_was_served_is_anywhere_under_the_home_or_in_what_was_said(ran, home):
    province = Province()
    served = province.personal_data(Period(2023, 1), Period(2023, 12)) | province.personal_data(
        Period(2020, 1), Period(2020, 9)
    )
    assert len(served) > 10_000
    # Some people are called as a ward is: the names of the country's communes are nobody's data.
    communes = (PROJECT / "dbt_project" / "seeds" / "agencies.csv").read_text(encoding="utf-8")
    served -= {value for value in served if value in communes}
    assert len(served) > 10_000
    finder = ahocorasick.Automaton()
    for value in served:
        finder.add_word(value.encode().decode("latin-1"), value)
    finder.make_automaton()
    texts = [*_texts(home), ("standard output", ran[1].stdout), ("standard error", ran[1].stderr)]
    assert any(name.endswith(".log") for name, _ in texts)
    assert any(name.endswith("rows.parquet decoded") for name, _ in texts)
    hits = [
        (name, value) for name, text in texts for end, value in finder.iter(text) if _is_value(name, text, end, value)
    ]
    assert hits == []


def test_the_search_for_personal_data_would_find_it(tmp_path):
    person = next(iter(Province().personal_data(Period(2023, 1), Period(2023, 1))))
    with duckdb.connect(str(tmp_path / "leak.duckdb")) as connection:
        connection.execute("create table leak as select ? as name from range(5000)", [person])
    assert any(person.encode().decode("latin-1") in text for _, text in _texts(tmp_path))


def running(home: Path) -> list[psutil.Process]:
    """Processes that work on this home."""
    return [p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get("CCHC_HOME") == str(home)]


def test_nothing_that_it_started_is_left_running(home):
    assert running(home) == []


def test_nothing_is_left_running_when_it_is_interrupted_while_a_month_is_closed(tmp_path):
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "quickstart.run"],
        env=os.environ | {"CCHC_HOME": str(home)}, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (home / "raw").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(running(home)) >= 3
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert running(home) == []


def test_the_commands_of_the_readme_work_on_what_it_published(home):
    """All but make test and make up; the sources of the close are the stand-in province."""
    from sandbox.server import SECRETS, serve

    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    commands = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines() if line.strip()]
    assert commands[:2] == ["make run", "make test"]
    assert [c.split()[1] for c in commands[2:]] == ["close", "status", "query", "explain", "dossier", "query"]
    with serve() as urls:
        environment = os.environ | {"CCHC_HOME": str(home), "PATH": f"{PROJECT / '.venv' / 'bin'}:{os.environ['PATH']}"}
        environment |= {f"CCHC_SOURCE_URLS__{name.upper()}": url for name, url in urls.items()}
        environment |= {f"CCHC_SECRET_{name.upper()}": value for name, value in SECRETS.items()}
        for command in commands[2:]:
            done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
            assert done.stdout.strip()


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_what_a_readme_shows_of_a_share_below_one_is_what_is_printed(home, name):
    text = (PROJECT / name).read_text(encoding="utf-8")
    (command,) = re.findall(r"^(cchc explain .*?)\s+#", text, flags=re.MULTILINE)
    (shown,) = re.findall(r"```text\n(.*?)```", text, flags=re.DOTALL)
    (sql,) = re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-m", "cchc.cli", *shlex.split(command)[1:]],
        env=os.environ | {"CCHC_HOME": str(home)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    assert [line for line in shown.splitlines() if line not in printed] == ["…"]
    codes = {row[0] for row in query(home, sql)}
    assert codes == set(re.findall(r"^ (\S+\.H57-\S+)", shown, flags=re.MULTILINE))
    assert len(codes) == 4


def test_a_second_run_publishes_no_new_revision(ran, home):
    def parquet() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in (home / "published" / "snapshots").rglob("*") if p.is_file()}

    before = parquet()
    again = make_run(home)
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert parquet() == before
    assert query(home, "select max(revision) from snapshots") == [(1,)]


def test_both_readmes_give_the_same_commands_and_their_links_exist():
    commands = []
    for name in ("README.md", "README.vi.md"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        commands.append([re.sub(r"\s+#.*", "", c) for c in re.findall(r"^(?:make|cchc) .*", text, flags=re.MULTILINE)])
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (PROJECT / link).exists(), link
    assert commands[0] == commands[1]


def test_the_readmes_count_the_checks_right():
    from expectations.suites import all_checks

    for name, words in (("README.md", "checks, a sealed verdict"), ("README.vi.md", "nội dung kiểm tra, kết luận")):
        assert f"{len(all_checks())} {words}" in (PROJECT / name).read_text(encoding="utf-8")

"""A large province closed month after month: time by step, memory, what a later month costs, and the same figures by hand.

The rows of every month are put into raw as batches with receipts; the second and the last month are landed over HTTP besides,
which must give the same batches.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psutil
from rich.console import Console
from rich.table import Table

from bench import by_hand, served
from bench.bare_sql import took_without_dbt
from bench.province import Province
from bench.took import Took
from cchc.period import Period
from cchc.settings import Settings
from ingest.store import Store
from sandbox.landed import Rows, put_month

FIRST = Period(2021, 1)
STEPS = ("land", "build", "audit", "publish")
_SECRETS = {"portal_token": "p", "dms_key": "d", "ca_login": "user:password"}
# One close in a process of its own; prints what each step took, landing only when it is asked for.
_CLOSE = """
import dataclasses, json, sys
from bench.took import timed
from cchc import close
period, steps, took, quiet = sys.argv[1], sys.argv[2:], {}, lambda line: None
run = {
    "land": lambda: [close.land(e, period, progress=quiet) for e in close.export_names()],
    "build": lambda: close.build(period, progress=quiet),
    "audit": lambda: close.audit(period, progress=quiet),
    "publish": lambda: close.publish(period, progress=quiet),
}
for step in steps:
    with timed() as took[step]:
        run[step]()
# On a line of its own: DuckDB may have drawn a progress bar before it.
print("\\n" + json.dumps({step: dataclasses.asdict(one) for step, one in took.items()}))
"""


@dataclass
class Deployment:
    """A home on disk for one province, closed month by month."""

    home: Path
    province: Province
    environment: dict[str, str] = field(init=False)
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.province.write_agencies(self.home / "agencies.csv")
        profiles = served.write_profiles(self.home)
        # No request is sent but for the months that are landed, whose address comes with them.
        self.environment = {"CCHC_HOME": str(self.home), "CCHC_PROFILES": profiles, "CCHC_PROVINCES": "99"}
        self.environment |= {f"CCHC_SECRET_{name.upper()}": value for name, value in _SECRETS.items()}
        self.settings = Settings(home=self.home, profiles=profiles)

    def put(self, period: Period) -> dict[str, str]:
        """Puts the month's rows into raw, as a read of them would; returns the batch id of every export."""
        rows = self.province.rows(period)
        return put_month(
            self.settings, period, {export: Rows(rows[entity]) for export, entity in served.EXPORTS.items()}
        )

    def serve_and_close(self, period: Period, scratch: Path) -> Closed:
        """Lands the month over HTTP and closes it; the batches must be those that `put` made."""
        before = self.put(period)
        pages = scratch / "pages"
        served.write_pages(pages, self.province.rows(period))
        with served.serve(pages) as url:
            urls = {f"CCHC_SOURCE_URLS__{source}": url for source in ("PORTAL", "DMS", "CA")}
            closed = self.close(period, STEPS, urls)
        shutil.rmtree(pages)
        newest = {name: Store(self.settings.raw).newest(name, period) for name in before}
        landed = {name: receipt.batch_id for name, receipt in newest.items() if receipt}
        assert landed == before, "what was landed is not what was put into raw"
        return closed

    def close(self, period: Period, steps: tuple[str, ...] = STEPS[1:], more: dict[str, str] | None = None) -> Closed:
        took, peak = _run(["-c", _CLOSE, str(period), *steps], self.environment | (more or {}))
        return Closed(period, took, peak)


@dataclass(frozen=True)
class Closed:
    """What one close took, by step, and the peak memory of its processes together in MB."""

    period: Period
    took: dict[str, Took]
    peak_mb: float

    @property
    def seconds(self) -> dict[str, float]:
        return {step: one.seconds for step, one in self.took.items()}

    @property
    def without_landing(self) -> float:
        return sum(seconds for step, seconds in self.seconds.items() if step != "land")


class _Peak:
    """The most memory that a process and its children held together, looked at ten times a second."""

    def __init__(self, pid: int) -> None:
        self.bytes, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(psutil.Process(pid),), daemon=True)
        self._thread.start()

    def _watch(self, process: psutil.Process) -> None:
        while not self._ended.wait(0.1):
            try:
                alive = [process, *process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(one.memory_info().rss for one in alive))
            except psutil.NoSuchProcess:
                continue

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


def _run(arguments: list[str], environment: dict[str, str]) -> tuple[dict[str, Took], float]:
    """Runs Python in a process of its own that prints what its parts took as JSON; gives that and its peak memory in MB."""
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True) as process:
        peak = _Peak(process.pid)
        output, _ = process.communicate()
        peak.stop()
    if process.returncode:
        raise SystemExit(f"{arguments} ended with code {process.returncode}")
    found = json.loads(output.splitlines()[-1])
    return {part: Took(**took) for part, took in found.items()}, peak.bytes / 2**20


def tables(folder: Path, communes: int, dossiers: int, documents: int, months: int, screen: Console) -> list[Table]:
    """Closes `months` months and returns the tables: every month, landing, and the build beside figures by hand."""
    province = Province(communes, dossiers, documents, FIRST)
    home = Deployment(folder / "home", province)
    closed, period = list[Closed](), FIRST
    for number in range(1, months + 1):
        if number in (2, months):
            closed.append(home.serve_and_close(period, folder))
        else:
            home.put(period)
            closed.append(home.close(period))
        screen.print(f"{period}: {closed[-1].without_landing:.1f} s without landing", style="dim")
        period = period.following()
    return [
        _months(province, closed),
        _landing(closed),
        *_by_hand(home, folder, closed[min(1, months - 1)], closed[-1]),
    ]


def _months(province: Province, closed: list[Closed]) -> Table:
    total = sum(one.without_landing for one in closed)
    shown = Table(
        "month", *STEPS[1:], "close", "of month 2", "peak MB",
        title=f"{province.communes} communes, {province.dossiers:,} dossiers and {province.documents:,} documents a month; "
        "seconds without landing",
        caption=f"all {len(closed)} months from raw: {total / 60:.1f} min",
    )  # fmt: skip
    second = closed[min(1, len(closed) - 1)].without_landing
    for number, one in enumerate(closed, 1):
        steps = (f"{one.seconds[step]:.1f}" for step in STEPS[1:])
        ratio = f"{one.without_landing / second:.2f}"
        shown.add_row(str(number), *steps, f"{one.without_landing:.1f}", ratio, f"{one.peak_mb:.0f}")
    return shown


def _landing(closed: list[Closed]) -> Table:
    landed = [(number, one) for number, one in enumerate(closed, 1) if "land" in one.seconds]
    shown = Table("month", "land", "the rest", "close", "of month 2", title="with landing over HTTP; seconds")
    first = sum(landed[0][1].seconds.values())
    for number, one in landed:
        total = sum(one.seconds.values())
        shown.add_row(
            str(number),
            f"{one.seconds['land']:.1f}",
            f"{one.without_landing:.1f}",
            f"{total:.1f}",
            f"{total / first:.2f}",
        )
    return shown


def _by_hand(home: Deployment, folder: Path, second: Closed, last: Closed) -> list[Table]:
    """The last month's build beside one script over the same Parquet, the models' own SQL, and a build of next to nothing.

    What the script makes must be what was built, in every row and column; of the second month, too.
    """
    settings, build = home.settings, last.took["build"]
    _script(settings, second.period, folder / "second.duckdb", by_hand.TABLES)
    parts, peak, file = _script(settings, last.period, folder / "by_hand.duckdb", by_hand.TABLES)
    figures, figures_peak, _ = _script(
        settings, last.period, folder / "figures.duckdb", ("indicator_values",), "--figures"
    )
    script = sum(parts.values(), Took())
    start_up = _start_up(home.province.communes, folder / "small")
    made, tested = took_without_dbt(settings.build_file(last.period), settings.dbt_project, folder / "bare")
    with duckdb.connect(str(file), read_only=True) as connection:
        counts = ", ".join(f"{table} {len(connection.table(table)):,}" for table in by_hand.TABLES)
    shown = Table(
        "", "seconds", "of the script", "processor s", "of the script", "peak MB",
        title=f"the build of {last.period} beside its tables by hand, equal in every row and column of {counts}",
        caption=f"{second.period} by hand is equal, too; peak of the whole close {last.peak_mb:.0f} MB",
    )  # fmt: skip
    for what, took, memory in (
        ("the figures alone by one script", sum(figures.values(), Took()), f"{figures_peak:.0f}"),
        ("all those tables by one script", script, f"{peak:.0f}"),
        ("every table by the models' SQL, without dbt", made, "-"),
        ("every table and structural test by the models' SQL, without dbt", made + tested, "-"),
        ("the build without dbt's start-up", build - start_up, "-"),
        ("dbt's start-up: a build of next to nothing", start_up, "-"),
        ("the build", build, "-"),
    ):
        shown.add_row(
            what, f"{took.seconds:.1f}", f"{took.seconds / script.seconds:.2f}",
            f"{took.processor:.1f}", f"{took.processor / script.processor:.2f}", memory,
        )  # fmt: skip
    by_part = Table("part of the script", "seconds", "processor s")
    for part, took in parts.items():
        by_part.add_row(part, f"{took.seconds:.2f}", f"{took.processor:.2f}")
    return [shown, by_part]


def _script(
    settings: Settings, period: Period, file: Path, tables: tuple[str, ...], *options: str
) -> tuple[dict[str, Took], float, Path]:
    """Runs the script in a process of its own; gives what its parts took, its peak memory in MB, and `file`."""
    parts, peak = _run(["-m", "bench.by_hand", str(settings.home), str(period), str(file), *options], {})
    if found := by_hand.differences(file, settings.build_file(period), tables):
        raise SystemExit("\n".join([f"{period} by hand is not what was built:", *found]))
    return parts, peak, file


def _start_up(communes: int, folder: Path) -> Took:
    """What a build of next to nothing takes, the better of two once the project is parsed."""
    small = Deployment(folder, Province(communes, communes, communes, FIRST))
    small.put(FIRST)
    runs = [small.close(FIRST, ("build",)).took["build"] for _ in range(3)]
    return min(runs[1:], key=lambda took: took.seconds)

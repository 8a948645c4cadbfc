"""The gate of a large month beside the same conditions as bare DuckDB SQL: time by frame, memory, and equal findings.

The conditions are made from the declarations of the checks, one statement a frame. Both are run on the month as it was built
and on a copy of it with faults, and must find the same numbers of failing rows.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from bench.close_month import FIRST, STEPS, Deployment
from bench.province import Province
from cchc.period import Period
from expectations.checks import (
    BETWEEN,
    EQUAL,
    GREATER,
    NOT_NULL,
    NULL,
    UNIQUE,
    UNIQUE_TOGETHER,
    Check,
)
from expectations.verdicts import CheckResult, content_of

RUNS = 3
# What is run in a process of its own, and prints JSON.
IMPORT = """
import json, time
started = time.perf_counter()
from expectations import asking
asking.ready()
print(json.dumps({"seconds": time.perf_counter() - started}))
"""
# Faults of facts and of what was landed; each is found by one or more checks, some of them in a great many rows.
FAULTS = (
    "update fct_dossiers set finished_at = received_at - interval 1 hour where finished_at is not null and fee_vnd = 0",
    "update fct_dossiers set due_at = due_at + interval 60 year where rowid % 1000 = 0",
    "update fct_dossiers set submitted_at = '1900-01-01' where rowid % 5000 = 1",
    "update fct_dossiers set agency_code = 'unknown' where rowid % 7000 = 2",
    "insert into fct_dossiers from fct_dossiers limit 10",
    "update fct_documents set sent_at = sent_at + interval 3 month where direction = 'outgoing' and rowid % 100 = 0",
    "update fct_documents set is_signed = not is_signed where direction = 'outgoing' and rowid % 50 = 0",
    "insert into fct_documents from fct_documents limit 7",
    "update fct_signatures set serial = 'unknown' where rowid % 300 = 0",
    "insert into fct_signatures from fct_signatures limit 3",
    "update stg_portal__dossier_versions set finished_at = null where status = 10 and rowid % 400 = 0",
    "update indicator_values set numerator = -1, value = -1 where indicator_code = 'dossiers_received_online'",
    "delete from indicator_values where indicator_code = 'postal_share' and agency_code like '%7'",
)


@dataclass(frozen=True)
class Judged:
    """One run over a build file: seconds and failing rows (None: not evaluated), by frame and by check."""

    seconds: dict[str, float]
    rows: dict[str, int]
    failing: dict[str, int | None]
    fingerprint: float
    peak_mb: float

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def tables(folder: Path, communes: int, dossiers: int, documents: int, screen: Console) -> list[Table]:
    """Builds month 2 of the province, judges it both ways, with faults too, and returns the tables."""
    home = Deployment(folder / "gate", Province(communes, dossiers, documents, FIRST))
    home.put(FIRST)
    home.close(FIRST)
    period = FIRST.following()
    home.put(period)
    home.close(period, STEPS[1:2])
    screen.print(f"{period} is built", style="dim")
    fixed = statistics.median(_run(home, IMPORT)["seconds"] for _ in range(RUNS))
    clean = [_best(home, way, period, RUNS) for way in ("judged", "by_sql")]
    build_file = home.settings.build_file(period)
    sound = build_file.with_suffix(".sound")
    shutil.copy2(build_file, sound)
    with duckdb.connect(str(build_file)) as connection:
        for fault in FAULTS:
            connection.execute(fault)
    faulty = [_best(home, way, period, 1) for way in ("judged", "by_sql")]
    shutil.move(sound, build_file)
    for ours, bare in (clean, faulty):
        assert ours.failing == bare.failing, _differences(ours.failing, bare.failing)
    found = sum(bool(rows) for rows in faulty[0].failing.values())
    assert found >= len(FAULTS), f"the faults are found by {found} checks only"
    title = f"{len(clean[0].failing)} checks of {period}: {dossiers:,} dossiers, {documents:,} documents"
    return [_frames(title, *clean), _summary(fixed, clean, faulty, found)]


def _best(home: Deployment, way: str, period: Period, times: int) -> Judged:
    """The quickest of so many runs, each in a process of its own, with the most memory that any of them held."""
    runs = [Judged(**_run(home, f"from bench import gate\ngate.{way}('{period}')")) for _ in range(times)]
    best = min(runs, key=lambda run: run.total)
    return Judged(best.seconds, best.rows, best.failing, best.fingerprint, max(run.peak_mb for run in runs))


def _run(home: Deployment, program: str) -> dict[str, Any]:
    environment = os.environ | home.environment
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def judged(month: str) -> None:
    """Every check by Great Expectations, which was imported before, as the audit does it: after the fingerprint."""
    from cchc.settings import settings
    from expectations import asking
    from expectations.gate import evaluate
    from expectations.reading import open_build_file
    from expectations.suites import all_checks

    asking.ready()
    seconds, rows = dict[str, float](), dict[str, int]()

    def starts(frame: str) -> None:
        seconds[frame] = -time.perf_counter()

    def done(frame: str, results: Sequence[CheckResult]) -> None:
        seconds[frame] += time.perf_counter()
        rows[frame] = max(result.rows_checked for result in results)

    with open_build_file(settings().period(month), settings()) as connection:
        fingerprint = _read_all(connection)
        results = evaluate(connection, all_checks(), {}, starts, done)
    failing = {r.check: None if r.outcome == "not_evaluated" else r.failed_rows for r in results}
    _tell(seconds, rows, failing, fingerprint)


def by_sql(month: str) -> None:
    """The same conditions as bare SQL on the same build file, one statement a frame; after the fingerprint as well."""
    from cchc.settings import settings
    from expectations.reading import frame_sql, open_build_file
    from expectations.suites import all_checks

    seconds, rows = dict[str, float](), dict[str, int]()
    failing: dict[str, int | None] = {}
    by_frame: dict[str, list[Check]] = {}
    for check in all_checks():
        by_frame.setdefault(check.frame.name, []).append(check)
    with open_build_file(settings().period(month), settings()) as connection:
        fingerprint = _read_all(connection)
        for name, checks in sorted(by_frame.items()):
            started = time.perf_counter()
            counts = ", ".join(_failing_rows(check) for check in checks)
            statement = f"with frame as ({frame_sql(checks[0].frame)}) select {counts}, count(*) from frame"
            (found,) = connection.execute(statement).fetchall()
            seconds[name] = time.perf_counter() - started
            rows[name] = found[-1]
            failing |= {check.id: int(count or 0) for check, count in zip(checks, found, strict=False)}
    _tell(seconds, rows, failing, fingerprint)


def _read_all(connection: duckdb.DuckDBPyConnection) -> float:
    """The seconds of the fingerprint, which leaves the tables in the connection's memory for what comes next."""
    started = time.perf_counter()
    content_of(connection)
    return time.perf_counter() - started


def _failing_rows(check: Check) -> str:
    """The number of rows of `frame` that a check does not accept, as an expression beside the others of its frame."""
    told = check.arguments
    keys = told.get("column_list") or [told.get("column")]
    if check.expect in (UNIQUE, UNIQUE_TOGETHER):
        same = ", ".join(keys)
        known = f"where {same} is not null" if check.expect == UNIQUE else ""
        return f"(select sum(n) from (select count(*) as n from frame {known} group by {same} having count(*) > 1))"
    return f"count(*) filter (where {_not_accepted(check)})"


def _not_accepted(check: Check) -> str:
    """The condition under which a row fails; null, and so no failure, where a value is missing that must not be compared."""
    told = check.arguments
    column, left, right = (told.get(name) for name in ("column", "column_A", "column_B"))
    if check.expect in (GREATER, EQUAL):
        assert told["ignore_row_if"] == "either_value_is_missing", check.id
        return f"{left} <> {right}" if check.expect == EQUAL else f"{left} {'<' if told['or_equal'] else '<='} {right}"
    if check.expect == BETWEEN:
        bounds = (("<", told.get("min_value")), (">", told.get("max_value")))
        return " or ".join(f"{column} {sign} {bound}" for sign, bound in bounds if bound is not None)
    if check.expect in (NULL, NOT_NULL):
        return f"{column} is {'not ' if check.expect == NULL else ''}null"
    raise NotImplementedError(f"{check.id}: bare SQL for {check.expect} is to be written in {__file__}")


def _tell(seconds: dict[str, float], rows: dict[str, int], failing: dict[str, int | None], fingerprint: float) -> None:
    # VmHWM is this program's alone; ru_maxrss would start with what its parent held.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if "VmHWM" in line) / 1024
    told = {"seconds": seconds, "rows": rows, "failing": failing, "fingerprint": fingerprint, "peak_mb": peak}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


def _differences(ours: dict[str, int | None], bare: dict[str, int | None]) -> str:
    return "; ".join(f"{check}: {ours.get(check)} and by SQL {bare.get(check)}"
                     for check in sorted(ours | bare) if ours.get(check) != bare.get(check))  # fmt: skip


def _frames(title: str, ours: Judged, bare: Judged) -> Table:
    shown = Table("frame", "rows", "checks", "gate", "bare SQL", "ratio", title=f"{title}; seconds, best of {RUNS}")
    checks = _checks_by_frame()
    for name in sorted(ours.seconds, key=lambda name: -ours.seconds[name]):
        one, other = ours.seconds[name], bare.seconds[name]
        row = (f"{ours.rows[name]:,}", str(checks[name]), f"{one:.3f}", f"{other:.3f}", f"{one / other:.1f}")
        shown.add_row(name, *row)
    total = (f"{ours.total:.2f}", f"{bare.total:.2f}", f"{ours.total / bare.total:.2f}")
    shown.add_row("all", f"{sum(ours.rows.values()):,}", str(sum(checks.values())), *total)
    return shown


def _checks_by_frame() -> dict[str, int]:
    from expectations.suites import all_checks

    names = [check.frame.name for check in all_checks()]
    return {name: names.count(name) for name in names}


def _summary(fixed: float, clean: Sequence[Judged], faulty: Sequence[Judged], found: int) -> Table:
    shown = Table("", "gate", "bare SQL", "of bare SQL", "peak MB", title="the gate as a whole; seconds")
    rows = sum(count or 0 for count in faulty[0].failing.values())
    for name, (ours, bare) in (
        ("the month as built", clean),
        (f"with {rows:,} failing rows of {found} checks", faulty),
    ):
        ratio = f"{ours.total / bare.total:.2f}"
        shown.add_row(name, f"{ours.total:.2f}", f"{bare.total:.2f}", ratio, f"{ours.peak_mb:.0f}")
    shown.add_row("Great Expectations' import, once a process", f"{fixed:.2f}", "-", "-", "-")
    shown.add_row("the fingerprint, once more at publishing", f"{clean[0].fingerprint:.2f}", "-", "-", "-")
    return shown

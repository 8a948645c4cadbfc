"""`make run`: closes 2023 of the stand-in province through the real DAG, then sets its figures beside the printed ones.

The province is served over HTTP on 127.0.0.1; Airflow runs `monthly_indicators` in one process, month after month.
Quảng An's 2020 months are closed by the same functions that `cchc close` calls. Everything started here is stopped here.
"""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from cchc.settings import PROJECT, Settings
from quickstart.environment import airflow_environment, prepare_airflow, source_environment

THROUGH_THE_DAG = [f"2023-{month:02d}" for month in range(1, 13)]
BY_COMMAND = [f"2020-{month:02d}" for month in range(1, 10)]
# A close may be killed at any instant; Airflow takes a SIGTERM for a failed task and would go on with the next month.
_PATIENCE = 3
PRINTED = PROJECT / "sandbox" / "printed_figures.csv"
screen = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)


def main() -> int:
    """Returns 0 when every month is published and every printed figure is reproduced, else 1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell that starts us in the background has SIGINT ignored; whoever sends one means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started, settings = time.monotonic(), Settings()
    home = settings.home.resolve()
    port = _free_port()
    environment = os.environ | {"CCHC_HOME": str(home)} | source_environment(port) | airflow_environment(home)
    screen.print(f"[bold]cchc-warehouse[/]: what is read, built and published goes to {home}")
    screen.print("preparing Airflow …")
    home.mkdir(parents=True, exist_ok=True)
    prepare_airflow(environment)
    with _running([sys.executable, "-m", "cchc.cli", "sandbox", "up", "--port", str(port)], environment) as sandbox:
        _wait_for(f"http://127.0.0.1:{port}/health", sandbox)
        screen.print("the stand-in province is up; closing 2023 through the DAG monthly_indicators")
        done = _close_through_the_dag(environment, home / "run.log")
        screen.print("closing Quảng An's 2020 with cchc close")
        done &= _close_by_command(environment, home / "run.log")
    if not settings.analysts_file.exists():
        screen.print(f"[red]nothing was published; see {home / 'run.log'}[/]")
        return 1
    with duckdb.connect(str(settings.analysts_file), read_only=True) as connection:
        _show_months(connection)
        equal = _show_figures(connection)
    _show_next(settings, time.monotonic() - started)
    return 0 if done and equal else 1


def _close_through_the_dag(environment: dict[str, str], log: Path) -> bool:
    command = [sys.executable, str(PROJECT / "dags" / "_in_process.py"), *THROUGH_THE_DAG]
    with _running(command, environment, log) as runner:
        assert runner.stdout is not None
        for line in runner.stdout:
            if line.startswith("@"):
                period, state = line[1:].split()
                screen.print(f"  {period} {'[green]' if state == 'success' else '[red]'}{state}[/]")
        return runner.wait() == 0


def _close_by_command(environment: dict[str, str], log: Path) -> bool:
    command = [sys.executable, "-m", "cchc.cli", "close", *BY_COMMAND]
    with _running(command, environment, log) as closing:
        assert closing.stdout is not None
        for line in closing.stdout:
            screen.print(f"  {line.strip()}")
        return closing.wait() == 0


def _show_months(connection: duckdb.DuckDBPyConnection) -> None:
    table = Table(box=SIMPLE, title="What each month rests on")
    for name in (
        "month",
        "exports",
        "rows read",
        "accepted",
        "rejected",
        "withheld",
        "checks held",
        "warnings",
        "revision",
    ):
        table.add_column(name, justify="left" if name == "month" else "right", no_wrap=True)
    rows = connection.execute(
        """
        with health as (
            select period_month, count(*) exports, sum(rows_read) rows_read, sum(accepted) accepted, sum(rejected) rejected,
                sum(withheld) withheld
            from source_health where last_status = 'landed' group by all
        ), checks as (
            select period_month, run, count(*) filter (where outcome = 'held') held from quality_results group by all
        )
        select strftime(s.period_month, '%Y-%m'), h.exports, h.rows_read, h.accepted, h.rejected, h.withheld, c.held,
            s.warnings, s.revision
        from snapshots s
        left join health h using (period_month)
        left join checks c on c.period_month = s.period_month and c.run = s.verdict_run
        where s.is_current order by 1
        """
    ).fetchall()
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    screen.print(table)


def _show_figures(connection: duckdb.DuckDBPyConnection) -> bool:
    table = Table(box=SIMPLE, title="Printed in the reports (year to date) and computed from the records")
    for name in ("commune", "up to", "indicator", "printed", "computed", "equal?"):
        table.add_column(name, justify="right" if name in ("printed", "computed") else "left", no_wrap=True)
    all_equal = True
    with PRINTED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = connection.execute(
                "select numerator, denominator, value from indicator_values where strftime(period_month, '%Y-%m') = ? "
                "and scope = ? and agency_code = ? and indicator_code = ?",
                [row["period"], row["scope"], row["agency_code"], row["indicator_code"]],
            ).fetchone()
            equal = found is not None and _equal(row, *found)
            all_equal &= equal
            computed = "-" if found is None else _written(*found)
            printed = _written(int(row["numerator"]), int(row["denominator"] or 0) or None, float(row["value"]))
            table.add_row(row["agency_name"], row["period"], row["indicator_code"], printed, computed,
                          "[green]equal[/]" if equal else "[red]differs[/]")  # fmt: skip
    screen.print(table)
    return all_equal


def _equal(row: dict[str, str], numerator: int | None, denominator: int | None, value: float | None) -> bool:
    return (
        value is not None
        and numerator == int(row["numerator"])
        and (denominator or 0) == int(row["denominator"] or 0)
        and round(value, 4) == float(row["value"])
    )


def _written(numerator: int | None, denominator: int | None, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{numerator}" if denominator is None else f"{numerator}/{denominator} = {value:.4f}"


def _show_next(settings: Settings, seconds: float) -> None:
    screen.print(
        f"done in {seconds:.0f} s. Analysts open {settings.analysts_file.resolve()}, also while a month is closed;"
    )
    screen.print(
        f"sealed snapshots are in {settings.snapshots.resolve()}. Try next (in this folder, after [bold]. .venv/bin/activate[/]):"
    )
    for line in (
        "cchc status",
        "cchc query \"select agency_code, value from indicator_values where indicator_code = 'online_share' "
        "and scope = 'ytd' and period_month = '2023-12-01' order by value\"",
        "make up",
    ):
        screen.print(f"  {line}", markup=False)


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, Any], log: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process of ours in a group of its own, ended with all its children when the block is left, however it is left."""
    with contextlib.ExitStack() as stack:
        errors: Any = stack.enter_context(log.open("a", encoding="utf-8")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if log else subprocess.DEVNULL,
            stderr=errors, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[str], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the stand-in province did not start: try cchc sandbox up by itself")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        screen.print("interrupted; everything that was started is stopped. make run again goes on where it was")
        sys.exit(130)

"""`cchc`: what the DAG does, by hand, and a look at what came of it.

Exit codes: 0 done · 1 the data say no · 2 wrong usage or configuration · 3 a source could not be read · 70 a fault of this
program.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
sandbox_app = typer.Typer(no_args_is_help=True, help="A stand-in province to try the warehouse on.")
app.add_typer(sandbox_app, name="sandbox")

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="Reporting month, YYYY-MM.")]
Reason = Annotated[str | None, typer.Option(help="Why the month is published again; kept in the manifest.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text, one document a line.")]

_screen = Console(stderr=True, highlight=False, soft_wrap=True)


def _progress(line: str) -> None:
    _screen.print(line, markup=False)


def _show(result: Any, as_json: bool, text: str) -> None:
    print(json.dumps(result, ensure_ascii=False, default=str) if as_json else text, flush=True)


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Turns our errors into one line and the exit code that says whose turn it is; any other is a fault of ours: 70."""
    from cchc.agencies import AgenciesUnreadable
    from cchc.build import NotLanded
    from cchc.dbt import BuildFailed
    from cchc.period import PeriodError
    from cchc.settings import ConfigurationError, MissingSecret
    from expectations.audit import GateFailed
    from expectations.reading import NothingToAudit
    from expectations.verdicts import VerdictBroken
    from ingest.errors import ProfileError, SourceError
    from snapshots.publish import PublishRefused
    from snapshots.store import SnapshotDamaged

    codes: dict[int, tuple[type[Exception], ...]] = {
        1: (GateFailed, BuildFailed, NothingToAudit, PublishRefused, SnapshotDamaged, VerdictBroken),
        2: (PeriodError, ProfileError, MissingSecret, ConfigurationError, AgenciesUnreadable),
        3: (SourceError, NotLanded),
    }
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        code = next((code for code, errors in codes.items() if isinstance(error, errors)), None)
        if code is None:
            _screen.print_exception(show_locals=False)
            raise typer.Exit(70) from None
        _screen.print(f"{error}", style="red", markup=False)
        raise typer.Exit(code) from None


@app.callback()
def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")


@app.command()
def land(
    export: Annotated[str, typer.Argument(help="Export of a profile, for example portal_dossiers.")],
    period: PeriodArgument,
    as_json: AsJson = False,
) -> None:
    """Read one export for a month into raw."""
    from cchc import close

    with _exit_codes():
        receipt = close.land(export, period, progress=_progress)
        _show(receipt, as_json, f"batch {receipt['batch_id']}, receipt {receipt['sequence']}")


@app.command()
def build(period: PeriodArgument, as_json: AsJson = False) -> None:
    """Build the month's facts and indicators from what was landed."""
    from cchc import close

    with _exit_codes():
        path = close.build(period, progress=_progress)
        _show({"period": period, "file": path}, as_json, path)


@app.command()
def audit(period: PeriodArgument, as_json: AsJson = False) -> None:
    """Judge the built month; one alert goes out if a critical check failed."""
    from cchc import close

    with _exit_codes():
        summary = close.audit(period, progress=_progress)
        _show(summary, as_json, f"verdict {summary['run']}: {summary['outcome']}")


@app.command()
def publish(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help="Reporting month, YYYY-MM.")] = None,
    reason: Reason = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the analysts' file anew from the snapshots.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish the audited month as a numbered revision; or, with --rebuild, make the analysts' file anew."""
    from cchc import close

    if (period is None) != rebuild:
        raise typer.BadParameter("name a month, YYYY-MM, or give --rebuild")
    with _exit_codes():
        if period is None:
            close.refresh(rebuild=True, progress=_progress)
            _show({"rebuilt": True}, as_json, "rebuilt")
            return
        done = close.publish(period, reason=reason, progress=_progress)
        _show(done, as_json, f"{done['period']} revision {done['revision']}")


@app.command("close")
def close_command(
    periods: Annotated[list[str], typer.Argument(metavar="PERIOD...", help="Reporting months, YYYY-MM, in order.")],
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Land, build, audit and publish; with several months, one after the other until one fails."""
    from cchc import close

    with _exit_codes():
        for period in periods:
            done = close.close(period, reason=reason, progress=_progress)
            new = "" if done["is_new"] else " (nothing new)"
            _show(done, as_json, f"{done['period']} revision {done['revision']}{new}")


@app.command()
def status(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help="YYYY-MM; every month when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say for each month what was landed, judged and published, and what has to be done again."""
    from cchc.status import statuses

    with _exit_codes():
        found = statuses(period)
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
            return
        table = Table("month", "exports landed", "newest verdict", "revision", Column("to do", overflow="fold"))
        for row in found:
            table.add_row(
                row["period"], row["landed"], row["verdict"], str(row["revision"] or "-"), "\n".join(row["to_do"])
            )
        Console().print(table)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT on published/warehouse.duckdb.")], as_json: AsJson = False
) -> None:
    """Query the analysts' file, read-only; instants are shown in Vietnamese time."""
    import duckdb

    from cchc.settings import settings

    with _exit_codes():
        path = settings().analysts_file
    if not path.exists():
        _screen.print(f"nothing is published yet at {path}: cchc close PERIOD", style="red")
        raise typer.Exit(2)
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
            found = connection.sql(sql)
            names, rows = (found.columns, found.fetchall()) if found else ([], [])
    except duckdb.Error as error:
        _screen.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False, default=str))
        return
    if not sys.stdout.isatty():
        for line in ([names] if names else []) + [["" if cell is None else str(cell) for cell in row] for row in rows]:
            print("\t".join(line))
        return
    table = Table(*(Column(Text(name), overflow="fold") for name in names))
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console().print(table)


@sandbox_app.command("up")
def sandbox_up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8765,
    records: Annotated[
        Path | None, typer.Option(help="Serve the province of this folder (cchc sandbox records).")
    ] = None,
) -> None:
    """Serve the stand-in province's portal, document system and certificate register until interrupted."""
    from sandbox.server import SOURCES, run, secrets_from_environment, urls

    if unset := [name for name, value in secrets_from_environment().items() if not value]:
        raise typer.BadParameter(
            "every source needs a login: export " + " ".join(f"CCHC_SECRET_{name.upper()}=…" for name in unset)
        )
    for source in SOURCES:
        print(f"export CCHC_SOURCE_URLS__{source.upper()}={urls(port)[source]}", flush=True)
    if "opencps_token" in secrets_from_environment():
        print(f"# the portal as OpenCPS: export CCHC_SOURCE_URLS__PORTAL={urls(port)['opencps']}", flush=True)
    with _exit_codes():
        run(port, records)


@sandbox_app.command("records")
def sandbox_records(
    out: Annotated[Path | None, typer.Option(help="Folder for the pages and agencies.csv [CCHC_HOME/sandbox].")] = None,
    communes: Annotated[int, typer.Option(min=1)] = 10,
    dossiers_per_month: Annotated[int, typer.Option(min=1, help="Of the whole province.")] = 1000,
    months: Annotated[int, typer.Option(min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal records.")] = 1,
    first_month: Annotated[str, typer.Option(help="YYYY-MM")] = "2024-01",
    as_json: AsJson = False,
) -> None:
    """Make the records of a province of any size, for volume tests."""
    from cchc.period import Period
    from cchc.settings import settings
    from sandbox.volume import write_records

    if dossiers_per_month < communes:
        raise typer.BadParameter("every commune needs a dossier: give --dossiers-per-month at least --communes")
    with _exit_codes():
        folder = out or settings().home / "sandbox"
        rows = write_records(folder, communes, dossiers_per_month, months, seed, str(Period.parse(first_month)))
        text = ", ".join(f"{count} {export}" for export, count in rows.items())
        _show({"folder": str(folder), "rows": rows}, as_json, f"{folder}: {text}")
        _progress(f"serve them with: cchc sandbox up --records {folder}")


@sandbox_app.command("files")
def sandbox_files(
    out: Annotated[Path, typer.Option(help="Folder for the workbooks and CSV files.")],
    period: Annotated[str, typer.Option(metavar="PERIOD", help="Reporting month, YYYY-MM.")],
    as_json: AsJson = False,
) -> None:
    """Write the stand-in province's month as the files that clerks send: Excel export, CSV twins, forms."""
    from cchc.period import Period
    from sandbox.files import write_files

    with _exit_codes():
        rows = write_files(out, Period.parse(period))
        _show({"folder": str(out), "rows": rows}, as_json, "\n".join(f"{out / name}" for name in rows))


if __name__ == "__main__":
    app()

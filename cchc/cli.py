"""`cchc`: what the DAG does, by hand, and a look at what came of it.

Exit codes: 0 done · 1 the data say no · 2 wrong usage or configuration · 3 a source could not be read · 70 a fault of this
program.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cchc.commands import agencies, diff, explain, profile, rejects, sandbox, verify, waive, watch
from cchc.commands.dossier import dossier
from cchc.commands.screen import (
    AsJson,
    PeriodArgument,
    Reason,
    cell_text,
    console,
    exit_codes,
    progress,
    show,
    withheld_words,
)

Because = Annotated[str | None, typer.Option(help="Why far fewer rows than usual are right; kept in the receipt.")]
app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
app.add_typer(agencies.app, name="agencies")
app.add_typer(profile.app, name="profile")
app.command()(explain.explain)
app.command()(verify.verify)
app.command()(diff.diff)
app.add_typer(rejects.app, name="rejects")
app.add_typer(sandbox.app, name="sandbox")
app.command()(dossier)
app.add_typer(waive.app, name="waive")
app.command("watch")(watch.watch_command)
app.command("contacts")(watch.contacts_command)


@app.callback()
def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")


@app.command()
def land(
    export: Annotated[str, typer.Argument(help="Export of a profile, for example portal_dossiers.")],
    period: PeriodArgument,
    because: Because = None,
    as_json: AsJson = False,
) -> None:
    """Read one export for a month into raw."""
    from cchc import close

    with exit_codes():
        receipt = close.land(export, period, because=because, progress=progress)
        show(receipt, as_json, f"batch {receipt['batch_id']}, receipt {receipt['sequence']}")


@app.command()
def build(period: PeriodArgument, as_json: AsJson = False) -> None:
    """Build the month's facts and indicators from what was landed."""
    from cchc import close

    with exit_codes():
        path = close.build(period, progress=progress)
        show({"period": period, "file": path}, as_json, path)


@app.command()
def audit(period: PeriodArgument, as_json: AsJson = False) -> None:
    """Judge the built month and withhold what rests on failing rows; one alert goes out if a critical check failed."""
    from cchc import close

    with exit_codes():
        summary = close.audit(period, progress=progress)
        show(summary, as_json, f"verdict {summary['run']}: {summary['outcome']}{withheld_words(summary['withheld'])}")


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
    with exit_codes():
        if period is None:
            close.refresh(rebuild=True, progress=progress)
            show({"rebuilt": True}, as_json, "rebuilt")
            return
        done = close.publish(period, reason=reason, progress=progress)
        show(done, as_json, f"{done['period']} revision {done['revision']}{withheld_words(done['withheld'])}")


@app.command("close")
def close_command(
    periods: Annotated[list[str], typer.Argument(metavar="PERIOD...", help="Reporting months, YYYY-MM, in order.")],
    reason: Reason = None,
    because: Because = None,
    as_json: AsJson = False,
) -> None:
    """Land, build, audit and publish; with several months, one after the other until one fails."""
    from cchc import close

    with exit_codes():
        for period in periods:
            done = close.close(period, reason=reason, because=because, progress=progress)
            new = "" if done["is_new"] else " (nothing new)"
            without = withheld_words(done["withheld"])
            show(done, as_json, f"{done['period']} revision {done['revision']}{without}{new}")


@app.command()
def late(
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="YYYY-MM-DD; the newest published months when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the open months again and say which published ones late or changed records touch; nothing is published."""
    from cchc import late as steps

    with exit_codes():
        found, unread = steps.late(until, progress=progress)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        commands = [f'cchc close {one["period"]} --reason "{one["reason"]}"' for one in found]
        print("\n".join(commands) or "nothing to restate")
    if unread:
        raise typer.Exit(3)


@app.command()
def status(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help="YYYY-MM; every month when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say for each month what was landed, judged and published, and what has to be done again."""
    from cchc.status import gate_words, statuses

    with exit_codes():
        found = statuses(period)
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
            return
        table = Table("month", "exports landed", "newest verdict", "revision", Column("to do", overflow="fold"))
        for row in found:
            judged = "\n".join(filter(None, (row["verdict"], gate_words(row["gate"]))))
            to_do = "\n".join(row["to_do"] + row["waivers"])
            revision = f"{row['revision'] or '-'}{withheld_words(row['withheld'])}"
            table.add_row(row["period"], row["landed"], judged, revision, to_do)
        Console().print(table)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT on published/warehouse.duckdb.")], as_json: AsJson = False
) -> None:
    """Query the analysts' file, read-only; instants are shown in Vietnamese time."""
    import duckdb

    from cchc.settings import settings

    with exit_codes():
        path = settings().analysts_file
    if not path.exists():
        console.print(f"nothing is published yet at {path}: cchc close PERIOD", style="red")
        raise typer.Exit(2)
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
            found = connection.sql(sql)
            names, rows = ([], []) if found is None else (found.columns, found.fetchall())
    except duckdb.Error as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False, default=str))
        return
    if not sys.stdout.isatty():
        for line in ([names] if names else []) + [[cell_text(cell) for cell in row] for row in rows]:
            print("\t".join(line))
        return
    table = Table(*(Column(Text(name), overflow="fold") for name in names))
    for row in rows:
        table.add_row(*(Text(cell_text(cell)) for cell in row))
    Console().print(table)


if __name__ == "__main__":
    app()

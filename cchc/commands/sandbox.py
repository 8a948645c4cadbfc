"""`cchc sandbox`: a stand-in province to try the warehouse on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cchc.commands.screen import AsJson, exit_codes, progress, show

app = typer.Typer(no_args_is_help=True, help="A stand-in province to try the warehouse on.")


@app.command("up")
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
    with exit_codes():
        run(port, records)


@app.command("records")
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
    with exit_codes():
        folder = out or settings().home / "sandbox"
        rows = write_records(folder, communes, dossiers_per_month, months, seed, str(Period.parse(first_month)))
        text = ", ".join(f"{count} {export}" for export, count in rows.items())
        show({"folder": str(folder), "rows": rows}, as_json, f"{folder}: {text}")
        progress(f"serve them with: cchc sandbox up --records {folder}")


@app.command("files")
def sandbox_files(
    out: Annotated[Path, typer.Option(help="Folder for the workbooks and CSV files.")],
    period: Annotated[str, typer.Option(metavar="PERIOD", help="Reporting month, YYYY-MM.")],
    as_json: AsJson = False,
) -> None:
    """Write the stand-in province's month as the files that clerks send: Excel export, CSV twins, forms."""
    from cchc.period import Period
    from sandbox.files import write_files

    with exit_codes():
        rows = write_files(out, Period.parse(period))
        show({"folder": str(out), "rows": rows}, as_json, "\n".join(f"{out / name}" for name in rows))

"""`cchc rejects`: rows that did not meet their contract, out to the people who know better and back again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cchc.commands.screen import AsJson, PeriodArgument, console, exit_codes, progress, show

app = typer.Typer(no_args_is_help=True, help="Rows that were rejected: to the people who can correct them, and back.")


@app.command("list")
def rejects_list(period: PeriodArgument, as_json: AsJson = False) -> None:
    """Say how many rejects of the month stand, of which column, and how many were corrected."""
    from collections import Counter

    from cchc.settings import settings
    from ingest.profile import load_exports
    from ingest.rejects.standing import standing
    from ingest.store import Store

    with exit_codes():
        configured = settings()
        month, store = configured.period(period), Store(configured.raw)
        for name in load_exports(configured.profiles):
            if (state := standing(store, name, month)) is None:
                continue
            columns = Counter((row["column_name"], row["code"]) for row in state.open.to_pylist())
            told = [{"column": column, "code": code, "rows": rows} for (column, code), rows in columns.most_common()]
            row = {"export": name, "open": len(state.open_ids), "corrected": len(state.corrected), "faults": told}
            faults = "".join(f"\n  {one['rows']:6} {one['column']} {one['code']}" for one in told)
            show(row, as_json, f"{name}: {row['open']} open, {row['corrected']} corrected{faults}")


@app.command("export")
def rejects_export(
    period: PeriodArgument,
    out: Annotated[Path | None, typer.Option(help="Folder for the workbooks [./rejects-PERIOD].")] = None,
    contact: Annotated[
        str | None, typer.Option(help="Who answers questions and takes the workbooks back; stands above the table.")
    ] = None,
    due: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Day to send them back by, YYYY-MM-DD."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write one workbook per agency, in Vietnamese, with every rejected row that stands and a column to correct it."""
    from cchc.settings import settings
    from ingest.rejects.workbook import export_workbooks

    with exit_codes():
        month = settings().period(period)
        folder = out or Path(f"rejects-{month}")
        written = export_workbooks(month, settings(), folder, contact=contact, due=due.date() if due else None)
        for one in written:
            told = {"file": str(one.path), "agency_code": one.agency_code, "rejects": one.rejects, "lines": one.lines}
            show(told, as_json, f"{one.path}: {one.rejects} rejects, {one.lines} lines to correct")
        if not written:
            progress(f"{month}: no rejects stand")


@app.command("import")
def rejects_import(
    file: Annotated[Path, typer.Argument(help="A workbook of `cchc rejects export` that was filled in.")],
    as_json: AsJson = False,
) -> None:
    """Land the rows that were corrected in a workbook. Exit code 1 when answered rows could not be landed."""
    from cchc.settings import settings
    from ingest.rejects.corrections import import_workbook

    with exit_codes():
        done = import_workbook(file, settings(), progress)
        for fault in done.not_landed:
            console.print(
                f"Excel row {fault.line} not landed: {fault.row_key or 'không rõ mã'}: {fault.reason}",
                style="red",
                markup=False,
            )
        told = {
            "period": done.period, "accepted": done.accepted, "exact_duplicates": done.exact_duplicates,
            "replaced": done.replaced, "not_landed": [vars(fault) for fault in done.not_landed],
            "unanswered_lines": done.unanswered_lines, "missing_lines": done.missing_lines,
            "batches": {receipt.export: receipt.batch_id for receipt in done.receipts},
        }  # fmt: skip
        show(
            told, as_json,
            f"{done.period}: {done.accepted} corrected rows landed ({done.replaced} replace earlier corrections), "
            f"{done.exact_duplicates} were there already, {len(done.not_landed)} not landed, "
            f"{done.unanswered_lines} lines unanswered, {done.missing_lines} taken out",
        )  # fmt: skip
        if done.accepted:
            progress(f'the month changes when it is closed again: cchc close {done.period} --reason "…"')
        if done.not_landed:
            raise typer.Exit(1)

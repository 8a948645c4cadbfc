"""What all commands share: where they write, and which exit code an error gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="Reporting month, YYYY-MM.")]
Reason = Annotated[str | None, typer.Option(help="Why the month is published again; kept in the manifest.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text, one document a line.")]

_UNBOUNDED = 10_000
_PLACES_OF_POINTS = 4
_DBT_STEP = re.compile(r"dbt (\d+) of (\d+) (?:OK|PASS)\b")
console = Console(stderr=True, highlight=False, soft_wrap=True)


def progress(line: str) -> None:
    """Shows a line; of dbt's hundred that went well, the first, every twentieth and the last."""
    if found := _DBT_STEP.match(line):
        number, steps = int(found[1]), int(found[2])
        if number % 20 and number not in (1, steps):
            return
        line = f"dbt {number} of {steps}"
    console.print(line, markup=False)


def print_parts(parts: Iterable[str | Table]) -> None:
    """Prints lines and tables. A table is as wide as its content, whatever the screen: a code or a date is never cut."""
    screen = Console(highlight=False, soft_wrap=True, width=_UNBOUNDED)
    for part in parts:
        screen.print(part, markup=False)


def show(result: Any, as_json: bool, text: str) -> None:
    print(json.dumps(result, ensure_ascii=False, default=str) if as_json else text, flush=True)


def cell_text(cell: Any) -> str:
    """A cell of a query: nothing for null, lists and structs as JSON, exact shares of counts without the zeros at their end."""
    if cell is None:
        return ""
    if isinstance(cell, (list, dict)):
        return json.dumps(cell, ensure_ascii=False, default=str)
    if isinstance(cell, Decimal) and int(cell.as_tuple().exponent) < -_PLACES_OF_POINTS:
        return f"{cell.normalize():f}" if cell else "0"
    return str(cell)


def withheld_words(cells: int) -> str:
    """What is added to a month of which cells are withheld; nothing when none is."""
    return f", {cells} cell{'' if cells == 1 else 's'} withheld" if cells else ""


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turns our errors into one line and the exit code that says whose turn it is; any other is a fault of ours: 70."""
    from cchc.agencies import AgenciesUnreadable
    from cchc.agency_import import AgenciesContradict
    from cchc.agency_tables import AgencyFileRefused
    from cchc.build import NotLanded
    from cchc.dbt import BuildFailed
    from cchc.explain.naming import NameUnknown
    from cchc.period import PeriodError
    from cchc.settings import ConfigurationError, MissingSecret
    from cchc.working_calendar import CalendarUnreadable
    from expectations.audit import GateFailed
    from expectations.contacts import ContactsUnreadable
    from expectations.reading import NothingToAudit
    from expectations.verdicts import VerdictBroken
    from expectations.waivers import WaiverBroken, WaiverRefused
    from ingest.errors import ProfileError, SourceError
    from ingest.rejects.returned import WorkbookRefused
    from ingest.rejects.workbook import WorkbookExists
    from snapshots.clock_statement import NoSuchDossier
    from snapshots.diff import RevisionUnknown
    from snapshots.publish import PublishRefused
    from snapshots.store import SnapshotDamaged, SnapshotOutdated

    codes: dict[int, tuple[type[Exception], ...]] = {
        1: (
            AgenciesContradict,
            GateFailed,
            BuildFailed,
            NothingToAudit,
            PublishRefused,
            SnapshotDamaged,
            SnapshotOutdated,
            VerdictBroken,
            WaiverBroken,
        ),
        2: (
            PeriodError,
            ProfileError,
            MissingSecret,
            ConfigurationError,
            AgenciesUnreadable,
            AgencyFileRefused,
            CalendarUnreadable,
            NoSuchDossier,
            NameUnknown,
            RevisionUnknown,
            ContactsUnreadable,
            WaiverRefused,
            WorkbookExists,
            WorkbookRefused,
        ),
        3: (SourceError, NotLanded),
    }
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        code = next((code for code, errors in codes.items() if isinstance(error, errors)), None)
        if code is None:
            console.print_exception(show_locals=False)
            raise typer.Exit(70) from None
        console.print(f"{error}", style="red", markup=False)
        raise typer.Exit(code) from None

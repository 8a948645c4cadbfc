"""`cchc dossier`: how long a dossier took, by the legal clock, as a published month has it."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cchc.commands.screen import AsJson, exit_codes

_WIDTH = 100


def dossier(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code of the dossier, as on its receipt.")],
    period: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Published month, YYYY-MM [the newest that has the dossier].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a dossier's clock statement in Vietnamese: pauses, holidays, time used and allowed, verdict, legal grounds."""
    from cchc.settings import settings
    from snapshots.clock_statement import clock_statement
    from snapshots.clock_words import statement_text

    with exit_codes():
        month = settings().period(period) if period else None
        said = clock_statement(code, month, settings())
        if as_json:
            print(json.dumps(said, ensure_ascii=False, default=_written), flush=True)
            return
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH
        print(statement_text(said, width), flush=True)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)

"""`cchc explain`: why a published figure is what it is, and which rows it is made of."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from cchc.commands.screen import AsJson, PeriodArgument, exit_codes, print_parts


class Scope(StrEnum):
    month = "month"
    ytd = "ytd"


def explain(
    period: PeriodArgument,
    agency: Annotated[str, typer.Argument(help="Code, or Vietnamese name with or without diacritics; roll-ups too.")],
    indicator: Annotated[str, typer.Argument(help="Code of the indicator (or its Vietnamese name).")],
    scope: Annotated[Scope, typer.Option(help="The month alone, or the year to date.")] = Scope.month,
    rows: Annotated[int, typer.Option(min=0, help="How many dossiers or other rows to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Say in Vietnamese why a published figure is what it is: definition, months, communes, and the rows behind it."""
    from cchc.explain.figure import explain as explained_figure
    from cchc.explain.text import told
    from cchc.settings import settings

    with exit_codes():
        path = settings().analysts_file
        explained = explained_figure(path, settings().period(period), agency, indicator, scope.value, rows)
    if as_json:
        print(json.dumps(explained, ensure_ascii=False, default=str))
        return
    print_parts(told(explained))

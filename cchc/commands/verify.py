"""`cchc verify`: whether what is published is still what was sealed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cchc.commands.screen import AsJson, exit_codes, progress


def verify(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help="YYYY-MM; every month when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check every published revision and the analysts' file against their seals, offline. Exit code 1 when one does not fit."""
    from cchc.settings import settings
    from snapshots.verify import verify as verified

    with exit_codes():
        configured = settings()
        done = verified(configured, configured.period(period) if period else None, progress)
    if as_json:
        print(json.dumps(asdict(done), ensure_ascii=False))
    else:
        for fault in done.faults:
            print(fault)
        print(f"{done.months} months, {done.revisions} revisions, {done.files} files: {len(done.faults)} faults")
    if done.faults:
        raise typer.Exit(1)

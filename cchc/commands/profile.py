"""`cchc profile`: whether a profile is right, and what it makes of a page of its source."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cchc.commands.screen import AsJson, PeriodArgument, exit_codes, show

if TYPE_CHECKING:
    from ingest.profile import Export, Profile
    from ingest.profile_try import Tried
    from ingest.samples import ColumnTried

app = typer.Typer(no_args_is_help=True, help="Check a profile, and try it on one page of its source.")
_WIDTH = 100


@app.command("check")
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Profile files, or names of shipped profiles.")],
    as_json: AsJson = False,
) -> None:
    """Say all that is wrong with profiles, a line per fault: file, line, key, what was found, what is allowed."""
    from cchc.settings import secret_from_environment, settings
    from ingest.profile import find_profile
    from ingest.profile_check.check import read
    from ingest.profile_check.hints import hints

    wrong = False
    with exit_codes():
        for name in files:
            path = find_profile(name)
            checked = read(path)
            wrong |= bool(checked.faults)
            told = hints(checked.profile, settings(), secret_from_environment) if checked.profile else []
            found: dict[str, Any] = {"file": str(path), "faults": [asdict(fault) for fault in checked.faults]}
            found |= {"hints": told, "exports": _summary(checked.profile) if checked.profile else {}}
            lines = [str(fault) for fault in checked.faults]
            if checked.profile:
                lines = [f"{path}: no fault", *_summary_lines(checked.profile), *(f"  hint: {hint}" for hint in told)]
            show(found, as_json, "\n".join(lines))
    if wrong:
        raise typer.Exit(2)


@app.command("try")
def try_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Profile file, or the name of a shipped profile.")],
    period: PeriodArgument,
    export: Annotated[str | None, typer.Option(help="Which export; needed when the profile has several.")] = None,
    agency: Annotated[str | None, typer.Option(help="Agency or identity code [the first that reports].")] = None,
    as_json: AsJson = False,
) -> None:
    """Read one page of the source and show what becomes of it, column by column; nothing is stored.

    Exit code 1 when keys that the profile reads are in no row of the page, or the file has not the end it should have.
    """
    from cchc.settings import secret_from_environment, settings
    from ingest.profile import find_profile, load_profile
    from ingest.profile_try import try_export

    with exit_codes():
        chosen = _chosen(load_profile(find_profile(file)), export)
        tried = try_export(chosen, settings().period(period), settings(), secret_from_environment, agency)
        if as_json:
            show(asdict(tried), True, "")
        else:
            _print(tried)
    if tried.missing or tried.refused:
        raise typer.Exit(1)


def _chosen(profile: Profile, name: str | None) -> Export:
    from ingest.errors import ProfileError
    from ingest.profile import Export
    from ingest.spelling import did_you_mean

    there = ", ".join(profile.exports)
    if name is None and len(profile.exports) > 1:
        raise ProfileError(f"{profile.profile} has several exports: give --export, one of {there}")
    name = name or next(iter(profile.exports))
    if name not in profile.exports:
        raise ProfileError(
            f"{profile.profile} has no export {name}{did_you_mean(name, profile.exports)}; it has {there}"
        )
    return Export(name, profile, profile.exports[name])


def _summary(profile: Profile) -> dict[str, dict[str, Any]]:
    found = {}
    for name, export in profile.exports.items():
        columns = [column.name for column in export.contract.columns]
        children = [child.name for child in export.contract.children]
        found[name] = {
            "entity": export.entity,
            "mapped": [c for c in columns if c in export.fields] + [c for c in children if c in export.children],
            "not_mapped": [c for c in columns if c not in export.fields]
            + [c for c in children if c not in export.children],
        }
    return found


def _summary_lines(profile: Profile) -> list[str]:
    lines = []
    for name, export in _summary(profile).items():
        count = len(export["mapped"]) + len(export["not_mapped"])
        left = f"; not mapped: {', '.join(export['not_mapped'])}" if export["not_mapped"] else ""
        lines.append(
            f"  {name}: {export['entity']}, {len(export['mapped'])} of {count} columns mapped, all required ones{left}"
        )
    return lines


def _print(tried: Tried) -> None:
    screen = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    of = f" of {tried.agency}" if tried.agency else ""
    screen.print(f"{tried.profile}: {tried.export} {tried.period}{of}", markup=False)
    for line in tried.asked:
        screen.print(f"  {line}", markup=False)
    if not tried.rows:
        screen.print("no rows: name another month, or another agency with --agency", style="yellow")
        return
    screen.print(_table([column for column in tried.columns if column.source is not None]))
    if tried.rejects:
        screen.print(_rejects(tried))
    for title, names in (
        ("missing, landing would fail", tried.missing),
        ("optional and not on this page", tried.absent),
        ("columns that the profile does not map", [c.column for c in tried.columns if c.source is None]),
        ("keys of the source that the profile does not read", tried.unmapped),
    ):
        if names:
            style = "red" if names is tried.missing else ""
            screen.print(f"{title}: {', '.join(names)}", markup=False, style=style)
    screen.print(
        f"rows: {tried.rows} on this page = {tried.accepted} accepted + {tried.rejected} rejected + "
        f"{tried.exact_duplicates} exact duplicates + {tried.withheld} withheld",
        markup=False,
    )
    if tried.refused:
        screen.print(f"landing would fail: {tried.refused}", markup=False, style="red")
    if tried.declared is not None:
        screen.print(f"the source declares {tried.declared} rows in all")
    screen.print("nothing was stored")


def _table(columns: list[ColumnTried]) -> Table:
    table = Table(
        Column("column", no_wrap=True), Column("from", overflow="fold", ratio=5),
        Column("in the source → read as", overflow="fold", ratio=6), Column("filled", justify="right"),
        Column("blank", justify="right"), Column("bad", justify="right"),
        box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), caption="* required", caption_justify="left",
    )  # fmt: skip
    for one in columns:
        name = f"{one.column} *" if one.required else one.column
        style = "red" if one.rejected else "yellow" if not one.filled else ""
        pair = dict.fromkeys(text for text in (one.example, one.parsed) if text is not None)
        cells = (name, one.source, " → ".join(pair), one.filled, one.blank, one.rejected or "")
        table.add_row(*(Text(str(cell)) for cell in cells), style=style)
    return table


def _rejects(tried: Tried) -> Table:
    table = Table(
        "rejected column", "code", Column("found, as a shape", overflow="fold", ratio=2),
        Column("expected", overflow="fold", ratio=3), Column("rows", justify="right"),
        box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0),
    )  # fmt: skip
    for one in tried.rejects:
        table.add_row(*(Text(cell) for cell in (one.column, one.code, one.found, one.expected, str(one.rows))))
    return table

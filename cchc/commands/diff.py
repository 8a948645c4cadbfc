"""`cchc diff`: what changed between two revisions of a month."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cchc.commands.screen import AsJson, PeriodArgument, exit_codes, print_parts


def diff(
    period: PeriodArgument,
    old: Annotated[int, typer.Argument(metavar="REV", help="The revision to start from.")],
    new: Annotated[int, typer.Argument(metavar="REV", help="The revision to compare with it.")],
    rows: Annotated[int, typer.Option(min=0, help="How many figures and dossiers to list; --json lists all.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two revisions: a summary, the figures, the dossiers. Exit code 1 when they differ."""
    from cchc.settings import settings
    from snapshots.diff import diff as found_by

    with exit_codes():
        found = found_by(settings(), settings().period(period), old, new)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=str))
    else:
        print_parts(_told(found, rows))
    if found["differ"]:
        raise typer.Exit(1)


def _told(found: dict[str, Any], rows: int) -> Iterator[str | Table]:
    old, new = found["old"], found["new"]
    yield f"{found['period']}: revision {old['revision']} ({old['reason']}) → revision {new['revision']} ({new['reason']})"
    if not found["differ"]:
        yield "equal"
        return
    same = [name for name, table in found["tables"].items() if not any(table.values())]
    for name, table in found["tables"].items():
        if name not in same:
            yield f"  {name}: {_counts(table)}"
    if same:
        yield f"  equal: {', '.join(same)}"
    for word in ("new", "gone"):
        if found[f"tables_{word}"]:
            yield f"  tables {word}: {', '.join(found[f'tables_{word}'])}"
    for read in found["reads"]:
        sides = [
            f"batch {s['batch_id']} ({s['rows_read']} rows read)" if s else "none" for s in (read["old"], read["new"])
        ]
        yield f"  {read['export']}: {' → '.join(sides)}"
    checks = found["checks"]
    warned = "".join(
        f"; warnings {w}: {', '.join(checks[f'warnings_{w}'])}" for w in ("new", "gone") if checks[f"warnings_{w}"]
    )
    yield f"  checks held: {checks['held'][0]} → {checks['held'][1]}{warned}"
    for month, sides in found["ytd_basis"].items():
        yield f"  year to date rests on {month}: " + " → ".join(
            f"revision {s}" if s else "not published" for s in sides
        )
    if old["versions"] != new["versions"]:
        yield "  versions: " + " → ".join(
            " ".join(f"{k} {v}" for k, v in side["versions"].items()) for side in (old, new)
        )
    yield from _figures(found["figures"], rows)
    yield from _dossiers(found["dossiers"], rows)


def _counts(table: dict[str, Any]) -> str:
    columns = ", ".join(f"{column} {count}" for column, count in table["columns"].items())
    words = [f"{table['changed']} changed ({columns})"] if table["changed"] else []
    words += [f"{table[word]} {word}" for word in ("appeared", "vanished") if table[word]]
    for word in ("new", "gone"):
        if table[f"columns_{word}"]:
            words.append(f"columns {word}: {', '.join(table[f'columns_{word}'])}")
    return "; ".join(words)


def _figures(figures: list[dict[str, Any]], rows: int) -> Iterator[str | Table]:
    yield f"\n{len(figures)} figures differ{_first(figures, rows)}"
    if figures[:rows]:
        table = _table("agency", "indicator", "scope", "old", "new")
        for row in figures[:rows]:
            table.add_row(f"{row['agency_code']} {row['agency']}", row["indicator_code"], row["scope"],
                          _figure(row["old"]), _figure(row["new"]))  # fmt: skip
        yield table


def _figure(side: dict[str, Any] | None) -> str:
    if side is None:
        return "-"
    if side["state"] != "ok":
        return str(side["state"])
    if side["denominator"] is None:
        return str(side["numerator"])
    return f"{side['value']:.4f} = {side['numerator']}/{side['denominator']}"


def _dossiers(dossiers: list[dict[str, Any]], rows: int) -> Iterator[str | Table]:
    kinds = Counter(row["kind"] for row in dossiers)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none differs"
    yield f"\ndossiers: {told}{_first(dossiers, rows)}"
    if dossiers[:rows]:
        table = _table("dossier", "agency", "", "what changed")
        for row in dossiers[:rows]:
            changes = "; ".join(f"{c['column']} {c['old']} → {c['new']}" for c in row["changes"])
            table.add_row(row["dossier_code"], row["agency_code"], row["kind"], changes)
        yield table


def _first(found: list[Any], rows: int) -> str:
    return f" (the first {rows})" if len(found) > rows > 0 else ""


def _table(*headings: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    return table

"""`cchc agencies`: whether the tables of agencies hold together, a province's own rows into them, who a code was when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cchc.agencies import AGENCY_COLUMNS, Agency, Key, Succession
from cchc.commands.screen import AsJson, console, exit_codes, progress, show

app = typer.Typer(no_args_is_help=True, help="Agencies through time: check them, add a province's own, look one up.")


@app.command("check")
def agencies_check(as_json: AsJson = False) -> None:
    """Find gaps, overlaps, cycles, and successors or parents that do not exist. Exit code 1 when there are any."""
    from cchc.agencies import agencies, reporting_codes, successions
    from cchc.agency_checks import findings
    from cchc.settings import settings

    with exit_codes():
        known, changes = agencies(settings()), successions(settings())
        reporting_codes(settings(), known)
        found = findings(known, changes)
        for one in found:
            place = {"file": one.place.file, "line": one.place.line} if one.place else {"file": None, "line": None}
            show({"rule": one.rule, **place, "code": one.code, "text": one.text}, as_json, f"{one} [{one.rule}]")
        if found:
            console.print(f"{len(found)} findings", style="red")
            raise typer.Exit(1)
        progress(f"{len(known)} agencies and {len(changes)} successions hold together")


@app.command("import")
def agencies_import(
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx of agencies, of successions, or of both on two sheets.")],
    as_json: AsJson = False,
) -> None:
    """Add departments, identity codes and corrections to the deployment's own tables, or nothing if they contradict."""
    from cchc.agency_import import import_agencies
    from cchc.settings import settings

    with exit_codes():
        done = import_agencies(file, settings(), progress)
        counts = f"{len(done.added)} added, {len(done.replaced)} replaced, {len(done.unchanged)} as they were"
        lines = [f"added {name}" for name in done.added] + [f"replaced {name}" for name in done.replaced]
        show(vars(done), as_json, "\n".join([*lines, counts]))


@app.command("show")
def agencies_show(
    code: Annotated[str, typer.Argument(help="Official code, or identity code in either order.")],
    as_json: AsJson = False,
) -> None:
    """Say who a code was when, what it was made of and what became of it."""
    from cchc.agencies import agencies, canonical_identity, successions
    from cchc.settings import settings

    with exit_codes():
        known, changes = agencies(settings()), successions(settings())
        wanted = canonical_identity(code)
        same = [a for a in known if wanted in (a.agency_code, canonical_identity(a.identity_code))]
        if not same:
            hint = "; identity codes of your province come in with: cchc agencies import FILE" if "." in code else ""
            console.print(f"no agency ever had the code {code}{hint}", style="red", markup=False)
            raise typer.Exit(2)
        names = {a.key: a.name_vi for a in known}
        for agency in sorted(same, key=lambda a: a.key):
            told = _told(agency, changes, names)
            show(told, as_json, _text(told))


def _told(agency: Agency, changes: list[Succession], names: dict[Key, str]) -> dict[str, Any]:
    """The agency with those before and after it; a code of None is nobody."""

    def other(s: Succession, key: Key | None) -> dict[str, Any]:
        name = names.get(key) if key else None
        return {"code": key and key[0], "name_vi": name, "date": s.event_date, "kind": s.kind, "weight": s.weight}

    return {name: getattr(agency, name) or None for name in AGENCY_COLUMNS} | {
        "predecessors": [other(s, s.predecessor) for s in changes if s.successor == agency.key],
        "successors": [other(s, s.successor) for s in changes if s.predecessor == agency.key],
    }


def _text(told: dict[str, Any]) -> str:
    under = f"{told['level']} under {told['parent_code']}" if told["parent_code"] else told["level"]
    facts = ", ".join(filter(None, [under, told["identity_code"]]))
    lines = [f"{told['agency_code']} {told['name_vi']}: {told['valid_from']} – {told['valid_to'] or '…'} ({facts})"]
    for sign, side in (("←", "predecessors"), ("→", "successors")):
        for one in told[side]:
            who = f"{one['code']} {one['name_vi']}" if one["code"] else "nobody"
            share = " (share unknown)" if one["kind"] == "split" and one["weight"] is None else ""
            share = f" ({one['weight']:.0%})" if one["weight"] not in (None, 1) else share
            lines.append(f"  {sign} {one['date']} {one['kind']}: {who}{share}")
    return "\n".join(lines)

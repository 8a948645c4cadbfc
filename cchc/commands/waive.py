"""`cchc waive`: rows that fail a critical check may be published, on the record, when two people say so.

`cchc waive CHECK …` is short for `cchc waive request CHECK …`: the id of a check has a dot and is never a command's name.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cchc.commands.screen import AsJson, exit_codes, progress, show

WaiverId = Annotated[str, typer.Argument(metavar="WAIVER", help="Its id, W0001; `cchc waive list` names them.")]


class RequestByDefault(TyperGroup):
    """Takes a first word that is no command for the check of a request."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["request", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=RequestByDefault,
    no_args_is_help=True,
    help="Publish rows that fail a critical check, on the record: cchc waive CHECK … asks, another person approves.",
)


@app.command("request")
def waive_request(
    check: Annotated[str, typer.Argument(metavar="CHECK", help="Id of the check, as the alert names it.")],
    period: Annotated[str, typer.Option(metavar="PERIOD", help="Reporting month, YYYY-MM.")],
    agency: Annotated[
        str, typer.Option(help="Code of the agency whose rows fail; `all` for a check of the whole period.")
    ],
    rows_at_most: Annotated[int, typer.Option(help="How many failing rows may be published; one more blocks again.")],
    reason: Annotated[str, typer.Option(help="Why they may be published as they are; no personal data.")],
    ground: Annotated[str, typer.Option(help="The law, document or fact that this rests on; no personal data.")],
    requested_by: Annotated[str, typer.Option(help="Account of the person who asks, not their name.")],
    working_days: Annotated[
        int | None, typer.Option(help="Working days that it holds, 1 to 20 [CCHC_WAIVER_DAYS, 5].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a waiver; nothing changes until another person approves it. `cchc waive CHECK …` does the same."""
    from cchc import waive

    with exit_codes():
        done = waive.request(
            check, period, agency=agency, rows_at_most=rows_at_most, reason=reason, ground=ground,
            requested_by=requested_by, working_days=working_days,
        )  # fmt: skip
        show(done, as_json, f"{done['waiver']} waits for approval; it holds until {done['last_date']} at the latest")
        progress(
            f"another person approves it: cchc waive approve {done['waiver']} --approved-by ACCOUNT, or in Airflow the DAG "
            f'waiver_approval with {{"period": "{done["period"]}"}}'
        )


@app.command("approve")
def waive_approve(
    waiver: WaiverId,
    approved_by: Annotated[str, typer.Option(help="Account of the person who approves; not the one who asked.")],
    as_json: AsJson = False,
) -> None:
    """Approve a waiver; the next audit of its month applies it."""
    from cchc import waive

    with exit_codes():
        done = waive.decide(waiver, approved_by, approved=True)
        show(done, as_json, f"{done['waiver']} is live until {done['last_date']}")
        progress(f"it counts from the next audit on: cchc audit {done['period']}, then cchc publish {done['period']}")


@app.command("revoke")
def waive_revoke(
    waiver: WaiverId,
    revoked_by: Annotated[str, typer.Option(help="Account of the person who revokes or refuses it.")],
    as_json: AsJson = False,
) -> None:
    """End a waiver, approved or not; what was published with it stays."""
    from cchc import waive

    with exit_codes():
        done = waive.decide(waiver, revoked_by, approved=False)
        show(done, as_json, f"{done['waiver']} is revoked")


@app.command("list")
def waive_list(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help="YYYY-MM; all when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every waiver what it covers, on whose word, and whether it is open, live, expired or revoked."""
    from cchc import waive

    with exit_codes():
        for row in waive.listed(period):
            people = f"{row['requested_by']} → {row['approved_by'] or '?'}"
            if row["approved_through"]:
                people += f" ({row['approved_through']})"
            if row["revoked_by"]:
                people += f", revoked by {row['revoked_by']}"
            lines = [
                f"{row['waiver']} {row['state']}, until {row['last_date']}: {row['period']} {row['check']}, "
                f"{row['rows_at_most']} rows at most of {row['agency']}",
                people,
                f"reason: {row['reason']}",
                f"ground: {row['ground']}",
            ]
            show(row, as_json, "\n  ".join(lines))

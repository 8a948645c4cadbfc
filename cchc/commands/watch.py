"""`cchc watch` and `cchc contacts`: who has not answered, which month is overdue, and who hears of what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cchc.commands.screen import AsJson, exit_codes, progress, show


def watch_command(
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Day to look at, YYYY-MM-DD [today in Vietnam]."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send again what did not arrive, remind of unanswered faults, name overdue months. Exit code 1 when there is any."""
    from cchc.period import LOCAL
    from cchc.watch import watch

    with exit_codes():
        day = on.date() if on else datetime.now(LOCAL).date()
        found = watch(day, progress=progress)
        lines = [f"{one['period']} overdue since {one['due']}" for one in found["overdue"]]
        lines += [
            f"{one['period']} {one['contact']}: unanswered since {one['since']}, told {', '.join(one['told'])}"
            for one in found["unanswered"]
        ]
        lines += found["unreadable"]
        lines += [] if found["delivered"] else ["not everything could be delivered; the next watch tries again"]
        show(found, as_json, "\n".join(lines) or f"{day}: nothing is overdue, nothing is unanswered")
        if lines:
            raise typer.Exit(1)


def contacts_command(as_json: AsJson = False) -> None:
    """Check contacts.csv, and say who hears of what and whether an address is set for them; addresses are not shown."""
    from cchc.settings import secret_from_environment, settings
    from expectations.channels import addresses
    from expectations.contacts import contacts

    with exit_codes():
        for contact in contacts(settings()):
            channels = list(addresses(contact.secret, secret_from_environment))
            duties = [f"{owner} {agency}" for owner, agency in contact.duties]
            told = {
                "contact": contact.id, "role_vi": contact.role_vi, "duties": duties, "secret": contact.secret,
                "channels": channels, "escalate_to": contact.escalate_to,
            }  # fmt: skip
            above = f", above: {contact.escalate_to}" if contact.escalate_to else ""
            hears = "; ".join(duties) or "escalations only"
            show(
                told,
                as_json,
                f"{contact.id}: {hears}; {', '.join(channels) or f'no address in {contact.secret}'}{above}",
            )

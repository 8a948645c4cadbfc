"""What is no fault of a profile and still worth a look before its first landing."""

from __future__ import annotations

from collections.abc import Callable

from cchc.settings import MissingSecret, Secret, Settings
from ingest import placeholders, reach
from ingest.errors import ProfileError
from ingest.profile import Profile


def hints(profile: Profile, settings: Settings, secret: Secret) -> list[str]:
    """One line each. `secret` is asked for the name that the profile gives; its value is not looked at."""
    found = []
    name = profile.auth.secret
    if name and (told := _told(lambda: secret(name))):
        found.append(told)
    where = reach.folder if profile.transport == "files" else reach.address
    if told := _told(lambda: where(profile, settings)):
        found.append(told)
    for export_name, export in profile.exports.items():
        named = {name for template in export.params.values() for name in placeholders.names(template)}
        if export.endpoint and not named & {*placeholders.MOMENTS}:
            found.append(
                f"{export_name}: no parameter names the period; every month the source is asked for everything"
            )
    return found


def _told(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except (MissingSecret, ProfileError) as error:
        return str(error.args[0])
    return None

"""What is no fault of a profile and still worth a look before its first landing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cchc.settings import MissingSecret, Secret, Settings
from ingest import placeholders, reach
from ingest.errors import ProfileError
from ingest.profile import ExportMap, Profile
from ingest.profile_check.figures import lost


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
        if export.endpoint and export.total is None:
            found.append(f"{export_name}: no total; rows that the source leaves out are not noticed")
        found += [f"{export_name}: {told}" for told in _without_figures(export)]
    return found


# The statuses that say that a dossier has ended, by the instant at which it did.
_ENDS = {"finished_at": (9, 10), "refused_at": (3,), "withdrawn_at": (7,)}


def _without_figures(export: ExportMap) -> Iterator[str]:
    """The columns that are not required, not mapped, and counted by."""
    for column in export.contract.columns:
        if column.name in export.fields or column.required or not (figures := lost(export.entity, column.name)):
            continue
        if export.entity == "dossiers" and column.name == "received_at":
            yield (
                "received_at is not mapped; a dossier without it is in no month: dossiers_received, dossiers_resolved, "
                "dossiers_pending and all other figures of dossiers will be 0 or missing"
            )
            continue
        said = ""
        if export.entity == "dossiers" and (ends := _ENDS.get(column.name)):
            if not (found := [str(status) for status in ends if status in _statuses(export)]):
                continue
            said = f" although status can be {' or '.join(found)}, and such dossiers stay in dossiers_pending"
        yield f"{column.name} is not mapped{said}; these figures will be 0 or missing: {', '.join(figures)}"


def _statuses(export: ExportMap) -> set[object]:
    """The statuses that the source can have: any, where it writes our numbers itself."""
    found: set[object] = set()
    for leaf in export.fields["status"].leaves():
        if leaf.codes is None and leaf.const is None:
            return set(range(1, 11))
        found |= {leaf.const, *(leaf.codes or {}).values()}
    return found


def _told(ask: Callable[[], object]) -> str | None:
    try:
        ask()
    except (MissingSecret, ProfileError) as error:
        return str(error.args[0])
    return None

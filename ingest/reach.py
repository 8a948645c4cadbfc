"""Where a source of this deployment is: its address or its folder, from the settings or else from the profile."""

from __future__ import annotations

from pathlib import Path

from cchc.settings import Secret, Settings
from ingest.errors import ProfileError
from ingest.http.client import Client
from ingest.http.exchange import Network
from ingest.http.ledger import Ledger
from ingest.http.pace import Clock
from ingest.profile import Profile


def client(
    profile: Profile, settings: Settings, secret: Secret, ledger: Ledger, clock: Clock, turns: Path | None = None
) -> Client:
    """A client of the source. Raises ProfileError without an address, MissingSecret without a secret."""
    network = Network(settings.proxy, settings.ca_file)
    return Client(profile, address(profile, settings), secret, network, ledger, clock, turns)


def address(profile: Profile, settings: Settings) -> str:
    """Raises ProfileError."""
    url = settings.source_urls.get(profile.source) or profile.base_url
    if not url:
        raise ProfileError(
            f"source {profile.source!r} has no address: set CCHC_SOURCE_URLS__{profile.source.upper()} "
            f"or base_url in {profile.profile}"
        )
    return url


def folder(profile: Profile, settings: Settings) -> Path:
    """Raises ProfileError."""
    found = settings.source_folders.get(profile.source) or profile.folder
    if found is None:
        raise ProfileError(
            f"source {profile.source!r} has no folder: set CCHC_SOURCE_FOLDERS__{profile.source.upper()} "
            f"or folder in {profile.profile}"
        )
    return found

"""Where snapshots lie, which revision of a month is current, and what its manifest says."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import parquet_rows


class SnapshotDamaged(RuntimeError):
    """A published file is not what its manifest says."""


class SnapshotOutdated(RuntimeError):
    """A revision was published by an earlier version of this program and lacks what a later month rests on."""


class TableFile(BaseModel):
    """One published table: its Parquet file, the file's sha256, and the hash of its content (rows in key order)."""

    file: str
    rows: int
    sha256: str
    content: str


class Manifest(BaseModel):
    """The seal of one revision. `published_at` is UTC and the only clock in a snapshot; no table holds one.

    `ytd_basis` names the revision of every earlier month of the year, and of the month before the year for what it
    carried over; null where that month was not published. `month_content` is what later months rest on in this one.
    `waivers` are the approved exceptions that the verdict rests on, each with its check, rows, reason and people. `withheld`
    are the cells of `indicator_values` without a figure because checks failed, each with those checks.
    """

    model_config = ConfigDict(frozen=True)

    period: str
    calendar: str
    revision: int
    reason: str
    published_at: datetime
    tables: dict[str, TableFile]
    receipts: list[dict[str, Any]]
    month_content: str
    ytd_basis: dict[str, int | None]
    versions: dict[str, str]
    verdict: dict[str, Any]
    waivers: list[dict[str, Any]] = []
    withheld: list[dict[str, Any]] = []
    seal: str = ""

    def sealed(self) -> Manifest:
        return self.model_copy(update={"seal": self._digest()})

    def is_whole(self) -> bool:
        return self.seal == self._digest()

    def content(self) -> dict[str, str]:
        """Table name to content hash: what decides whether a close has anything new to publish."""
        return {name: table.content for name, table in self.tables.items()}

    def _digest(self) -> str:
        # Manifests from before there were waivers or withheld cells keep their seals.
        left_out = {"seal"} | {name for name in ("waivers", "withheld") if not getattr(self, name)}
        text = json.dumps(self.model_dump(mode="json", exclude=left_out), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def month_folder(settings: Settings, period: Period) -> Path:
    return settings.snapshots / str(period)


def revision_folder(settings: Settings, period: Period, revision: int) -> Path:
    return month_folder(settings, period) / f"revision={revision:03d}"


def manifests(settings: Settings, period: Period) -> list[Manifest]:
    """The manifests of a month, oldest revision first. Raises SnapshotDamaged when one does not fit its seal."""
    found = []
    for path in month_folder(settings, period).glob("revision=*/manifest.json"):
        manifest = Manifest.model_validate_json(path.read_bytes())
        if not manifest.is_whole():
            raise SnapshotDamaged(f"{path} does not fit its seal: restore the file from a backup")
        if manifest.calendar != period.calendar:
            raise SnapshotDamaged(
                f"{path} follows the calendar {manifest.calendar}, the settings say {period.calendar}: "
                "give the other calendar its own CCHC_HOME"
            )
        found.append(manifest)
    return sorted(found, key=lambda manifest: manifest.revision)


def current(settings: Settings, period: Period) -> Manifest | None:
    """The manifest of the highest revision; None when the month is not published."""
    return next(reversed(manifests(settings, period)), None)


def published_periods(settings: Settings) -> list[Period]:
    """Every month with a published revision, oldest first."""
    names = (p.parent.parent.name for p in settings.snapshots.glob("*/revision=*/manifest.json"))
    return [settings.period(name) for name in sorted(set(names))]


def superseded(settings: Settings, manifest: Manifest) -> list[str]:
    """The months that the year to date of `manifest` rests on and that say something else by now."""
    stale = []
    for name, revision in manifest.ytd_basis.items():
        revisions = {m.revision: m for m in manifests(settings, settings.period(name))}
        then = revisions[revision].month_content if revision in revisions else None
        now = revisions[max(revisions)].month_content if revisions else None
        if then != now:
            stale.append(name)
    return stale


def table_rows(settings: Settings, manifest: Manifest, table: str) -> str:
    """SQL for the rows of a published table. Raises SnapshotDamaged when the file is not the one that was sealed."""
    entry = manifest.tables[table]
    path = revision_folder(settings, settings.period(manifest.period), manifest.revision).resolve() / entry.file
    if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != entry.sha256:
        raise SnapshotDamaged(f"{path} is not the file that {manifest.period} revision {manifest.revision} sealed")
    return parquet_rows(path)

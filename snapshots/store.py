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


class SnapshotDamaged(RuntimeError):
    """A published file is not what its manifest says."""


class TableFile(BaseModel):
    """One published table: its Parquet file, the file's sha256, and the hash of its content (rows in key order)."""

    file: str
    rows: int
    sha256: str
    content: str


class Manifest(BaseModel):
    """The seal of one revision. `published_at` is UTC and the only clock in a snapshot; no table holds one."""

    model_config = ConfigDict(frozen=True)

    period: str
    calendar: str
    revision: int
    reason: str
    published_at: datetime
    tables: dict[str, TableFile]
    receipts: list[dict[str, Any]]
    ytd_basis: dict[str, int | None]
    versions: dict[str, str]
    verdict: dict[str, Any]
    seal: str = ""

    def sealed(self) -> Manifest:
        return self.model_copy(update={"seal": self._digest()})

    def is_whole(self) -> bool:
        return self.seal == self._digest()

    def content(self) -> dict[str, str]:
        """Table name to content hash: what decides whether a close has anything new to publish."""
        return {name: table.content for name, table in self.tables.items()}

    def _digest(self) -> str:
        text = json.dumps(self.model_dump(mode="json", exclude={"seal"}), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def month_folder(settings: Settings, period: Period) -> Path:
    return settings.snapshots / str(period)


def revision_folder(settings: Settings, period: Period, revision: int) -> Path:
    return month_folder(settings, period) / f"revision={revision:03d}"


def manifests(settings: Settings, period: Period) -> list[Manifest]:
    """The manifests of a month, oldest revision first. Raises SnapshotDamaged when one does not fit its seal."""
    found = []
    for path in sorted(month_folder(settings, period).glob("revision=*/manifest.json")):
        manifest = Manifest.model_validate_json(path.read_bytes())
        if not manifest.is_whole():
            raise SnapshotDamaged(f"{path} does not fit its seal: restore the file from a backup")
        if manifest.calendar != period.calendar:
            raise SnapshotDamaged(
                f"{path} follows the calendar {manifest.calendar}, the settings say {period.calendar}: "
                "give the other calendar its own CCHC_HOME"
            )
        found.append(manifest)
    return found


def current(settings: Settings, period: Period) -> Manifest | None:
    """The manifest of the highest revision; None when the month is not published."""
    return next(reversed(manifests(settings, period)), None)


def published_periods(settings: Settings) -> list[Period]:
    """Every month with a published revision, oldest first."""
    names = (p.parent.parent.name for p in settings.snapshots.glob("*/revision=*/manifest.json"))
    return [settings.period(name) for name in sorted(set(names))]


def table_path(settings: Settings, manifest: Manifest, table: str) -> Path:
    folder = revision_folder(settings, settings.period(manifest.period), manifest.revision)
    return folder / manifest.tables[table].file

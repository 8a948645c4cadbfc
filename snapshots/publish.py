"""Publishing: the audited month only, from the build file to a numbered revision that is never written again."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED, Table, fingerprint, month_content
from expectations.permit import NotPermitted, permit
from snapshots.store import Manifest, TableFile, current, month_folder, revision_folder


class PublishRefused(RuntimeError):
    """The gate does not permit what the build file holds."""


def publish_snapshot(
    period: Period, settings: Settings, versions: dict[str, str], reason: str | None
) -> tuple[Manifest, bool]:
    """Writes the month in the build file as the next revision; equal content makes none.

    Returns the current manifest and whether it is new. No caller says that the month may be published: the gate is asked
    here, about the content found here. Raises PublishRefused, VerdictBroken and WaiverBroken.
    """
    build_file = settings.build_file(period)
    if not build_file.exists():
        raise PublishRefused(f"{period} is not built: cchc build {period}")
    with duckdb.connect(str(build_file), read_only=True) as connection:
        ((month, calendar),) = connection.execute(
            "select period_month, reporting_calendar from landing.period"
        ).fetchall()
        if (month, calendar) != (period.first_of_month, period.calendar):
            raise PublishRefused(f"the build file holds {month:%Y-%m} of the calendar {calendar}: cchc close {period}")
        found, content = fingerprint(connection)
        try:
            permitted = permit(period, settings, found)
        except NotPermitted as error:
            raise PublishRefused(str(error)) from error
        newest = current(settings, period)
        if newest and newest.content() == content:
            return newest, False
        draft = _draft(settings, period)
        try:
            manifest = Manifest(
                period=str(period),
                calendar=period.calendar,
                revision=newest.revision + 1 if newest else 1,
                reason=reason or _default_reason(newest),
                published_at=datetime.now(UTC),
                tables={t.name: _write(connection, t, draft, content[t.name]) for t in PUBLISHED},
                receipts=_rows(connection, "select export, sequence, batch_id, rows_read, accepted, rejected, "
                               "exact_duplicates, withheld from landing.exports order by export"),
                month_content=month_content(connection, content),
                ytd_basis={f"{r['period_month']:%Y-%m}": r["revision"] for r in
                           _rows(connection, "select * from landing.ytd_basis order by period_month")},
                versions=versions,
                verdict=permitted.verdict,
                waivers=permitted.waivers,
                withheld=permitted.withheld,
            ).sealed()  # fmt: skip
            (draft / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
            for path in draft.iterdir():
                _keep(path)
            draft.chmod(0o755)
            os.rename(draft, revision_folder(settings, period, manifest.revision))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return manifest, True


def _default_reason(newest: Manifest | None) -> str:
    if newest is None:
        return "first publication"
    return f"records, or the year before them, differ from revision {newest.revision}"


def _draft(settings: Settings, period: Period) -> Path:
    """A folder to write in, beside the snapshots' months, so that readers of a month never meet half a revision."""
    month_folder(settings, period).mkdir(parents=True, exist_ok=True)
    drafts = settings.published / ".drafts"
    shutil.rmtree(drafts, ignore_errors=True)
    drafts.mkdir(parents=True)
    return Path(tempfile.mkdtemp(dir=drafts))


def _write(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path, content: str) -> TableFile:
    """One table as Parquet, sorted by its full key, always with the same settings: equal rows give equal bytes."""
    rows = connection.sql(f"select * from {table.name} order by {', '.join(table.key)}").to_arrow_table()
    path = folder / f"{table.name}.parquet"
    pq.write_table(rows.combine_chunks(), path, compression="zstd", row_group_size=131_072, store_schema=False)
    return TableFile(
        file=path.name, rows=len(rows), sha256=hashlib.sha256(path.read_bytes()).hexdigest(), content=content
    )


def _keep(path: Path) -> None:
    """Read-only, and on the disk before the revision gets its name."""
    path.chmod(0o444)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

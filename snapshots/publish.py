"""Publishing: the audited month only, from the build file to a numbered revision that is never written again."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED, Table, fingerprint
from snapshots.store import Manifest, TableFile, current, month_folder, revision_folder


@dataclass(frozen=True)
class Verdict:
    """What publishing needs of the gate's verdict: whether it lets the month through, and which content it judged."""

    run: str
    passes: bool
    fingerprint: str
    summary: dict[str, Any]


class PublishRefused(RuntimeError):
    """The verdict does not cover what the build file holds."""


def publish_snapshot(
    period: Period, settings: Settings, verdict: Verdict, versions: dict[str, str], reason: str | None
) -> tuple[Manifest, bool]:
    """Writes the month in the build file as the next revision; equal content makes none.

    Returns the current manifest and whether it is new. Raises PublishRefused when the verdict did not pass or its
    fingerprint is not that of the build file.
    """
    if not verdict.passes:
        raise PublishRefused(f"{period}: verdict {verdict.run} does not let it through; see cchc status {period}")
    build_file = settings.build_file(period)
    if not build_file.exists():
        raise PublishRefused(f"{period} is not built: cchc build {period}")
    with duckdb.connect(str(build_file), read_only=True) as connection:
        found, content = fingerprint(connection)
        if found != verdict.fingerprint:
            raise PublishRefused(f"{period} was built again after verdict {verdict.run}: cchc audit {period}")
        newest = current(settings, period)
        if newest and newest.content() == content:
            return newest, False
        draft = _draft(settings, period)
        try:
            manifest = Manifest(
                period=str(period),
                calendar=period.calendar,
                revision=newest.revision + 1 if newest else 1,
                reason=reason or (f"records differ from revision {newest.revision}" if newest else "first publication"),
                published_at=datetime.now(UTC),
                tables={t.name: _write(connection, t, draft, content[t.name]) for t in PUBLISHED},
                receipts=_rows(connection, "select export, sequence, batch_id, rows_read, accepted, rejected, "
                               "exact_duplicates, withheld from landing.exports order by export"),
                ytd_basis={str(r["period_month"])[:7]: r["revision"] for r in
                           _rows(connection, "select * from landing.year_months order by period_month")},
                versions=versions,
                verdict=verdict.summary,
            ).sealed()  # fmt: skip
            (draft / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
            for path in draft.iterdir():
                path.chmod(0o444)
            draft.chmod(0o755)
            os.rename(draft, revision_folder(settings, period, manifest.revision))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return manifest, True


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


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

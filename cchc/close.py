"""The close of a month: land → build → audit → publish. The command line and the DAG call the same functions.

Every function names its period by hand. Progress lines go to a function, so that a terminal can show them and a task log
can keep them.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from cchc import __version__
from cchc.build import build_month
from cchc.health import deliveries, new_health, new_quality
from cchc.lock import writer_lock
from cchc.period import Period
from cchc.settings import Secret, Settings, secret_from_environment, settings
from cchc.withholding import withhold_cells
from cchc.workbooks import reject_workbooks
from expectations.alerts import alert_failure, alert_new_columns
from expectations.audit import audit_period
from expectations.verdicts import plural
from ingest import landing
from ingest.profile import load_exports
from snapshots.analysts import Held, copied, held, is_outdated, release
from snapshots.publish import publish_snapshot
from snapshots.store import current

Progress = Callable[[str], None]
log = logging.getLogger("cchc")


def export_names() -> list[str]:
    """The exports of this deployment's profiles."""
    return list(load_exports(settings().profiles))


def period_of_run(named: str | None, run_type: Any, interval_end: datetime | None) -> str:
    """The month of an Airflow run: named by hand, or the one that a scheduled or backfill run's interval ends with.

    Raises ValueError for any other run that names none: no clock stands in for the missing name.
    """
    if named:
        return str(settings().period(named))
    if str(getattr(run_type, "value", run_type)) in ("scheduled", "backfill") and interval_end is not None:
        return str(Period.of_interval_end(interval_end, settings().calendar))
    raise ValueError('this run must name its month: trigger it with {"period": "YYYY-MM"}')


def land(
    export: str,
    period: str,
    *,
    because: str | None = None,
    changed_since: datetime | None = None,
    secret: Secret = secret_from_environment,
    progress: Progress = log.info,
) -> dict[str, Any]:
    """Reads one export for `period` into raw and returns its receipt. Raises SourceError, ProfileError.

    `because` is why far fewer rows than usual are right; with `changed_since` only what changed from then on is asked for.
    People are told of columns that the source did not have before.
    """
    receipt = landing.land(
        export, settings().period(period), settings(), secret, progress, because=because, changed_since=changed_since
    )
    progress(
        f"landed {export} {period}: {receipt.rows_read} read = {receipt.accepted} accepted + {receipt.rejected} rejected + "
        f"{receipt.exact_duplicates} exact duplicates + {receipt.withheld} withheld"
    )
    if receipt.new_columns:
        progress(f"{export} {period}: columns not seen before: {', '.join(receipt.new_columns)}")
        alert_new_columns(period, export, receipt.profile, receipt.new_columns, settings(), secret)
    return receipt.model_dump(
        mode="json",
        include={
            "export",
            "period",
            "sequence",
            "kind",
            "batch_id",
            "rows_read",
            "accepted",
            "rejected",
            "new_columns",
        },
    )


def build(period: str, *, progress: Progress = log.info) -> str:
    """Builds the month's file from what was landed and returns its path. Raises NotLanded, BuildFailed."""
    with writer_lock(settings(), progress):
        return str(_build(settings().period(period), progress))


def audit(period: str, *, secret: Secret = secret_from_environment, progress: Progress = log.info) -> dict[str, Any]:
    """Judges the month in the build file, withholds the cells that rest on failing rows, and returns the verdict's summary.

    Raises GateFailed after all checks ran when the month may not be published even so.
    """
    with writer_lock(settings(), progress):
        return _audit(settings().period(period), secret, progress)


def publish(period: str, *, reason: str | None = None, progress: Progress = log.info) -> dict[str, Any]:
    """Publishes the audited month. Raises PublishRefused when no passing verdict covers the build file."""
    with writer_lock(settings(), progress):
        return _publish(settings().period(period), reason, progress)


def close(
    period: str,
    *,
    reason: str | None = None,
    because: str | None = None,
    secret: Secret = secret_from_environment,
    progress: Progress = log.info,
) -> dict[str, Any]:
    """Lands every export, then builds, audits and publishes under one lock. Returns what `publish` returns.

    `reason` is why the month is published again, `because` why far fewer rows than usual are right.
    """
    for export in export_names():
        land(export, period, because=because, secret=secret, progress=progress)
    month = settings().period(period)
    with writer_lock(settings(), progress):
        _build(month, progress)
        _audit(month, secret, progress)
        return _publish(month, reason, progress)


def alert_failed_task(
    period: str | None,
    task: str,
    subject: str | None,
    key: str,
    error: BaseException,
    secret: Secret,
    months: Sequence[str] = (),
) -> None:
    """Tells people about a step that failed before the gate could: a source that cannot be read, a build that broke.

    `subject` is what the step worked on, `months` those of a step that works on several, unless the error names its own;
    calls with one `key` tell once, however often a callback is repeated.
    """
    months = getattr(error, "months", months)
    revision = published_revision(period) if period else None
    alert_failure(
        period, task, error, settings(), secret, subject=subject, months=months, revision=revision, key=key
    )  # fmt: skip


def _build(period: Period, progress: Progress) -> Path:
    path = build_month(period, settings(), progress)
    progress(f"built {period}")
    return path


def published_revision(period: str) -> int | None:
    """The published revision of a month, for the words of an alert: a snapshot that cannot be read must not hide the fault."""
    try:
        manifest = current(settings(), settings().period(period))
    except Exception:
        log.exception("the published revision of %s cannot be read", period)
        return None
    return manifest.revision if manifest else None


def _audit(period: Period, secret: Secret, progress: Progress) -> dict[str, Any]:
    verdict = audit_period(
        period, settings(), secret,
        revision=published_revision(str(period)), workbooks=reject_workbooks,
        withhold=lambda cells: withhold_cells(period, settings(), cells, progress),
        progress=lambda frame: progress(f"audit {period}: {frame}"),
    )  # fmt: skip
    summary = verdict.summary()
    waived = f", {len(summary['waived'])} waived" if summary["waived"] else ""
    if summary["contained"]:
        waived += f", {len(summary['contained'])} failed and {plural(summary['withheld'], 'cell')} withheld"
    progress(f"audited {period}: {summary['held']} checks held{waived}, {summary['warnings']} warnings")
    return summary


def _publish(period: Period, reason: str | None, progress: Progress) -> dict[str, Any]:
    with copied(settings()) as copy:
        manifest, is_new = publish_snapshot(period, settings(), _versions(settings()), reason)
        withheld = len(manifest.withheld)
        without = f", {plural(withheld, 'cell')} withheld" if withheld else ""
        progress(f"{period} revision {manifest.revision} {'written' if is_new else 'stands: nothing new'}{without}")
        _refresh(copy, progress)
    return {"period": str(period), "revision": manifest.revision, "is_new": is_new, "withheld": withheld}


def refresh(*, rebuild: bool = False, progress: Progress = log.info) -> None:
    """Brings the analysts' file up to the published snapshots, the verdicts and the receipts."""
    if rebuild:
        _refresh(None, progress)
    else:
        with copied(settings()) as copy:
            _refresh(copy, progress)


def _refresh(copy: Future[Path] | None, progress: Progress) -> None:
    try:
        changed = _release(None if is_outdated(settings()) else copy)
    except duckdb.Error as error:
        if copy is None:
            raise
        # The file that analysts read is untouched; nothing in it cannot be made again from the snapshots.
        log.warning("the analysts' file cannot be carried on (%s), making it anew", type(error).__name__)
        changed = _release(None)
    progress("analysts' file swapped" if changed else "analysts' file is up to date")


def _release(copy: Future[Path] | None) -> bool:
    known = held(settings()) if copy else Held(set(), {})
    quality, health = new_quality(settings(), known.runs), new_health(settings(), known.reads)
    return release(copy, settings(), quality, health.rows, health.requests, deliveries(settings()))


@cache
def _models_hash(project: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(project.rglob("*")):
        inside = path.relative_to(project)
        if path.suffix in (".sql", ".yml", ".csv") and not {"target", "logs"} & set(inside.parts):
            digest.update(str(inside).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _versions(settings: Settings) -> dict[str, str]:
    return {"cchc_warehouse": __version__, "models": _models_hash(settings.dbt_project)}

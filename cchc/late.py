"""Late records: open months are read again, and the published ones that this touches are named for a restatement.

A month is open while it is one of the last few (`open_months`) that have ended and it is published. An export whose profile
says how it asks for changes is asked for those since the newest `updated_at` on hand; any other is read whole. Nothing is
published here: who is asked closes the month again, which reads it whole.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cchc import close
from cchc.build import build_month
from cchc.dbt import BuildFailed
from cchc.lock import writer_lock
from cchc.period import LOCAL, Period, PeriodError
from cchc.settings import Secret, Settings, secret_from_environment, settings
from cchc.tables import PUBLISHED, content_hash
from ingest.errors import SourceError
from ingest.profile import Export, load_exports
from ingest.rejects.standing import batch_in_force
from ingest.store import Store
from snapshots.store import Manifest, current, published_periods, table_rows

Progress = Callable[[str], None]
log = logging.getLogger("cchc")
_REASON_LENGTH = 500
(FIGURES,) = (table for table in PUBLISHED if table.name == "indicator_values")


class RereadFailed(RuntimeError):
    """Months of an export could not be read again; the message names each with its error. The others were read."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.faults = faults
        self.months = list(faults)

    def __str__(self) -> str:
        return "\n".join(f"{month}: {fault}" for month, fault in self.faults.items())


@dataclass(frozen=True)
class Restatement:
    """A published month to close again, and why. `run_id` is the same for the same late records."""

    period: str
    run_id: str
    reason: str


@dataclass(frozen=True)
class Difference:
    """How many rows a batch has more than another, has otherwise, and has no longer."""

    added: int
    changed: int
    gone: int


class _Trial(Settings):
    """The same deployment with build files of its own: a trial never takes the place of a month that is being audited."""

    @property
    def build(self) -> Path:
        return self.home / "build" / "trial"


def until_of_run(named: str | None, interval_end: datetime | None) -> datetime | None:
    """The instant before which a month must have ended: the end of the day named by hand, else the run's data interval's end.

    None for a run without both: then the newest published months are open. Raises PeriodError for what is no date.
    """
    if not named:
        return interval_end
    try:
        day = datetime.strptime(named, "%Y-%m-%d").date()  # noqa: DTZ007 - a local day
    except ValueError as error:
        raise PeriodError(f"{named!r} is not a date: write it as YYYY-MM-DD, for example 2023-01-31") from error
    return datetime.combine(day + timedelta(days=1), time(), LOCAL)


def open_months(until: datetime | None) -> list[str]:
    """The published months among the last `open_months` that had ended at `until`, oldest first."""
    published = published_periods(settings())
    if not published:
        return []
    newest = published[-1] if until is None else Period.of_interval_end(until, settings().calendar)
    while until is not None and newest.ends_at > until:
        newest = newest.previous()
    months = [newest]
    for _ in range(settings().open_months):
        months.append(months[-1].previous())
    return [str(period) for period in reversed(months[: settings().open_months]) if period in published]


def reread(
    export: str, months: Sequence[str], *, secret: Secret = secret_from_environment, progress: Progress = log.info
) -> list[dict[str, Any]]:
    """Reads the months of an export again and returns their receipts. A month that fails stops no other.

    Raises RereadFailed afterwards when a source could not be read, ProfileError and MissingSecret at once.
    """
    receipts, faults = [], {}
    described = load_exports(settings().profiles)[export]
    for month in months:
        try:
            since = cursor(described, settings().period(month))
            receipts.append(close.land(export, month, changed_since=since, secret=secret, progress=progress))
        except SourceError as error:
            progress(f"{export} {month}: {error}")
            faults[month] = f"{type(error).__name__}: {error}"
    if faults:
        raise RereadFailed(faults)
    return receipts


def cursor(export: Export, period: Period) -> datetime | None:
    """From when on (local time) to ask for changes: the newest `updated_at` on hand, less the overlap. None: read it whole.

    A date in the future, which a source may hold, would hide all that changes until then: the start of the read that brought
    it is an upper bound.
    """
    store, changes = Store(settings().raw), export.map.changes
    landed = store.landed(export.name, period)
    if changes is None or landed is None or landed.fingerprint != export.fingerprint():
        return None
    path = store.rows_path(export.name, period, landed.batch_id or "")
    if "updated_at" not in export.map.contract.schema().names:
        return None
    newest: datetime | None = pc.max(pq.read_table(path, columns=["updated_at"]).column("updated_at")).as_py()
    if newest is None:
        return None
    since = min(newest, landed.started_at) - timedelta(minutes=changes.overlap_minutes)
    return since.astimezone(LOCAL)


def restatements(months: Sequence[str], *, progress: Progress = log.info) -> list[dict[str, Any]]:
    """The published months whose records on hand give other figures than those published, each with its reason.

    A month of which an export could not be read last is left for the next time.
    """
    found = [_restatement(settings().period(month), progress) for month in months]
    return [asdict(one) for one in found if one]


def late(
    until: str | None, *, secret: Secret = secret_from_environment, progress: Progress = log.info
) -> tuple[list[dict[str, Any]], list[str]]:
    """Reads every export of the open months again; returns what to restate, and what could not be read."""
    months, faults = open_months(until_of_run(until, None)), []
    progress(f"open months: {', '.join(months) or 'none is published'}")
    for export in close.export_names() if months else []:
        try:
            reread(export, months, secret=secret, progress=progress)
        except RereadFailed as error:
            faults.append(str(error))
    return restatements(months, progress=progress), faults


def _restatement(period: Period, progress: Progress) -> Restatement | None:
    store, exports = Store(settings().raw), load_exports(settings().profiles)
    with writer_lock(settings(), progress):
        manifest = current(settings(), period)
        if manifest is None:
            return None
        newest = {name: store.newest(name, period) for name in exports}
        if unread := [name for name, receipt in newest.items() if receipt is None or receipt.status == "failed"]:
            progress(f"{period}: {', '.join(unread)} could not be read; judged when it can")
            return None
        held = {name: batch_in_force(store, name, period) or "" for name in exports}
        published = {str(r["export"]): str(r["batch_id"]) for r in manifest.receipts}
        differing = {name: batch for name, batch in held.items() if published.get(name) != batch}
        if not differing:
            progress(f"{period}: nothing late, nothing changed")
            return None
        if _same_figures(period, manifest, progress):
            progress(f"{period}: records of {', '.join(differing)} changed, and no figure of the month with them")
            return None
    identity = hashlib.sha256(repr(sorted(differing.items())).encode()).hexdigest()[:12]
    run_id = f"late__{period}__after_revision_{manifest.revision}__{identity}"
    return Restatement(str(period), run_id, _reason(store, period, manifest, differing, published))


def _same_figures(period: Period, manifest: Manifest, progress: Progress) -> bool:
    """Whether the month's own figures would be published as they are; the year to date rests on other months too.

    A month that cannot be built has none: its own run will say why.
    """
    trial = _Trial.model_construct(**dict(settings()))
    published, key = table_rows(settings(), manifest, FIGURES.name), FIGURES.key
    try:
        with duckdb.connect(str(build_month(period, trial, progress)), read_only=True) as connection:
            relations = (f"(select * from {rows} where scope = 'month')" for rows in (FIGURES.name, published))
            return len({content_hash(connection, relation, key) for relation in relations}) == 1
    except BuildFailed as error:
        progress(f"{period} cannot be built: {error}")
        return False
    finally:
        shutil.rmtree(trial.build_file(period).parent, ignore_errors=True)


def _reason(
    store: Store, period: Period, manifest: Manifest, differing: dict[str, str], published: dict[str, str]
) -> str:
    """Why the month is to be restated, as its manifest will say it."""
    parts = [f"{name}: {_told(store, name, period, published.get(name), batch)}" for name, batch in differing.items()]
    said = f"dữ liệu đến muộn hoặc được sửa sau lần công bố {manifest.revision}: {'; '.join(parts)}"
    return said if len(said) <= _REASON_LENGTH else said[: _REASON_LENGTH - 1] + "…"


def _told(store: Store, export: str, period: Period, before: str | None, after: str) -> str:
    old, new = (batch.partition("+") for batch in (before or "", after))
    parts = []
    if old[0] != new[0] and (found := difference(store, export, period, old[0], new[0])):
        words = (("thêm", found.added), ("sửa", found.changed), ("không còn", found.gone))
        parts = [f"{count} dòng {word}" for word, count in words if count]
    if old[2] != new[2]:
        parts.append("có dòng được chỉnh sửa từ danh sách bị loại")
    return ", ".join(parts) or "được đọc theo cách khác"


def difference(store: Store, export: str, period: Period, before: str, after: str) -> Difference | None:
    """How batch `after` differs from `before`, by key; None when one is not there or holds other columns."""
    paths = [store.rows_path(export, period, batch) for batch in (before, after)]
    described = load_exports(settings().profiles)[export].map.contract
    if any(not path.exists() or pq.read_schema(path).names != described.schema().names for path in paths):
        return None
    with duckdb.connect(config={"memory_limit": "400MB", "threads": 2}) as connection:
        for name, path in zip(("before", "after"), paths, strict=True):
            connection.execute(f"create view {name} as select * from read_parquet('{path}', hive_partitioning = false)")
        same = " and ".join(f"one.{name} is not distinct from other.{name}" for name in described.key)

        def count(query: str) -> int:
            ((number,),) = connection.execute(f"select count(*) from ({query})").fetchall()
            return int(number)

        without = (
            f"from (from {{}} except from {{}}) as one where not exists (select 1 from {{}} as other where {same})"
        )
        added, gone = (
            count(without.format("after", "before", "before")),
            count(without.format("before", "after", "after")),
        )
        return Difference(added, count("from after except from before") - added, gone)

"""Checks offline that what is published is what was sealed: every revision, and the file that analysts open.

Nothing but the snapshots and the analysts' file is read: no raw rows, no build file, no network.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from cchc.period import Period
from cchc.settings import Settings
from cchc.tables import PUBLISHED, content_hash, parquet_rows
from snapshots.analysts import LATEST, REFERENCE
from snapshots.store import Manifest, SnapshotDamaged, month_folder, revision_folder, superseded

Progress = Callable[[str], None]
_MONTH = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")
_REVISION = re.compile(r"^revision=(\d{3,})$")
_KEYS = {table.name: table.key for table in PUBLISHED}
_RESTORE = "restore it from a backup"
_REBUILD = "cchc publish --rebuild"


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed, and what to do about it."""

    period: str
    revision: int | None
    file: str | None
    what: str
    to_do: str

    def __str__(self) -> str:
        where = self.period + (f" revision {self.revision}" if self.revision else "")
        return f"{where}: {f'{self.file}: ' if self.file else ''}{self.what}; {self.to_do}"


@dataclass
class Verified:
    """What was looked at, and what was found."""

    months: int = 0
    revisions: int = 0
    files: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify(settings: Settings, named: Period | None, progress: Progress) -> Verified:
    """Checks every published month, or the named one; the analysts' file is compared with the same months."""
    done = Verified()
    months = [named] if named else _months(settings)
    good: dict[Period, list[Manifest]] = {}
    with duckdb.connect() as connection:
        for period in months:
            found = [_revision(connection, period, path, done) for path in _revisions(settings, period)]
            good[period] = [manifest for manifest in found if manifest]
            done.months += 1
            done.faults += _numbers(settings, period)
            done.faults += _basis(settings, good[period])
            progress(f"{period}: {len(found)} revisions, {len(done.faults)} faults so far")
    if named and not _revisions(settings, named):
        done.faults.append(Fault(str(named), None, None, "is not published", f"cchc close {named}"))
    done.faults += _analysts_file(settings, good, {(f.period, f.file) for f in done.faults}, named is None, progress)
    return done


def _months(settings: Settings) -> list[Period]:
    if not settings.snapshots.is_dir():
        return []
    return [settings.period(path.name) for path in sorted(settings.snapshots.iterdir()) if _MONTH.match(path.name)]


def _revisions(settings: Settings, period: Period) -> list[Path]:
    return sorted(path for path in month_folder(settings, period).glob("revision=*") if _REVISION.match(path.name))


def _numbers(settings: Settings, period: Period) -> Iterator[Fault]:
    """Revisions are numbered from 1 without a gap: a missing number is a revision that somebody took away."""
    numbers = {int(path.name.split("=")[1]) for path in _revisions(settings, period)}
    for number in sorted(set(range(1, max(numbers, default=0))) - numbers):
        yield Fault(str(period), number, None, "is gone, though a later revision is there", _RESTORE)


def _revision(connection: duckdb.DuckDBPyConnection, period: Period, folder: Path, done: Verified) -> Manifest | None:
    """The manifest when it can be believed; its faults and those of its files are noted in `done`."""
    number = int(folder.name.split("=")[1])

    def fault(file: str | None, what: str, to_do: str = _RESTORE) -> None:
        done.faults.append(Fault(str(period), number, file, what, to_do))

    done.revisions += 1
    path = folder / "manifest.json"
    if not path.exists():
        fault(path.name, "is not there")
        return None
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault(path.name, f"is no manifest ({error.error_count()} faults in it)")
        return None
    if not manifest.is_whole():
        fault(path.name, "does not fit its seal")
        return None
    if (manifest.period, manifest.revision) != (str(period), number):
        fault(path.name, f"is that of {manifest.period} revision {manifest.revision}: it was moved or copied")
        return None
    if manifest.calendar != period.calendar:
        fault(path.name, f"follows the calendar {manifest.calendar}", f"set CCHC_CALENDAR={manifest.calendar}")
    for name in manifest.tables:
        done.files += 1
        if what := _table(connection, folder, manifest, name):
            fault(manifest.tables[name].file, what)
    known = {path.name, *(table.file for table in manifest.tables.values())}
    for stranger in sorted(one.name for one in folder.iterdir() if one.name not in known):
        fault(stranger, "is in no manifest", "take it out of the folder")
    return manifest


def _table(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest, name: str) -> str | None:
    """What is wrong with a table's file: its bytes, else its rows."""
    entry, path = manifest.tables[name], folder / manifest.tables[name].file
    if not path.exists():
        return "is not there"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != entry.sha256:
        twin = [other for other, table in manifest.tables.items() if table.sha256 == digest]
        return f"is the file of {twin[0]}" if twin else "is not the file that was sealed: its sha256 differs"
    try:
        rows = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as error:
        return f"cannot be read as Parquet ({error})"
    if rows != entry.rows:
        return f"has {rows} rows, the manifest says {entry.rows}"
    if name in _KEYS and content_hash(connection, parquet_rows(path), _KEYS[name]) != entry.content:
        return "has other rows than the manifest says: their hash differs"
    return None


def _basis(settings: Settings, manifests: list[Manifest]) -> Iterator[Fault]:
    """Whether the year to date of the current revision rests on what the earlier months say now."""
    if not manifests:
        return
    manifest = manifests[-1]
    try:
        stale = superseded(settings, manifest)
    except (SnapshotDamaged, ValidationError):
        return  # told at the month that is damaged
    if stale:
        yield Fault(
            manifest.period, manifest.revision, None,
            f"its year to date rests on older revisions of {', '.join(stale)}",
            f'cchc close {manifest.period} --reason "…"',
        )  # fmt: skip


def _analysts_file(
    settings: Settings,
    good: dict[Period, list[Manifest]],
    damaged: set[tuple[str, str | None]],
    whole: bool,
    progress: Progress,
) -> Iterator[Fault]:
    """Whether the analysts' file holds the current revisions, row for row; it is not compared with damaged tables."""
    path, current = settings.analysts_file, {p: found[-1] for p, found in good.items() if found}
    if not current and not path.exists():
        return

    def fault(period: Period | str, what: str) -> Fault:
        return Fault(str(period), None, path.name, what, _REBUILD)

    if not path.exists():
        yield fault("analysts' file", "is not there")
        return
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            listed = connection.execute(
                "select strftime(period_month, '%Y-%m'), revision, is_current, seal from snapshots"
            ).fetchall()
            for period, manifests in good.items():
                sealed = {(m.revision, m == manifests[-1], m.seal) for m in manifests}
                if {row[1:] for row in listed if row[0] == str(period)} != sealed:
                    yield fault(period, "lists other revisions or seals than the snapshots have")
            if whole:
                for month in sorted({row[0] for row in listed} - {str(period) for period in good}):
                    yield fault(month, "holds this month, whose snapshots are gone")
            for period, manifest in current.items():
                progress(f"analysts' file: {period}")
                for name in _differing(connection, settings, period, manifest, damaged):
                    yield fault(period, f"{name} differs from revision {manifest.revision}")
            if whole and current:
                for name in _differing_over_all(connection, settings, current[max(current)], damaged):
                    yield fault("analysts' file", f"{name} is not that of the newest months")
    except duckdb.Error as error:
        yield fault("analysts' file", f"cannot be read ({str(error).splitlines()[0]})")


def _differing(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    period: Period,
    manifest: Manifest,
    damaged: set[tuple[str, str | None]],
) -> Iterator[str]:
    for name, table in manifest.tables.items():
        if name in _KEYS and name not in REFERENCE and (str(period), table.file) not in damaged:
            inside = f"monthly.{name}" if name in LATEST else name
            where = f"where period_month = date '{period.first_of_month}'"
            if not _same(connection, settings, manifest, name, f"{inside} {where}"):
                yield name


def _differing_over_all(
    connection: duckdb.DuckDBPyConnection, settings: Settings, newest: Manifest, damaged: set[tuple[str, str | None]]
) -> Iterator[str]:
    for name in REFERENCE:
        if name not in newest.tables or (newest.period, newest.tables[name].file) in damaged:
            continue
        if not _same(connection, settings, newest, name, name):
            yield name
    names = [row[0] for row in connection.execute("describe dossiers").fetchall()]
    of_newest, of_dossiers = (", ".join(f'{relation}."{name}"' for name in names) for relation in ("f", "d"))
    ((wrong,),) = connection.execute(
        "with newest as (select dossier_code, max(period_month) as period_month from fct_dossiers group by dossier_code) "
        "select count(*) from newest full join dossiers d using (dossier_code, period_month) "
        "left join fct_dossiers f using (dossier_code, period_month) "
        f"where d.dossier_code is null or f.dossier_code is null or hash({of_newest}) <> hash({of_dossiers})"
    ).fetchall()
    if wrong:
        yield "dossiers"


def _same(connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Manifest, name: str, rows: str) -> bool:
    """Whether rows of the analysts' file have the sealed content; columns that came later are left out."""
    path = revision_folder(settings, settings.period(manifest.period), manifest.revision) / manifest.tables[name].file
    try:
        columns = ", ".join(f'"{column}"' for column in pq.read_schema(path).names)
        return content_hash(connection, f"(select {columns} from {rows})", _KEYS[name]) == manifest.tables[name].content
    except (duckdb.CatalogException, duckdb.BinderException):
        return False

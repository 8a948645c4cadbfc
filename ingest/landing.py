"""Landing: one read of one export for one period, to a batch written once and a receipt written always.

Everything that all sources share happens here: what is asked, the checks of the whole, the batch, the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cchc.period import Period
from cchc.settings import Secret, Settings
from ingest import checks, reach
from ingest.batch import write_batch
from ingest.columns import Reads
from ingest.errors import ProfileError, SourceUnavailable
from ingest.headings import columns
from ingest.http.ledger import Ledger
from ingest.http.pace import Clock
from ingest.profile import Export, load_exports
from ingest.pull import FilePull, HttpPull, Read
from ingest.series import series_of
from ingest.sorter import Base
from ingest.spool import Spool
from ingest.store import Receipt, Request, Store

Progress = Callable[[str], None]
# Later than that, rows of the first pages and of the last ones are not of one state.
_RESUMED_WITHIN = timedelta(hours=6)


@dataclass(frozen=True)
class Landing:
    """How an export is landed. `because` is why fewer rows than usual are right; `changed_since` asks for changes only."""

    export: Export
    period: Period
    settings: Settings
    secret: Secret
    progress: Progress = lambda _: None
    because: str | None = None
    changed_since: datetime | None = None
    clock: Clock = field(default_factory=Clock)

    @property
    def store(self) -> Store:
        return Store(self.settings.raw)


def land(
    export_name: str,
    period: Period,
    settings: Settings,
    secret: Secret,
    progress: Progress = lambda _: None,
    *,
    because: str | None = None,
    changed_since: datetime | None = None,
    clock: Clock | None = None,
) -> Receipt:
    """Reads one export for `period` and returns its receipt.

    Landings of one export and period run one after the other, so that the receipt with the highest number is of the read
    that began last. A pull that was killed goes on where it stopped. Raises SourceError when the source cannot be read,
    declares another count, is empty, lacks what the profile reads or has far fewer rows than usual without `because`; the
    failed receipt is on disk by then. Raises MissingSecret and ProfileError when it cannot be asked, for an unknown export
    too; that is no read and leaves no receipt.
    """
    exports = load_exports(settings.profiles)
    if export_name not in exports:
        raise ProfileError(f"export {export_name!r} is in no profile; there are {', '.join(sorted(exports))}")
    export = exports[export_name]
    if changed_since is not None and export.map.changes is None:
        raise ProfileError(f"{export.profile.profile}: exports.{export_name} has no `changes` to ask for")
    landing = Landing(export, period, settings, secret, progress, because, changed_since, clock or Clock())
    with landing.store.landing(export_name, period, progress):
        return _land(landing)


def _land(landing: Landing) -> Receipt:
    read, ledger, export, store = Read(), Ledger(), landing.export, landing.store
    base = store.landed(export.name, landing.period) if landing.changed_since else None
    spool = Spool(store.pull_path(export.name, landing.period), export)
    # Without an address or a secret nothing is asked, so nothing is said of the source.
    pull = _pull(landing, spool, ledger)
    known = checks.columns_before(store, export.name, landing.period)
    started_at, error, batch, few = landing.clock.now(), None, None, False
    try:
        with closing(pull):
            # What a resumed read holds is as old as its first page: reads of changes must not begin later.
            started_at = _read(landing, spool, pull, read) or started_at
        checks.check_read(export, landing.period, read, known if landing.changed_since else None)
        if not landing.changed_since:
            few = checks.check_size(export, landing.period, landing.settings, store, read.tally.rows, landing.because)
            checks.check_files(export, landing.period, store, read.facts)
        with store.draft(export.name, landing.period) as draft:
            rejects = (reject for spooled in read.spools for reject in spooled.rejects())
            files = Base(*_files(store, landing, base)) if base else None
            batch = write_batch(draft, export.map.contract, export.fingerprint(), read.files, rejects, files)
            store.save_batch(draft, batch.batch_id)
        spool.discard()
    except BaseException as fault:
        error = _told(fault)
        if isinstance(fault, Exception) and not isinstance(fault, SourceUnavailable):
            spool.discard()
        raise
    finally:
        tally = read.tally
        accepted = batch.accepted if batch else 0
        found = columns(tally.keys, Reads.of(export.map).needed)
        receipt = store.save_receipt(
            landing.period,
            Receipt(
                export=export.name, entity=export.map.entity, source=export.profile.source, profile=export.profile.profile,
                calendar=landing.period.calendar, period=str(landing.period), kind="changes" if landing.changed_since else "read",
                status="failed" if error else "landed", error=error, started_at=started_at, finished_at=landing.clock.now(),
                batch_id=batch.batch_id if batch and not error else None, base_batch_id=base.batch_id if base else None,
                fingerprint=export.fingerprint(), declared_rows=tally.rows if export.map.total and not error else None,
                rows_read=tally.rows, accepted=accepted, rejected=tally.rejected, withheld=tally.withheld,
                exact_duplicates=tally.rows - accepted - tally.rejected - tally.withheld if batch else 0,
                rows_by_agency=read.rows_by_agency, accepted_because=landing.because if few else None,
                columns=[] if error else found,
                new_columns=[] if error or not known else sorted(set(found) - known), files=read.facts,
                resumed_pages=read.resumed_pages, requests=ledger.requests, retries=ledger.retries, bytes=ledger.bytes,
                request_log=_log(ledger),
            ),
        )  # fmt: skip
    return receipt


def _read(landing: Landing, spool: Spool, pull: HttpPull | FilePull, read: Read) -> datetime | None:
    """Reads all series; returns when an unfinished read that this one goes on with began."""
    export = landing.export
    series = series_of(export, landing.period, landing.settings, landing.changed_since)
    address = reach.address(export.profile, landing.settings) if pull.resumable else None
    question = {"address": address, "series": [(one.name, one.params) for one in series]}
    if not pull.resumable:
        spool.discard()
    began = spool.open(question, landing.clock.now(), _RESUMED_WITHIN)
    if began:
        landing.progress(f"{export.name} {landing.period}: going on with a read that did not end")
    pull.run(series, read)
    return began


def _pull(landing: Landing, spool: Spool, ledger: Ledger) -> HttpPull | FilePull:
    export, settings = landing.export, landing.settings
    if export.map.file is not None:
        folder = reach.folder(export.profile, settings)
        return FilePull(export, landing.period, folder, spool, landing.progress, landing.clock)
    turns = settings.raw / f".turns-{export.profile.source}"
    client = reach.client(export.profile, settings, landing.secret, ledger, landing.clock, turns)
    return HttpPull(export, landing.period, client, spool, landing.progress)


def _files(store: Store, landing: Landing, base: Receipt) -> Iterator[Path]:
    for path in (store.rows_path, store.rejects_path, store.held_path):
        yield path(landing.export.name, landing.period, base.batch_id or "")


def _log(ledger: Ledger) -> list[Request]:
    return [
        Request(
            at=asked.at, what=asked.what, status=str(asked.status), bytes=asked.bytes, seconds=round(asked.seconds, 3),
            attempt=asked.attempt,
        )
        for asked in ledger.rows
    ]  # fmt: skip


def _told(fault: BaseException) -> str:
    """What a receipt says of a fault: our own errors in full, others by their type, for their text may quote anything."""
    name = type(fault).__name__
    return f"{name}: {fault}" if type(fault).__module__.partition(".")[0] in ("cchc", "ingest") else name

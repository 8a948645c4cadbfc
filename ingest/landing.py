"""Landing: one read of one export for one period, to a batch written once and a receipt written always.

Everything that all sources share happens here: the requests of a period, the checks of the whole, the batch id.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyarrow as pa

from cchc.agencies import reporting_agencies
from cchc.period import Period
from cchc.settings import Secret, Settings
from ingest.client import Client, Ledger
from ingest.errors import EmptyExport, HeadingsMissing, ProfileError
from ingest.formats import format_local
from ingest.profile import Export, load_exports
from ingest.reading import Read, Series, confirm_repeats
from ingest.store import Receipt, Reject, Store

Progress = Callable[[str], None]
_PLACEHOLDER = re.compile(r"\{(\w+)(?::([^}]+))?\}")


def land(
    export_name: str, period: Period, settings: Settings, secret: Secret, progress: Progress = lambda _: None
) -> Receipt:
    """Pulls one export for `period` and returns its receipt.

    Landings of one export and period run one after the other, so that the receipt with the highest number is of the read
    that began last. Raises SourceError when the source cannot be read, declares another count, is empty or lacks what the
    profile reads; the failed receipt is on disk by then. Raises MissingSecret and ProfileError when it cannot be asked, for
    an unknown export too; that is no read and leaves no receipt.
    """
    exports = load_exports(settings.profiles)
    if export_name not in exports:
        raise ProfileError(f"export {export_name!r} is in no profile; there are {', '.join(sorted(exports))}")
    export, store = exports[export_name], Store(settings.raw)
    with store.landing(export_name, period, progress):
        return _land(export, period, settings, secret, store, progress)


def _land(
    export: Export, period: Period, settings: Settings, secret: Secret, store: Store, progress: Progress
) -> Receipt:
    read, ledger = Read(export), Ledger()
    # Without an address or a secret nothing is asked, so nothing is said of the source.
    client = Client(export.profile, _base_url(export, settings), secret, ledger)
    started_at, error, batch_id = datetime.now(UTC), None, None
    try:
        with client:
            _pull(export, client, period, settings, read, progress)
        batch_id = _save(export, period, store, read)
    except BaseException as fault:
        error = _told(fault)
        raise
    finally:
        receipt = store.save_receipt(
            period,
            Receipt(
                export=export.name, entity=export.map.entity, source=export.profile.source, profile=export.profile.profile,
                calendar=period.calendar, period=str(period), status="failed" if error else "landed", error=error,
                started_at=started_at, finished_at=datetime.now(UTC), batch_id=batch_id, fingerprint=export.fingerprint(),
                declared_rows=read.rows_read if export.map.total and not error else None, rows_read=read.rows_read,
                accepted=len(read.rows), rejected=read.rejected, exact_duplicates=read.exact_duplicates,
                withheld=read.withheld, rows_by_agency=read.rows_by_agency, requests=ledger.requests,
                retries=ledger.retries, bytes=ledger.bytes,
            ),
        )  # fmt: skip
    return receipt


def _told(fault: BaseException) -> str:
    """What a receipt says of a fault: our own errors in full, others by their type, for their text may quote anything."""
    name = type(fault).__name__
    return f"{name}: {fault}" if type(fault).__module__.partition(".")[0] in ("cchc", "ingest") else name


def _base_url(export: Export, settings: Settings) -> str:
    source = export.profile.source
    url = settings.source_urls.get(source) or export.profile.base_url
    if not url:
        raise ProfileError(
            f"source {source!r} has no address: set CCHC_SOURCE_URLS__{source.upper()} or base_url in {export.profile.profile}"
        )
    return url


def _pull(export: Export, client: Client, period: Period, settings: Settings, read: Read, progress: Progress) -> None:
    for agency, params in _requests(export, period, settings):
        before, series = read.rows_read, Series()
        for rows in client.pages(export.map, params):
            series.turn([read.add(row, params) for row in rows])
            progress(f"{export.name} {period}: {read.rows_read} rows read")
        if series.repeats:
            confirm_repeats(export.map, client, params, series)
        if agency:
            read.rows_by_agency[agency] = read.rows_read - before
    if not read.rows_read and not export.map.may_be_empty:
        raise EmptyExport(
            f"{export.name} {period}: the source has no rows at all; ask it for a new export, then land again"
        )
    if missing := read.headings.missing():
        raise HeadingsMissing(
            f"{export.name} {period}: no row has {', '.join(missing)}; correct the paths in {export.profile.profile}, "
            "or say `optional: true` there if the source may leave them out"
        )


def _requests(export: Export, period: Period, settings: Settings) -> Iterator[tuple[str | None, dict[str, str]]]:
    """The parameters of each request series, with the agency's code when the export is asked for agency by agency."""
    moments = {"period_start": period.starts_at, "period_end": period.ends_at, "period_last_day": period.last_date}

    def filled(template: str, identity_code: str) -> str:
        def value(found: re.Match[str]) -> str:
            name, form = found[1], found[2]
            if name == "identity_code":
                return identity_code
            if name not in moments or not form:
                known = "{identity_code}, {" + ":…}, {".join(moments) + ":…}"
                raise ProfileError(f"{export.profile.profile}: {found[0]} is not one of {known}")
            return format_local(moments[name], form)

        return _PLACEHOLDER.sub(value, template)

    if export.map.for_each is None:
        yield None, {name: filled(template, "") for name, template in export.map.params.items()}
        return
    agencies = reporting_agencies(settings, period)
    if not agencies:
        raise EmptyExport(f"{export.name} {period}: no agency reports in this period; see reports_from in agencies.csv")
    for agency in agencies:
        params = {name: filled(template, agency.identity_code) for name, template in export.map.params.items()}
        yield agency.agency_code, params


def _save(export: Export, period: Period, store: Store, read: Read) -> str:
    """Writes the batch. Its id is the hash of what is kept and of how it was read.

    Neither the order of rows nor exact duplicates matter: rejects count without their row numbers, which in a batch are
    those of the read that wrote it first.
    """
    canonical = sorted(read.rows)
    digest = hashlib.sha256(export.fingerprint().encode())
    for line in (*canonical, *_rejected_rows(read.rejects)):
        digest.update(line.encode() + b"\n")
    batch_id = digest.hexdigest()[:16]
    rows = pa.Table.from_pylist([read.rows[line] for line in canonical], schema=export.map.contract.schema())
    store.save_batch(export.name, period, batch_id, rows, read.rejects)
    return batch_id


def _rejected_rows(rejects: list[Reject]) -> list[str]:
    """One line for each rejected row, with all its faults, in an order of their own."""
    rows: dict[int, list[str]] = {}
    for reject in rejects:
        rows.setdefault(reject.row_number, []).append(reject.model_dump_json(exclude={"row_number"}))
    return sorted("reject " + " ".join(faults) for faults in rows.values())

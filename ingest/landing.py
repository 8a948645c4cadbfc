"""Landing: one read of one export for one period, to a batch written once and a receipt written always.

Everything that all sources share happens here: mapping, rejects, exact duplicates, the count, the batch id.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from cchc.agencies import reporting_agencies
from cchc.period import Period
from cchc.settings import Secret, Settings
from ingest.client import Client
from ingest.errors import EmptyExport, ProfileError
from ingest.formats import format_local
from ingest.mapping import Fault, map_row
from ingest.profile import Export, load_exports
from ingest.store import Receipt, Reject, Store
from ingest.values import at, text_of

Progress = Callable[[str], None]
_PLACEHOLDER = re.compile(r"\{(\w+)(?::([^}]+))?\}")


@dataclass
class _Read:
    """What has been read so far. `rows` holds the contract's columns only."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    rows_read: int = 0
    rejected: int = 0
    exact_duplicates: int = 0
    withheld: int = 0
    rows_by_agency: dict[str, int] = field(default_factory=dict)

    def add(self, export: Export, row: Any, params: dict[str, str]) -> None:
        self.rows_read += 1
        withhold = export.map.withhold
        if withhold and text_of(at(row, withhold.path)) not in withhold.unless:
            self.withheld += 1
            return
        if not isinstance(row, dict):
            self.rejected += 1
            self.rejects.append(
                Reject.of(self.rows_read, None, Fault("row", "not_a_row", "", "an object of named values"))
            )
            return
        values, faults = map_row(export.map, row, params)
        if faults:
            key = values[export.map.contract.key[0]]
            self.rejected += 1
            self.rejects += [Reject.of(self.rows_read, key, fault) for fault in faults]
            return
        canonical = json.dumps(values, default=str, sort_keys=True, ensure_ascii=False)
        if canonical in self.rows:
            self.exact_duplicates += 1
        else:
            self.rows[canonical] = values


def land(
    export_name: str, period: Period, settings: Settings, secret: Secret, progress: Progress = lambda _: None
) -> Receipt:
    """Pulls one export for `period` and returns its receipt.

    Raises SourceError when the source cannot be read, declares another count or is empty; the failed receipt is on
    disk by then. Raises ProfileError for an unknown export or a missing base URL.
    """
    exports = load_exports(settings.profiles)
    if export_name not in exports:
        raise ProfileError(f"export {export_name!r} is in no profile; there are {', '.join(sorted(exports))}")
    export, store, read = exports[export_name], Store(settings.raw), _Read()
    started_at, error = datetime.now(UTC), None
    client = Client(export.profile, _base_url(export, settings), secret)
    batch_id = None
    try:
        with client:
            _pull(export, client, period, settings, read, progress)
        batch_id = _save(export, period, store, read)
    except BaseException as fault:
        error = f"{type(fault).__name__}: {fault}"
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
                withheld=read.withheld, rows_by_agency=read.rows_by_agency, requests=client.ledger.requests,
                retries=client.ledger.retries, bytes=client.ledger.bytes,
            ),
        )  # fmt: skip
    return receipt


def _base_url(export: Export, settings: Settings) -> str:
    source = export.profile.source
    url = settings.source_urls.get(source) or export.profile.base_url
    if not url:
        raise ProfileError(
            f"source {source!r} has no address: set CCHC_SOURCE_URLS__{source.upper()} or base_url in {export.profile.profile}"
        )
    return url


def _pull(export: Export, client: Client, period: Period, settings: Settings, read: _Read, progress: Progress) -> None:
    for agency, params in _requests(export, period, settings):
        before = read.rows_read
        for rows in client.pages(export.map, params):
            for row in rows:
                read.add(export, row, params)
            progress(f"{export.name} {period}: {read.rows_read} rows read")
        if agency:
            read.rows_by_agency[agency] = read.rows_read - before
    if not read.rows_read and not export.map.may_be_empty:
        raise EmptyExport(
            f"{export.name} {period}: the source has no rows at all; ask it for a new export, then land again"
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


def _save(export: Export, period: Period, store: Store, read: _Read) -> str:
    """Writes the batch; its id is the hash of what is kept and of how it was read, so order and repetition do not matter."""
    canonical = sorted(read.rows)
    digest = hashlib.sha256(export.fingerprint().encode())
    for line in canonical:
        digest.update(line.encode() + b"\n")
    for reject in read.rejects:
        digest.update(reject.model_dump_json().encode() + b"\n")
    batch_id = digest.hexdigest()[:16]
    rows = pa.Table.from_pylist([read.rows[line] for line in canonical], schema=export.map.contract.schema())
    store.save_batch(export.name, period, batch_id, rows, read.rejects)
    return batch_id

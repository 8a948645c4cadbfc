"""The request series of a period: what is asked of a source, once or agency by agency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from cchc.agencies import AgenciesUnreadable, Agency, reporting_agencies
from cchc.period import Period
from cchc.settings import Settings
from ingest import placeholders
from ingest.errors import EmptyExport, ProfileError
from ingest.profile import Export


@dataclass(frozen=True)
class Series:
    """One series of pages. `agency` is whom it is about, None for an export that is asked for as a whole."""

    agency: Agency | None
    params: dict[str, str]

    @property
    def name(self) -> str:
        return self.agency.agency_code if self.agency else "all"


def series_of(
    export: Export, period: Period, settings: Settings, changed_since: datetime | None = None
) -> list[Series]:
    """What to ask for `period`; with `changed_since` only for what changed from then on.

    Raises EmptyExport when no agency reports in the period, AgenciesUnreadable when one reports twice, ProfileError for a
    placeholder that does not exist.
    """
    agencies: list[Agency | None] = [None]
    if export.map.for_each is not None:
        agencies = list(reporting_agencies(settings, period))
        if not agencies:
            raise EmptyExport(
                f"{export.name} {period}: no agency reports in this period; see CCHC_PROVINCES, and reports_from in agencies.csv"
            )
    codes = Counter(agency.agency_code for agency in agencies if agency)
    if twice := [code for code, times in codes.items() if times > 1]:
        raise AgenciesUnreadable(
            f"{export.name} {period}: {', '.join(sorted(twice))} reports twice on {period.last_date}: "
            "end the earlier range of validity (valid_to) in agencies.csv where the later one begins"
        )
    templates = dict(export.map.params)
    if changed_since is not None and export.map.changes:
        templates |= export.map.changes.params
    asks_by_identity = any("{identity_code}" in template for template in templates.values())
    if asks_by_identity and (nameless := [a.agency_code for a in agencies if a and not a.identity_code]):
        raise AgenciesUnreadable(
            f"{export.name} {period}: {len(nameless)} of {len(agencies)} reporting agencies have no identity code, which the "
            f"source is asked by ({', '.join(nameless[:3])} …): add it with `cchc agencies import FILE`"
        )
    moments: dict[str, date | datetime] = {
        "period_start": period.starts_at, "period_end": period.ends_at, "period_last_day": period.last_date,
    }  # fmt: skip
    if changed_since is not None:
        moments[placeholders.SINCE] = changed_since
    return [Series(agency, dict(_filled(export, templates, moments, agency))) for agency in agencies]


def _filled(
    export: Export, templates: dict[str, str], moments: dict[str, date | datetime], agency: Agency | None
) -> Iterator[tuple[str, str]]:
    texts = {"identity_code": agency.identity_code, "agency_code": agency.agency_code} if agency else {}
    for name, template in templates.items():
        for fault in placeholders.faults(template, agency is not None, placeholders.SINCE in moments):
            raise ProfileError(f"{export.profile.profile}: {fault}")
        yield name, placeholders.fill(template, moments, texts)

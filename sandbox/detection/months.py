"""A province on disk, closed month after month as a real one is, and judged as often as its last month is read anew."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import yaml

from cchc.build import build_month
from cchc.period import Period
from cchc.settings import MissingSecret, Settings
from expectations.audit import GateFailed, audit_period, judge
from expectations.suites import all_checks
from expectations.verdicts import CheckResult
from ingest.profile import SHIPPED
from sandbox.detection.period_faults import READ_EARLY, PeriodFault
from sandbox.detection.plan import Placed, put_faults
from sandbox.detection.records import PROVINCE, Records, rows_of
from sandbox.landed import put_month
from snapshots.publish import publish_snapshot

_STAFFING = """
profile: hr
source: hr
exports:
  hr_staffing:
    entity: staffing
    endpoint: /staffing
    paging: {style: page_number, position: page, size_param: size, size: 200}
    rows: data
    fields: {agency_code: {path: agency}, date: {path: date, format: yyyy-MM-dd}, staff_total: {path: staff}}
"""


@dataclass
class Deployment:
    """A home for one province."""

    home: Path
    records: Records
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.records.write_agencies(self.home / "agencies.csv")
        profiles = ["dvcqg", "qcvn102_dms", "ca_register", "form_01b_xlsx", *map(str, _profiles(self.home))]
        self.settings = Settings(home=self.home, profiles=",".join(profiles), provinces=PROVINCE)

    def close(self, period: Period) -> list[CheckResult]:
        """Closes a clean month: raw, build, gate, publication. Gives what every check found."""
        self._build(period, ())
        try:
            results = audit_period(period, self.settings, _no_secret).results
            publish_snapshot(period, self.settings, {}, None)
        except GateFailed as error:  # a clean month that is blocked is a finding, told with the others
            results = error.verdict.results
        return results

    def judged(self, period: Period, placed: Sequence[Placed]) -> list[CheckResult]:
        """Reads the month anew with faults in it, builds it and judges it; it is not published."""
        self._build(period, placed)
        return judge(period, self.settings, all_checks()).results

    def judged_as_a_whole(self, period: Period, faults: Sequence[PeriodFault]) -> list[CheckResult]:
        """Reads the month anew with faults of whole sources in it, builds it and judges it."""
        early = any(fault.read_early for fault in faults)
        self._build(period, (), [fault.sql for fault in faults], period.ends_at + READ_EARLY if early else None)
        return judge(period, self.settings, all_checks()).results

    def judged_after(self, period: Period, statements: Sequence[str]) -> list[CheckResult]:
        """Judges a copy of the month's build file after the statements: what only our own program could get wrong."""
        copied = self.settings.model_copy(update={"home": self.home / "copy"})
        path = copied.build_file(period)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.settings.build_file(period), path)
        with duckdb.connect(str(path)) as connection:
            connection.execute("set timezone = 'UTC'")
            for statement in statements:
                connection.execute(statement)
        return judge(period, copied, all_checks()).results

    def _build(
        self, period: Period, placed: Sequence[Placed], statements: Sequence[str] = (), read_at: datetime | None = None
    ) -> None:
        with self.records.month(period) as connection:
            for statement in statements:
                connection.execute(statement.format(ends=f"timestamptz '{period.ends_at.isoformat()}'"))
            put_faults(connection, self.records, period, placed)
            put_month(self.settings, period, rows_of(connection), read_at)
        build_month(period, self.settings, lambda line: None)


def _profiles(home: Path) -> list[Path]:
    """What is not shipped: a second software that delivers dossiers, and staffing. Nothing is asked of either."""
    civil = yaml.safe_load((SHIPPED / "onestop_csv.yaml").read_text(encoding="utf-8"))
    civil |= {"profile": "civil", "source": "civil", "exports": {"civil_dossiers": civil["exports"]["portal_dossiers"]}}
    texts = {"civil": yaml.safe_dump(civil, allow_unicode=True), "hr": _STAFFING}
    for name, text in texts.items():
        (home / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [home / f"{name}.yaml" for name in texts]


def _no_secret(name: str) -> str:
    raise MissingSecret(f"secret {name!r}: nobody is told of months that are made up")

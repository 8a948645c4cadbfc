"""A month that can be published without sources or dbt: the hand-written build file, and faults of its records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cchc import close as steps
from cchc import waive
from cchc.settings import Settings
from tests.expectations.conftest import PERIOD

# What publishing reads and the gate does not.
FOR_PUBLISHING = """
create table landing.ytd_basis (period_month date, revision integer);
alter table dim_procedures add column is_in_force boolean default true;
alter table dim_certificates add column is_valid boolean default true;
"""
FINISHED = "fct_dossiers.finished_not_before_received"
REJECTS = "exports.reject_share"
MONTH = str(PERIOD)


def finished_early(agency: str, rows: int = 1) -> str:
    """The first dossiers of the agency ended before they were received."""
    return (
        "update fct_dossiers set finished_at = received_at - interval 1 hour "
        f"where agency_code = '{agency}' and dossier_code <= '{agency}-{rows}'"
    )


class Month:
    """The month under one home: built as told, waived, judged and published."""

    def __init__(self, settings: Settings, build: Callable[..., Path]) -> None:
        self.settings, self._build = settings, build

    def built(self, *changes: str) -> Path:
        return self._build(FOR_PUBLISHING, *changes)

    def waived(self, check: str = FINISHED, **changed: object) -> str:
        """Asks for a waiver and has another person approve it; its id."""
        waiver = self.asked(check, **changed)
        waive.decide(waiver, "minh.vo", approved=True)
        return waiver

    def asked(self, check: str = FINISHED, **changed: object) -> str:
        wanted = {
            "period": MONTH,
            "agency": "11122",
            "rows_at_most": 1,
            "reason": "hồ sơ chuyển từ phần mềm cũ, ngày kết thúc đúng theo sổ giấy",
            "ground": "Công văn 1234/UBND-KSTT ngày 12/03/2023 của tỉnh",
            "requested_by": "lan.pham",
        } | changed
        return str(waive.request(check, **wanted)["waiver"])  # type: ignore[arg-type]

    def published(self) -> list[str]:
        """Every file under published/ that somebody could read figures from."""
        folder = self.settings.published
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def audit(self) -> dict:
        return steps.audit(MONTH)

    def publish(self) -> dict:
        return steps.publish(MONTH)

"""Rows of an OpenCPS portal that a test makes up, and the portal that serves them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cchc.period import LOCAL, Period

PERIOD = Period.parse("2023-03")
EXPORT = "portal_dossiers"
AGENCY = "000.22.26.H23"
START = datetime(2023, 3, 1, tzinfo=LOCAL)
_NAME = "Nguyễn Thị Ánh Nguyệt"
Row = dict[str, Any]


def dossier(number: int, minutes: int = 0, **changes: Any) -> Row:
    """A row of OpenCPS, changed `minutes` after 1 March."""
    return {
        "dossierNo": f"000.22.26.H23-230301-{number:04d}", "govAgencyCode": AGENCY, "serviceCode": "1.000894",
        "domainCode": "HT01", "online": True, "fromViaPostal": 0, "viaPostal": 0, "serviceLevel": 4,
        "applicantIdType": "citizen", "applicantName": _NAME, "submitDate": "01/03/2023 08:00:00",
        "receiveDate": "01/03/2023 09:00:00", "dueDate": "20230310170000", "releaseDate": "", "finishDate": "",
        "cancellingDate": "", "dossierStatus": "processing", "modifiedDate": told(minutes),
    } | changes  # fmt: skip


def told(minutes: int) -> str:
    return f"{START + timedelta(minutes=minutes):%d/%m/%Y %H:%M:%S}"


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def serve_rows(source: Any, rows: list[Row]) -> None:
    """Answers for one commune, and with `modifiedFrom` what changed from then on."""

    def answer(_: str, query: dict[str, str]) -> Any:
        found = rows if query["agency"] == AGENCY else []
        if since := query.get("modifiedFrom"):
            found = [row for row in found if _moment(row["modifiedDate"]) >= _moment(since)]
        return 200, {}, {"total": len(found), "data": found[int(query["start"]) : int(query["end"])]}

    source.answer = answer


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=LOCAL)

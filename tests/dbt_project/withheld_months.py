"""Three months of a small province that has everything a withheld cell can rest on or be summed into. Deterministic.

W01 to W05 report all year, W05 without a number of staff. WX reports in January and is divided on 20 January between W07 and
W08, nobody knows how: what it left is unallocated. W06 is new on that day.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from cchc.period import Period

Row = dict[str, Any]

MONTHS = [Period(2023, 1), Period(2023, 2), Period(2023, 3)]
PROVINCE, GONE, NEW = "30", "WX", "W06"
STANDING = ("W01", "W02", "W03", "W04", "W05")
PARTS = ("W07", "W08")
DIVIDED_ON = date(2023, 1, 20)
# Communes of the shipped list, with district and province: nothing is received there, and one is in another province.
QUIET = dict.fromkeys(("11119", "11122", "11137"), ("298", PROVINCE)) | {"15907": ("399", "38")}
DISTRICT = dict.fromkeys(("W01", "W02", "W03", NEW), "WD1") | dict.fromkeys(("W04", "W05", GONE, *PARTS), "WD2")
ROLLUPS = ("WD1", "WD2", "298", "399", PROVINCE, "38")
_DAY = timedelta(days=1)
_BEGINNING = date(2004, 7, 8)


def reporting(month: Period) -> dict[str, tuple[str, str]]:
    """The agencies that report in a month, with district and province."""
    codes = (*STANDING, GONE) if month == MONTHS[0] else (*STANDING, NEW, *PARTS)
    return {code: (DISTRICT[code], PROVINCE) for code in codes} | QUIET


def landing(month: Period) -> dict[str, list[Row]]:
    """What the sources serve of a month, for `write_build_file`."""
    communes = [code for code in reporting(month) if code not in QUIET]
    rng = random.Random(f"staff {month}")
    return {
        "dossiers": [d for d in _DOSSIERS if _served(d, month)],
        "procedures": [
            {"procedure_code": f"1.00000{n}", "agency_code": _sent_as(code), "field_code": f"F{n % 3}",
             "field_name": f"Lĩnh vực {n % 3}", "service_level": ("full", "partial", "information")[n % 3],
             "is_e_certification": n == 4, "valid_from": "2022-01-01"}
            for code in communes for n in range(5)
        ],
        "documents": [d for d in _DOCUMENTS if month.first_date <= date.fromisoformat(d["issued_date"]) <= month.last_date],
        "certificates": [
            {"serial": f"{n:02d}AB{DISTRICT[code][-1]}0{code[-1] if code != GONE else 9}", "agency_code": _sent_as(code),
             "holder_type": ("person", "organisation")[n % 2], "valid_from": "2022-01-01", "valid_to": "2024-01-01"}
            for code in communes for n in range(4)
        ],
        "staffing": [
            {"agency_code": _sent_as(code), "date": "2022-12-20", "staff_total": rng.randrange(10, 30)}
            for code in communes if code != "W05"
        ],
        "reported_figures": [
            {"agency_code": _sent_as(code), "form": "form_01b", "row_code": row, "unit": "hồ sơ", "value_text": "7", "value": 7}
            for code in communes for row in ("3.3.1", "7.2.1", "1.4.1")
        ],
        "local_agencies": _AGENCIES,
        "local_successions": [
            {"from_code": GONE, "from_valid_from": _BEGINNING, "to_code": part, "to_valid_from": DIVIDED_ON,
             "event_date": DIVIDED_ON, "kind": "split", "weight": None, "legal_act": ""}
            for part in PARTS
        ],
    }  # fmt: skip


def _sent_as(code: str) -> str:
    return f"{code}/w"


def _agency(code: str, parent: str, level: str = "commune", since: date = _BEGINNING, until: date | None = None) -> Row:
    reports_from = since if level == "commune" else None
    return {"agency_code": code, "valid_from": since, "valid_to": until, "name_vi": code, "level": level,
            "parent_code": parent, "identity_code": _sent_as(code), "reports_from": reports_from}  # fmt: skip


_AGENCIES = [
    *(_agency(district, PROVINCE, "district") for district in ("WD1", "WD2")),
    *(_agency(code, DISTRICT[code]) for code in STANDING),
    _agency(GONE, DISTRICT[GONE], until=DIVIDED_ON - _DAY),
    *(_agency(code, DISTRICT[code], since=DIVIDED_ON) for code in (NEW, *PARTS)),
]


def _holders(day: date) -> tuple[str, ...]:
    return (*STANDING, GONE) if day < DIVIDED_ON else (*STANDING, NEW, *PARTS)


def _instant(day: date) -> str:
    return f"{day} 08:00"


def _dossiers() -> list[Row]:
    rng = random.Random(2023)
    found = []
    for number in range(420):
        received = date(2022, 11, 1) + timedelta(days=rng.randrange(134))
        end = received + timedelta(days=rng.randrange(1, 50))
        dossier: Row = {
            "dossier_code": f"D-{number}",
            "agency_code": _sent_as(rng.choice(_holders(received))),
            "procedure_code": f"1.00000{rng.randrange(5)}",
            "field_code": None if rng.random() < 0.1 else f"F{rng.randrange(3)}",
            "channel": rng.choice(["online", "online", "in_person", "postal"]),
            "service_level": rng.choice(["full", "partial", "information"]),
            "received_at": _instant(received),
            "due_at": None if rng.random() < 0.1 else _instant(received + timedelta(days=20)),
            "status": 4,
            "fee_vnd": rng.choice([None, 0, 8000]),
            "paid_online": rng.random() < 0.5,
            "rating": rng.choice([None, None, 1, 5]),
        }
        for flag in ("input_digitised", "result_digitised", "result_electronic", "data_reused"):
            dossier[flag] = rng.choice([True, False, None])
        if rng.random() < 0.85:
            ending = rng.choice(["finished_at"] * 6 + ["refused_at", "withdrawn_at"])
            dossier[ending] = _instant(end)
        found.append(dossier)
    return found


def _documents() -> list[Row]:
    rng = random.Random(28)
    found = []
    for number in range(250):
        day = MONTHS[0].first_date + timedelta(days=rng.randrange(90))
        incoming = rng.random() < 0.5
        found.append(
            {
                "document_id": f"000.22.26.H23,{day.year}/{day.month:02d}/{day.day:02d},{number}/UBND",
                "agency_code": _sent_as(rng.choice(_holders(day))),
                "direction": "incoming" if incoming else "outgoing",
                "issued_date": str(day),
                "received_at" if incoming else "sent_at": _instant(day),
                "exchange_form": rng.choice(["electronic", "electronic_and_paper", "paper"]),
                "is_signed": rng.random() < 0.7,
                "processed_online": rng.random() < 0.7,
            }
        )
    return found


_DOSSIERS, _DOCUMENTS = _dossiers(), _documents()


def _served(dossier: Row, month: Period) -> bool:
    ends = [dossier[name][:10] for name in ("finished_at", "refused_at", "withdrawn_at") if name in dossier]
    begun = dossier["received_at"][:10] <= str(month.last_date)
    return begun and (not ends or min(ends) >= str(month.first_date))

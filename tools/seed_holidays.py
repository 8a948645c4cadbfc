"""Makes dbt_project/seeds/holidays.csv from the PyPI package `holidays` (Vietnam): public holidays and their observed days.

`python -m tools.seed_holidays` writes the seed again. Days off that are worked on another day are no holidays: they are
reviewed by hand in swapped_days.csv, and `known_swaps` says which of them the package knows.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import holidays

YEARS = range(2018, 2031)
SEED = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds" / "holidays.csv"
HEADINGS = ("date", "name_vi", "legal_ground")

_SWAPPED = re.compile(r"^Ngày nghỉ \(thay cho ngày (\d\d)/(\d\d)/(\d{4})\)$")
# The labour codes in force; Điều 112 of 2019 gave the National Day its second day.
_CODES = (
    (date(2021, 1, 1), "Bộ luật Lao động 2019, Điều 112", "Bộ luật Lao động 2019, Điều 111 khoản 3"),
    (date(2013, 5, 1), "Bộ luật Lao động 2012, Điều 115", "Bộ luật Lao động 2012, Điều 115 khoản 3"),
)
_CULTURE_DAY = ("Ngày Văn hóa Việt Nam", "Nghị quyết 80-NQ/TW")


def rows() -> list[dict[str, str]]:
    """One row per holiday of YEARS, by date."""
    found = []
    for day, name in sorted(_calendar().items()):
        if not _SWAPPED.match(name):
            found.append({"date": day.isoformat(), "name_vi": name, "legal_ground": _ground(day, name)})
    return found


def known_swaps() -> dict[date, date]:
    """Day off to the day on which it is worked instead, as far as the package knows."""
    found = {}
    for day, name in _calendar().items():
        if swapped := _SWAPPED.match(name):
            found[day] = date(int(swapped[3]), int(swapped[2]), int(swapped[1]))
    return found


def text() -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, HEADINGS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return file.getvalue()


def _calendar() -> dict[date, str]:
    return dict(holidays.country_holidays("VN", years=YEARS, language="vi"))


def _ground(day: date, name: str) -> str:
    if name.startswith(_CULTURE_DAY[0]):
        return _CULTURE_DAY[1]
    _, holiday, observed = next(code for code in _CODES if day >= code[0])
    return observed if "nghỉ bù" in name else holiday


if __name__ == "__main__":
    SEED.write_text(text(), encoding="utf-8")

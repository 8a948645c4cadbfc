"""The communes of the stand-in province, and how busy each is. Codes and dates are the official ones.

Reporting begins and ends on local dates; a rate is a number per reporting month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cchc.period import Period


@dataclass(frozen=True, slots=True)
class Agency:
    """One commune as its source systems know it, from `starts` to `ends` (both counted; no end when None).

    `new` communes came into being on `starts`; the others are older, their records begin there.
    """

    code: str
    name: str
    identity: str
    above: str
    above_name: str
    mail: str
    starts: date
    ends: date | None
    dossiers: int
    incoming: int
    outgoing: int
    procedures: int = 150
    leaders: int = 4
    staff: int = 9
    online: float = 0.8
    postal: float = 0.03
    signed: float = 0.97
    new: bool = False

    def active_on(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)

    def superior(self, day: date) -> tuple[str, str]:
        """Identity and name of the level above: Tứ Kỳ's communes come under Hải Phòng when districts end."""
        if self.above == _TU_KY[0] and day > _MERGER:
            return _HAI_PHONG[0], _HAI_PHONG[1]
        return self.above, self.above_name

    def must_end_before(self, received: date) -> datetime | None:
        """The local instant before which a dossier received on that day must be closed, when the office closes.

        What came in before the last full reporting month's end is closed by that end, the rest by the last day:
        a merger hands over no open dossier, so no carried-over figure points to an office that no longer reports.
        """
        if self.ends is None or (self.ends - received).days > 150:
            return None
        last = Period(self.ends.year, self.ends.month)
        if last.last_date > self.ends:
            last = last.previous()
        end = last.end_date if received < last.end_date else self.ends + timedelta(days=1)
        return datetime.combine(end, time())


_MERGER = date(2025, 6, 30)
_TU_KY = ("000.00.26.H23", "UBND huyện Tứ Kỳ", "tuky.example")
_HOANG_HOA = ("000.00.30.H56", "UBND huyện Hoằng Hóa", "hoanghoa.example")
_QUANG_DIEN = ("000.00.22.H57", "UBND huyện Quảng Điền", "quangdien.example")
_HAI_PHONG = ("000.00.00.H24", "UBND thành phố Hải Phòng", "haiphong.example")
_THANH_HOA = ("000.00.00.H56", "UBND tỉnh Thanh Hóa", "thanhhoa.example")
_HUE = ("000.00.00.H57", "UBND thành phố Huế", "hue.example")
_FROM_2023 = date(2022, 12, 15)

AGENCIES: tuple[Agency, ...] = (
    Agency(
        "11122", "Quảng Nghiệp", "000.22.26.H23", *_TU_KY, _FROM_2023, _MERGER,
        dossiers=163, incoming=95, outgoing=64, procedures=139, online=0.99, postal=0.0,
    ),
    Agency(
        "11119", "Đại Hợp", "000.19.26.H23", *_TU_KY, _FROM_2023, _MERGER,
        dossiers=152, incoming=90, outgoing=55, procedures=162, online=0.99, postal=0.0,
    ),
    Agency(
        "11137", "Phượng Kỳ", "000.37.26.H23", *_TU_KY, _FROM_2023, date(2024, 11, 30),
        dossiers=113, incoming=110, outgoing=72, procedures=141, online=0.98, postal=0.0,
    ),
    Agency(
        "15907", "Hoằng Cát", "000.07.30.H56", *_HOANG_HOA, _FROM_2023, _MERGER,
        dossiers=75, incoming=112, outgoing=27, procedures=212, leaders=3, staff=7, online=0.43, postal=0.1, signed=1.0,
    ),
    Agency(
        "19888", "Quảng An", "000.88.22.H57", *_QUANG_DIEN, date(2019, 12, 15), date(2022, 12, 14),
        dossiers=255, incoming=146, outgoing=39, procedures=148, staff=16, online=0.3, postal=0.0, signed=0.48,
    ),
    Agency(
        "11140", "Lạc Phượng", "000.40.26.H23", *_TU_KY, date(2024, 12, 1), None,
        dossiers=190, incoming=160, outgoing=85, procedures=156, new=True,
    ),
    Agency(
        "11113", "Tân Kỳ", "000.13.26.H23", *_HAI_PHONG, date(2025, 7, 1), None,
        dossiers=310, incoming=210, outgoing=120, procedures=158, leaders=6, staff=30, new=True,
    ),
    Agency(
        "15910", "Hoằng Sơn", "000.10.30.H56", *_THANH_HOA, date(2025, 7, 1), None,
        dossiers=240, incoming=200, outgoing=95, procedures=160, leaders=6, staff=28, new=True,
    ),
    Agency(
        "19867", "Quảng Điền", "000.67.22.H57", *_HUE, date(2025, 7, 1), None,
        dossiers=280, incoming=220, outgoing=105, procedures=150, leaders=6, staff=32, new=True,
    ),
)  # fmt: skip

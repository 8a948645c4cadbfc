"""What the five reports fix about each commune's dossiers and documents, as quotas to be filled.

The quotas are the printed figures plus the few assumptions that README.md lists; `cohorts.py` turns them into lives.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cchc.period import Period
from sandbox.catalogue import CORE, E_CERTIFICATION
from sandbox.lives import IN_PERSON, ONLINE, POSTAL


@dataclass(frozen=True)
class Share:
    """`count` dossiers of one channel, over procedures of these fields or codes by weight; each code at least once."""

    count: int
    channel: str
    codes: tuple[str, ...]
    every: bool = False


@dataclass(frozen=True)
class Plan:
    """Quotas of one commune over the reporting months `first` … `last`.

    received + carried = resolved + refused + withdrawn + pending, resolved being the rest; early is what is left of it.
    `documents` maps direction to (counted, of them signed).
    """

    code: str
    first: Period
    last: Period
    shares: tuple[Share, ...]
    documents: dict[str, tuple[int, int]] = field(default_factory=dict)
    on_time: int = 0
    late: int = 0
    no_due: int = 0
    refused: int = 0
    withdrawn: int = 0
    pending: tuple[Share, ...] = ()
    carried: tuple[Share, ...] = ()
    input_digitised: float = 0.95
    result_digitised: float = 0.9
    paid_online: float = 0.6
    electronic_documents: float = 1.0

    @property
    def received(self) -> int:
        return sum(s.count for s in (*self.shares, *self.pending))


def codes(*fields: str, level: str | None = None, e_certification: bool = False) -> tuple[str, ...]:
    """Codes of the usual procedures of these fields."""
    return tuple(
        p.code
        for p in CORE
        if p.field in fields
        and p.weight > 1
        and (level is None or p.level == level)
        and (e_certification or p is not E_CERTIFICATION)
    )


_E = (E_CERTIFICATION.code,)
_ONLINE_24 = tuple(p.code for p in CORE[:24])
_CERTIFYING = codes("TP-CT", e_certification=True)
_CIVIL = codes("TP-HT")
_SOCIAL = codes("LD-BTXH")
_MERIT = codes("LD-NCC")
_USUAL = (*codes("TP-CT"), *_CIVIL, *_SOCIAL, *_MERIT)
_LONG = ("1.001776", "1.001699")  # monthly allowance and disability: weeks, so pending at a year's end is natural

PLANS: tuple[Plan, ...] = (
    Plan(
        "11122",
        Period(2023, 1),
        Period(2023, 9),
        shares=(
            Share(509, ONLINE, _E),
            Share(950, ONLINE, _ONLINE_24[1:], every=True),
            Share(8, IN_PERSON, ("1.003554", *_MERIT)),
        ),
        documents={"DI": (574, 574), "DEN": (853, 0)},
        on_time=3,
        result_digitised=1458 / 1467,
        paid_online=0.9,
    ),
    Plan(
        "11119",
        Period(2023, 1),
        Period(2023, 12),
        shares=(
            Share(1361, ONLINE, _CERTIFYING),
            Share(274, ONLINE, _CIVIL),
            Share(166, ONLINE, _SOCIAL),
            Share(3, ONLINE, _MERIT),
            Share(12, IN_PERSON, _MERIT),
            Share(1, IN_PERSON, ("2.001909",)),
        ),
        pending=(Share(4, ONLINE, _LONG), Share(2, ONLINE, ("1.004884", "2.000986"))),
        carried=(Share(2, ONLINE, _LONG),),
        documents={"DI": (655, 641), "DEN": (1082, 0)},
        on_time=13,
        paid_online=0.5421,
    ),
    Plan(
        "15907",
        Period(2023, 1),
        Period(2023, 12),
        shares=(
            Share(272, IN_PERSON, _E),
            Share(159, IN_PERSON, _USUAL),
            Share(89, POSTAL, (*codes("TP-CT"), *_CIVIL)),
            Share(235, ONLINE, codes("TP-HT", "LD-BTXH", "LD-NCC", level="3")),
            Share(143, ONLINE, codes("TP-CT", "TP-HT", level="4")),
        ),
        pending=(Share(3, ONLINE, ("1.001776", "1.001699")), Share(2, ONLINE, ("1.004873",))),
        carried=(Share(9, IN_PERSON, _LONG),),
        documents={"DI": (329, 329), "DEN": (1340, 0)},
        on_time=22,
        refused=2,
        withdrawn=2,
        input_digitised=0.72,
        result_digitised=0.65,
        paid_online=0.35,
    ),
    Plan(
        "11137",
        Period(2023, 1),
        Period(2023, 8),
        shares=(Share(892, ONLINE, (*_CERTIFYING, *_CIVIL, *_SOCIAL)), Share(15, IN_PERSON, _MERIT)),
        documents={"DI": (574, 570), "DEN": (880, 0)},
        input_digitised=1.0,
        result_digitised=1.0,
        paid_online=0.48,
    ),
    Plan(
        "19888",
        Period(2020, 1),
        Period(2020, 9),
        shares=(Share(1603, IN_PERSON, _USUAL), Share(690, ONLINE, codes("TP-CT", "TP-HT"))),
        pending=(Share(6, IN_PERSON, _LONG),),
        carried=(Share(14, IN_PERSON, _LONG),),
        documents={"DI": (347, 167), "DEN": (1317, 0)},
        on_time=61,
        late=3,
        no_due=12,
        refused=3,
        withdrawn=5,
        input_digitised=0.4,
        result_digitised=0.25,
        paid_online=0.03,
        electronic_documents=0.7,
    ),
)

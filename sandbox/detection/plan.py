"""Who gets which fault: one agency a fault and dose, clean ones beside them, and how the faults are put into the month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from cchc.period import Period
from sandbox.detection.faults import Dose, Fault, Site
from sandbox.detection.records import Records


@dataclass(frozen=True)
class Placed:
    """A fault at a dose in an agency; `agency` and `partner` are numbers of communes."""

    fault: Fault
    dose: Dose
    agency: int
    partner: int | None = None

    def places(self, records: Records) -> frozenset[str]:
        """What a check may name when it finds the fault."""
        named = {records.code(self.agency), nobody(self.agency)}
        if self.partner is not None:
            named.add(records.code(self.partner))
        return frozenset(named)


def nobody(agency: int) -> str:
    """An identity code that no agency has, another one for every agency."""
    return f"000.{70 + agency // 90}.{agency % 90 + 10}.H99"


def put_faults(
    connection: duckdb.DuckDBPyConnection, records: Records, period: Period, placed: Iterable[Placed]
) -> None:
    """Changes the month's clean rows. Faults of one agency do not touch another's, so their order does not matter."""
    bounds = {
        "starts": f"timestamptz '{period.starts_at.isoformat()}'",
        "ends": f"timestamptz '{period.ends_at.isoformat()}'",
        "last_date": f"date '{period.last_date}'",
    }
    for one in placed:
        names = bounds | {
            "agency": f"'{records.identity(one.agency)}'",
            "nobody": f"'{nobody(one.agency)}'",
            "partner": f"'{records.identity(one.partner)}'" if one.partner is not None else "null",
        }
        one.fault.inject(Site(connection, names, one.fault.name, one.dose))


def rounds(wanted: Sequence[tuple[Fault, Dose]], communes: int, clean: int) -> list[list[Placed]]:
    """Shares the faults out among as few readings of the month as hold them, `clean` communes left clean in each.

    Two faults that would be found at one place stand in two readings. The clean ones are the first; they are the partners.
    """
    found: list[list[Placed]] = []
    for fault, dose in wanted:
        for number in range(len(wanted)):
            if number == len(found):
                found.append([])
            if _fits(found[number], fault, communes - clean):
                break
        members = found[number]
        # Another agency in every reading, so that a fault tried twice meets two agencies.
        agency = clean + (len(members) + 37 * number) % (communes - clean)
        partner = sum(one.partner is not None for one in members) if fault.partner else None
        members.append(Placed(fault, dose, agency, partner))
    return found


def _fits(members: list[Placed], fault: Fault, room: int) -> bool:
    if len(members) >= room:
        return False
    return fault.elsewhere is None or all(one.fault.name != fault.name for one in members)

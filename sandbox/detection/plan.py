"""Who gets which fault: one agency a fault and dose, clean ones beside them, and how the faults are put into the month."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    connection: duckdb.DuckDBPyConnection, records: Records, period: Period, placed: Sequence[Placed]
) -> None:
    """Changes the month's clean rows. Faults of one agency do not touch another's; those of forms come last."""
    bounds = {
        "starts": f"timestamptz '{period.starts_at.isoformat()}'",
        "ends": f"timestamptz '{period.ends_at.isoformat()}'",
        "last_date": f"date '{period.last_date}'",
    }
    for of_forms in (False, True):
        if of_forms:
            records.type_forms(connection, period)
        for one in (o for o in placed if o.fault.of_forms is of_forms):
            names = bounds | {
                "agency": f"'{records.identity(one.agency)}'",
                "nobody": f"'{nobody(one.agency)}'",
                "partner": f"'{records.identity(one.partner)}'" if one.partner is not None else "null",
            }
            one.fault.inject(Site(connection, names, one.fault.name, one.dose))


def rounds(
    wanted: Sequence[tuple[Fault, Dose]], records: Records, clean: int, at_counter: Collection[int]
) -> list[list[Placed]]:
    """Shares the faults out among as few readings of the month as hold them, `clean` communes left clean in each.

    Two faults that would be found at one place stand in two readings. The clean ones are the first; they are the partners.
    `at_counter` are the communes with many dossiers at the counter.
    """
    found: list[list[Placed]] = []
    # Those that not every commune can have choose first.
    for fault, dose in sorted(wanted, key=lambda one: one[0].where == "anywhere"):
        for number in range(len(wanted)):
            if number == len(found):
                found.append([])
            if (agency := _room(found[number], number, fault, records, clean, at_counter)) is not None:
                break
        else:
            raise ValueError(f"{fault.name}: there is no commune that can have it")
        partner = sum(one.partner is not None for one in found[number]) if fault.partner else None
        found[number].append(Placed(fault, dose, agency, partner))
    return found


def _room(
    members: Sequence[Placed], number: int, fault: Fault, records: Records, clean: int, at_counter: Collection[int]
) -> int | None:
    """A commune without a fault in the reading that can have this one; another in every reading, so that tries differ."""
    if fault.elsewhere is not None and any(one.fault.name == fault.name for one in members):
        return None
    if fault.where == "newcomer":
        able = list(range(records.communes, records.communes + records.newcomers))
    else:
        able = [n for n in range(clean, records.communes) if fault.where == "anywhere" or n in at_counter]
    taken = {one.agency for one in members}
    start = 37 * number
    turned = [able[(start + place) % len(able)] for place in range(len(able))] if able else []
    return next((agency for agency in turned if agency not in taken), None)

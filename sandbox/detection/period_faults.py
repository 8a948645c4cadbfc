"""Faults of a whole source: they are nobody's in particular, and stand together in one reading of the month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

READ_EARLY = timedelta(days=-1)


@dataclass(frozen=True)
class PeriodFault:
    """`sql` changes the month's rows; `place` is how the key of the failing row begins. `read_early`: before the month ended."""

    name: str
    story: str
    sql: str
    by: str
    place: str
    read_early: bool = False


FAULTS = (
    PeriodFault("source_stops_early", "A source serves a copy that stopped a week before the month ended (F000-04).",
        "delete from dossiers where export = 'civil_dossiers' and received_at >= {ends} - interval 7 day",
        "exports.reaches_the_end", "civil_dossiers 2025-04-14"),
    PeriodFault("source_down_for_a_day", "Nobody could log in on a Tuesday (001 L160).",
        "delete from dossiers where export = 'civil_dossiers' and received_at::date = date '2025-03-25'",
        "exports.no_day_without_events", "civil_dossiers 2025-03-25"),
    PeriodFault("perfect_everywhere", "A default writes 'processed online' beside every incoming document.",
        "update documents set processed_online = true where direction = 'incoming'",
        "indicator_values.not_perfect_everywhere", "month processed_online_share"),
    PeriodFault("read_before_the_end", "Everything was read a day before the month ended (F001-08).",
        "select 1", "exports.read_after_period_end", "", read_early=True),
)  # fmt: skip

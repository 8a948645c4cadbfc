"""Faults of the dates, states and pauses of dossiers, as clerks, portals and sync tools make them (F… are seed reports')."""

from __future__ import annotations

from sandbox.detection.faults import ALL, ONE, PARTS, WHOLE, Dose, Fault, changed

_FINISHED = "finished_at is not null and received_at is not null"
_OWN = "received_at >= {starts}"
_ENDED_HERE = "finished_at >= {starts} and received_at >= {starts}"
_OPEN = "received_at is not null and finished_at is null and refused_at is null and withdrawn_at is null"
_DAY_AND_MONTH = "day({0}) <= 12 and day({0}) <> month({0})"
_SWAPPED = "make_timestamptz(year({0}), day({0}), month({0}), hour({0}), minute({0}), 0)"
_SUPPLEMENTED = "len(supplements) > 0 and supplements[1].answered_at is not null"
_PROMISED = "due_at is not null and len(supplements) = 0"
_LIFE = ("received_at", "submitted_at", "finished_at", "returned_at", "due_at")


def _moved(by: str, *columns: str) -> str:
    """SET clause: each of the instants moved by an interval, `+ interval 1 day`."""
    return ", ".join(f"{column} = {column} {by}" for column in columns)


def _supplement(what: str) -> str:
    """SET clause: the first supplement with one of its dates replaced."""
    parts = {name: f"supplements[1].{name}" for name in ("requested_at", "answered_at", "old_due_at", "new_due_at")}
    name, value = what.split(" = ", 1)
    struct = ", ".join(f"'{key}': {value if key == name else part}" for key, part in parts.items())
    return f"supplements = [{{{{{struct}}}}}]"


def _fct(*names: str) -> tuple[str, ...]:
    return tuple(f"fct_dossiers.{name}" for name in names)


def _landed(*names: str) -> tuple[str, ...]:
    return tuple(f"landed_dossiers.{name}" for name in names)


DATES = (
    Fault("finished_before_received", "dates", "The end lies two days before reception (F002-08).",
          changed("dossiers", "finished_at = received_at - interval 2 day, returned_at = received_at", _ENDED_HERE),
          by=_fct("finished_not_before_received")),
    Fault("returned_before_received", "dates", "A dossier that is open was handed over before it came in.",
          changed("dossiers", "returned_at = received_at - interval 1 day",
                  _OPEN),
          by=_fct("returned_not_before_received")),
    Fault("returned_before_finished", "dates", "The end is entered days after the result was handed over (F002-08).",
          changed("dossiers", "returned_at = received_at + interval 1 minute",
                  "returned_at is not null and finished_at > received_at + interval 1 hour"),
          by=_fct("returned_not_before_finished")),
    Fault("refused_before_received", "dates", "Refused before it was received.",
          changed("dossiers", "refused_at = received_at - interval 1 day, status = 3, finished_at = null, returned_at = null",
                  _ENDED_HERE), by=_fct("refused_not_before_received")),
    Fault("withdrawn_before_received", "dates", "Withdrawn before it was received.",
          changed("dossiers", "withdrawn_at = received_at - interval 1 day, status = 7, finished_at = null, returned_at = null",
                  _ENDED_HERE), by=_fct("withdrawn_not_before_received")),
    Fault("submitted_after_received", "dates", "Filed after it was accepted.",
          changed("dossiers", "submitted_at = received_at + interval 1 day", _OWN), by=_fct("submitted_not_after_received")),
    Fault("due_before_received", "dates", "Due before it came in.",
          changed("dossiers", "due_at = received_at - interval 3 day", _PROMISED),
          by=_fct("due_not_before_received")),
    Fault("finish_day_and_month_swapped", "dates", "Day and month of the end are swapped (d/m read as m/d).",
          changed("dossiers", f"finished_at = {_SWAPPED.format('finished_at')}",
                  f"{_FINISHED} and {_DAY_AND_MONTH.format('finished_at')}")),
    Fault("reception_day_and_month_swapped", "dates", "Day and month of the reception are swapped.",
          changed("dossiers", f"received_at = {_SWAPPED.format('received_at')}, submitted_at = {_SWAPPED.format('received_at')}",
                  f"{_OWN} and {_DAY_AND_MONTH.format('received_at')}")),
    Fault("received_next_year", "dates", "The year of reception is mistyped, one too many.",
          changed("dossiers", "received_at = received_at + interval 1 year", _OWN), by=_landed("received_before_period_end")),
    Fault("received_last_year", "dates", "The year of reception is mistyped, one too few.",
          changed("dossiers", _moved("- interval 1 year", "received_at", "submitted_at"), _ENDED_HERE),
          by=_fct("carried_over_equals_pending_before")),
    Fault("received_last_century", "dates", "The year of reception lost its century.",
          changed("dossiers", _moved("- interval 100 year", "received_at", "submitted_at"), _ENDED_HERE),
          by=_fct("dates_not_too_old")),
    Fault("submitted_last_century", "dates", "The year of filing lost its century.",
          changed("dossiers", "submitted_at = submitted_at - interval 100 year", _OWN), by=_fct("dates_not_too_old")),
    Fault("due_in_a_far_year", "dates", "A mistyped year makes the dossier early for ever.",
          changed("dossiers", "due_at = due_at + interval 20 year", _PROMISED),
          by=_fct("due_not_too_far")),
    Fault("due_next_year", "dates", "The due date lies a year too late.",
          changed("dossiers", "due_at = due_at + interval 1 year", _PROMISED),
          by=_fct("due_within_a_year")),
    Fault("finished_in_the_future", "dates", "The end lies after the period, though the status says it has ended.",
          changed("dossiers", "finished_at = finished_at + interval 2 month, returned_at = null", "finished_at >= {starts}"),
          by=_landed("nothing_after_the_read")),
    Fault("finished_and_due_on_one_day", "dates", "The due date is set to the day of the end: nothing is early or late.",
          changed("dossiers", "due_at = finished_at", "finished_at is not null and due_at is not null"), PARTS,
          by=("indicator_values.share_does_not_jump",)),
    Fault("ended_in_bulk", "dates", "Everything is ended on the last afternoon (F002-08).",
          changed("dossiers", "finished_at = {ends} - interval 7 hour, returned_at = {ends} - interval 6 hour",
                  "finished_at >= {starts}"),
          PARTS,
          by=_fct("not_ended_in_bulk")),
    Fault("ended_in_bulk_by_a_new_agency", "dates", "A new agency ends everything on the last afternoon.",
          changed("dossiers", "finished_at = {ends} - interval 7 hour, returned_at = {ends} - interval 6 hour",
                  "finished_at >= {starts}"), WHOLE, by=_fct("not_ended_in_bulk"), where="newcomer"),
    Fault("time_zone_7_hours_later", "dates", "Local times are read as UTC: every instant seven hours late.",
          changed("dossiers", _moved("+ interval 7 hour", *_LIFE)), (Dose("25 %", share=0.25), ALL),
          by=_fct("received_all_day"), where="at_counter"),
    Fault("time_zone_7_hours_earlier", "dates", "UTC is read as local time: every instant seven hours early.",
          changed("dossiers", _moved("- interval 7 hour", *_LIFE)), (Dose("25 %", share=0.25), ALL),
          by=_fct("received_all_day"), where="at_counter"),
    Fault("twelve_hour_clock", "dates", "hh for HH: half past two in the afternoon becomes half past two at night.",
          changed("dossiers", _moved("- interval 12 hour", "received_at", "submitted_at"), "hour(received_at) >= 13"),
          (Dose("50 %", share=0.5), ALL), by=_fct("received_all_day"), where="at_counter"),
    Fault("end_is_the_reception", "dates", "A sync tool writes the reception where the end is missing (F004-10).",
          changed("dossiers", "finished_at = received_at", f"{_ENDED_HERE} and len(supplements) = 0"), PARTS,
          by=_fct("end_not_copied_from_reception")),
)  # fmt: skip

STATUSES = (
    Fault("finished_without_date", "statuses", "The sync tool keeps the status and drops the date of the end.",
          changed("dossiers", "finished_at = null, returned_at = null", _FINISHED), by=_landed("finished_has_its_date")),
    Fault("refused_without_date", "statuses", "Refused, without a day.",
          changed("dossiers", "status = 3, finished_at = null, returned_at = null", _FINISHED),
          by=_landed("refused_has_its_date")),
    Fault("withdrawn_without_date", "statuses", "Withdrawn, without a day.",
          changed("dossiers", "status = 7, finished_at = null, returned_at = null", _FINISHED),
          by=_landed("withdrawn_has_its_date")),
    Fault("never_received", "statuses", "The time of reception is dropped, the status says it was processed.",
          changed("dossiers", "received_at = null", _ENDED_HERE), by=_landed("received_at_present")),
    Fault("open_status_with_an_end", "statuses", "The status says in processing, the date says ended.",
          changed("dossiers", "status = 4", _FINISHED),
          by=_landed("end_has_its_status")),
    Fault("answered_and_not_ended", "statuses", "The answer went out, the dossier is still open and overdue (F002-08).",
          changed("dossiers", "finished_at = null, returned_at = null, status = 4, due_at = received_at + interval 1 hour",
                  "dossier_code in (select answers_dossier_code from documents) and received_at < {ends} - interval 4 day "
                  "and len(supplements) = 0"), (Dose("3 rows", rows=3), Dose("10 rows", rows=10), Dose("50 %", share=0.5)),
          by=_fct("answered_is_ended")),
    Fault("due_date_dropped", "statuses", "The due date is not sent any more (an empty NgayHenTra).",
          changed("dossiers", "due_at = null", "due_at is not null"), PARTS,
          by=("indicator_values.count_not_far_above",)),
)  # fmt: skip

SUPPLEMENTS = (
    Fault("supplement_before_reception", "pauses", "Papers are asked for before the dossier came in.",
          changed("dossiers", _supplement("requested_at = received_at - interval 2 day"), _SUPPLEMENTED), (ONE, ALL),
          by=_landed("supplement_not_before_received")),
    Fault("answer_before_question", "pauses", "The papers came before they were asked for.",
          changed("dossiers", "due_at = supplements[1].old_due_at, "
                  + _supplement("answered_at = supplements[1].requested_at - interval 10 minute"), _SUPPLEMENTED), (ONE, ALL),
          by=_landed("supplement_answered_not_before_requested")),
    Fault("supplement_shortens", "pauses", "A supplement moves the due date forward.",
          changed("dossiers", _supplement("new_due_at = supplements[1].old_due_at - interval 1 day"), _SUPPLEMENTED), (ONE, ALL),
          by=_landed("supplement_does_not_shorten")),
    Fault("later_supplement_without_old_due", "pauses", "A supplement of after the period does not keep the old due date.",
          changed("dossiers", "supplements = [{{'requested_at': {ends} + interval 1 day, 'answered_at': null::timestamptz, "
                  "'old_due_at': null::timestamptz, 'new_due_at': due_at + interval 5 day}}]",
                  f"{_PROMISED} and {_OPEN}"),
          (ONE, ALL), by=_landed("later_supplement_keeps_old_due")),
    Fault("due_moved_beyond_the_pause", "pauses", "The due date is moved further than the pause lasted.",
          changed("dossiers", "due_at = due_at + to_days({x}::integer), "
                  + _supplement("new_due_at = due_at + to_days({x}::integer)"), _SUPPLEMENTED),
          tuple(Dose(f"{days} days", rows=1, amount=days) for days in (4, 14, 60)), by=_fct("due_not_beyond_clock")),
)  # fmt: skip

FAULTS = (*DATES, *STATUSES, *SUPPLEMENTS)

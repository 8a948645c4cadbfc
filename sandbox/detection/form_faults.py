"""Faults of what communes type into form 01b: those that the seed reports printed (F… are their numbers)."""

from __future__ import annotations

from sandbox.detection.faults import ALL, WHOLE, Dose, Fault, Injection, amounts, anyhow, changed, lost


def _fault(
    name: str, story: str, inject: Injection, doses: tuple[Dose, ...], check: str, *, partner: bool = False
) -> Fault:
    return Fault(name, "typed forms", story, inject, doses, (f"fct_reported_figures.{check}",), partner, of_forms=True)


def _number(row_code: str, number: str, unit: str = "unit <> '%'") -> Injection:
    return changed("reported_figures", f"value = {number}", f"row_code = '{row_code}' and {unit}")


FAULTS = (
    _fault("typed_with_other_thousands", "1.467 is read as 1.467 (F000-03): the count is a thousandth.",
           _number("3.3.1", "value / 1000"), WHOLE, "count_as_recorded"),
    _fault("typed_count_off", "The count typed is not that of the records (F003-03, F003-09).",
           _number("7.2.1", "ceil(value * (1 + {x} / 100))"), amounts("{:g} %", 1, 5, 25), "count_as_recorded"),
    _fault("typed_share_off", "The share typed is not that of the records (F004-01).",
           _number("7.2.2.a", "value - {x} / 100", "true"), amounts("{:g} points", 0.4, 1, 5), "share_as_recorded"),
    _fault("typed_blank", "A figure that the records have is left blank (F003-13).",
           changed("reported_figures", "value = null, value_text = null, null_reason = 'blank'", "row_code = '7.2.1'"),
           WHOLE, "not_blank_beside_records"),
    _fault("typed_total_off", "The total is not the sum of its rows (F003-02).",
           _number("3.2", "value + {x}"), amounts("+ {:g}", 1, 10), "whole_is_its_parts"),
    _fault("typed_parts_above_whole", "More done than was to be done (F003-06).",
           _number("1.1.2", "value + 3 + {x}"), amounts("+ {:g}", 1, 10), "parts_within_whole"),
    _fault("form_cut_off", "The form ends in the middle (F003-24).",
           lost("reported_figures"), (Dose("5 %", share=0.05), Dose("25 %", share=0.25), ALL), "form_complete"),
    _fault("form_of_another_agency", "A neighbour's form was the template, and its numbers stayed (F000-09, F004-18).",
           anyhow("delete from reported_figures where agency_code = {agency}; insert into reported_figures by name "
                  "select * replace ({agency} as agency_code) from reported_figures where agency_code = {partner}"),
           WHOLE, "count_as_recorded", partner=True),
    _fault("channels_copied", "Received and returned are the same in every channel (F003-11).",
           anyhow("update reported_figures f set value = r.value, value_text = r.value_text from reported_figures r "
                  "where f.agency_code = {agency} and r.agency_code = {agency} and f.row_code like '3.3.2%' "
                  "and r.row_code = replace(f.row_code, '3.3.2', '3.3.1')"), WHOLE, "count_as_recorded"),
)  # fmt: skip

"""Faults that only our own program could make: statements on the built file, one agency each, the province's sums kept.

A roll-up is changed with its commune, so that the check on sums does not find what another check is to find.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.detection.records import PROVINCE

_OF = "agency_code = {agency}"
_MONTH = "scope = 'month'"


@dataclass(frozen=True)
class ProgramFault:
    """`sql` names {agency} (the quoted code). `place` is where it is found, the agency's code when blank."""

    name: str
    story: str
    sql: str
    by: str
    place: str = ""
    first_month: bool = False


def _cell(changes: str, code: str, scope: str = "month") -> str:
    return f"update indicator_values set {changes} where {_OF} and indicator_code = '{code}' and scope = '{scope}'"


def _by(amount: str, code: str) -> str:
    """A count of the month changed, and the province's with it."""
    return (
        f"update indicator_values set numerator = numerator + ({amount}), value = value + ({amount}) "
        f"where agency_code in ({{agency}}, '{PROVINCE}') and indicator_code = '{code}' and {_MONTH}"
    )


def _form(*columns: str) -> str:
    """One more in these columns of a field's row of Biểu 06, and of the total with it."""
    changes = ", ".join(f"{name} = {name} + 1" for name in columns)
    return (
        f"update mart_form_b06 set {changes} where {_OF} and {_MONTH} and field_code in ('total', (select min(field_code) "
        f"from mart_form_b06 where {_OF} and {_MONTH} and row_kind = 'field'))"
    )


def _between_fields(*columns: str) -> str:
    """One more in a field's row of Biểu 06 and one fewer in another's, so that the total stays."""
    changes = ", ".join(f"{name} = {name} + if(field_code = fields.first, 1, -1)" for name in columns)
    return (
        "create or replace temp table fields as select min(field_code) as first, max(field_code) as last from mart_form_b06 "
        f"where {_OF} and {_MONTH} and row_kind = 'field'; "
        f"update mart_form_b06 set {changes} from fields where {_OF} and {_MONTH} and field_code in (fields.first, fields.last)"
    )


def _year_of_the_province(code: str) -> str:
    """A count of the province's year to date changed, which no sum of communes is compared with."""
    return (
        f"update indicator_values set numerator = numerator + 1, value = value + 1 where agency_code = '{PROVINCE}' "
        f"and indicator_code = '{code}' and scope = 'ytd'"
    )


def _again(table: str, key: str, among: str = "true", otherwise: str = "") -> str:
    columns = f"* replace ({otherwise})" if otherwise else "*"
    return (
        f"insert into {table} select {columns} from {table} where {key} = "
        f"(select min({key}) from {table} where {_OF} and {among}) and {_OF}"
    )


_COUNTS = "'dossiers_received', 'dossiers_received_online', 'dossiers_received_in_person', 'dossiers_received_postal', " \
    "'dossiers_carried_over', 'dossiers_resolved', 'dossiers_resolved_early', 'dossiers_resolved_on_time', " \
    "'dossiers_resolved_late', 'dossiers_resolved_without_due_date', 'dossiers_pending', 'dossiers_pending_in_time', " \
    "'dossiers_pending_overdue', 'dossiers_refused', 'dossiers_withdrawn'"  # fmt: skip

_FORM_COLUMNS = (
    "c3_taken_on", "c4_received_online", "c5_received_otherwise", "c6_carried_over", "c7_ended", "c8_ended_early",
    "c9_ended_on_time", "c10_ended_late", "c11_pending", "c12_pending_in_time", "c13_pending_overdue",
)  # fmt: skip

FAULTS = (
    ProgramFault("figure_missing", "A figure is not there.",
        f"delete from indicator_values where {_OF} and indicator_code = 'postal_share' and scope = 'ytd'",
        "indicator_values.complete"),
    ProgramFault("another_month_twice", "Figures of another month were left in the table, twice.",
        "insert into indicator_values select v.* replace (period_month - interval 1 month as period_month) "
        f"from indicator_values as v, range(2) where {_OF} and indicator_code = 'postal_share' and scope = 'ytd'",
        "indicator_values.key_unique"),
    ProgramFault("figure_of_nobody", "Figures of an agency that does not report.",
        f"insert into indicator_values select * replace ('9' || agency_code as agency_code) from indicator_values where {_OF}",
        "indicator_values.agency_reports", place="9{code}"),
    ProgramFault("share_upside_down", "Numerator and denominator change places (F000-01).",
        _cell("numerator = denominator + 1, value = (denominator + 1.0) / denominator", "online_share", "ytd"),
        "indicator_values.numerator_within_denominator"),
    ProgramFault("parts_upside_down", "A share that is not complete has a numerator above its denominator.",
        _cell("numerator = denominator + 1, value = null, state = 'incomplete'", "online_share", "ytd"),
        "indicator_values.numerator_within_denominator"),
    ProgramFault("share_above_one", "A share above one without its parts.",
        _cell("numerator = null, value = 1.5", "online_share", "ytd"), "indicator_values.share_between_0_and_1"),
    ProgramFault("count_negative", "A count below zero.",
        _by("-1 - (select numerator from indicator_values where agency_code = {agency} and indicator_code = 'documents_incoming' "
            "and scope = 'month')", "documents_incoming"), "indicator_values.not_negative"),
    ProgramFault("value_of_an_incomplete_figure", "A figure that is not complete has a value.",
        _cell("state = 'incomplete'", "documents_incoming", "ytd"), "indicator_values.value_only_when_ok"),
    ProgramFault("value_missing", "A complete figure has no value.",
        _cell("value = null", "documents_incoming", "ytd"), "indicator_values.value_when_ok"),
    ProgramFault("value_not_the_quotient", "A share is not numerator by denominator.",
        _cell("value = value * 0.99", "online_share", "ytd"), "indicator_values.value_is_the_quotient"),
    ProgramFault("count_not_answered", "A count of dossiers has no answer, and no excuse.",
        _cell("state = 'not_measured', numerator = null, value = null", "dossiers_refused"),
        "indicator_values.dossier_counts_answered"),
    ProgramFault("stock_does_not_add_up", "One dossier more carried over than accounted for (F002-01).",
        _by("1", "dossiers_carried_over"), "indicator_values.taken_on_equals_accounted_for"),
    ProgramFault("resolved_does_not_add_up", "One dossier more late than resolved.",
        _by("1", "dossiers_resolved_late"), "indicator_values.resolved_equals_its_parts"),
    ProgramFault("pending_does_not_add_up", "One dossier more overdue than pending.",
        _by("1", "dossiers_pending_overdue"), "indicator_values.pending_equals_its_parts"),
    ProgramFault("channels_do_not_add_up", "One dossier more by post than received (F003-09).",
        _by("1", "dossiers_received_postal"), "indicator_values.received_equals_its_channels"),
    ProgramFault("stock_of_the_province", "The province's year: one more carried over than accounted for.",
        _year_of_the_province("dossiers_carried_over"), "indicator_values.taken_on_equals_accounted_for", place=PROVINCE),
    ProgramFault("resolved_of_the_province", "The province's year: one more late than resolved.",
        _year_of_the_province("dossiers_resolved_late"), "indicator_values.resolved_equals_its_parts", place=PROVINCE),
    ProgramFault("pending_of_the_province", "The province's year: one more overdue than pending.",
        _year_of_the_province("dossiers_pending_overdue"), "indicator_values.pending_equals_its_parts", place=PROVINCE),
    ProgramFault("channels_of_the_province", "The province's year: one more by post than received.",
        _year_of_the_province("dossiers_received_postal"), "indicator_values.received_equals_its_channels", place=PROVINCE),
    ProgramFault("roll_up_does_not_add_up", "The province has one more than its communes (F003-02).",
        "update indicator_values set numerator = numerator + 1, value = value + 1 "
        f"where agency_code = '{PROVINCE}' and indicator_code = 'documents_incoming' and {_MONTH}",
        "indicator_values.roll_up_equals_its_parts", place=PROVINCE),
    ProgramFault("year_below_month", "The year to date is below the month.",
        "update indicator_values y set numerator = m.numerator - 1, value = m.value - 1 from indicator_values m where "
        "y.agency_code = {agency} and m.agency_code = {agency} and y.scope = 'ytd' and m.scope = 'month' and "
        "y.indicator_code = 'documents_outgoing' and m.indicator_code = 'documents_outgoing'",
        "indicator_values.year_to_date_not_below_month"),
    ProgramFault("january_is_not_its_year", "In the first month of the year the year to date is another figure (F004-09).",
        _cell("numerator = numerator + 1, value = value + 1", "documents_outgoing", "ytd"),
        "indicator_values.first_month_is_the_year_to_date", first_month=True),
    ProgramFault("figures_all_zero", "The figures are zero, though the facts hold dossiers.",
        "create or replace temp table gone as select indicator_code, numerator from indicator_values "
        f"where {_OF} and {_MONTH} and indicator_code in ({_COUNTS}); "
        "update indicator_values v set numerator = v.numerator - g.numerator, value = v.value - g.numerator from gone g "
        f"where v.indicator_code = g.indicator_code and v.{_MONTH} and v.agency_code in ({{agency}}, '{PROVINCE}'); "
        f"update mart_form_b06 set {', '.join(f'{name} = 0' for name in _FORM_COLUMNS)} where {_OF} and {_MONTH}",
        "indicator_values.agency_has_dossiers"),
    ProgramFault("form_received_in_another_field", "Biểu 06, column 4: one dossier moved from one field to another.",
        _between_fields("c4_received_online"), "mart_form_b06.taken_on_equals_its_parts"),
    ProgramFault("form_early_in_another_field", "Biểu 06, column 8: one dossier moved from one field to another.",
        _between_fields("c8_ended_early"), "mart_form_b06.ended_equals_its_parts"),
    ProgramFault("form_pending_in_another_field", "Biểu 06, column 12: one dossier moved from one field to another.",
        _between_fields("c12_pending_in_time"), "mart_form_b06.pending_equals_its_parts"),
    ProgramFault("form_ended_in_another_field", "Biểu 06, columns 7 and 8: one dossier moved from one field to another.",
        _between_fields("c7_ended", "c8_ended_early"), "mart_form_b06.taken_on_is_ended_or_pending"),
    ProgramFault("form_field_off", "A row of Biểu 06 has one more than its total knows.",
        f"update mart_form_b06 set c3_taken_on = c3_taken_on + 1, c6_carried_over = c6_carried_over + 1, "
        f"c7_ended = c7_ended + 1, "
        f"c9_ended_on_time = c9_ended_on_time + 1 where {_OF} and {_MONTH} and field_code = (select min(field_code) "
        f"from mart_form_b06 where {_OF} and {_MONTH} and row_kind = 'field')", "mart_form_b06.total_equals_its_fields"),
    ProgramFault("form_differs_from_figures", "Biểu 06 has one more than the figures, in every sum.",
        _form("c3_taken_on", "c6_carried_over", "c7_ended", "c9_ended_on_time"), "mart_form_b06.total_equals_figures"),
    ProgramFault("personal_data", "A list of the deployment's own holds a person's name (F001-15).",
        "update dim_agencies set name_vi = 'Nguyễn Văn Bình' where agency_code = {agency}",
        "build.no_personal_data", place="dim_agencies.name_vi"),
    ProgramFault("facts_missing", "The figures are there, the facts are not.",
        "delete from fct_dossiers where reporting_agency_code = {agency}", "fct_dossiers.agency_present"),
    ProgramFault("dossier_twice", "A dossier stands twice among the facts.",
        _again("fct_dossiers", "dossier_code"), "fct_dossiers.key_unique"),
    ProgramFault("dossier_answered_by_nobody", "No agency answers for a dossier.",
        f"update fct_dossiers set reporting_agency_code = null where {_OF} and dossier_code = "
        f"(select min(dossier_code) from fct_dossiers where {_OF})", "fct_dossiers.successor_known"),
    ProgramFault("document_twice", "A document stands twice among the facts.",
        _again("fct_documents", "document_id", "direction = 'outgoing'"), "fct_documents.key_unique"),
    ProgramFault("signature_twice_among_facts", "A signature stands twice among the facts.",
        _again("fct_signatures", "signature_id"), "fct_signatures.key_unique"),
    ProgramFault("procedure_twice", "A procedure stands twice in the catalogue.",
        _again("dim_procedures", "procedure_code"), "dim_procedures.key_unique"),
    ProgramFault("certificate_twice", "A certificate stands twice in the register.",
        _again("dim_certificates", "serial", "serial not in (select serial from fct_signatures)"), "dim_certificates.key_unique"),
    ProgramFault("agency_twice", "An agency stands twice in the list, open at both times.",
        "insert into dim_agencies select * from dim_agencies where agency_code = {agency}",
        "dim_agencies.validity_does_not_overlap"),
    ProgramFault("agency_ends_before_it_begins", "An agency ends before it begins.",
        "insert into dim_agencies select * replace ('8' || agency_code as agency_code, date '2020-01-01' as valid_from, "
        "date '2019-01-01' as valid_to, null as identity_code) from dim_agencies where agency_code = {agency}",
        "dim_agencies.validity_in_order", place="8{code}"),
    ProgramFault("two_agencies_of_one_code", "Two agencies hold one code on the same days.",
        "insert into dim_agencies select * replace (date '2019-01-01' as valid_from, date '2023-01-01' as valid_to) "
        "from dim_agencies where agency_code = {agency}", "dim_agencies.validity_does_not_overlap"),
    ProgramFault("calendar_ends", "The agency's working calendar ends soon.",
        "insert into dim_working_days select * replace ({agency} as schedule_code) from dim_working_days "
        "where schedule_code = 'common' and calendar_date between date '2025-01-01' and date '2025-08-01'",
        "dim_working_days.reaches_beyond_period"),
    ProgramFault("rows_unaccounted_for", "One row of an export is nowhere.",
        "update landing.exports set accepted = accepted - 1 where export = 'dms_documents'",
        "exports.rows_accounted_for", place="dms_documents"),
    ProgramFault("rows_not_as_declared", "The source says that it has one row more.",
        "update landing.exports set declared_rows = rows_read + 1 where export = 'ca_signatures'",
        "exports.rows_as_declared", place="ca_signatures"),
    ProgramFault("rejects_above_the_bound", "Three per cent of the rows are rejected.",
        "update landing.exports set rejected = rows_read * 3 // 100, accepted = accepted - rows_read * 3 // 100 "
        "where export = 'portal_dossiers'", "exports.reject_share", place="portal_dossiers"),
    ProgramFault("export_far_fewer", "An export has a third of its rows.",
        "update landing.exports set rows_read = rows_read // 3, accepted = rows_read // 3 where export = 'ca_certificates'",
        "exports.not_far_fewer_rows", place="ca_certificates"),
    ProgramFault("export_far_more", "An export has four times its rows.",
        "update landing.exports set rows_read = rows_read * 4, accepted = rows_read * 4 where export = 'hr_staffing'",
        "exports.not_far_more_rows", place="hr_staffing"),
    ProgramFault("signatures_and_flags_gone", "No signature, and nothing that says there should be one.",
        f"delete from fct_signatures where {_OF}; update fct_documents set is_signed = false where {_OF}; "
        f"update fct_dossiers set result_electronic = false where {_OF}", "fct_signatures.agency_not_silent"),
    ProgramFault("withheld_everywhere", "Nearly every commune's figure is withheld.",
        "update indicator_values set state = 'withheld', numerator = null, denominator = null, value = null "
        f"where indicator_code = 'electronic_only_share' and {_MONTH} and agency_code <> '{PROVINCE}'",
        "indicator_values.not_withheld_nearly_everywhere", place="electronic_only_share"),
    ProgramFault("table_missing", "A table of the snapshot was not built.",
        "drop table mart_par_index", "build.tables_present", place="mart_par_index"),
)  # fmt: skip

"""Cases of the checks that look at the month as a whole: against other sources, other agencies, and its own past."""

from __future__ import annotations

from tests.expectations.case_sql import (
    Case,
    beside,
    certified,
    communes,
    document,
    earlier,
    form,
    perfect,
    rejects,
    sent,
    shares,
    signature,
    staged,
    taken_in,
    typed,
    value,
    withheld,
)

CASES_OF_THE_MONTH: dict[str, Case] = {
    # Of five communes.
    "indicator_values.not_withheld_nearly_everywhere": Case(
        communes(3) + shares("signed_share", "month", 30, 30) + withheld("signed_share", 4),
        communes(3) + shares("signed_share", "month", 30, 30) + withheld("signed_share", 3),
        agency=None,
    ),
    "exports.read_after_period_end": Case(
        "update landing.reads set started_at = '2023-04-14 23:59:59+07' where export = 'portal_dossiers'",
        "update landing.reads set started_at = '2023-04-15 00:00+07' where export = 'portal_dossiers'",
        agency=None,
    ),
    # From 11 April three working days are left, at ten documents a day; from 12 April two.
    "exports.reaches_the_end": Case(
        "delete from fct_documents;" + sent(200, "day = '2023-04-11'"),
        "delete from fct_documents;" + sent(400, "day = '2023-04-12'"),
        agency=None,
    ),
    "exports.no_day_without_events": Case(
        sent(20, "day <> '2023-04-05'"), sent(19, "day <> '2023-04-05'"), agency=None
    ),
    "fct_dossiers.few_rejected": Case(
        rejects(5),
        rejects(5)
        + "update landing.accepted_rows set accepted = accepted + 91 where entity = 'dossiers' and agency_code = '11122'",
    ),
    "fct_documents.few_rejected": Case(rejects(5, "dms_documents"), rejects(4, "dms_documents")),
    "dim_procedures.few_rejected": Case(rejects(5, "portal_procedures"), rejects(4, "portal_procedures")),
    "dim_certificates.few_rejected": Case(rejects(5, "ca_certificates"), rejects(4, "ca_certificates")),
    # Two figures of the fixture rest on outgoing documents.
    "indicator_values.source_not_silent": Case(
        # What an agency that was divided sent under the code before is not the present one's.
        earlier("numerator = 40", "documents_outgoing")
        + "; update fct_documents set reporting_agency_code = null where agency_code = '11122' and direction = 'outgoing'",
        earlier("numerator = 4", "documents_outgoing")
        + "; delete from fct_documents where agency_code = '11122' and direction = 'outgoing'",
        rows=2,
    ),
    "fct_signatures.agency_not_silent": Case(
        "update landing.earlier_signatures set signatures = 10; delete from fct_signatures where agency_code = '11122'",
        "update landing.earlier_signatures set signatures = 9; delete from fct_signatures where agency_code = '11122'",
    ),
    "indicator_values.not_without_what_others_have": Case(certified(3), certified(2)),
    # After 6 April come six working days, after 10 April four.
    "indicator_values.agency_does_not_stop_early": Case(
        "delete from fct_documents where document_id = '11122/VB-1';" + sent(80, "day = '2023-04-06'"),
        sent(200, "day = '2023-04-10'"),
    ),
    # 100 in each of three months of other lengths: 115 are usual in these 23 working days, 40 to 211 are nothing strange.
    "indicator_values.count_not_far_below": Case(
        earlier("numerator = 100", "documents_outgoing") + ";" + value("numerator = 39", "documents_outgoing"),
        earlier("numerator = 100", "documents_outgoing") + ";" + value("numerator = 40", "documents_outgoing"),
    ),
    "indicator_values.count_not_far_above": Case(
        earlier("numerator = 100", "documents_outgoing") + ";" + value("numerator = 212", "documents_outgoing"),
        earlier("numerator = 100", "documents_outgoing") + ";" + value("numerator = 211", "documents_outgoing"),
    ),
    "indicator_values.stock_moves_slowly": Case(
        earlier("numerator = 30", "procedures_in_force") + ";" + value("numerator = 23", "procedures_in_force"),
        earlier("numerator = 30", "procedures_in_force") + ";" + value("numerator = 24", "procedures_in_force"),
    ),
    "indicator_values.share_does_not_jump": Case(
        earlier("numerator = 95, denominator = 100", "signed_share")
        + ";"
        + value("numerator = 70, denominator = 100, value = 0.7", "signed_share"),
        earlier("numerator = 95, denominator = 100", "signed_share")
        + ";"
        + value("numerator = 80, denominator = 100, value = 0.8", "signed_share"),
    ),
    "indicator_values.not_all_perfect": Case(perfect(10), perfect(9)),
    "indicator_values.not_perfect_everywhere": Case(
        communes(6) + shares("signed_share", "month", 30, 30),
        communes(6) + shares("signed_share", "month", 30, 30) + value("value = 29 / 30", "signed_share"),
        agency=None,
    ),
    "indicator_values.figures_not_shared": Case(
        "update indicator_values set numerator = 60 where indicator_code = 'documents_outgoing'",
        "update indicator_values set numerator = 60 where indicator_code = 'documents_outgoing';"
        + value("numerator = 61", "documents_outgoing"),
        agency=("11119", "11122"),
        rows=2,
    ),
    "fct_documents.days_not_shared": Case(
        sent(2, "true", "11122 11119"),
        sent(2, "true", "11122 11119") + document("counted_date = '2023-04-11'"),
        agency=("11119", "11122"),
        rows=2,
    ),
    "indicator_values.ranking_not_of_few": Case(
        communes(4)
        + shares("signed_share", "ytd", 45, 50)
        + value("denominator = 19, value = 0.5", "signed_share", "ytd"),
        communes(4)
        + shares("signed_share", "ytd", 45, 50)
        + value("denominator = 20, value = 0.5", "signed_share", "ytd"),
    ),
    "indicator_values.ratings_not_few": Case(
        value("value = 300", "dossiers_resolved", "ytd") + ";" + value("value = 29", "dossiers_rated", "ytd"),
        value("value = 300", "dossiers_resolved", "ytd") + ";" + value("value = 30", "dossiers_rated", "ytd"),
    ),
    "fct_dossiers.received_all_day": Case(
        taken_in(50, "2023-03-21 09:00"), taken_in(50, "2023-03-21 09:00") + taken_in(1, "2023-03-21 12:00")
    ),
    "fct_dossiers.end_not_copied_from_reception": Case(
        taken_in(20, "2023-03-21 09:00", is_resolved="true", finished_at="received_at"),
        taken_in(10, "2023-03-21 09:00", is_resolved="true", finished_at="received_at")
        + taken_in(10, "2023-03-22 09:00", is_resolved="true", finished_at="received_at + interval 1 minute"),
    ),
    # One of the fixture ended on 22 March.
    "fct_dossiers.not_ended_in_bulk": Case(
        taken_in(20, "2023-03-21 09:00", is_resolved="true", ended_date="date '2023-03-24'")
        + taken_in(18, "2023-03-21 10:00", is_resolved="true", ended_date="date '2023-03-27'"),
        taken_in(20, "2023-03-21 09:00", is_resolved="true", ended_date="date '2023-03-24'")
        + taken_in(19, "2023-03-21 10:00", is_resolved="true", ended_date="date '2023-03-27'"),
    ),
    "fct_dossiers.ratings_vary": Case(
        taken_in(50, "2023-03-21 09:00", is_resolved="true", rating="5"),
        taken_in(49, "2023-03-21 09:00", is_resolved="true", rating="5")
        + taken_in(1, "2023-03-21 10:00", is_resolved="true", rating="4"),
    ),
    "fct_dossiers.due_within_a_year": Case(
        staged("due_at = received_at + interval 301 day"), staged("due_at = received_at + interval 300 day")
    ),
    "landed_dossiers.nothing_after_the_read": Case(
        staged("finished_at = '2023-04-16 00:06+07'"), staged("finished_at = '2023-04-16 00:05+07'")
    ),
    "landed_dossiers.end_has_its_status": Case(staged("status = 4"), staged("status = 8")),
    "dim_procedures.validity_does_not_overlap": Case(
        "insert into dim_procedures values ('2023-04-01', '11122', '1.001193', '2023-01-01', null)",
        "update dim_procedures set valid_to = '2022-12-31' where agency_code = '11122';"
        "insert into dim_procedures values ('2023-04-01', '11122', '1.001193', '2023-01-01', null)",
    ),
    "landed_dossiers.code_of_one_export": Case(
        "insert into stg_portal__dossier_versions select * replace (2 as version_rank, 'onestop' as export_name) "
        "from stg_portal__dossier_versions where dossier_code = '11122-1'",
        "insert into stg_portal__dossier_versions select * replace (2 as version_rank) "
        "from stg_portal__dossier_versions where dossier_code = '11122-1'",
    ),
    "fct_dossiers.case_has_one_code": Case(
        "insert into fct_dossiers select * exclude (k) replace ('T' || k as dossier_code) from fct_dossiers, range(5) r(k) "
        "where dossier_code = '11122-1'",
        "insert into fct_dossiers select * exclude (k) replace ('T' || k as dossier_code) from fct_dossiers, range(4) r(k) "
        "where dossier_code = '11122-1'",
        rows=5,
    ),
    "fct_signatures.document_delivered": Case(
        "insert into fct_signatures select * exclude (k) replace ('S' || k as signature_id, 'X' || k as document_id, "
        "timestamptz '2023-04-01 08:00+07' as signed_at) from fct_signatures, range(10) r(k) where signature_id = 'SIG-1'",
        "insert into fct_signatures select * exclude (k) replace ('S' || k as signature_id, 'X' || k as document_id, "
        "timestamptz '2023-04-08 00:00+07' as signed_at) from fct_signatures, range(10) r(k) where signature_id = 'SIG-1'",
    ),
    "fct_signatures.certificate_of_the_agency": Case(
        signature("serial = 'AA000002'"),
        # The other agency's certificate, whose rows 11122 answers for by now.
        signature("serial = 'AA000002'")
        + "; update dim_certificates set reporting_agency_code = '11122' where serial = 'AA000002'"
        + "; delete from fct_signatures where signature_id = 'SIG-2'",
    ),
    "fct_dossiers.electronic_result_signed": Case(
        taken_in(9, "2023-03-21 09:00", is_resolved="true", result_electronic="true")
        + signature("dossier_code = '11122-9'"),
        # A register that names no dossiers says nothing about their results.
        taken_in(9, "2023-03-21 09:00", is_resolved="true", result_electronic="true"),
    ),
    # One document was received; of twenty, half were not.
    "fct_documents.sent_is_received": Case(
        sent(20, "day = '2023-04-05'")
        + "update fct_documents set exchange_status = null where document_id like '%/1_'",
        sent(20, "day = '2023-04-05'")
        + "update fct_documents set exchange_status = null where document_id like '%/1_';"
        + "update fct_documents set exchange_status = '01' where document_id like '%/19'",
    ),
    "fct_dossiers.answered_is_ended": Case(
        taken_in(5, "2023-03-21 09:00", is_pending_overdue="true")
        + sent(5, "day = '2023-04-05'")
        + "update fct_documents set answers_dossier_code = 'N-' || string_split(document_id, '/')[3] || '-2023-03-21 09:00'",
        taken_in(4, "2023-03-21 09:00", is_pending_overdue="true")
        + sent(5, "day = '2023-04-05'")
        + "update fct_documents set answers_dossier_code = 'N-' || string_split(document_id, '/')[3] || '-2023-03-21 09:00'",
    ),
    "mart_form_b06.taken_on_equals_its_parts": Case(
        form("c4_received_online = 3"), form("c4_received_online = 3, c5_received_otherwise = 0")
    ),
    "mart_form_b06.ended_equals_its_parts": Case(
        form("c10_ended_late = 1"), form("c10_ended_late = 1, c8_ended_early = 0")
    ),
    "mart_form_b06.pending_equals_its_parts": Case(
        form("c13_pending_overdue = 1"), form("c13_pending_overdue = 1, c12_pending_in_time = 0")
    ),
    "mart_form_b06.taken_on_is_ended_or_pending": Case(
        form("c11_pending = 2"), form("c11_pending = 2, c7_ended = null")
    ),
    "mart_form_b06.total_equals_its_fields": Case(
        form("c10_ended_late = 1"), form("c10_ended_late = 1") + form("c10_ended_late = 1", "row_kind = 'total'")
    ),
    "mart_form_b06.total_equals_figures": Case(
        form("c10_ended_late = 1", "row_kind = 'total'"),
        form("c10_ended_late = 1", "row_kind = 'total'")
        + value("state = 'withheld', value = null", "dossiers_resolved_late"),
    ),
    "fct_reported_figures.count_as_recorded": Case(
        beside("reported_value = 9", "3.3.1"), beside("reported_value = 8", "3.3.1")
    ),
    "fct_reported_figures.share_as_recorded": Case(
        beside("reported_value = 0.606", "7.2.2.a"), beside("reported_value = 0.604", "7.2.2.a")
    ),
    "fct_reported_figures.not_blank_beside_records": Case(
        beside("reported_value = null, null_reason = 'blank'", "3.3.1"),
        beside("reported_value = null, null_reason = 'not_due'", "3.3.1"),
    ),
    "fct_reported_figures.whole_is_its_parts": Case(typed("value = 12", "3.2.3"), typed("value = null", "3.2.3")),
    "fct_reported_figures.parts_within_whole": Case(typed("value = 0.5", "7.2.2.b"), typed("value = 0.3", "7.2.2.b")),
    "fct_reported_figures.form_complete": Case(
        "delete from fct_reported_figures where agency_code = '11122' and row_code like '3.2%'",
        "delete from fct_reported_figures where agency_code = '11122' and row_code = '3.2'",
    ),
    "build.no_personal_data": Case(
        "update dim_agencies set name_vi = 'Trần Thị Bích Ngọc' where agency_code = '11119'",
        "update dim_agencies set name_vi = 'Phường Trần Thị Bích Ngọc' where agency_code = '11119'",
        agency=None,
    ),
}

"""For every declared check: a change of the clean build that makes it fire, and a near miss that does not."""

from __future__ import annotations

from tests.expectations.case_sql import (
    Case,
    document,
    dossier,
    export,
    landed_document,
    landed_signature,
    signature,
    staged,
    supplement,
    value,
)
from tests.expectations.cases_of_the_month import CASES_OF_THE_MONTH

CASES: dict[str, Case] = {
    "indicator_values.complete": Case(
        "delete from indicator_values where agency_code = '11122' and indicator_code = 'postal_share' and scope = 'ytd'",
        value("value = null, numerator = null, denominator = null, state = 'not_measured'", "postal_share", "ytd")
        # A code that held once and holds no more is asked of nobody.
        + "; insert into dim_indicators (indicator_code, definition_version, kind, valid_from, valid_to) "
        "values ('retired', '1', 'flow', '2018-06-21', '2023-04-13')",
    ),
    "indicator_values.key_unique": Case(
        "insert into indicator_values select * from indicator_values "
        "where agency_code = '11122' and indicator_code = 'dossiers_received' and scope = 'month'",
        "insert into indicator_values select * replace ('calendar' as reporting_calendar) from indicator_values "
        "where agency_code = '11122' and indicator_code = 'dossiers_received' and scope = 'month'",
        rows=2,
    ),
    "indicator_values.agency_reports": Case(
        "insert into indicator_values select * replace ('99999' as agency_code) from indicator_values "
        "where agency_code = '11122' and indicator_code = 'dossiers_received' and scope = 'month'",
        "insert into int_reporting_agencies values ('99999', 'Xã Mới', false)",
        agency="99999",
    ),
    "indicator_values.numerator_within_denominator": Case(
        value("numerator = 4, denominator = 3, value = 4 / 3", "online_share"),
        value("numerator = 3, denominator = 3, value = 1", "online_share"),
    ),
    "indicator_values.share_between_0_and_1": Case(
        value("value = 1.01", "online_share"), value("value = 1", "online_share")
    ),
    "indicator_values.not_negative": Case(value("numerator = -1, value = -1"), value("numerator = 0, value = 0")),
    "indicator_values.value_only_when_ok": Case(
        value("state = 'incomplete'"), value("state = 'incomplete', value = null")
    ),
    "indicator_values.value_when_ok": Case(value("value = null"), value("value = 0")),
    "indicator_values.value_is_the_quotient": Case(
        value("value = 0.67", "online_share"), value("value = 2 / 3 + 1e-12", "online_share")
    ),
    "indicator_values.dossier_counts_answered": Case(
        value("value = null, state = 'not_measured'", "dossiers_refused"),
        value("value = null, state = 'incomplete'", "dossiers_refused", "ytd"),
    ),
    "indicator_values.taken_on_equals_accounted_for": Case(
        value("value = 2", "dossiers_carried_over"),
        "update indicator_values set state = 'incomplete', value = null where scope = 'ytd' and agency_code = '11122'",
    ),
    "indicator_values.resolved_equals_its_parts": Case(
        value("value = 1", "dossiers_resolved_late"),
        value("value = 0", "dossiers_resolved_early") + ";" + value("value = 1", "dossiers_resolved_without_due_date"),
    ),
    "indicator_values.pending_equals_its_parts": Case(
        value("value = 1", "dossiers_pending_overdue"),
        value("value = 1", "dossiers_pending_overdue") + ";" + value("value = 0", "dossiers_pending_in_time"),
    ),
    "indicator_values.received_equals_its_channels": Case(
        value("value = 1", "dossiers_received_postal"),
        value("value = 1", "dossiers_received_postal") + ";" + value("value = 0", "dossiers_received_in_person"),
    ),
    "indicator_values.roll_up_equals_its_parts": Case(
        value("numerator = 4, value = 4"),
        "insert into unallocated_values values ('2023-04-01', 'nd09', '11143', '2004-07-08', 'dossiers_received', 2, null, '1');"
        "insert into int_unallocated_rollups values ('11143', '2004-07-08', '30');"
        "update indicator_values set numerator = 8, value = 8 "
        "where agency_code = '30' and indicator_code = 'dossiers_received' and scope = 'month'",
        agency="30",
    ),
    "indicator_values.year_to_date_not_below_month": Case(
        value("value = 2", scope="ytd"),
        # A stock may fall over the year.
        value("value = 5", "dossiers_pending") + ";" + value("value = 3", scope="ytd"),
    ),
    "indicator_values.first_month_is_the_year_to_date": Case(
        "delete from landing.year_months; update indicator_values y set value = m.value from indicator_values m "
        "where y.agency_code = m.agency_code and y.indicator_code = m.indicator_code and m.scope = 'month' "
        "and y.scope = 'ytd';" + value("value = 4", scope="ytd"),
        "delete from landing.year_months; update indicator_values y set value = m.value from indicator_values m "
        "where y.agency_code = m.agency_code and y.indicator_code = m.indicator_code and m.scope = 'month' "
        "and y.scope = 'ytd'",
    ),
    "indicator_values.agency_has_dossiers": Case(
        value("value = 0") + ";" + value("value = 0", "dossiers_carried_over"), value("value = 0")
    ),
    "fct_dossiers.agency_present": Case(
        "delete from fct_dossiers where agency_code = '11122'",
        # What a predecessor left is a dossier of the agency's as well.
        "update fct_dossiers set agency_code = '30' where agency_code = '11122'",
    ),
    "fct_dossiers.key_unique": Case(
        "insert into fct_dossiers select * from fct_dossiers where dossier_code = '11122-1'",
        "insert into fct_dossiers select * replace ('11122-5' as dossier_code) from fct_dossiers "
        "where dossier_code = '11122-1'",
        rows=2,
    ),
    "fct_dossiers.no_version_conflict": Case(
        "insert into int_version_conflicts values ('11122-9', '11122', 2)",
        "insert into fct_dossiers select * replace ('11122-9' as dossier_code) from fct_dossiers "
        "where dossier_code = '11122-1'",
    ),
    "fct_dossiers.finished_not_before_received": Case(
        dossier("finished_at = '2023-03-20 07:59:59+07'"), dossier("finished_at = received_at")
    ),
    "fct_dossiers.refused_not_before_received": Case(
        dossier("refused_at = '2023-03-31 08:00+07'", "11122-2"), dossier("refused_at = received_at", "11122-2")
    ),
    "fct_dossiers.withdrawn_not_before_received": Case(
        dossier("withdrawn_at = '2023-03-31 08:00+07'", "11122-3"), dossier("withdrawn_at = received_at", "11122-3")
    ),
    "fct_dossiers.returned_not_before_received": Case(
        dossier("returned_at = '2023-03-19 08:00+07'"), dossier("returned_at = received_at")
    ),
    "fct_dossiers.returned_not_before_finished": Case(
        dossier("returned_at = '2023-03-22 08:59+07'"), dossier("returned_at = finished_at")
    ),
    "fct_dossiers.submitted_not_after_received": Case(
        dossier("submitted_at = '2023-03-20 08:01+07'"), dossier("submitted_at = received_at")
    ),
    "fct_dossiers.due_not_before_received": Case(
        dossier("due_at = '2023-03-19 17:00+07'"), dossier("due_at = received_at")
    ),
    "fct_dossiers.dates_not_too_old": Case(
        dossier("received_at = '1923-03-01 08:00+07'", "11122-4"),
        dossier("received_at = '2011-03-15 00:00+07'", "11122-4"),
    ),
    "fct_dossiers.due_not_too_far": Case(
        dossier("due_at = '2223-04-30 17:00+07'", "11122-4"), dossier("due_at = '2035-04-14 17:00+07'", "11122-4")
    ),
    # From Tuesday 18 April to Thursday 20 April are two working days; from Friday to Monday is one.
    "fct_dossiers.due_not_beyond_clock": Case(
        dossier("clock_due_at = '2023-04-18 17:00+07'", "11122-3"),
        dossier("due_at = '2023-04-24 17:00+07', clock_due_at = '2023-04-21 08:00+07'", "11122-3")
        + ";"
        + dossier(
            "clock_due_at = '2023-04-03 17:00+07', pauses = [{'from_at': timestamptz '2023-04-01 08:00+07', 'to_at': null, "
            "'kind': 'supplement'}]",
            "11122-4",
        ),
    ),
    "dim_working_days.reaches_beyond_period": Case(
        "insert into dim_working_days values ('11122', '2023-10-13', 0, false, null)",
        "insert into dim_working_days values ('11122', '2023-10-14', 0, false, null)",
    ),
    "fct_dossiers.agency_known": Case(
        dossier("agency_code = '000.99.99.H99', reporting_agency_code = null"),
        dossier("agency_code = '30'"),
        agency="000.99.99.H99",
    ),
    "fct_dossiers.agency_reports": Case(
        dossier("agency_code = '30', reporting_agency_code = '30'"),
        # A predecessor's dossier, whose successor reports.
        dossier("agency_code = '30', reporting_agency_code = '11119'"),
        agency="30",
    ),
    "fct_dossiers.successor_known": Case(
        dossier("reporting_agency_code = null"),
        # An unknown agency has no successor either, and is another check's.
        dossier("agency_code = '000.99.99.H99', reporting_agency_code = null"),
    ),
    "fct_dossiers.carried_over_equals_pending_before": Case(
        "insert into int_carry_over_breaks values ('2023-04-01', '11122', '11122-8', 'vanished', false)",
        "insert into int_carry_over_breaks values ('2023-03-01', '11122', '11122-8', 'vanished', false), "
        "('2023-04-01', '11122', '11122-7', 'vanished', true)",
    ),
    "landed_dossiers.received_before_period_end": Case(
        "update stg_portal__dossier_versions set received_at = '2023-04-15 00:00+07' where dossier_code = '11122-4'",
        "update stg_portal__dossier_versions set received_at = '2023-04-14 23:59:59+07' where dossier_code = '11122-4'",
    ),
    "landed_dossiers.received_at_present": Case(
        "insert into int_unreceived_dossiers values ('11122-7', '11122', 9)",
        "insert into int_unreceived_dossiers values ('11122-7', '11122', 1)",
    ),
    "landed_dossiers.supplement_not_before_received": Case(
        supplement(requested_at="2023-02-28"), supplement(requested_at="2023-03-01")
    ),
    "landed_dossiers.supplement_answered_not_before_requested": Case(
        supplement(answered_at="2023-03-09"), supplement(answered_at="")
    ),
    "landed_dossiers.supplement_does_not_shorten": Case(
        supplement(new_due_at="2023-04-19"), supplement(new_due_at="2023-04-20")
    ),
    "landed_dossiers.later_supplement_keeps_old_due": Case(
        supplement(requested_at="2023-04-15", answered_at="", old_due_at=""),
        supplement(requested_at="2023-04-14", answered_at="", old_due_at=""),
    ),
    "landed_dossiers.finished_has_its_date": Case(
        staged("finished_at = null, status = 9"),
        # An older version may lack what the one that counts has; processing that was stopped (8) is no end.
        staged("finished_at = null, version_rank = 2") + ";" + staged("status = 8", "11122-4"),
    ),
    "landed_dossiers.refused_has_its_date": Case(
        staged("refused_at = null", "11122-2"), staged("refused_at = null, received_at = null", "11122-2")
    ),
    "landed_dossiers.withdrawn_has_its_date": Case(
        staged("withdrawn_at = null", "11122-3"), staged("withdrawn_at = null, received_at = null", "11122-3")
    ),
    "landed_documents.counted_before_period_end": Case(
        landed_document("counted_date = '2023-04-15'"), landed_document("counted_date = '2023-04-14'")
    ),
    "landed_documents.counted_after_period_start": Case(
        landed_document("counted_date = '2023-03-14'"), landed_document("counted_date = '2023-03-15'")
    ),
    "landed_documents.counted_date_present": Case(
        landed_document("counted_date = null"), landed_document("counted_date = '2023-05-01'")
    ),
    "landed_signatures.signed_before_period_end": Case(
        landed_signature("signed_at = '2023-04-15 00:00+07'"),
        landed_signature("signed_at = '2023-04-14 23:59:59+07'"),
    ),
    "landed_signatures.signed_after_period_start": Case(
        landed_signature("signed_at = '2023-03-14 23:59:59+07'"),
        landed_signature("signed_at = '2023-03-15 00:00+07'"),
    ),
    "landed.one_content_per_key": Case(
        "insert into int_key_conflicts values ('procedures', '1.001193', '11122', 2)",
        "insert into dim_procedures values ('2023-04-01', '11122', '1.001193', '2023-01-01', null)",
    ),
    "fct_documents.key_unique": Case(
        "insert into fct_documents select * from fct_documents where document_id = '11122/VB-1'",
        "insert into fct_documents select * replace ('incoming' as direction) from fct_documents "
        "where document_id = '11122/VB-1'",
        rows=2,
    ),
    "fct_documents.agency_known": Case(
        document("agency_code = '000.99.99.H99'"), document("agency_code = '30'"), agency="000.99.99.H99"
    ),
    "fct_documents.dates_not_too_old": Case(
        document("issued_date = '2003-04-10'"), document("issued_date = '2011-03-15'")
    ),
    "fct_documents.dates_before_period_end": Case(
        document("issued_date = '2023-04-15', sent_at = null"),
        document("issued_date = '2023-05-15'", "77/CV-UBND"),
    ),
    "fct_documents.sent_not_before_issued": Case(
        document("issued_date = '2023-04-11'"), document("issued_date = '2023-04-10'")
    ),
    "fct_documents.flagged_signed_has_signature": Case(
        signature("verification = 'invalid'"),
        signature("verification = 'invalid'") + ";" + document("counted_date = '2023-03-21'"),
    ),
    "fct_documents.signature_has_flag": Case(
        document("is_signed = false"), document("is_signed = false") + ";" + signature("verification = 'unknown'")
    ),
    "fct_signatures.key_unique": Case(
        "insert into fct_signatures select * from fct_signatures where signature_id = 'SIG-1'",
        "insert into fct_signatures select * replace ('SIG-3' as signature_id) from fct_signatures "
        "where signature_id = 'SIG-1'",
        rows=2,
    ),
    "fct_signatures.certificate_known": Case(signature("serial = 'BB000009'"), signature("serial = 'AA000002'")),
    "fct_signatures.signed_after_certificate_start": Case(
        "update dim_certificates set valid_from = '2023-04-11' where serial = 'AA000001'",
        "update dim_certificates set valid_from = '2023-04-10' where serial = 'AA000001'",
    ),
    "fct_signatures.signed_before_certificate_end": Case(
        "update dim_certificates set valid_to = '2023-04-09' where serial = 'AA000001'",
        "update dim_certificates set valid_to = '2023-04-10' where serial = 'AA000001'",
    ),
    "fct_signatures.signed_before_revocation": Case(
        "update dim_certificates set revoked_at = '2023-04-10 08:30+07' where serial = 'AA000001'",
        "update dim_certificates set revoked_at = '2023-04-10 08:31+07' where serial = 'AA000001'",
    ),
    "dim_agencies.validity_in_order": Case(
        "update dim_agencies set valid_to = '2004-07-07' where agency_code = '11122'",
        "update dim_agencies set valid_to = '2004-07-08' where agency_code = '11122'",
    ),
    "dim_agencies.validity_does_not_overlap": Case(
        "insert into dim_agencies select * replace (date '2024-12-01' as valid_from) from dim_agencies "
        "where agency_code = '11122'; update dim_agencies set valid_to = '2024-12-01' "
        "where agency_code = '11122' and valid_from = '2004-07-08'",
        "insert into dim_agencies select * replace (date '2024-12-01' as valid_from) from dim_agencies "
        "where agency_code = '11122'; update dim_agencies set valid_to = '2024-11-30' "
        "where agency_code = '11122' and valid_from = '2004-07-08'",
    ),
    "dim_procedures.key_unique": Case(
        "insert into dim_procedures select * from dim_procedures where agency_code = '11122'",
        "insert into dim_procedures select * replace ('1.001194' as procedure_code) from dim_procedures "
        "where agency_code = '11122'",
        rows=2,
    ),
    "dim_procedures.validity_in_order": Case(
        "update dim_procedures set valid_to = '2019-12-31' where agency_code = '11122'",
        "update dim_procedures set valid_to = '2020-01-01' where agency_code = '11122'",
    ),
    "dim_procedures.agency_known": Case(
        "update dim_procedures set agency_code = '99999' where agency_code = '11122'",
        "update dim_procedures set agency_code = '000.22.26.H23' where agency_code = '11122'",
        agency="99999",
    ),
    "dim_certificates.key_unique": Case(
        "insert into dim_certificates select * from dim_certificates where agency_code = '11122'",
        "insert into dim_certificates select * replace ('AA000003' as serial) from dim_certificates "
        "where agency_code = '11122'",
        rows=2,
    ),
    "dim_certificates.validity_in_order": Case(
        "update dim_certificates set valid_to = '2021-12-31' where agency_code = '11122'",
        "update dim_certificates set valid_to = '2022-01-01' where agency_code = '11122'",
    ),
    "dim_certificates.agency_known": Case(
        "update dim_certificates set agency_code = '99999' where agency_code = '11122'",
        "update dim_certificates set agency_code = '000.22.26.H23' where agency_code = '11122'",
        agency="99999",
    ),
    "exports.reject_share": Case(
        export("rows_read = 100, accepted = 97, rejected = 3"),
        export("rows_read = 100, accepted = 98, rejected = 2"),
        agency=None,
    ),
    "exports.rows_accounted_for": Case(export("accepted = 7"), export("accepted = 7, withheld = 1"), agency=None),
    "exports.rows_as_declared": Case(export("declared_rows = 9"), export("declared_rows = null"), agency=None),
    "exports.not_far_fewer_rows": Case(export("rows_read = 3"), export("rows_read = 4"), agency=None),
    "exports.not_far_more_rows": Case(export("rows_read = 17"), export("rows_read = 16"), agency=None),
    "build.tables_present": Case("drop table dim_indicators", "create table extra as select 1 as one", agency=None),
    **CASES_OF_THE_MONTH,
}

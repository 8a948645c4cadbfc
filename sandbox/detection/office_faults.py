"""Faults of documents, signatures, certificates, catalogues and staffing: what offices and registers are known to get wrong."""

from __future__ import annotations

from sandbox.detection.faults import (
    ALL,
    LOSSES,
    ONE,
    PARTS,
    REJECTED,
    WHOLE,
    Dose,
    Fault,
    amounts,
    anyhow,
    changed,
    lost,
    one_after_the_other,
    rejected,
    repeated,
)

_OUT = "direction = 'outgoing'"
_IN = "direction = 'incoming'"
_LATER_WEEKS = "sent_at >= {starts} + interval 8 day"
_SIGNED = f"{_OUT} and is_signed and {_LATER_WEEKS} and exchange_status <> '13'"
_SIGNS = "serial in (select serial from signatures)"
_IDLE = "serial not in (select serial from signatures)"
_ON_DOCUMENTS = "document_id is not null and verification = 'valid'"
_COPIED_DOCUMENTS = (
    "delete from documents where agency_code = {agency} and direction = 'outgoing'; "
    "delete from signatures where agency_code = {agency} and document_id is not null; "
    "insert into documents by name select * replace ({agency} as agency_code, "
    "replace(document_id, {partner}, {agency}) as document_id, null as answers_dossier_code, false as is_signed) "
    "from documents where agency_code = {partner} and direction = 'outgoing'"
)


def _documents(*names: str) -> tuple[str, ...]:
    return tuple(f"fct_documents.{name}" for name in names)


def _landed(*names: str) -> tuple[str, ...]:
    return tuple(f"landed_documents.{name}" for name in names)


def _signatures(*names: str) -> tuple[str, ...]:
    return tuple(f"fct_signatures.{name}" for name in names)


DOCUMENTS = (
    Fault("document_with_two_contents", "duplicates", "One number, two contents (F004-14).",
          repeated("documents", "issued_date - 1 as issued_date", _OUT), by=("landed.one_content_per_key",)),
    Fault("documents_lost", "lost rows", "Documents of the month are missing here and there.", lost("documents"), LOSSES,
          by=("indicator_values.count_not_far_below",)),
    Fault("outgoing_documents_lost", "lost rows", "Only incoming documents are served.",
          one_after_the_other(lost("documents", _OUT)), PARTS),
    Fault("documents_silent", "silence", "The agency's document system sends nothing.",
          one_after_the_other(lost("documents"), lost("signatures", "document_id is not null")), WHOLE,
          by=("indicator_values.source_not_silent",)),
    Fault("documents_multiplied", "volume", "Documents are multiplied, each under a number of its own.",
          repeated("documents", "replace(document_id, '/UBND-VP', (number + 1) || '/UBND-VP') as document_id", times="{x} - 1"),
          tuple(Dose(f"× {times}", share=1.0, amount=times) for times in (2, 4, 9)),
          by=("indicator_values.count_not_far_above",)),
    Fault("documents_lost_tail", "lost rows", "The document system stopped before the month ended.",
          lost("documents", "coalesce(sent_at, received_at) >= {ends} - to_days({x}::integer)"),
          amounts("last {:g} days", 7, 14, 21), by=("indicator_values.agency_does_not_stop_early",)),
    Fault("documents_never_connected", "silence", "A new agency has no account in the document system (F003-16).",
          one_after_the_other(lost("documents"), lost("signatures", "document_id is not null")), WHOLE,
          by=("indicator_values.not_without_what_others_have",), where="newcomer"),
    Fault("documents_of_another_agency", "shares", "The month's outgoing documents are a neighbour's (F000-09: 574/574).",
          anyhow(_COPIED_DOCUMENTS), WHOLE, by=_documents("days_not_shared"), partner=True, where="newcomer"),
    Fault("documents_rejected", "rejects", "Documents of the agency cannot be read.",
          rejected("documents"), REJECTED, by=_documents("few_rejected")),
    Fault("document_dated_next_year", "dates", "A mistyped year: the document lies after the period.",
          changed("documents", "sent_at = sent_at + interval 1 year, issued_date = issued_date + 365", _OUT),
          by=_landed("counted_before_period_end")),
    Fault("document_of_an_earlier_month", "dates", "The window is shifted: documents of the month before (F001-06).",
          changed("documents", "received_at = received_at - interval 40 day, issued_date = issued_date - 40", _IN),
          by=_landed("counted_after_period_start")),
    Fault("document_without_date", "dates", "No day of arrival.",
          changed("documents", "received_at = null", _IN), by=_landed("counted_date_present")),
    Fault("document_issued_after_sent", "dates", "Issued days after it was sent (F001-14).",
          changed("documents", "issued_date = sent_at::date + 1", f"{_OUT} and sent_at < {{ends}} - interval 3 day"),
          by=_documents("sent_not_before_issued")),
    Fault("document_issued_after_the_period", "dates", "The date of issue lies in another month.",
          changed("documents", "issued_date = issued_date + 60", _OUT), by=_documents("dates_before_period_end")),
    Fault("document_issued_decades_ago", "dates", "A two-digit year.",
          changed("documents", "issued_date = issued_date - 36525", _IN), by=_documents("dates_not_too_old")),
    Fault("document_of_unknown_agency", "codes", "The documents bear an agency code that nobody holds.",
          changed("documents", "agency_code = {nobody}"), by=_documents("agency_known")),
    Fault("all_recalled", "statuses", "A code list was changed: delivered is read as recalled.",
          changed("documents", "exchange_status = '13'", _OUT), PARTS),
    Fault("all_electronic", "shares", "Every document is called electronic only (F003-05).",
          changed("documents", "exchange_form = 'electronic'", f"{_OUT} and exchange_form <> 'electronic'"), PARTS),
    Fault("none_processed_online", "shares", "The flag of processing is lost.",
          changed("documents", "processed_online = false", f"{_IN} and processed_online"), PARTS),
    Fault("all_secret", "secrecy", "The secrecy level is lost: unknown counts as secret, nothing is served.",
          lost("documents", _IN), (Dose("25 %", share=0.25), ALL)),
)  # fmt: skip

SIGNATURES = (
    Fault("signed_without_signature", "signatures", "The flag says signed, the register knows no signature (F001-03).",
          one_after_the_other(
              changed("documents", "is_signed = true, document_id = replace(document_id, '/UBND-VP', '/UBND-TH')", _SIGNED)),
          by=_documents("flagged_signed_has_signature")),
    Fault("signature_without_flag", "signatures", "Signed in the register, not in the document system.",
          changed("documents", "is_signed = false", f"{_OUT} and is_signed"), by=_documents("signature_has_flag")),
    Fault("signatures_lost", "signatures", "The register lags: signatures of the month are missing.",
          lost("signatures", "document_id is not null"), PARTS, by=_documents("flagged_signed_has_signature")),
    Fault("signatures_invalid", "signatures", "Signatures do not verify.",
          changed("signatures", "verification = 'invalid'", _ON_DOCUMENTS), PARTS, by=_documents("flagged_signed_has_signature")),
    Fault("signatures_silent", "silence", "The register sends no signature of the agency.",
          lost("signatures"), WHOLE, by=("fct_signatures.agency_not_silent",)),
    Fault("signed_with_a_foreign_certificate", "signatures", "A document is signed with another agency's certificate (F004-05).",
          changed("signatures", "serial = (select min(serial) from certificates where agency_code = {partner} "
                  "and revoked_at is null and valid_from < {last_date} - 60 and valid_to > {last_date} + 60)", _ON_DOCUMENTS),
          by=("fct_signatures.certificate_of_the_agency",), partner=True),
    Fault("electronic_results_unsigned", "signatures", "Results are called electronic, and nobody signed them (F000-07).",
          lost("signatures", "dossier_code is not null"), PARTS, by=("fct_dossiers.electronic_result_signed",)),
    Fault("documents_lost_signatures_kept", "lost rows", "Documents that the register knows of were not delivered (F000-10).",
          lost("documents", f"{_OUT} and is_signed and {_LATER_WEEKS}"), PARTS, by=("fct_signatures.document_delivered",)),
    Fault("documents_not_received", "statuses", "What is sent does not arrive (F001-04).",
          changed("documents", "exchange_status = '02'", f"{_OUT} and exchange_form <> 'paper' and exchange_status <> '13'"),
          PARTS,
          by=_documents("sent_is_received")),
    Fault("signature_twice", "duplicates", "One signature, two contents.",
          repeated("signatures", "signed_at - interval 1 minute as signed_at"), (ONE, Dose("25 %", share=0.25)),
          by=("landed.one_content_per_key",), elsewhere=""),
    Fault("certificate_not_in_register", "signatures", "Signed with a certificate that the register does not list.",
          lost("certificates", _SIGNS), (ONE, ALL),
          by=_signatures("certificate_known"), elsewhere=""),
    Fault("signed_before_the_certificate", "signatures", "The certificate was not valid yet.",
          changed("certificates", "valid_from = {last_date} - 1", _SIGNS), (ONE, ALL),
          by=_signatures("signed_after_certificate_start")),
    Fault("signed_after_the_certificate", "signatures", "The certificate had expired (F004-05).",
          changed("certificates", "valid_to = {last_date} - 20", _SIGNS), (ONE, ALL),
          by=_signatures("signed_before_certificate_end")),
    Fault("signed_after_revocation", "signatures", "The certificate had been revoked.",
          changed("certificates", "revoked_at = {starts} + interval 5 day", _SIGNS), (ONE, ALL),
          by=_signatures("signed_before_revocation")),
    Fault("signed_after_the_period", "signatures", "The signing clock runs ahead.",
          changed("signatures", "signed_at = {ends} + interval 3 day"), by=("landed_signatures.signed_before_period_end",)),
    Fault("signed_before_the_period", "signatures", "The window is shifted (F001-06).",
          changed("signatures", "signed_at = {starts} - interval 9 day"), by=("landed_signatures.signed_after_period_start",)),
)  # fmt: skip

CERTIFICATES = (
    Fault("certificate_with_two_contents", "duplicates", "One serial, two holders' roles.",
          repeated("certificates", "'leader' as holder_role, 'person' as holder_type", "holder_role = 'staff'"), (ONE, ALL),
          by=("landed.one_content_per_key",)),
    Fault("certificate_ends_before_it_begins", "certificates", "Valid on no day.",
          changed("certificates", "valid_to = valid_from - 1", _IDLE), (ONE, ALL),
          by=("dim_certificates.validity_in_order",)),
    Fault("certificate_of_unknown_agency", "codes", "The holder's agency is unknown.",
          changed("certificates", "agency_code = {nobody}", _IDLE), (ONE, ALL),
          by=("dim_certificates.agency_known",)),
    Fault("certificates_rejected", "rejects", "Certificates of the agency cannot be read.",
          rejected("certificates"), (ONE, Dose("5 rows", rows=5), ALL), by=("dim_certificates.few_rejected",)),
    Fault("certificates_silent", "silence", "The register lists no certificate of the agency.",
          lost("certificates"), WHOLE, by=("indicator_values.source_not_silent",)),
    Fault("certificates_all_revoked", "certificates", "A bulk update revoked every certificate on the last day.",
          changed("certificates", "revoked_at = {ends} - interval 2 hour", "revoked_at is null"), PARTS),
    Fault("certificates_lost", "lost rows", "Part of the register is missing.",
          lost("certificates", _IDLE), (ONE, ALL)),
    Fault("certificates_doubled", "volume", "Renewed certificates stand beside those they replaced.",
          repeated("certificates", "upper(substr(md5(serial), 1, 12)) || 'A1' as serial", "revoked_at is null"), PARTS),
)  # fmt: skip

LISTS = (
    Fault("catalogue_too_small", "catalogue", "The catalogue holds fewer procedures than have online dossiers (F000-06).",
          lost("procedures"), (Dose("10 %", share=0.1), Dose("50 %", share=0.5), Dose("90 %", share=0.9)),
          by=("indicator_values.numerator_within_denominator",)),
    Fault("catalogue_silent", "silence", "The agency has no catalogue.", lost("procedures"), WHOLE,
          by=("indicator_values.source_not_silent",)),
    Fault("procedures_rejected", "rejects", "Procedures of the agency cannot be read.",
          rejected("procedures"), REJECTED, by=("dim_procedures.few_rejected",)),
    Fault("procedure_ends_before_it_begins", "catalogue", "In force on no day (F003-01).",
          changed("procedures", "valid_to = valid_from - 1"), (ONE, Dose("25 %", share=0.25)),
          by=("dim_procedures.validity_in_order",)),
    Fault("procedure_of_unknown_agency", "codes", "The catalogue of an agency that nobody knows.",
          changed("procedures", "agency_code = {nobody}"), (ONE, Dose("25 %", share=0.25)),
          by=("dim_procedures.agency_known",)),
    Fault("procedure_with_two_contents", "duplicates", "A procedure twice, with two levels.",
          repeated("procedures", "case when service_level = 'full' then 'partial' else 'full' end as service_level"),
          (ONE, Dose("25 %", share=0.25)), by=("landed.one_content_per_key",)),
    Fault("procedure_listed_twice", "catalogue", "A procedure is listed again from another first day; both count (X-01).",
          repeated("procedures", "valid_from + 1 as valid_from"), (ONE, Dose("25 %", share=0.25), ALL),
          by=("dim_procedures.validity_does_not_overlap",)),
    Fault("all_procedures_abolished", "catalogue", "The whole catalogue ended (F003-01).",
          changed("procedures", "valid_to = {last_date} - 1"), PARTS),
    Fault("all_procedures_full_online", "catalogue", "Every procedure is called fully online.",
          changed("procedures", "service_level = 'full'", "service_level <> 'full'"), PARTS),
    Fault("fewer_staff_than_certificates", "staff", "Fewer staff than personal certificates (F004-05).",
          changed("staffing", "staff_total = {x}::bigint"), amounts("{:g} staff", 9, 5, 1),
          by=("indicator_values.numerator_within_denominator",)),
    Fault("staffing_silent", "silence", "No staffing figure.", lost("staffing"), WHOLE,
          by=("indicator_values.source_not_silent",)),
    Fault("staffing_with_two_contents", "duplicates", "Two staffing figures of one day.",
          repeated("staffing", "staff_total + 1 as staff_total"), WHOLE, by=("landed.one_content_per_key",)),
)  # fmt: skip

FAULTS = (*DOCUMENTS, *SIGNATURES, *CERTIFICATES, *LISTS)

"""Which indicators are counted by which column of a contract: they are 0 or missing where a source does not give it."""

from __future__ import annotations

_RESOLVED = (
    "dossiers_resolved", "dossiers_resolved_early", "dossiers_resolved_on_time", "dossiers_resolved_late",
    "dossiers_resolved_without_due_date", "early_share", "on_time_share", "result_digitised_share", "online_payment_share",
)  # fmt: skip
_OUTGOING = ("documents_outgoing", "documents_outgoing_signed", "signed_share", "electronic_only_share")
_INCOMING = ("documents_incoming", "processed_online_share")
_CERTIFICATES = ("certificates_personal", "certificates_organisation", "staff_with_certificate_share")
_OF_A_CERTIFICATE = ("serial", "agency_code", "holder_type", "valid_from", "valid_to", "revoked_at")
_DUE = (
    "dossiers_resolved_early", "dossiers_resolved_on_time", "dossiers_resolved_late", "dossiers_pending_overdue",
    "early_share", "on_time_share",
)  # fmt: skip

ALL = "all of the entity"
# By entity and column. `ALL` stands for every indicator that is counted from the entity.
FIGURES: dict[str, dict[str, tuple[str, ...]]] = {
    "dossiers": {
        "dossier_code": (ALL,),
        "agency_code": (ALL,),
        "procedure_code": ("procedures_with_online_dossiers_share", "e_certified_copies"),
        "channel": (
            "dossiers_received_online", "dossiers_received_in_person", "dossiers_received_postal", "online_share",
            "postal_share", "procedures_with_online_dossiers_share",
        ),
        "received_at": (ALL,),
        "due_at": _DUE,
        "finished_at": _RESOLVED,
        "refused_at": ("dossiers_refused",),
        "withdrawn_at": ("dossiers_withdrawn",),
        "is_e_certification": ("e_certified_copies",),
        "input_digitised": ("input_digitised_share",),
        "result_digitised": ("result_digitised_share",),
        "fee_vnd": ("online_payment_share",),
        "paid_online": ("online_payment_share",),
    },
    "documents": {
        "document_id": (ALL,),
        "agency_code": (ALL,),
        "direction": (ALL,),
        "issued_date": _OUTGOING,
        "received_at": _INCOMING,
        "sent_at": _OUTGOING,
        "exchange_form": ("electronic_only_share",),
        "processed_online": ("processed_online_share",),
        "is_signed": ("documents_outgoing_signed", "signed_share"),
    },
    "procedures": {
        "procedure_code": (ALL,),
        "agency_code": (ALL,),
        "is_e_certification": ("e_certified_copies",),
    },
    "staffing": dict.fromkeys(("agency_code", "date", "staff_total"), ("staff_with_certificate_share",)),
    "certificates": dict.fromkeys(_OF_A_CERTIFICATE, _CERTIFICATES),
}  # fmt: skip
# What another column or the catalogue of procedures can say as well.
_ELSEWHERE = {("dossiers", "is_e_certification"), ("documents", "issued_date"), ("documents", "sent_at")}


def lost(entity: str, column: str) -> tuple[str, ...]:
    """The indicators that say nothing when a source does not give this column."""
    return () if (entity, column) in _ELSEWHERE else FIGURES.get(entity, {}).get(column, ())

"""Faults of dossiers as a whole: twice, lost, multiplied, copied, or with codes that cannot be (F… are seed reports')."""

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

_PORTAL = "export = 'portal_dossiers'"
_FINISHED = "finished_at is not null and received_at is not null"
_OWN = "received_at >= {starts}"
_ENDED_HERE = "finished_at >= {starts} and received_at >= {starts}"
_JUMP = ("indicator_values.share_does_not_jump",)
_NEW_CODE = "left(dossier_code, 21) || '9' || right(dossier_code, 3)"
_TWINS = (ONE, Dose("5 %", share=0.05), Dose("25 %", share=0.25), ALL)


_OF_THE_PARTNER = "{agency} as agency_code, replace(dossier_code, {partner}, {agency}) as dossier_code"
_COPIED_MONTH = (
    "delete from dossiers where agency_code = {agency}; delete from documents where agency_code = {agency}; "
    "delete from signatures where agency_code = {agency}; delete from certificates where agency_code = {agency}; "
    f"insert into dossiers by name select * replace ({_OF_THE_PARTNER}) from dossiers where agency_code = {{partner}}; "
    "insert into documents by name select * replace ({agency} as agency_code, "
    "replace(document_id, {partner}, {agency}) as document_id, "
    "replace(answers_dossier_code, {partner}, {agency}) as answers_dossier_code) from documents where agency_code = {partner}; "
    f"insert into signatures by name select * replace ({_OF_THE_PARTNER}, replace(document_id, {{partner}}, {{agency}}) "
    "as document_id, signature_id || 'B' as signature_id, upper(substr(md5(serial), 1, 12)) || 'A2' as serial) "
    "from signatures where agency_code = {partner}; "
    "insert into certificates by name select * replace ({agency} as agency_code, "
    "upper(substr(md5(serial), 1, 12)) || 'A2' as serial) from certificates where agency_code = {partner}; "
    # The same counts on other days.
    "update dossiers set received_at = received_at - interval 1 day, submitted_at = submitted_at - interval 1 day "
    "where agency_code = {agency} and received_at >= {starts} + interval 2 day and isodow(received_at) in (2, 3); "
    "update documents set sent_at = sent_at + interval 1 day where agency_code = {agency} and direction = 'outgoing' "
    "and isodow(sent_at) = 2 and sent_at < {ends} - interval 2 day and sent_at >= {starts} + interval 8 day"
)


def _landed(*names: str) -> tuple[str, ...]:
    return tuple(f"landed_dossiers.{name}" for name in names)


def _fct(*names: str) -> tuple[str, ...]:
    return tuple(f"fct_dossiers.{name}" for name in names)


DUPLICATES = (
    Fault(
        "same_code_other_content", "duplicates", "A dossier is served twice under one code, the second time through another "
        "channel, and nothing says which is newer.",
        repeated("dossiers", "case when channel = 'online' then 'in_person' else 'online' end as channel"),
        by=_fct("no_version_conflict"),
    ),
    Fault(
        "same_code_in_two_exports", "duplicates", "The civil-status software and the portal both deliver the dossier, with "
        "different channels (F002-09).",
        repeated("dossiers", "'civil_dossiers' as export, 'in_person' as channel", f"{_PORTAL} and channel = 'online'"),
        by=_fct("no_version_conflict"),
    ),
    Fault(
        "same_code_same_content_in_two_exports", "duplicates",
        "Two systems deliver one dossier, word for word the same (F002-09).",
        repeated("dossiers", "'civil_dossiers' as export", f"{_OWN} and {_PORTAL}"), by=_landed("code_of_one_export"),
    ),
    Fault(
        "same_case_new_code", "duplicates", "One case is registered twice under two codes (a sync tool that makes up a code).",
        repeated("dossiers", f"{_NEW_CODE} as dossier_code", _OWN), _TWINS, by=_fct("case_has_one_code"),
    ),
    Fault(
        "same_case_new_code_in_two_exports", "duplicates", "One case in two systems, each with a code of its own (F002-09).",
        repeated("dossiers", f"{_NEW_CODE} as dossier_code, 'civil_dossiers' as export", f"{_OWN} and {_PORTAL}"),
        _TWINS, by=_fct("case_has_one_code"),
    ),
)  # fmt: skip

LOST = (
    Fault("dossiers_lost_at_random", "lost rows", "Rows of the month are missing here and there.",
          lost("dossiers", _OWN), LOSSES, by=("indicator_values.count_not_far_below",)),
    Fault("dossiers_lost_tail", "lost rows", "The read stopped before the month ended.",
          lost("dossiers", "received_at >= {ends} - to_days({x}::integer)"), amounts("last {:g} days", 1, 3, 7, 14, 24),
          by=("indicator_values.agency_does_not_stop_early",)),
    Fault("dossiers_lost_days", "lost rows", "The software was down (001 L160): some days in the middle have no dossier.",
          lost("dossiers", "received_at - {starts} between interval 10 day and to_days(10 + {x}::integer)"),
          amounts("{:g} days", 1, 3, 7)),
    Fault("online_dossiers_lost", "lost rows", "Dossiers that came online do not reach the one-stop software.",
          lost("dossiers", f"{_OWN} and channel = 'online'"), PARTS),
    Fault("in_person_dossiers_lost", "lost rows", "Paper dossiers are not typed in any more.",
          lost("dossiers", f"{_OWN} and channel = 'in_person'"), PARTS),
    Fault("civil_dossiers_lost", "lost rows", "One of the agency's two systems is silent.",
          lost("dossiers", "export = 'civil_dossiers'"), (Dose("50 %", share=0.5), ALL)),
    Fault("agency_silent", "silence", "The agency sends no dossier at all.",
          lost("dossiers"), WHOLE, by=("indicator_values.agency_has_dossiers", "fct_dossiers.agency_present")),
    Fault("no_new_dossiers", "silence", "Only what was open before is served; nothing was received in the month.",
          lost("dossiers", _OWN), WHOLE),
    Fault("stock_not_carried_over", "lost rows", "What was pending at the end of the month before is gone.",
          lost("dossiers", "received_at < {starts}"), (ONE, Dose("25 %", share=0.25), ALL),
          by=_fct("carried_over_equals_pending_before")),
    Fault("stock_out_of_nowhere", "lost rows", "Old dossiers appear as carried over that were not pending the month before.",
          changed("dossiers", "received_at = received_at - interval 45 day, submitted_at = submitted_at - interval 45 day",
                  f"{_ENDED_HERE}"), by=_fct("carried_over_equals_pending_before")),
)  # fmt: skip

VOLUME = (
    Fault("volume_multiplied", "volume", "A join at the source multiplies rows, each under a code of its own.",
          repeated("dossiers", "left(dossier_code, 21) || (number + 1) || right(dossier_code, 3) as dossier_code", _OWN,
                   times="{x} - 1"),
          tuple(Dose(f"× {times}", share=1.0, amount=times) for times in (2, 4, 9)), by=_fct("case_has_one_code")),
    Fault("volume_grown", "volume", "More rows than there were cases.",
          one_after_the_other(
              repeated("dossiers", f"{_NEW_CODE} as dossier_code, received_at + interval 7 minute as received_at, "
                       "submitted_at + interval 7 minute as submitted_at, finished_at + interval 9 minute as finished_at, "
                       "returned_at + interval 9 minute as returned_at", _OWN),
              anyhow(f"insert into signatures by name select * replace ({_NEW_CODE} as dossier_code, signature_id || 'C' as "
                     "signature_id) from signatures where agency_code = {agency} "
                     f"and {_NEW_CODE} in (select dossier_code from dossiers)")),
          (Dose("+ 25 %", share=0.25), Dose("+ 50 %", share=0.5), Dose("+ 100 %", share=1.0)),
          by=("indicator_values.count_not_far_above",)),
)  # fmt: skip

SHARES = (
    Fault("all_online", "shares", "Every dossier is called online.",
          changed("dossiers", "channel = 'online'", f"{_OWN} and channel <> 'online'"), PARTS, by=_JUMP),
    Fault("none_online", "shares", "The channel is lost: a missing one means in person.",
          changed("dossiers", "channel = 'in_person'", f"{_OWN} and channel = 'online'"), PARTS, by=_JUMP),
    Fault("all_digitised", "shares", "The tool writes '1' for every attachment.",
          changed("dossiers", "input_digitised = true, result_digitised = true, result_electronic = true",
                  "not (input_digitised and result_digitised and result_electronic)"), PARTS, by=_JUMP),
    Fault("none_digitised", "shares", "The flags of digitisation are lost.",
          changed("dossiers", "input_digitised = false, result_digitised = false, result_electronic = false",
                  "input_digitised or result_digitised"), PARTS, by=_JUMP),
    Fault("cash_as_online_payment", "shares", "Cash is reported as paid online.",
          changed("dossiers", "paid_online = true", "fee_vnd > 0 and not paid_online"), PARTS, by=_JUMP),
    Fault("hundred_per_cent_everywhere", "shares",
          "Online, early, digitised, paid online: a hundred per cent of everything (F004-01, F004-10).",
          one_after_the_other(
              changed("dossiers", "channel = 'online', submitted_at = received_at - interval 1 hour, input_digitised = true, "
                      "result_digitised = true, result_electronic = true, paid_online = fee_vnd > 0"),
              changed("dossiers", "due_at = finished_at + interval 2 day, supplements = []", "finished_at is not null"),
              changed("documents", "is_signed = true, exchange_form = 'electronic'", "direction = 'outgoing'"),
              changed("documents", "processed_online = true", "direction = 'incoming'"),
          ), (Dose("50 %", share=0.5), Dose("90 %", share=0.9), ALL), by=("indicator_values.not_all_perfect",)),
    Fault("hundred_per_cent_of_a_new_agency", "shares", "A new agency begins with a hundred per cent of everything (F004-01).",
          one_after_the_other(
              changed("dossiers", "channel = 'online', submitted_at = received_at - interval 1 hour, input_digitised = true, "
                      "result_digitised = true, result_electronic = false, paid_online = fee_vnd > 0"),
              changed("dossiers", "due_at = finished_at + interval 2 day, supplements = []", "finished_at is not null"),
              changed("documents", "exchange_form = 'electronic'", "direction = 'outgoing'"),
              changed("documents", "processed_online = true", "direction = 'incoming'"),
              anyhow("delete from documents where agency_code = {agency} and direction = 'outgoing' and not is_signed"),
          ), WHOLE, by=("indicator_values.not_all_perfect",), where="newcomer"),
    Fault("vector_of_another_agency", "shares",
          "A new agency's dossiers are a neighbour's, day by day (F000-09, F004-18: 574/574 in two communes).",
          anyhow("delete from dossiers where agency_code = {agency};"
                 "delete from signatures where agency_code = {agency} and dossier_code is not null;"
                 f"insert into dossiers by name select * replace ({_OF_THE_PARTNER}, false as result_electronic) "
                 "from dossiers where agency_code = {partner}"), WHOLE,
          by=("fct_documents.days_not_shared",), partner=True, where="newcomer"),
    Fault("month_of_another_agency", "shares",
          "A new agency's month is a neighbour's, but for a few days (F000-09, F004-18).",
          anyhow(_COPIED_MONTH), WHOLE, by=("indicator_values.figures_not_shared",), partner=True, where="newcomer"),
    Fault("few_ratings", "shares", "Five ratings speak for hundreds of dossiers (F004-12).",
          changed("dossiers", "rating = case when hash(dossier_code) % 80 = 0 then 5 end"), WHOLE,
          by=("indicator_values.ratings_not_few",), where="newcomer"),
    Fault("ranked_by_few_cases", "shares", "A new agency with a handful of dossiers stands at the end of the ranking (F003-21).",
          anyhow("delete from dossiers where agency_code = {agency} and (finished_at is null or due_at is null or "
                 "hash(dossier_code) % 40 <> 0); update dossiers set due_at = received_at + interval 1 minute, supplements = [] "
                 "where agency_code = {agency}; "
                 "update dossiers set finished_at = received_at + interval 30 hour, returned_at = null "
                 "where agency_code = {agency} and received_at < {ends} - interval 3 day"), WHOLE,
          by=("indicator_values.ranking_not_of_few",), where="newcomer"),
    Fault("ratings_all_five", "shares", "Every rating is the best (entered by staff: F004-12).",
          changed("dossiers", "rating = 5", "finished_at is not null and (rating is null or rating < 5)"), PARTS,
          by=_fct("ratings_vary")),
)  # fmt: skip

CODES = (
    Fault("dossiers_rejected", "rejects", "Rows of the agency cannot be read.",
          rejected("dossiers"), REJECTED, by=_fct("few_rejected")),
    Fault("unknown_agency_code", "codes", "The rows bear an agency code that nobody holds.",
          changed("dossiers", "agency_code = {nobody}", _OWN), by=_fct("agency_known")),
    Fault("dossiers_of_the_province", "codes", "The rows bear the province's code: it does not report itself.",
          changed("dossiers", "agency_code = '000.00.00.H99'", _OWN), by=_fct("agency_reports"), elsewhere="99"),
    Fault("procedure_not_in_catalogue", "codes", "The procedure is in no catalogue.",
          changed("dossiers", "procedure_code = '2.' || (900000 + hash(dossier_code) % 99999)", _OWN), PARTS,
          by=("indicator_values.numerator_within_denominator",)),
    Fault("another_code_list", "codes", "A vendor update maps statuses to other codes: returned becomes refused.",
          changed("dossiers", "status = 3, refused_at = finished_at, finished_at = null, returned_at = null", _FINISHED), PARTS,
          by=("indicator_values.count_not_far_above",)),
    Fault("negative_fee", "codes", "A fee below zero.", changed("dossiers", "fee_vnd = -5000", _OWN)),
    Fault("absurd_fee", "codes", "A fee of ninety-nine million.", changed("dossiers", "fee_vnd = 99000000", _OWN)),
)  # fmt: skip

FAULTS = (*DUPLICATES, *LOST, *VOLUME, *SHARES, *CODES)

-- One row per reporting agency: of its signatures on documents, those on documents that the document system did not deliver; of
-- its electronic results, those that nobody signed; of its documents sent electronically a week before the period's end, those
-- that nobody received; and its dossiers that are open and overdue though an outgoing document answers them. A number stands
-- where it is 10 or more and a fifth (received: half; answered: 5 and a tenth): single ones are normal, a missing link is not.
-- Signatures of the first and last week may belong to a document of another month.
with names_dossiers as (
    select count(*) > 0 as answer from fct_signatures where dossier_code is not null
),
unknown_documents as (
    select
        s.agency_code,
        count(*) as signatures,
        count(*) filter (where d.document_id is null) as without_document
    from fct_signatures as s
    cross join bounds
    left join (select distinct document_id from int_document_days) as d on s.document_id = d.document_id
    where
        s.document_id is not null
        and s.signed_at >= bounds.starts_at + interval 7 day
        and s.signed_at < bounds.ends_at - interval 7 day
    group by s.agency_code
),
results as (
    select
        d.reporting_agency_code as agency_code,
        count(*) as results,
        count(*) filter (where s.dossier_code is null) as unsigned
    from fct_dossiers as d
    left join (select distinct dossier_code from fct_signatures where verification = 'valid') as s
        on d.dossier_code = s.dossier_code
    cross join names_dossiers
    where d.is_resolved and d.result_electronic and names_dossiers.answer
    group by d.reporting_agency_code
),
has_status as (
    select count(*) > 0 as answer
    from fct_documents
    where direction = 'outgoing' and exchange_status in ('01', '03', '04', '05', '06')
),
sent as (
    select
        d.reporting_agency_code as agency_code,
        count(*) as documents,
        count(*) filter (where coalesce(d.exchange_status, '02') = '02') as not_received
    from fct_documents as d
    cross join bounds
    cross join has_status
    where
        d.direction = 'outgoing'
        and d.exchange_form in ('electronic', 'electronic_and_paper')
        and d.counted_date <= bounds.last_date - 7
        and has_status.answer
    group by d.reporting_agency_code
),
answers as (
    select
        d.reporting_agency_code as agency_code,
        count(*) as overdue,
        count(*) filter (where a.answers_dossier_code is not null) as answered
    from fct_dossiers as d
    left join (select distinct answers_dossier_code from fct_documents where direction = 'outgoing') as a
        on d.dossier_code = a.answers_dossier_code
    where d.is_pending_overdue
    group by d.reporting_agency_code
)
select
    a.agency_code,
    a.agency_code as row_key,
    case when u.without_document >= greatest(10, 0.2 * u.signatures) then u.without_document end
        as signatures_without_document,
    case when r.unsigned >= greatest(10, 0.2 * r.results) then r.unsigned end as results_unsigned,
    case when m.not_received >= greatest(10, 0.5 * m.documents) then m.not_received end as documents_not_received,
    case when w.answered >= greatest(5, 0.1 * w.overdue) then w.answered end as answered_though_open
from int_reporting_agencies as a
left join unknown_documents as u on a.agency_code = u.agency_code
left join results as r on a.agency_code = r.agency_code
left join sent as m on a.agency_code = m.agency_code
left join answers as w on a.agency_code = w.agency_code
where not a.is_rollup

-- Documents count in the month of their reception or, outgoing ones, of their sending, else of their date; recalled ones
-- (13, 15) are kept and do not count.
create table fct_documents as
with dated as (
    select
        d.* replace (coalesce(code.agency_code, d.agency_code) as agency_code),
        code.valid_from as agency_valid_from,
        code.agency_code as reporting_agency_code,
        case
            when direction = 'incoming' then received_at::date
            else coalesce(sent_at::date, issued_date)
        end as counted_date,
        coalesce(exchange_status in ('13', '15'), false) as is_recalled
    from read_parquet($documents) as d
    left join agencies as code on d.agency_code = code.identity_code
    where counted_date between $first_date and $last_date
)
select
    $period_month as period_month,
    document_id,
    agency_code,
    agency_valid_from,
    reporting_agency_code,
    direction,
    document_type,
    issued_date,
    received_at,
    sent_at,
    counted_date,
    exchange_form,
    exchange_status,
    is_recalled,
    not is_recalled as is_counted,
    processed_online,
    is_signed,
    published_on_web,
    answers_dossier_code,
    'dms_documents' as export,
    words([
        case when is_counted then 'counted' end,
        case when is_recalled then 'recalled' end,
        'direction:' || direction,
        'form:' || exchange_form,
        case when is_signed then 'signed' end,
        case when processed_online then 'processed_online' end,
        case when published_on_web then 'published_on_web' end
    ]) as tokens
from dated;

-- A signature belongs to the agency of the certificate that made it.
create table fct_signatures as
select
    $period_month as period_month,
    signature_id,
    dim_certificates.agency_code,
    document_id,
    dossier_code,
    serial,
    signed_at,
    verification,
    'ca_signatures' as export
from read_parquet($signatures)
left join dim_certificates using (serial)
where signed_at >= $starts_at and signed_at < $ends_at;

with period as (
    select * from {{ ref('stg_landing__period') }}
),
documents as (
    select * from {{ ref('stg_dms__documents') }}
),
days as (
    select * from {{ ref('int_document_days') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
dated as (
    select
        documents.*,
        days.counted_date,
        coalesce(documents.exchange_status in ('13', '15'), false) as is_recalled
    from documents
    inner join days
        on documents.document_id = days.document_id
        and documents.agency_code = days.agency_code
        and documents.direction = days.direction
),
final as (
    select
        {{ surrogate_key(['period.period_month', 'dated.document_id', 'dated.agency_code', 'dated.direction']) }}
            as document_key,
        period.period_month,
        dated.document_id,
        dated.agency_code,
        answering.valid_from as agency_valid_from,
        answering.reporting_agency_code,
        dated.direction,
        dated.document_type,
        dated.issued_date,
        dated.received_at,
        dated.sent_at,
        dated.counted_date,
        dated.exchange_form,
        dated.exchange_status,
        dated.is_recalled,
        not dated.is_recalled as is_counted,
        dated.processed_online,
        dated.is_signed,
        dated.published_on_web,
        dated.answers_dossier_code,
        dated.export_name as export
    from dated
    cross join period
    left join answering on {{ is_agency_of('answering', 'dated', 'dated.counted_date') }}
    where dated.counted_date between period.first_date and period.last_date
)
select * from final

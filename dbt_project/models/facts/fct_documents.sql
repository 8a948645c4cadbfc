with period as (
    select * from {{ ref('stg_landing__period') }}
),
documents as (
    select * from {{ ref('int_document_days') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
dated as (
    select
        *,
        coalesce(exchange_status in ('13', '15'), false) as is_recalled
    from documents
),
described as (
    select
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
),
-- What the filters of the indicator catalogue ask for.
final as (
    select
        *,
        {{ list_of([
            token('counted', 'is_counted'),
            token('recalled', 'is_recalled'),
            valued_token('direction', 'direction'),
            valued_token('form', 'exchange_form'),
            token('signed', 'is_signed'),
            token('processed_online', 'processed_online'),
            token('published_on_web', 'published_on_web'),
        ]) }} as tokens
    from described
)
select * from final

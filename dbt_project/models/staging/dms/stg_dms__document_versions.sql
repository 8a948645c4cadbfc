{%- set content = [
    'document_id', 'agency_code', 'direction', 'document_type', 'issued_date', 'received_at', 'sent_at',
    'exchange_form', 'exchange_status', 'processed_online', 'is_signed', 'published_on_web', 'answers_dossier_code'
] -%}
{%- set moved_on = local_date('coalesce(source.received_at, source.sent_at)') -%}

{{ config(materialized='table') }}

with source as (
    select * from {{ source('landing', 'documents') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
    where identity_code is not null
),
spellings as (
    {{ agency_spellings('source') }}
),
-- Few keys come again: only their rows are digested and put in order.
repeated as (
    select document_id
    from source
    group by document_id
    having count(*) > 1
),
mapped as (
    select
        source.document_id,
        {{ agency_found() }} as agency_code,
        coalesce(agency_then.valid_from, agency_now.valid_from) as agency_valid_from,
        source.direction,
        source.document_type,
        source.issued_date,
        source.received_at,
        source.sent_at,
        source.exchange_form,
        source.exchange_status,
        source.processed_online,
        source.is_signed,
        source.published_on_web,
        source.answers_dossier_code,
        source.export as export_name,
        repeated.document_id is not null as comes_again
    from source
    cross join period
    left join repeated on source.document_id = repeated.document_id
    {{ join_agencies('coalesce(' ~ moved_on ~ ', source.issued_date, period.last_date)') }}
),
digested as (
    select
        *,
        {{ content_digest(content) }} as content_digest
    from mapped
    where comes_again
),
final as (
    select
        *,
        row_number() over (
            partition by document_id, agency_code, direction order by content_digest, export_name
        ) as version_rank
    from digested

    union all

    select
        *,
        cast(null as varchar) as content_digest,
        1 as version_rank
    from mapped
    where not comes_again
)
select * from final

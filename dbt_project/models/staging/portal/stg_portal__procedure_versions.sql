{%- set content = [
    'procedure_code', 'agency_code', 'field_code', 'field_name', 'service_level', 'has_fee', 'is_e_certification',
    'valid_from', 'valid_to'
] -%}

with source as (
    select * from {{ source('landing', 'procedures') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
    where identity_code is not null
),
mapped as (
    select
        source.procedure_code,
        coalesce(agency_then.agency_code, agency_now.agency_code, source.agency_code) as agency_code,
        source.field_code,
        source.field_name,
        source.service_level,
        source.has_fee,
        source.is_e_certification,
        source.valid_from,
        source.valid_to,
        source.export as export_name
    from source
    cross join period
    left join agencies as agency_then
        on source.agency_code = agency_then.identity_code
        and {{ holds_on('agency_then', 'period.last_date') }}
    left join agencies as agency_now
        on source.agency_code = agency_now.identity_code
        and {{ holds_on('agency_now', 'period.last_date') }}
),
digested as (
    select
        *,
        {{ content_digest(content) }} as content_digest
    from mapped
),
final as (
    select
        *,
        row_number() over (
            partition by agency_code, procedure_code, valid_from order by content_digest, export_name
        ) as version_rank
    from digested
)
select * from final

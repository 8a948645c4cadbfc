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
spellings as (
    {{ agency_spellings('source') }}
),
mapped as (
    select
        source.procedure_code,
        {{ agency_found() }} as agency_code,
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
    {{ join_agencies('period.last_date') }}
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

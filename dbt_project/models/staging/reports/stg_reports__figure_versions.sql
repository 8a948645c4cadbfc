{%- set content = [
    'agency_code', 'form', 'row_code', 'unit', 'value_text', 'value', 'null_reason'
] -%}

with source as (
    select * from {{ source('landing', 'reported_figures') }}
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
        {{ agency_found() }} as agency_code,
        source.form,
        source.row_code,
        source.unit,
        source.value_text,
        source.value,
        source.null_reason,
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
            partition by agency_code, form, row_code order by content_digest, export_name
        ) as version_rank
    from digested
)
select * from final

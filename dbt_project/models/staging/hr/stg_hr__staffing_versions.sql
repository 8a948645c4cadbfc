{%- set content = [
    'agency_code', 'as_of_date', 'staff_total'
] -%}

with source as (
    select * from {{ source('landing', 'staffing') }}
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
        source.date as as_of_date,
        source.staff_total,
        source.export as export_name
    from source
    cross join period
    {{ join_agencies('source.date') }}
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
            partition by agency_code, as_of_date order by content_digest, export_name
        ) as version_rank
    from digested
)
select * from final

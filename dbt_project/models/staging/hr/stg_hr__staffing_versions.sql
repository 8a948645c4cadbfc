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
mapped as (
    select
        coalesce(agency_then.agency_code, agency_now.agency_code, source.agency_code) as agency_code,
        source.date as as_of_date,
        source.staff_total,
        source.export as export_name
    from source
    cross join period
    left join agencies as agency_then
        on source.agency_code = agency_then.identity_code
        and {{ holds_on('agency_then', 'source.date') }}
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
            partition by agency_code, as_of_date order by content_digest, export_name
        ) as version_rank
    from digested
)
select * from final

{%- set content = [
    'serial', 'agency_code', 'holder_type', 'holder_role', 'valid_from', 'valid_to', 'revoked_at'
] -%}

with source as (
    select * from {{ source('landing', 'certificates') }}
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
        source.serial,
        coalesce(agency_then.agency_code, agency_now.agency_code, source.agency_code) as agency_code,
        coalesce(agency_then.valid_from, agency_now.valid_from) as agency_valid_from,
        source.holder_type,
        source.holder_role,
        source.valid_from,
        source.valid_to,
        source.revoked_at,
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
            partition by serial order by content_digest, export_name
        ) as version_rank
    from digested
)
select * from final

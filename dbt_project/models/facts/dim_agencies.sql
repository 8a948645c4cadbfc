-- A deployment's own rows stand in for shipped ones of the same code and first day.
with shipped as (
    select * from {{ ref('agencies') }}
),
added as (
    select * from {{ ref('stg_landing__local_agencies') }}
),
provinces as (
    select count(*) as named from {{ ref('stg_landing__reporting_provinces') }}
),
kept as (
    select
        shipped.agency_code,
        shipped.valid_from,
        shipped.valid_to,
        shipped.name_vi,
        shipped.level,
        shipped.parent_code,
        shipped.identity_code,
        -- The shipped ranges are those of the stand-in province; a deployment that names its own is another.
        case when provinces.named = 0 then shipped.reports_from end as reports_from,
        case when provinces.named = 0 then shipped.reports_to end as reports_to
    from shipped
    cross join provinces
    left join added
        on shipped.agency_code = added.agency_code
        and shipped.valid_from = added.valid_from
    where added.agency_code is null
),
united as (
    select
        agency_code,
        valid_from,
        valid_to,
        name_vi,
        level,
        parent_code,
        identity_code,
        reports_from,
        reports_to
    from kept

    union all

    select
        agency_code,
        valid_from,
        valid_to,
        name_vi,
        level,
        parent_code,
        identity_code,
        reports_from,
        reports_to
    from added
),
final as (
    select
        agency_code,
        valid_from,
        valid_to,
        name_vi,
        level,
        parent_code,
        {{ canonical_identity('identity_code') }} as identity_code,
        reports_from,
        reports_to
    from united
)
select * from final

-- A deployment's own rows stand in for shipped ones of the same code and first day.
with shipped as (
    select * from {{ ref('agencies') }}
),
added as (
    select * from {{ ref('stg_landing__local_agencies') }}
),
kept as (
    select shipped.*
    from shipped
    left join added
        on shipped.agency_code = added.agency_code
        and shipped.valid_from = added.valid_from
    where added.agency_code is null
),
final as (
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
)
select * from final

-- Why a year to date cannot be stated: a month of the year is unpublished, the carry-over broke, or (for a roll-up) a commune
-- that reported earlier in the year does so no longer and its months are in nobody's sum. Codes are re-used: a commune is its
-- code and first day.
with months as (
    select * from {{ ref('int_months') }} where is_in_year
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_in_year
),
breaks as (
    select * from {{ ref('int_carry_over_breaks') }}
),
agencies as (
    select * from {{ ref('int_reporting_agencies') }}
),
unpublished as (
    select
        agencies.agency_code,
        'month_unpublished' as reason
    from agencies
    cross join months
    where not months.is_known
),
broken as (
    select
        communes.agency_code,
        'carry_over_break' as reason
    from communes
    inner join breaks
        on communes.agency_code = breaks.agency_code
        and communes.valid_from = breaks.valid_from

    union all

    select
        rollups.rollup_code as agency_code,
        'carry_over_break' as reason
    from rollups
    inner join breaks
        on rollups.agency_code = breaks.agency_code
        and rollups.valid_from = breaks.valid_from
    where rollups.is_current
),
ceased as (
    select
        rollups.rollup_code as agency_code,
        'commune_ceased' as reason
    from rollups
    left join communes
        on rollups.agency_code = communes.agency_code
        and rollups.valid_from = communes.valid_from
    where not rollups.is_current and communes.agency_code is null
),
final as (
    select distinct * from unpublished
    union
    select distinct * from broken
    union
    select distinct * from ceased
)
select * from final

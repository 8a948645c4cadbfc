-- Why a year to date cannot be stated: a month of the year is unpublished; dossiers vanished or appeared between two months
-- (what only moved within an agency's year or a roll-up's moved nothing); the agency took over an unknown part of one that
-- reported this year; or (for a roll-up) the months of a commune that reported earlier in the year are in nobody's sum.
with months as (
    select * from {{ ref('int_months') }} where is_in_year
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_in_year
),
unallocated_rollups as (
    select * from {{ ref('int_unallocated_rollups') }}
),
year_agencies as (
    select * from {{ ref('int_year_agencies') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
paths as (
    select * from {{ ref('int_agency_paths') }}
),
breaks as (
    select * from {{ ref('int_carry_over_breaks') }}
),
agencies as (
    select * from {{ ref('int_reporting_agencies') }}
),
-- Whose year holds the year of which agency.
parts as (
    select
        agency_code as part_code,
        valid_from as part_valid_from,
        agency_code
    from communes

    union all

    select
        agency_code as part_code,
        valid_from as part_valid_from,
        rollup_code as agency_code
    from rollups
    where is_current

    union all

    select
        agency_code as part_code,
        valid_from as part_valid_from,
        rollup_code as agency_code
    from unallocated_rollups
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
        parts.agency_code,
        'carry_over_break' as reason
    from breaks
    inner join answering
        on breaks.agency_code = answering.agency_code
        and breaks.valid_from = answering.valid_from
    inner join parts
        on answering.heir_code = parts.part_code
        and answering.heir_valid_from = parts.part_valid_from
    group by
        parts.agency_code,
        breaks.period_month,
        breaks.dossier_code
    having sum(case when breaks.kind = 'appeared' then 1 else -1 end) <> 0
),
first_months as (
    select
        heir_code,
        heir_valid_from,
        min(period_month) as first_month
    from year_agencies
    group by heir_code, heir_valid_from
),
divided as (
    select
        parts.agency_code,
        'part_unknown' as reason
    from year_agencies
    cross join period
    inner join paths
        on year_agencies.agency_code = paths.agency_code
        and year_agencies.valid_from = paths.valid_from
        and {{ stands_on('paths', 'period.last_date') }}
    inner join communes
        on paths.heir_code = communes.agency_code
        and paths.heir_valid_from = communes.valid_from
    inner join first_months
        on communes.agency_code = first_months.heir_code
        and communes.valid_from = first_months.heir_valid_from
    inner join parts
        on communes.agency_code = parts.part_code
        and communes.valid_from = parts.part_valid_from
    -- A roll-up that holds all of the divided agency knows its sum.
    left join parts as wholes
        on year_agencies.heir_code = wholes.part_code
        and year_agencies.heir_valid_from = wholes.part_valid_from
        and parts.agency_code = wholes.agency_code
    where
        wholes.agency_code is null
        and not year_agencies.is_allocated
        and (year_agencies.is_reporting or year_agencies.period_month < first_months.first_month)
),
ceased as (
    select
        rollups_now.heir_code as agency_code,
        'commune_ceased' as reason
    from rollups
    inner join answering as rollups_now
        on rollups.rollup_code = rollups_now.agency_code
        and rollups.rollup_valid_from = rollups_now.valid_from
        and rollups_now.is_allocated
    left join answering as communes_now
        on rollups.agency_code = communes_now.agency_code
        and rollups.valid_from = communes_now.valid_from
    left join communes
        on communes_now.heir_code = communes.agency_code
        and communes_now.heir_valid_from = communes.valid_from
    left join unallocated_rollups
        on communes_now.heir_code = unallocated_rollups.agency_code
        and communes_now.heir_valid_from = unallocated_rollups.valid_from
        and rollups_now.heir_code = unallocated_rollups.rollup_code
    where
        not rollups.is_current
        and communes.agency_code is null
        and unallocated_rollups.agency_code is null
),
final as (
    select distinct * from unpublished
    union
    select distinct * from broken
    union
    select distinct * from divided
    union
    select distinct * from ceased
)
select * from final

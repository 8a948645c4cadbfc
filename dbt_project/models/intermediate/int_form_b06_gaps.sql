-- Where no year to date by field can stand: an earlier month was published before Biểu 06 was, or without its counts (withheld);
-- so too what an agency that was gone had left in it.
with year_agencies as (
    select * from {{ ref('int_year_agencies') }} where is_known and not is_current
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_current
),
unallocated_rollups as (
    select * from {{ ref('int_unallocated_rollups') }}
),
totals as (
    select * from {{ ref('stg_published__form_b06') }} where row_kind = 'total' and taken_on is not null
),
published_left as (
    select distinct
        period_month,
        agency_code,
        agency_valid_from
    from {{ ref('stg_published__form_b06_unallocated') }}
    where taken_on is not null
),
counts_left as (
    select distinct
        period_month,
        agency_code,
        agency_valid_from
    from {{ ref('stg_published__unallocated_values') }}
    where indicator_code in ({{ form_b06_indicators() }}) and (numerator is null or numerator > 0)
),
gaps as (
    select
        year_agencies.heir_code,
        year_agencies.heir_valid_from,
        year_agencies.is_allocated
    from year_agencies
    left join totals
        on year_agencies.period_month = totals.period_month
        and year_agencies.agency_code = totals.agency_code
    where year_agencies.is_reporting and totals.agency_code is null

    union all

    select
        year_agencies.heir_code,
        year_agencies.heir_valid_from,
        year_agencies.is_allocated
    from year_agencies
    inner join counts_left
        on year_agencies.period_month = counts_left.period_month
        and year_agencies.agency_code = counts_left.agency_code
        and year_agencies.valid_from = counts_left.agency_valid_from
    left join published_left
        on year_agencies.period_month = published_left.period_month
        and year_agencies.agency_code = published_left.agency_code
        and year_agencies.valid_from = published_left.agency_valid_from
    where not year_agencies.is_reporting and published_left.agency_code is null
),
final as (
    select heir_code as agency_code from gaps where is_allocated
    union
    select rollups.rollup_code as agency_code
    from rollups
    inner join gaps on rollups.agency_code = gaps.heir_code
    where gaps.is_allocated
    union
    select unallocated_rollups.rollup_code as agency_code
    from unallocated_rollups
    inner join gaps
        on unallocated_rollups.agency_code = gaps.heir_code
        and unallocated_rollups.valid_from = gaps.heir_valid_from
    where not gaps.is_allocated
)
select * from final

-- Where no year to date by field can stand: an earlier month was published before Biểu 06 was, or without its counts (withheld),
-- or an agency that was gone had something left in it, which no published form tells by field, whoever answers for it now.
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
gaps as (
    select distinct year_agencies.heir_code as agency_code
    from year_agencies
    left join totals
        on year_agencies.period_month = totals.period_month
        and year_agencies.agency_code = totals.agency_code
    where
        (year_agencies.is_reporting and totals.agency_code is null)
        or (year_agencies.is_allocated and not year_agencies.is_reporting)
),
final as (
    select agency_code from gaps
    union
    select rollups.rollup_code as agency_code
    from rollups
    inner join gaps on rollups.agency_code = gaps.agency_code
    union
    select unallocated_rollups.rollup_code as agency_code
    from unallocated_rollups
    inner join year_agencies
        on unallocated_rollups.agency_code = year_agencies.agency_code
        and unallocated_rollups.valid_from = year_agencies.valid_from
    where not year_agencies.is_reporting
)
select * from final

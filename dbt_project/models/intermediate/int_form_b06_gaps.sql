-- Months published before Biểu 06 was: their fields are nowhere, so no year to date by field can rest on them.
with communes as (
    select * from {{ ref('int_reporting_communes') }} where is_in_year
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_current
),
totals as (
    select * from {{ ref('stg_published__form_b06') }} where row_kind = 'total'
),
gaps as (
    select distinct communes.agency_code
    from communes
    inner join communes as now
        on communes.agency_code = now.agency_code
        and communes.valid_from = now.valid_from
    left join totals
        on communes.period_month = totals.period_month
        and communes.agency_code = totals.agency_code
    where
        now.is_current
        and communes.is_known
        and not communes.is_current
        and totals.agency_code is null
),
final as (
    select agency_code from gaps
    union
    select rollups.rollup_code as agency_code
    from rollups
    inner join gaps on rollups.agency_code = gaps.agency_code
)
select * from final

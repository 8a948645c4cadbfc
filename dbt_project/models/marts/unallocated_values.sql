with period as (
    select * from {{ ref('stg_landing__period') }}
),
indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
unallocated_figures as (
    select * from {{ ref('int_unallocated_figures') }}
),
withheld_months as (
    select * from {{ ref('stg_landing__withheld_cells') }} where scope = 'month'
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        unallocated_figures.agency_code,
        unallocated_figures.agency_valid_from,
        unallocated_figures.indicator_code,
        case when withheld_months.agency_code is null then unallocated_figures.numerator end as numerator,
        case when withheld_months.agency_code is null then unallocated_figures.denominator end as denominator,
        indicators.definition_version
    from unallocated_figures
    inner join indicators on unallocated_figures.indicator_code = indicators.indicator_code
    left join withheld_months
        on unallocated_figures.agency_code = withheld_months.agency_code
        and unallocated_figures.indicator_code = withheld_months.indicator_code
    cross join period
)
select * from final

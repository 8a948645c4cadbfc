with period as (
    select * from {{ ref('stg_landing__period') }}
),
indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
unallocated_figures as (
    select * from {{ ref('int_unallocated_figures') }}
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        unallocated_figures.agency_code,
        unallocated_figures.agency_valid_from,
        unallocated_figures.indicator_code,
        unallocated_figures.numerator,
        unallocated_figures.denominator,
        indicators.definition_version
    from unallocated_figures
    inner join indicators on unallocated_figures.indicator_code = indicators.indicator_code
    cross join period
)
select * from final

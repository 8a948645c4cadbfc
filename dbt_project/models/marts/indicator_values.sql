with period as (
    select * from {{ ref('stg_landing__period') }}
),
indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
month_figures as (
    select * from {{ ref('int_month_figures') }}
),
year_figures as (
    select * from {{ ref('int_year_figures') }}
),
unallocated_figures as (
    select * from {{ ref('int_unallocated_figures') }}
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_current
),
unallocated_rollups as (
    select * from {{ ref('int_unallocated_rollups') }}
),
incomplete_years as (
    select distinct agency_code from {{ ref('int_incomplete_years') }}
),
withheld_months as (
    select * from {{ ref('stg_landing__withheld_cells') }} where scope = 'month'
),
withheld_years as (
    select * from {{ ref('stg_landing__withheld_cells') }} where scope = 'ytd'
),
-- A roll-up misses what is withheld: it is measured, and cannot be counted.
communes as (
    select
        'month' as scope,
        month_figures.agency_code,
        month_figures.indicator_code,
        month_figures.numerator,
        month_figures.denominator,
        1 as months_expected,
        case when month_figures.is_measured and withheld_months.agency_code is null then 1 else 0 end as months_measured,
        true as rests_on_this_month,
        month_figures.is_measured or withheld_months.agency_code is not null as is_measured
    from month_figures
    left join withheld_months
        on month_figures.agency_code = withheld_months.agency_code
        and month_figures.indicator_code = withheld_months.indicator_code

    union all

    select
        'ytd' as scope,
        year_figures.agency_code,
        year_figures.indicator_code,
        year_figures.numerator,
        year_figures.denominator,
        year_figures.months_expected,
        case
            when withheld_years.agency_code is not null then 0
            when withheld_months.agency_code is not null then year_figures.months_measured_before
            else year_figures.months_measured
        end as months_measured,
        year_figures.rests_on_this_month,
        year_figures.is_measured
        or (
            year_figures.months_expected > 0
            and (
                withheld_years.agency_code is not null
                or (withheld_months.agency_code is not null and year_figures.rests_on_this_month)
            )
        ) as is_measured
    from year_figures
    left join withheld_months
        on year_figures.agency_code = withheld_months.agency_code
        and year_figures.indicator_code = withheld_months.indicator_code
    left join withheld_years
        on year_figures.agency_code = withheld_years.agency_code
        and year_figures.indicator_code = withheld_years.indicator_code
    where year_figures.is_reporting
),
withheld_leftovers as (
    select
        unallocated_figures.agency_code,
        unallocated_figures.agency_valid_from as valid_from,
        unallocated_figures.indicator_code
    from unallocated_figures
    inner join withheld_months
        on unallocated_figures.agency_code = withheld_months.agency_code
        and unallocated_figures.indicator_code = withheld_months.indicator_code
),
-- What no commune answers for is expected of nobody, and in the sums all the same; where it is withheld, the sums lack it.
unallocated as (
    select
        'month' as scope,
        unallocated_figures.agency_code,
        unallocated_figures.agency_valid_from as valid_from,
        unallocated_figures.indicator_code,
        unallocated_figures.numerator,
        unallocated_figures.denominator,
        case when withheld_leftovers.agency_code is not null then 1 else 0 end as months_expected,
        0 as months_measured,
        true as rests_on_this_month,
        withheld_leftovers.agency_code is not null as is_measured
    from unallocated_figures
    left join withheld_leftovers
        on unallocated_figures.agency_code = withheld_leftovers.agency_code
        and unallocated_figures.agency_valid_from = withheld_leftovers.valid_from
        and unallocated_figures.indicator_code = withheld_leftovers.indicator_code

    union all

    select
        'ytd' as scope,
        year_figures.agency_code,
        year_figures.valid_from,
        year_figures.indicator_code,
        year_figures.numerator,
        year_figures.denominator,
        year_figures.months_expected
        + case when withheld_leftovers.agency_code is not null and year_figures.rests_on_this_month then 1 else 0 end
            as months_expected,
        year_figures.months_measured,
        year_figures.rests_on_this_month,
        year_figures.months_measured > 0
        or (withheld_leftovers.agency_code is not null and year_figures.rests_on_this_month) as is_measured
    from year_figures
    left join withheld_leftovers
        on year_figures.agency_code = withheld_leftovers.agency_code
        and year_figures.valid_from = withheld_leftovers.valid_from
        and year_figures.indicator_code = withheld_leftovers.indicator_code
    where not year_figures.is_reporting
),
parts as (
    select
        rollups.rollup_code,
        communes.*
    from communes
    inner join rollups on communes.agency_code = rollups.agency_code

    union all

    select
        unallocated_rollups.rollup_code,
        unallocated.scope,
        unallocated.agency_code,
        unallocated.indicator_code,
        unallocated.numerator,
        unallocated.denominator,
        unallocated.months_expected,
        unallocated.months_measured,
        unallocated.rests_on_this_month,
        unallocated.is_measured
    from unallocated
    inner join unallocated_rollups
        on unallocated.agency_code = unallocated_rollups.agency_code
        and unallocated.valid_from = unallocated_rollups.valid_from
),
agencies as (
    select * from communes

    union all

    -- Shares of a roll-up are sums over sums, never means of shares.
    select
        scope,
        rollup_code as agency_code,
        indicator_code,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(months_expected) as months_expected,
        sum(months_measured) as months_measured,
        max(case when rests_on_this_month then 1 else 0 end) = 1 as rests_on_this_month,
        max(case when is_measured then 1 else 0 end) = 1 as is_measured
    from parts
    group by scope, rollup_code, indicator_code
),
stated as (
    select
        agencies.*,
        case
            when withheld_months.agency_code is not null and agencies.rests_on_this_month then 'withheld'
            when withheld_years.agency_code is not null then 'withheld'
            when not agencies.is_measured then 'not_measured'
            when agencies.months_measured < agencies.months_expected then 'incomplete'
            when agencies.scope = 'ytd' and incomplete_years.agency_code is not null then 'incomplete'
            when agencies.denominator = 0 then 'not_applicable'
            else 'ok'
        end as state
    from agencies
    left join incomplete_years on agencies.agency_code = incomplete_years.agency_code
    left join withheld_months
        on agencies.agency_code = withheld_months.agency_code
        and agencies.indicator_code = withheld_months.indicator_code
    left join withheld_years
        on agencies.scope = 'ytd'
        and agencies.agency_code = withheld_years.agency_code
        and agencies.indicator_code = withheld_years.indicator_code
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        stated.scope,
        stated.agency_code,
        stated.indicator_code,
        cast(case when stated.state in ('ok', 'not_applicable') then stated.numerator end as bigint) as numerator,
        cast(case when stated.state in ('ok', 'not_applicable') then stated.denominator end as bigint) as denominator,
        case
            when stated.state <> 'ok' then null
            when stated.denominator is null then cast(stated.numerator as double)
            else cast(stated.numerator as double) / stated.denominator
        end as value,
        stated.state,
        case
            when stated.state = 'withheld' then 0
            else coalesce(cast(stated.months_measured as double) / nullif(stated.months_expected, 0), 0)
        end as coverage,
        indicators.definition_version
    from stated
    inner join indicators on stated.indicator_code = indicators.indicator_code
    cross join period
)
select * from final

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
communes as (
    select
        'month' as scope,
        agency_code,
        indicator_code,
        numerator,
        denominator,
        1 as months_expected,
        case when is_measured then 1 else 0 end as months_measured,
        is_measured
    from month_figures

    union all

    select
        'ytd' as scope,
        agency_code,
        indicator_code,
        numerator,
        denominator,
        months_expected,
        months_measured,
        is_measured
    from year_figures
    where is_reporting
),
-- What no commune answers for is expected of nobody, and in the sums all the same.
unallocated as (
    select
        'month' as scope,
        agency_code,
        agency_valid_from as valid_from,
        indicator_code,
        numerator,
        denominator,
        0 as months_expected,
        0 as months_measured,
        false as is_measured
    from unallocated_figures

    union all

    select
        'ytd' as scope,
        agency_code,
        valid_from,
        indicator_code,
        numerator,
        denominator,
        months_expected,
        months_measured,
        months_measured > 0 as is_measured
    from year_figures
    where not is_reporting
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
        max(case when is_measured then 1 else 0 end) = 1 as is_measured
    from parts
    group by scope, rollup_code, indicator_code
),
stated as (
    select
        agencies.*,
        case
            when not agencies.is_measured then 'not_measured'
            when agencies.months_measured < agencies.months_expected then 'incomplete'
            when agencies.scope = 'ytd' and incomplete_years.agency_code is not null then 'incomplete'
            when agencies.denominator = 0 then 'not_applicable'
            else 'ok'
        end as state
    from agencies
    left join incomplete_years on agencies.agency_code = incomplete_years.agency_code
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
        coalesce(cast(stated.months_measured as double) / nullif(stated.months_expected, 0), 0) as coverage,
        indicators.definition_version
    from stated
    inner join indicators on stated.indicator_code = indicators.indicator_code
    cross join period
)
select * from final

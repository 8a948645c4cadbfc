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
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_current
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
),
agencies as (
    select * from communes

    union all

    -- Shares of a roll-up are sums over sums, never means of shares.
    select
        communes.scope,
        rollups.rollup_code as agency_code,
        communes.indicator_code,
        sum(communes.numerator) as numerator,
        sum(communes.denominator) as denominator,
        sum(communes.months_expected) as months_expected,
        sum(communes.months_measured) as months_measured,
        max(case when communes.is_measured then 1 else 0 end) = 1 as is_measured
    from communes
    inner join rollups on communes.agency_code = rollups.agency_code
    group by communes.scope, rollups.rollup_code, communes.indicator_code
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
        cast(stated.months_measured as double) / stated.months_expected as coverage,
        indicators.definition_version
    from stated
    inner join indicators on stated.indicator_code = indicators.indicator_code
    cross join period
)
select * from final

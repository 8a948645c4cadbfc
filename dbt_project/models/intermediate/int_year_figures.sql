-- Year to date: the year's published months and the one being closed. A stock is that of one month: the opening one of the
-- commune's first month of the year, the closing one of this month. The months of a predecessor with the same code are not
-- the commune's own.
with indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_in_year
),
month_figures as (
    select * from {{ ref('int_month_figures') }}
),
published_values as (
    select * from {{ ref('stg_published__indicator_values') }}
),
year_members as (
    select * from {{ ref('int_year_members') }}
),
communes_now as (
    select
        communes.agency_code,
        communes.valid_from,
        min(months_of.period_month) as first_month
    from communes
    inner join communes as months_of
        on communes.agency_code = months_of.agency_code
        and communes.valid_from = months_of.valid_from
    where communes.is_current
    group by communes.agency_code, communes.valid_from
),
monthly as (
    select
        communes.agency_code,
        indicators.indicator_code,
        indicators.kind,
        communes.is_current,
        communes.is_known,
        case
            when indicators.kind = 'flow' then true
            when indicators.kind = 'opening_stock' then communes.period_month = communes_now.first_month
            when indicators.kind = 'closing_stock' then communes.is_current
            -- Counted again over the year's dossiers; the denominator is this month's.
            when indicators.kind = 'distinct' then true
        end as is_taken,
        indicators.kind <> 'distinct' or communes.is_current as is_denominator_taken,
        case when communes.is_current then month_figures.numerator else published_values.numerator end as numerator,
        case when communes.is_current then month_figures.denominator else published_values.denominator end as denominator,
        case
            when communes.is_current then month_figures.is_measured
            else coalesce(published_values.state in ('ok', 'not_applicable'), false)
        end as is_measured
    from communes
    inner join communes_now
        on communes.agency_code = communes_now.agency_code
        and communes.valid_from = communes_now.valid_from
    cross join indicators
    left join month_figures
        on communes.is_current
        and communes.agency_code = month_figures.agency_code
        and indicators.indicator_code = month_figures.indicator_code
    left join published_values
        on not communes.is_current
        and communes.is_known
        and communes.period_month = published_values.period_month
        and communes.agency_code = published_values.agency_code
        and indicators.indicator_code = published_values.indicator_code
),
summed as (
    select
        agency_code,
        indicator_code,
        kind,
        sum(case when is_taken then numerator end) as numerator,
        sum(case when is_taken and is_denominator_taken then denominator end) as denominator,
        sum(case when is_taken then 1 else 0 end) as months_expected,
        sum(case when is_taken and is_known and is_measured then 1 else 0 end) as months_measured,
        sum(case when is_current and is_measured then 1 else 0 end) > 0 as is_measured_now
    from monthly
    group by agency_code, indicator_code, kind
),
final as (
    select
        summed.agency_code,
        summed.indicator_code,
        cast(case when summed.kind = 'distinct' then coalesce(year_members.members, 0) else summed.numerator end as bigint)
            as numerator,
        cast(summed.denominator as bigint) as denominator,
        cast(summed.months_expected as bigint) as months_expected,
        cast(summed.months_measured as bigint) as months_measured,
        summed.is_measured_now or summed.months_measured > 0 as is_measured
    from summed
    left join year_members
        on summed.agency_code = year_members.agency_code
        and summed.indicator_code = year_members.indicator_code
)
select * from final

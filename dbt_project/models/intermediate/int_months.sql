with period as (
    select * from {{ ref('stg_landing__period') }}
),
year_months as (
    select * from {{ ref('stg_landing__year_months') }}
),
published_dossiers as (
    select * from {{ ref('stg_published__dossiers') }}
),
before_the_year as (
    select distinct published_dossiers.period_month
    from published_dossiers
    cross join period
    left join year_months on published_dossiers.period_month = year_months.period_month
    where
        published_dossiers.period_month < period.period_month
        and year_months.period_month is null
),
months as (
    select
        period_month,
        true as is_in_year,
        true as is_current,
        true as is_known
    from period

    union all

    select
        period_month,
        true as is_in_year,
        false as is_current,
        revision is not null as is_known
    from year_months

    union all

    select
        period_month,
        false as is_in_year,
        false as is_current,
        true as is_known
    from before_the_year
),
final as (
    select
        months.period_month,
        {{ add_months('months.period_month', -1) }} as previous_month,
        {{ last_date_of('months.period_month', 'period.reporting_calendar') }} as last_date,
        months.is_in_year,
        months.is_current,
        months.is_known
    from months
    cross join period
)
select * from final

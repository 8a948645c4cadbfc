-- Distinct counts cannot be summed over months: they are counted again over the year's published dossiers and this month's.
-- A month enters when the commune of today's code reported in it, and not a predecessor with the same code.
with indicators as (
    select * from {{ ref('int_indicators_in_force') }} where kind = 'distinct'
),
months as (
    select * from {{ ref('int_months') }} where is_in_year and is_known and not is_current
),
communes as (
    select * from {{ ref('int_reporting_communes') }}
),
own_months as (
    select
        months.period_month,
        earlier.agency_code
    from months
    inner join communes as earlier on months.period_month = earlier.period_month
    inner join communes as now
        on earlier.agency_code = now.agency_code
        and earlier.valid_from = now.valid_from
    where now.is_current
),
published_dossiers as (
    select * from {{ ref('stg_published__dossiers') }}
),
indicator_groups as (
    select * from {{ ref('int_indicator_groups') }}
),
members as (
    select
        'dossiers' as fact,
        published_dossiers.agency_code,
        published_dossiers.procedure_code as member,
        published_dossiers.tokens
    from published_dossiers
    inner join own_months
        on published_dossiers.period_month = own_months.period_month
        and published_dossiers.agency_code = own_months.agency_code

    union all

    select
        fact,
        agency_code,
        member,
        tokens
    from indicator_groups
),
final as (
    select
        members.agency_code,
        indicators.indicator_code,
        count(distinct members.member) as members
    from indicators
    inner join members
        on indicators.fact = members.fact
        and {{ holds_all('members.tokens', words('indicators.numerator_filter')) }}
    group by members.agency_code, indicators.indicator_code
)
select * from final

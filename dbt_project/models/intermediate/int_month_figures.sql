with indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
indicator_groups as (
    select * from {{ ref('int_indicator_groups') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
terms as (
    select
        indicator_code,
        'numerator' as part,
        fact,
        {{ words('numerator_filter') }} as tokens,
        kind = 'distinct' as counts_members
    from indicators

    union all

    select
        indicator_code,
        'denominator' as part,
        denominator_fact as fact,
        {{ words('denominator_filter') }} as tokens,
        false as counts_members
    from indicators
    where denominator_filter is not null
),
amounts as (
    select
        terms.indicator_code,
        terms.part,
        indicator_groups.agency_code,
        case
            when terms.counts_members then count(distinct indicator_groups.member)
            else sum(indicator_groups.amount)
        end as amount
    from terms
    inner join indicator_groups
        on terms.fact = indicator_groups.fact
        and {{ holds_all('indicator_groups.tokens', 'terms.tokens') }}
    group by
        terms.indicator_code,
        terms.part,
        terms.counts_members,
        indicator_groups.agency_code
),
counted as (
    select
        communes.agency_code,
        indicators.indicator_code,
        indicators.has_sources,
        indicators.denominator_fact,
        coalesce(numerators.amount, 0) as numerator,
        -- No row counted is zero; no staffing row is not zero staff.
        case
            when indicators.denominator_fact is null or indicators.denominator_fact = 'staffing' then denominators.amount
            else coalesce(denominators.amount, 0)
        end as denominator
    from communes
    cross join indicators
    left join amounts as numerators
        on communes.agency_code = numerators.agency_code
        and indicators.indicator_code = numerators.indicator_code
        and numerators.part = 'numerator'
    left join amounts as denominators
        on communes.agency_code = denominators.agency_code
        and indicators.indicator_code = denominators.indicator_code
        and denominators.part = 'denominator'
),
final as (
    select
        agency_code,
        indicator_code,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator,
        has_sources and (denominator_fact is null or denominator is not null) as is_measured
    from counted
)
select * from final

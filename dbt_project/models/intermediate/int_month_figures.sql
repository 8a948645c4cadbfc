with indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
amounts as (
    select * from {{ ref('int_indicator_amounts') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
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
        and communes.valid_from = numerators.valid_from
        and indicators.indicator_code = numerators.indicator_code
        and numerators.part = 'numerator'
    left join amounts as denominators
        on communes.agency_code = denominators.agency_code
        and communes.valid_from = denominators.valid_from
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

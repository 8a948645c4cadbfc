-- What is left of agencies that are gone and that nobody follows whole. It stands in no commune's figure; the roll-ups take
-- it in. What it has no denominator for (staff) is not measured.
with indicators as (
    select * from {{ ref('int_indicators_in_force') }} where has_sources
),
amounts as (
    select * from {{ ref('int_indicator_amounts') }}
),
gone as (
    select * from {{ ref('int_answering_agencies') }}
    where not is_allocated and agency_code = heir_code and valid_from = heir_valid_from
),
summed as (
    select
        gone.agency_code,
        gone.valid_from,
        amounts.indicator_code,
        sum(case when amounts.part = 'numerator' then amounts.amount else 0 end) as numerator,
        sum(case when amounts.part = 'denominator' then amounts.amount end) as denominator
    from gone
    inner join amounts
        on gone.agency_code = amounts.agency_code
        and gone.valid_from = amounts.valid_from
    group by
        gone.agency_code,
        gone.valid_from,
        amounts.indicator_code
),
final as (
    select
        summed.agency_code,
        summed.valid_from as agency_valid_from,
        summed.indicator_code,
        cast(summed.numerator as bigint) as numerator,
        cast(case when indicators.denominator_fact is not null then coalesce(summed.denominator, 0) end as bigint)
            as denominator
    from summed
    inner join indicators on summed.indicator_code = indicators.indicator_code
    where indicators.denominator_fact is null or indicators.denominator_fact <> 'staffing' or summed.denominator is not null
)
select * from final

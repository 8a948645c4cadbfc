-- The catalogue's numerators and denominators, counted for whoever answers for the rows. A catalogue of procedures and a
-- number of staff are not handed on: they are those of the agency that has the code on the last day.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
indicator_groups as (
    select * from {{ ref('int_indicator_groups') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
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
answered as (
    select
        indicator_groups.fact,
        case
            when indicator_groups.fact in ('procedures', 'staffing') then answering.agency_code
            else answering.heir_code
        end as agency_code,
        case
            when indicator_groups.fact in ('procedures', 'staffing') then answering.valid_from
            else answering.heir_valid_from
        end as valid_from,
        indicator_groups.member,
        indicator_groups.tokens,
        indicator_groups.amount
    from indicator_groups
    cross join period
    inner join answering on {{ is_agency_of('answering', 'indicator_groups', 'period.last_date') }}
),
final as (
    select
        terms.indicator_code,
        terms.part,
        answered.agency_code,
        answered.valid_from,
        cast(
            case
                when terms.counts_members then count(distinct answered.member)
                else sum(answered.amount)
            end as bigint
        ) as amount
    from terms
    inner join answered
        on terms.fact = answered.fact
        and {{ holds_all('answered.tokens', 'terms.tokens') }}
    group by
        terms.indicator_code,
        terms.part,
        terms.counts_members,
        answered.agency_code,
        answered.valid_from
)
select * from final

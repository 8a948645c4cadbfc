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
distinct_sets as (
    select distinct
        fact,
        tokens
    from indicator_groups
),
-- Numbered, since lists are dear to join and to group by.
token_sets as (
    select
        fact,
        tokens,
        row_number() over (order by fact, tokens) as set_number
    from distinct_sets
),
-- A term is compared once with each set of tokens, not with every group that has it.
asked as (
    select
        terms.indicator_code,
        terms.part,
        terms.counts_members,
        token_sets.set_number
    from terms
    inner join token_sets
        on terms.fact = token_sets.fact
        and {{ holds_all('token_sets.tokens', 'terms.tokens') }}
),
answered as (
    select
        case
            when indicator_groups.fact in ('procedures', 'staffing') then answering.agency_code
            else answering.heir_code
        end as agency_code,
        case
            when indicator_groups.fact in ('procedures', 'staffing') then answering.valid_from
            else answering.heir_valid_from
        end as valid_from,
        indicator_groups.member,
        token_sets.set_number,
        indicator_groups.amount
    from indicator_groups
    inner join token_sets
        on indicator_groups.fact = token_sets.fact
        and indicator_groups.tokens = token_sets.tokens
    cross join period
    inner join answering on {{ is_agency_of('answering', 'indicator_groups', 'period.last_date') }}
),
counted as (
    select
        agency_code,
        valid_from,
        set_number,
        sum(amount) as amount
    from answered
    group by agency_code, valid_from, set_number
),
final as (
    select
        asked.indicator_code,
        asked.part,
        counted.agency_code,
        counted.valid_from,
        cast(sum(counted.amount) as bigint) as amount
    from asked
    inner join counted on asked.set_number = counted.set_number
    where not asked.counts_members
    group by asked.indicator_code, asked.part, counted.agency_code, counted.valid_from

    union all

    select
        asked.indicator_code,
        asked.part,
        answered.agency_code,
        answered.valid_from,
        count(distinct answered.member) as amount
    from asked
    inner join answered on asked.set_number = answered.set_number
    where asked.counts_members
    group by asked.indicator_code, asked.part, answered.agency_code, answered.valid_from
)
select * from final

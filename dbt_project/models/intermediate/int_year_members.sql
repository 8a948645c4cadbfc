-- Distinct counts cannot be summed over months: they are counted again over the year's published dossiers and this month's.
-- Published dossiers carry these tokens only, so a distinct count may ask for no others. A dossier enters for whoever answers
-- for it now, when it was in a figure of its month.
with indicators as (
    select * from {{ ref('int_indicators_in_force') }} where kind = 'distinct'
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
months as (
    select * from {{ ref('int_months') }} where is_in_year and is_known and not is_current
),
year_agencies as (
    select * from {{ ref('int_year_agencies') }}
),
heirs as (
    select * from {{ ref('int_agency_heirs') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
published_dossiers as (
    select * from {{ ref('stg_published__dossiers') }}
),
indicator_groups as (
    select * from {{ ref('int_indicator_groups') }}
),
-- By the agency at reception: who answered for it at the end of the month had figures, and somebody answers for it now.
counted_agencies as (
    select
        months.period_month,
        heirs.agency_code,
        heirs.valid_from,
        year_agencies.heir_code,
        year_agencies.heir_valid_from
    from months
    inner join heirs on {{ stands_on('heirs', 'months.last_date') }}
    inner join year_agencies
        on months.period_month = year_agencies.period_month
        and heirs.heir_code = year_agencies.agency_code
        and heirs.heir_valid_from = year_agencies.valid_from
),
members as (
    select
        'dossiers' as fact,
        counted_agencies.heir_code as agency_code,
        counted_agencies.heir_valid_from as valid_from,
        published_dossiers.procedure_code as member,
        {{ list_of([
            token('received', 'published_dossiers.is_received'),
            token('carried_over', 'published_dossiers.is_carried_over'),
            token('pending', 'published_dossiers.is_pending'),
            valued_token('channel', 'published_dossiers.channel'),
        ]) }} as tokens
    from published_dossiers
    inner join counted_agencies
        on published_dossiers.period_month = counted_agencies.period_month
        and published_dossiers.agency_code = counted_agencies.agency_code
        and published_dossiers.agency_valid_from = counted_agencies.valid_from

    union all

    select
        indicator_groups.fact,
        answering.heir_code as agency_code,
        answering.heir_valid_from as valid_from,
        indicator_groups.member,
        indicator_groups.tokens
    from indicator_groups
    cross join period
    inner join answering on {{ is_agency_of('answering', 'indicator_groups', 'period.last_date') }}
),
final as (
    select
        members.agency_code,
        members.valid_from,
        indicators.indicator_code,
        count(distinct members.member) as members
    from indicators
    inner join members
        on indicators.fact = members.fact
        and {{ holds_all('members.tokens', words('indicators.numerator_filter')) }}
    group by members.agency_code, members.valid_from, indicators.indicator_code
)
select * from final

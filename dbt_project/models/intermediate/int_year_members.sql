-- Distinct counts cannot be summed over months: they are counted again over the year's published dossiers and this month's.
-- A dossier enters for whoever answers for it now, when it was in a figure of its month.
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
-- Counted before they are joined: the year has millions of dossiers, and few members.
published_members as (
    select distinct
        published_dossiers.period_month,
        published_dossiers.agency_code,
        published_dossiers.agency_valid_from,
        indicators.indicator_code,
        published_dossiers.procedure_code as member
    from published_dossiers
    inner join indicators
        on indicators.fact = 'dossiers'
        and {{ holds_all('published_dossiers.tokens', words('indicators.numerator_filter')) }}
),
members as (
    select
        counted_agencies.heir_code as agency_code,
        counted_agencies.heir_valid_from as valid_from,
        published_members.indicator_code,
        published_members.member
    from published_members
    inner join counted_agencies
        on published_members.period_month = counted_agencies.period_month
        and published_members.agency_code = counted_agencies.agency_code
        and published_members.agency_valid_from = counted_agencies.valid_from

    union all

    select
        answering.heir_code as agency_code,
        answering.heir_valid_from as valid_from,
        indicators.indicator_code,
        indicator_groups.member
    from indicator_groups
    inner join indicators
        on indicator_groups.fact = indicators.fact
        and {{ holds_all('indicator_groups.tokens', words('indicators.numerator_filter')) }}
    cross join period
    inner join answering on {{ is_agency_of('answering', 'indicator_groups', 'period.last_date') }}
),
final as (
    select
        agency_code,
        valid_from,
        indicator_code,
        count(distinct member) as members
    from members
    group by agency_code, valid_from, indicator_code
)
select * from final

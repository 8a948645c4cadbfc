-- Year to date: the year's published months and the one being closed, of all for whom the agency answers now. A stock is that
-- of one month: the opening one of the first month of the year, the closing one of this month.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
year_agencies as (
    select * from {{ ref('int_year_agencies') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
month_figures as (
    select * from {{ ref('int_month_figures') }}
),
unallocated_figures as (
    select * from {{ ref('int_unallocated_figures') }}
),
published_values as (
    select * from {{ ref('stg_published__indicator_values') }}
),
published_unallocated as (
    select * from {{ ref('stg_published__unallocated_values') }}
),
year_members as (
    select * from {{ ref('int_year_members') }}
),
figures as (
    select
        period.period_month,
        true as is_reporting,
        month_figures.agency_code,
        month_figures.indicator_code,
        month_figures.numerator,
        month_figures.denominator,
        month_figures.is_measured
    from month_figures
    cross join period

    union all

    select
        period_month,
        true as is_reporting,
        agency_code,
        indicator_code,
        numerator,
        denominator,
        state in ('ok', 'not_applicable') as is_measured
    from published_values
),
leftovers as (
    select
        period.period_month,
        unallocated_figures.*
    from unallocated_figures
    cross join period

    union all

    select
        period_month,
        agency_code,
        agency_valid_from,
        indicator_code,
        numerator,
        denominator
    from published_unallocated
),
monthly as (
    select
        year_agencies.heir_code,
        year_agencies.heir_valid_from,
        year_agencies.is_allocated,
        indicators.indicator_code,
        indicators.kind,
        year_agencies.is_current,
        year_agencies.is_known,
        year_agencies.is_reporting,
        case
            when indicators.kind = 'flow' then true
            when indicators.kind = 'opening_stock' then year_agencies.is_opening
            when indicators.kind = 'closing_stock' then year_agencies.is_current
            -- Counted again over the year's dossiers; the denominator is this month's.
            when indicators.kind = 'distinct' then true
        end as is_taken,
        indicators.kind <> 'distinct' or year_agencies.is_current as is_denominator_taken,
        case when year_agencies.is_reporting then figures.numerator else leftovers.numerator end as numerator,
        case when year_agencies.is_reporting then figures.denominator else leftovers.denominator end as denominator,
        coalesce(figures.is_measured, false) as is_measured,
        -- Something was left, and its figure withheld: nobody's sum can do without it.
        leftovers.agency_code is not null and leftovers.numerator is null as is_withheld
    from year_agencies
    cross join indicators
    left join figures
        on year_agencies.is_reporting
        and year_agencies.is_known
        and year_agencies.period_month = figures.period_month
        and year_agencies.agency_code = figures.agency_code
        and indicators.indicator_code = figures.indicator_code
    left join leftovers
        on not year_agencies.is_reporting
        and year_agencies.period_month = leftovers.period_month
        and year_agencies.agency_code = leftovers.agency_code
        and year_agencies.valid_from = leftovers.agency_valid_from
        and indicators.indicator_code = leftovers.indicator_code
),
summed as (
    select
        heir_code,
        heir_valid_from,
        is_allocated,
        indicator_code,
        kind,
        sum(case when is_taken then numerator end) as numerator,
        sum(case when is_taken and is_denominator_taken then denominator end) as denominator,
        sum(case when is_taken and (is_reporting or is_withheld) then 1 else 0 end) as months_expected,
        sum(case when is_taken and is_reporting and is_known and is_measured then 1 else 0 end) as months_measured,
        sum(case when is_taken and is_reporting and is_known and is_measured and not is_current then 1 else 0 end)
            as months_measured_before,
        sum(case when is_taken and is_current then 1 else 0 end) > 0 as rests_on_this_month,
        sum(case when is_current and is_measured then 1 else 0 end) > 0 as is_measured_now
    from monthly
    group by
        heir_code,
        heir_valid_from,
        is_allocated,
        indicator_code,
        kind
),
final as (
    select
        summed.heir_code as agency_code,
        summed.heir_valid_from as valid_from,
        communes.agency_code is not null as is_reporting,
        summed.indicator_code,
        cast(case when summed.kind = 'distinct' then coalesce(year_members.members, 0) else summed.numerator end as bigint)
            as numerator,
        cast(summed.denominator as bigint) as denominator,
        cast(summed.months_expected as bigint) as months_expected,
        cast(summed.months_measured as bigint) as months_measured,
        cast(summed.months_measured_before as bigint) as months_measured_before,
        summed.rests_on_this_month,
        summed.is_measured_now or summed.months_measured > 0 as is_measured
    from summed
    left join communes
        on summed.heir_code = communes.agency_code
        and summed.heir_valid_from = communes.valid_from
    left join year_members
        on summed.heir_code = year_members.agency_code
        and summed.heir_valid_from = year_members.valid_from
        and summed.indicator_code = year_members.indicator_code
    where communes.agency_code is not null or not summed.is_allocated
)
select * from final

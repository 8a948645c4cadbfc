-- Which agencies had figures in which month of the year, and who answers for them now. What was unallocated in a month stands
-- beside the communes; nobody expects it. The stock that the year began with is that of an agency's first month, unless the
-- agency took over from one whose own months come before.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
months as (
    select * from {{ ref('int_months') }} where is_in_year
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_in_year
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
paths as (
    select * from {{ ref('int_agency_paths') }}
),
unallocated as (
    select distinct
        period.period_month,
        figures.agency_code,
        figures.agency_valid_from
    from {{ ref('int_unallocated_figures') }} as figures
    cross join period

    union distinct

    select
        published_values.period_month,
        published_values.agency_code,
        published_values.agency_valid_from
    from {{ ref('stg_published__unallocated_values') }} as published_values
),
present as (
    select
        period_month,
        agency_code,
        valid_from,
        true as is_reporting
    from communes

    union all

    select
        unallocated.period_month,
        unallocated.agency_code,
        unallocated.agency_valid_from as valid_from,
        false as is_reporting
    from unallocated
    inner join months on unallocated.period_month = months.period_month
),
first_months as (
    select
        present.agency_code,
        present.valid_from,
        min(present.period_month) as first_month,
        min(months.last_date) as last_date
    from present
    inner join months on present.period_month = months.period_month
    group by present.agency_code, present.valid_from
),
heirs_in_the_year as (
    select distinct
        first_months.agency_code,
        first_months.valid_from
    from first_months
    inner join paths
        on first_months.agency_code = paths.heir_code
        and first_months.valid_from = paths.heir_valid_from
        and {{ stands_on('paths', 'first_months.last_date') }}
    inner join first_months as before
        on paths.agency_code = before.agency_code
        and paths.valid_from = before.valid_from
        and first_months.first_month > before.first_month
),
final as (
    select
        present.period_month,
        months.is_current,
        months.is_known,
        present.agency_code,
        present.valid_from,
        present.is_reporting,
        present.period_month = first_months.first_month and heirs_in_the_year.agency_code is null as is_opening,
        answering.heir_code,
        answering.heir_valid_from,
        answering.is_allocated
    from present
    inner join months on present.period_month = months.period_month
    inner join answering
        on present.agency_code = answering.agency_code
        and present.valid_from = answering.valid_from
    inner join first_months
        on present.agency_code = first_months.agency_code
        and present.valid_from = first_months.valid_from
    left join heirs_in_the_year
        on present.agency_code = heirs_in_the_year.agency_code
        and present.valid_from = heirs_in_the_year.valid_from
)
select * from final

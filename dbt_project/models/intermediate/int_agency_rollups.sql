-- Two steps up at most: commune, district (until 30 June 2025), province.
with communes as (
    select * from {{ ref('int_reporting_communes') }}
),
months as (
    select * from {{ ref('int_months') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
),
parents as (
    select
        communes.period_month,
        communes.agency_code,
        communes.valid_from,
        agencies.agency_code as rollup_code,
        agencies.valid_from as rollup_valid_from,
        agencies.name_vi as rollup_name_vi,
        agencies.parent_code as next_code
    from communes
    inner join months on communes.period_month = months.period_month
    inner join agencies
        on communes.parent_code = agencies.agency_code
        and {{ holds_on('agencies', 'months.last_date') }}
),
grandparents as (
    select
        parents.period_month,
        parents.agency_code,
        parents.valid_from,
        agencies.agency_code as rollup_code,
        agencies.valid_from as rollup_valid_from,
        agencies.name_vi as rollup_name_vi
    from parents
    inner join months on parents.period_month = months.period_month
    inner join agencies
        on parents.next_code = agencies.agency_code
        and {{ holds_on('agencies', 'months.last_date') }}
),
ancestors as (
    select
        period_month,
        agency_code,
        valid_from,
        rollup_code,
        rollup_valid_from,
        rollup_name_vi
    from parents

    union all

    select
        period_month,
        agency_code,
        valid_from,
        rollup_code,
        rollup_valid_from,
        rollup_name_vi
    from grandparents
),
final as (
    select
        ancestors.period_month,
        months.is_in_year,
        months.is_current,
        ancestors.agency_code,
        ancestors.valid_from,
        ancestors.rollup_code,
        ancestors.rollup_valid_from,
        ancestors.rollup_name_vi
    from ancestors
    inner join months on ancestors.period_month = months.period_month
    -- An agency that reports for itself has its own figures.
    left join communes
        on ancestors.period_month = communes.period_month
        and ancestors.rollup_code = communes.agency_code
    where communes.agency_code is null
)
select * from final

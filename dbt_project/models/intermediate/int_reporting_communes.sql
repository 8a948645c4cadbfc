-- Communes, and departments that a deployment adds. Where it names provinces, all under them report, except on the days that a
-- range of their own leaves out; where it names none, those report of which a range is said.
with months as (
    select * from {{ ref('int_months') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
),
provinces as (
    select * from {{ ref('stg_landing__reporting_provinces') }}
),
naming as (
    select count(*) > 0 as is_by_province from provinces
),
valid as (
    select
        months.period_month,
        months.is_in_year,
        months.is_current,
        months.is_known,
        months.last_date,
        agencies.agency_code,
        agencies.valid_from,
        agencies.name_vi,
        agencies.level,
        agencies.parent_code,
        agencies.reports_from,
        agencies.reports_to
    from months
    inner join agencies on {{ holds_on('agencies', 'months.last_date') }}
),
under as (
    select
        valid.*,
        coalesce(own.agency_code, above.agency_code, top.agency_code) is not null as is_under_named
    from valid
    left join valid as parents
        on valid.period_month = parents.period_month
        and valid.parent_code = parents.agency_code
    left join provinces as own on valid.agency_code = own.agency_code
    left join provinces as above on valid.parent_code = above.agency_code
    left join provinces as top on parents.parent_code = top.agency_code
),
final as (
    select
        under.period_month,
        under.is_in_year,
        under.is_current,
        under.is_known,
        under.agency_code,
        under.valid_from,
        under.name_vi,
        under.parent_code
    from under
    cross join naming
    where
        case
            when naming.is_by_province
                then under.is_under_named and under.level in ('commune', 'department')
            else under.reports_from is not null
        end
        and (under.reports_from is null or under.reports_from <= under.last_date)
        and (under.reports_to is null or under.reports_to >= under.last_date)
)
select * from final

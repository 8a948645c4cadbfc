-- Whole years, from the first holiday known to the last one. Everybody keeps the schedule `common`; an agency with hours or
-- swapped days of its own has one under its code.
with holidays as (
    select * from {{ ref('holidays') }}
),
agencies as (
    select agency_code from {{ ref('swapped_days') }}
    union
    select agency_code from {{ ref('stg_landing__local_swapped_days') }}
    union
    select agency_code from {{ ref('office_hours') }}
    union
    select agency_code from {{ ref('stg_landing__local_office_hours') }}
),
schedules as (
    select distinct coalesce(agency_code, 'common') as schedule_code
    from agencies
),
reach as (
    select
        cast(cast(extract(year from min(date)) as varchar) || '-01-01' as date) as first_date,
        cast(cast(extract(year from max(date)) as varchar) || '-12-31' as date) as last_date
    from holidays
),
listed as (
    select {{ days_from_to('first_date', 'last_date') }} as dates
    from reach
),
final as (
    select
        schedules.schedule_code,
        calendar_date
    from listed
    {{ each_item('listed.dates', 'calendar_date') }}
    cross join schedules
)
select * from final

-- For a day the agency's own row comes before everybody's, and the deployment's before the shipped one; so do hours for
-- a weekday.
with holidays as (
    select * from {{ ref('holidays') }}
),
shipped_swaps as (
    select * from {{ ref('swapped_days') }}
),
local_swaps as (
    select * from {{ ref('stg_landing__local_swapped_days') }}
),
shipped_hours as (
    select * from {{ ref('office_hours') }}
),
local_hours as (
    select * from {{ ref('stg_landing__local_office_hours') }}
),
swaps as (
    select
        coalesce(agency_code, 'common') as schedule_code,
        calendar_date,
        is_working,
        name_vi,
        legal_act,
        0 as source_rank
    from local_swaps
    union all
    select
        coalesce(agency_code, 'common') as schedule_code,
        date as calendar_date,
        is_working,
        name_vi,
        legal_act,
        1 as source_rank
    from shipped_swaps
),
hours as (
    select
        *,
        coalesce(agency_code, 'common') as schedule_code,
        0 as source_rank
    from local_hours
    union all
    select
        *,
        coalesce(agency_code, 'common') as schedule_code,
        1 as source_rank
    from shipped_hours
),
days as (
    select * from {{ ref('int_calendar_days') }}
),
schedules as (
    select distinct schedule_code from days
),
ranked_swaps as (
    select
        days.schedule_code,
        days.calendar_date,
        swaps.is_working,
        swaps.name_vi,
        swaps.legal_act,
        row_number() over (
            partition by days.schedule_code, days.calendar_date
            order by case when swaps.schedule_code = 'common' then 1 else 0 end, swaps.source_rank
        ) as place
    from days
    inner join swaps
        on days.calendar_date = swaps.calendar_date
        and swaps.schedule_code in ('common', days.schedule_code)
),
marked as (
    select
        days.schedule_code,
        days.calendar_date,
        swapped.is_working as is_swapped_on,
        coalesce(swapped.name_vi, holidays.name_vi) as name_vi,
        coalesce(swapped.legal_act, holidays.legal_ground) as legal_ground,
        holidays.date is not null as is_holiday,
        -- A day worked instead of another keeps the hours of a Monday.
        case when swapped.is_working then 1 else {{ weekday_of('days.calendar_date') }} end as hours_of_weekday
    from days
    left join ranked_swaps as swapped
        on days.schedule_code = swapped.schedule_code
        and days.calendar_date = swapped.calendar_date
        and swapped.place = 1
    left join holidays on days.calendar_date = holidays.date
),
offered_hours as (
    select
        schedules.schedule_code,
        case when hours.schedule_code = 'common' then 2 else 0 end + hours.source_rank as hours_rank,
        hours.valid_from,
        hours.valid_to,
        hours.weekdays,
        hours.morning_opens,
        hours.morning_closes,
        hours.afternoon_opens,
        hours.afternoon_closes
    from schedules
    inner join hours on hours.schedule_code in ('common', schedules.schedule_code)
),
ranked_hours as (
    select
        marked.schedule_code,
        marked.calendar_date,
        offered_hours.morning_opens,
        offered_hours.morning_closes,
        offered_hours.afternoon_opens,
        offered_hours.afternoon_closes,
        rank() over (
            partition by marked.schedule_code, marked.calendar_date order by offered_hours.hours_rank
        ) as place
    from marked
    inner join offered_hours
        on marked.schedule_code = offered_hours.schedule_code
        and {{ holds_on('offered_hours', 'marked.calendar_date') }}
        and offered_hours.weekdays like '%' || cast(marked.hours_of_weekday as varchar) || '%'
),
opened as (
    select
        marked.*,
        coalesce(ranked_hours.morning_opens, ranked_hours.afternoon_opens) is not null as has_hours,
        coalesce(marked.is_swapped_on, not marked.is_holiday)
        and coalesce(ranked_hours.morning_opens, ranked_hours.afternoon_opens) is not null as is_working,
        ranked_hours.morning_opens,
        ranked_hours.morning_closes,
        ranked_hours.afternoon_opens,
        ranked_hours.afternoon_closes
    from marked
    left join ranked_hours
        on marked.schedule_code = ranked_hours.schedule_code
        and marked.calendar_date = ranked_hours.calendar_date
        and ranked_hours.place = 1
),
timed as (
    select
        *,
        case
            when is_swapped_on then 'swapped_on'
            when not is_swapped_on then 'swapped_off'
            when is_holiday then 'holiday'
            when has_hours then 'working_day'
            else 'day_off'
        end as day_kind,
        case when is_working then {{ local_instant('calendar_date', 'morning_opens') }} end as morning_opens_at,
        case when is_working then {{ local_instant('calendar_date', 'morning_closes') }} end as morning_closes_at,
        case when is_working then {{ local_instant('calendar_date', 'afternoon_opens') }} end as afternoon_opens_at,
        case when is_working then {{ local_instant('calendar_date', 'afternoon_closes') }} end as afternoon_closes_at
    from opened
),
measured as (
    select
        *,
        coalesce({{ seconds_between('morning_opens_at', 'morning_closes_at') }}, 0)
        + coalesce({{ seconds_between('afternoon_opens_at', 'afternoon_closes_at') }}, 0) as working_seconds
    from timed
),
final as (
    select
        schedule_code,
        calendar_date,
        is_working,
        day_kind,
        name_vi,
        legal_ground,
        morning_opens_at,
        morning_closes_at,
        afternoon_opens_at,
        afternoon_closes_at,
        cast(working_seconds as bigint) as working_seconds,
        cast(
            coalesce(
                sum(working_seconds) over (
                    partition by schedule_code order by calendar_date rows between unbounded preceding and 1 preceding
                ), 0
            ) as bigint
        ) as working_seconds_before
    from measured
)
select * from final

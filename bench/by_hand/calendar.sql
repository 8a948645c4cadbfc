-- When the offices are open, 2018 to 2030, from the shipped holidays, swapped days and office hours.
create table dim_working_days as
with seeds as (
    select min(date) as first_holiday, max(date) as last_holiday from read_csv($holidays)
),
days as (
    select unnest(generate_series(
        date_trunc('year', first_holiday), date_trunc('year', last_holiday) + interval 1 year - interval 1 day, interval 1 day
    ))::date as calendar_date
    from seeds
),
-- A day worked instead of another keeps Monday's hours.
kinds as (
    select
        day.calendar_date,
        case
            when swap.is_working then 'swapped_on'
            when not swap.is_working then 'swapped_off'
            when holiday.date is not null then 'holiday'
            when hours.weekdays is not null then 'working_day'
            else 'day_off'
        end as day_kind,
        day_kind in ('working_day', 'swapped_on') as is_open,
        coalesce(swap.name_vi, holiday.name_vi) as name_vi,
        coalesce(swap.legal_act, holiday.legal_ground) as legal_ground,
        case when is_open then hours.morning_opens::time end as morning_opens,
        case when is_open then hours.morning_closes::time end as morning_closes,
        case when is_open then hours.afternoon_opens::time end as afternoon_opens,
        case when is_open then hours.afternoon_closes::time end as afternoon_closes
    from days as day
    left join read_csv($holidays) as holiday on day.calendar_date = holiday.date
    left join read_csv($swapped_days, types = {'date': 'date', 'is_working': 'boolean'}) as swap
        on day.calendar_date = swap.date and swap.agency_code is null
    left join read_csv($office_hours, all_varchar = true) as hours
        on hours.agency_code is null
        and contains(hours.weekdays, case when swap.is_working then '1' else isodow(day.calendar_date)::varchar end)
        and day.calendar_date between hours.valid_from::date and coalesce(hours.valid_to::date, date '9999-12-31')
)
select
    'common' as schedule_code,
    calendar_date,
    is_open as is_working,
    day_kind,
    name_vi,
    legal_ground,
    (calendar_date + morning_opens)::timestamptz as morning_opens_at,
    (calendar_date + morning_closes)::timestamptz as morning_closes_at,
    (calendar_date + afternoon_opens)::timestamptz as afternoon_opens_at,
    (calendar_date + afternoon_closes)::timestamptz as afternoon_closes_at,
    coalesce(date_diff('second', morning_opens_at, morning_closes_at), 0)
    + coalesce(date_diff('second', afternoon_opens_at, afternoon_closes_at), 0) as working_seconds,
    coalesce(
        sum(working_seconds) over (order by calendar_date rows between unbounded preceding and 1 preceding), 0
    )::bigint as working_seconds_before
from kinds;

-- Every morning and afternoon on which the offices open, and the working time that lies before each.
create temp table openings as
select
    morning_opens_at as opens_at,
    date_diff('second', morning_opens_at, morning_closes_at) as seconds,
    working_seconds_before as worked_before
from dim_working_days
where morning_opens_at is not null
union all
select
    afternoon_opens_at as opens_at,
    date_diff('second', afternoon_opens_at, afternoon_closes_at) as seconds,
    working_seconds_before + working_seconds - seconds as worked_before
from dim_working_days
where afternoon_opens_at is not null;

-- One row per reporting agency, with the last day of its working calendar; and one per dossier whose due date is later than
-- the clock's, with the working days (of 8 hours) between the two days. A pause that is open at the period's end may explain
-- any due date: sources set the new one when they ask.
with schedules as (
    select
        schedule_code,
        max(calendar_date) as calendar_to
    from dim_working_days
    group by schedule_code
),
moved as (
    select
        agency_code,
        dossier_code,
        due_at,
        clock_due_at,
        cast(timezone('Asia/Ho_Chi_Minh', due_at) as date) as due_date,
        cast(timezone('Asia/Ho_Chi_Minh', clock_due_at) as date) as clock_due_date
    from fct_dossiers
    where due_at > clock_due_at and len(list_filter(pauses, lambda pause: pause.to_at is null)) = 0
)
select
    a.agency_code,
    a.agency_code as row_key,
    cast(null as timestamptz) as due_at,
    cast(null as timestamptz) as clock_due_at,
    cast(null as double) as working_days_beyond,
    coalesce(own.calendar_to, common.calendar_to) as calendar_to,
    bounds.last_date + 183 as needed_to
from int_reporting_agencies as a
cross join bounds
left join schedules as own on a.agency_code = own.schedule_code
left join schedules as common on common.schedule_code = 'common'
where not a.is_rollup
union all
select
    m.agency_code,
    m.dossier_code as row_key,
    m.due_at,
    m.clock_due_at,
    (due_day.working_seconds_before - clock_day.working_seconds_before) / 28800.0 as working_days_beyond,
    cast(null as date) as calendar_to,
    cast(null as date) as needed_to
from moved as m
left join schedules as own on m.agency_code = own.schedule_code
left join dim_working_days as due_day
    on m.due_date = due_day.calendar_date and due_day.schedule_code = coalesce(own.schedule_code, 'common')
left join dim_working_days as clock_day
    on m.clock_due_date = clock_day.calendar_date and clock_day.schedule_code = coalesce(own.schedule_code, 'common')

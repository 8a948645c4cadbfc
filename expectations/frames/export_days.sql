-- One row per export of events (dossiers, documents, signatures) and working day of the period, with the events of that day.
-- Days worked instead of another are left out: few come on a Saturday. `usual_events` is the median of the others, set where a
-- day has none; `working_days_silent`, on the row of the last working day, counts the working days after the newest event,
-- where 30 events or more would have fallen on them.
with events as (
    select
        export,
        received_date as event_date,
        count(*) as events
    from fct_dossiers
    where is_received
    group by all
    union all
    select
        export,
        counted_date as event_date,
        count(*) as events
    from fct_documents
    group by all
    union all
    select
        export,
        cast(timezone('Asia/Ho_Chi_Minh', signed_at) as date) as event_date,
        count(*) as events
    from fct_signatures
    group by all
),
days as (
    select d.calendar_date
    from dim_working_days as d
    cross join bounds
    where
        d.schedule_code = 'common'
        and d.is_working
        and isodow(d.calendar_date) <= 5
        and d.calendar_date between bounds.first_date and bounds.last_date
),
exports as (
    select
        export,
        sum(events) as events,
        max(event_date) as newest_date
    from events
    group by export
),
by_day as (
    select
        exports.export,
        exports.newest_date,
        exports.events as events_in_all,
        days.calendar_date,
        coalesce(sum(e.events), 0) as events
    from exports
    cross join days
    left join events as e on exports.export = e.export and days.calendar_date = e.event_date
    group by all
),
measured as (
    select
        *,
        median(events) over (partition by export) as usual,
        count(*) filter (where calendar_date > newest_date) over (partition by export) as days_after,
        count(*) filter (where calendar_date <= newest_date) over (partition by export) as days_until,
        row_number() over (partition by export order by calendar_date desc) = 1 as is_last
    from by_day
)
select
    cast(null as varchar) as agency_code,
    export || ' ' || calendar_date as row_key,
    newest_date,
    events,
    case when events = 0 and calendar_date <= newest_date and usual >= 20 then cast(usual as bigint) end as usual_events,
    case
        when is_last and events_in_all / greatest(days_until, 1) * days_after >= 30 then days_after
    end as working_days_silent
from measured

-- One row per reporting agency and kind of event with its last day in the period. `working_days_silent` counts the working days
-- after it, where 25 or more events would have fallen on them at the rate of the days before.
with events as (
    select
        reporting_agency_code as agency_code,
        'received' as kind,
        received_date as event_date,
        count(*) as events
    from fct_dossiers
    where is_received
    group by all
    union all
    select
        reporting_agency_code as agency_code,
        direction as kind,
        counted_date as event_date,
        count(*) as events
    from fct_documents
    group by all
),
days as (
    select
        calendar_date,
        sum(case when is_working then 1 else 0 end) over (order by calendar_date) as working_days
    from dim_working_days
    cross join bounds
    where schedule_code = 'common' and calendar_date between bounds.first_date and bounds.last_date
),
spans as (
    select
        agency_code,
        kind,
        sum(events) as events,
        max(event_date) as newest_date
    from events
    group by agency_code, kind
)
select
    a.agency_code,
    coalesce(s.kind, 'none') as row_key,
    s.newest_date,
    case
        when s.events / greatest(until_newest.working_days, 1) * (in_all.working_days - until_newest.working_days) >= 25
            then in_all.working_days - until_newest.working_days
    end as working_days_silent
from int_reporting_agencies as a
cross join (select max(working_days) as working_days from days) as in_all
left join spans as s on a.agency_code = s.agency_code
left join days as until_newest on s.newest_date = until_newest.calendar_date
where not a.is_rollup

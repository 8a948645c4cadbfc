-- One row per agency, roll-up and scope: both sides of the identities. A side is null unless all its parts are ok, so that
-- an incomplete year to date is skipped; `parts_unanswered` counts the parts that nothing excuses.
with parts as (
    select
        v.agency_code,
        v.scope,
        v.indicator_code,
        v.state,
        case when v.state = 'ok' then v.value end as figure
    from indicator_values as v
),
wide as (
    select
        agency_code,
        scope,
        max(figure) filter (where indicator_code = 'dossiers_received') as received,
        max(figure) filter (where indicator_code = 'dossiers_received_online') as received_online,
        max(figure) filter (where indicator_code = 'dossiers_received_in_person') as received_in_person,
        max(figure) filter (where indicator_code = 'dossiers_received_postal') as received_postal,
        max(figure) filter (where indicator_code = 'dossiers_carried_over') as carried_over,
        max(figure) filter (where indicator_code = 'dossiers_resolved') as resolved,
        max(figure) filter (where indicator_code = 'dossiers_resolved_early') as resolved_early,
        max(figure) filter (where indicator_code = 'dossiers_resolved_on_time') as resolved_on_time,
        max(figure) filter (where indicator_code = 'dossiers_resolved_late') as resolved_late,
        max(figure) filter (where indicator_code = 'dossiers_resolved_without_due_date') as resolved_without_due_date,
        max(figure) filter (where indicator_code = 'dossiers_pending') as pending,
        max(figure) filter (where indicator_code = 'dossiers_pending_in_time') as pending_in_time,
        max(figure) filter (where indicator_code = 'dossiers_pending_overdue') as pending_overdue,
        max(figure) filter (where indicator_code = 'dossiers_refused') as refused,
        max(figure) filter (where indicator_code = 'dossiers_withdrawn') as withdrawn,
        -- The fifteen counts the identities are made of.
        15 - count(*) filter (
            where state in ('ok', 'withheld', 'incomplete') and indicator_code in (
                'dossiers_received', 'dossiers_received_online', 'dossiers_received_in_person',
                'dossiers_received_postal', 'dossiers_carried_over', 'dossiers_resolved', 'dossiers_resolved_early',
                'dossiers_resolved_on_time', 'dossiers_resolved_late', 'dossiers_resolved_without_due_date',
                'dossiers_pending', 'dossiers_pending_in_time', 'dossiers_pending_overdue', 'dossiers_refused',
                'dossiers_withdrawn'
            )
        ) as parts_unanswered
    from parts
    group by agency_code, scope
)
select
    agency_code,
    scope as row_key,
    scope,
    parts_unanswered,
    received + carried_over as taken_on,
    resolved + pending + refused + withdrawn as accounted_for,
    resolved,
    resolved_early + resolved_on_time + resolved_late + resolved_without_due_date as resolved_by_timeliness,
    pending,
    pending_in_time + pending_overdue as pending_by_due_date,
    received,
    received_online + received_in_person + received_postal as received_by_channel
from wide

-- What the clock looks at: a dossier's time from its reception to its end or, while it is open, to the period's end.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
dossiers as (
    select * from {{ ref('stg_portal__dossiers') }}
),
due_dates as (
    select * from {{ ref('int_dossier_due_dates') }}
),
schedules as (
    select distinct schedule_code from {{ ref('dim_working_days') }}
),
final as (
    select
        dossiers.dossier_code,
        coalesce(schedules.schedule_code, 'common') as schedule_code,
        dossiers.received_at,
        {{ earliest(['dossiers.finished_at', 'dossiers.refused_at', 'dossiers.withdrawn_at', 'period.ends_at']) }} as until_at,
        {{ earliest(['dossiers.finished_at', 'dossiers.refused_at', 'dossiers.withdrawn_at', 'period.ends_at']) }}
        < period.ends_at as has_ended,
        coalesce(due_dates.first_due_at, dossiers.due_at) as first_due_at
    from dossiers
    cross join period
    left join due_dates on dossiers.dossier_code = due_dates.dossier_code
    left join schedules on dossiers.agency_code = schedules.schedule_code
    where dossiers.received_at < period.ends_at
)
select * from final

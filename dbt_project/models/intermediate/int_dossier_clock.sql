-- Working time is read off the calendar as W(t), the working seconds from its first day to t: used is W(end) - W(reception)
-- less the union of the pauses. Instants outside the calendar have no W, and what rests on them is null.
with lives as (
    select * from {{ ref('int_dossier_lives') }}
),
pauses as (
    select * from {{ ref('int_dossier_pauses') }}
),
days as (
    select * from {{ ref('dim_working_days') }}
),
timed_lives as (
    select
        lives.dossier_code,
        lives.schedule_code,
        lives.first_due_at,
        lives.until_at > lives.received_at as has_lived,
        {{ working_seconds_until('lives.received_at', 'received_day') }} as received_w,
        {{ working_seconds_until('lives.until_at', 'until_day') }} as until_w,
        {{ working_seconds_until('lives.first_due_at', 'due_day') }} as due_w
    from lives
    left join days as received_day
        on lives.schedule_code = received_day.schedule_code
        and {{ local_date('lives.received_at') }} = received_day.calendar_date
    left join days as until_day
        on lives.schedule_code = until_day.schedule_code
        and {{ local_date('lives.until_at') }} = until_day.calendar_date
    left join days as due_day
        on lives.schedule_code = due_day.schedule_code
        and {{ local_date('lives.first_due_at') }} = due_day.calendar_date
),
timed_pauses as (
    select
        pauses.*,
        {{ working_seconds_until('pauses.from_at', 'from_day') }} as from_w,
        {{ working_seconds_until('pauses.paused_until_at', 'until_day') }} as until_w
    from pauses
    left join days as from_day
        on pauses.schedule_code = from_day.schedule_code
        and {{ local_date('pauses.from_at') }} = from_day.calendar_date
    left join days as until_day
        on pauses.schedule_code = until_day.schedule_code
        and {{ local_date('pauses.paused_until_at') }} = until_day.calendar_date
),
covered as (
    select
        *,
        max(until_w) over (
            partition by dossier_code order by from_w, until_w, kind, from_at, paused_until_at
            rows between unbounded preceding and 1 preceding
        ) as covered_w
    from timed_pauses
),
-- The part of each pause that no earlier one covers: together the union, and in order.
parts as (
    select
        dossier_code,
        from_w,
        until_w,
        kind,
        from_at,
        paused_until_at,
        case when covered_w > from_w then covered_w else from_w end as starts_w,
        case
            when covered_w >= until_w then 0
            when covered_w > from_w then until_w - covered_w
            else until_w - from_w
        end as paused_w
    from covered
),
summed as (
    select
        *,
        coalesce(
            sum(paused_w) over (
                partition by dossier_code order by from_w, until_w, kind, from_at, paused_until_at
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as paused_before_w
    from parts
),
-- A pause moves the due moment when it begins before the time used has reached the time allowed.
extended as (
    select
        summed.dossier_code,
        cast(sum(summed.paused_w) as bigint) as paused_w,
        cast(
            sum(case when summed.starts_w < timed_lives.due_w + summed.paused_before_w then summed.paused_w else 0 end) as bigint
        ) as extension_w
    from summed
    inner join timed_lives on summed.dossier_code = timed_lives.dossier_code
    group by summed.dossier_code
),
listed as (
    select
        dossier_code,
        {{ listed_rows(['from_at', 'to_at', 'kind']) }} as pauses,
        count(*) as pause_count
    from pauses
    group by dossier_code
),
moved as (
    select
        timed_lives.dossier_code,
        timed_lives.schedule_code,
        timed_lives.due_w + extended.extension_w as clock_due_w
    from timed_lives
    inner join extended on timed_lives.dossier_code = extended.dossier_code
    where extended.extension_w > 0
),
-- The day on which W reaches the moved due moment: the last working day that begins below it. Found by one sort, since a join
-- on a range of W would compare every dossier with every day.
in_order as (
    select
        schedule_code,
        working_seconds_before as w,
        calendar_date,
        cast(null as varchar) as dossier_code
    from days
    where working_seconds > 0
    union all
    select
        schedule_code,
        clock_due_w as w,
        cast(null as date) as calendar_date,
        dossier_code
    from moved
),
placed as (
    select
        dossier_code,
        schedule_code,
        w,
        -- At an equal W the moment comes first: the day before reached it, at its close.
        max(calendar_date) over (
            partition by schedule_code order by w, case when dossier_code is null then 1 else 0 end
            rows between unbounded preceding and current row
        ) as due_date
    from in_order
),
moved_due as (
    select
        placed.dossier_code,
        placed.w - days.working_seconds_before as into_day,
        coalesce({{ seconds_between('days.morning_opens_at', 'days.morning_closes_at') }}, 0) as morning_seconds,
        days.working_seconds,
        days.morning_opens_at,
        days.afternoon_opens_at
    from placed
    inner join days on placed.schedule_code = days.schedule_code and placed.due_date = days.calendar_date
    where placed.dossier_code is not null
),
clock_due as (
    select
        dossier_code,
        case
            when into_day > working_seconds then null
            when into_day <= morning_seconds then {{ add_seconds('morning_opens_at', 'into_day') }}
            else {{ add_seconds('afternoon_opens_at', 'into_day - morning_seconds') }}
        end as clock_due_at
    from moved_due
),
final as (
    select
        timed_lives.dossier_code,
        timed_lives.schedule_code,
        {{ list_or_empty('listed.pauses') }} as pauses,
        coalesce(listed.pause_count, 0) as pause_count,
        case
            when timed_lives.received_w is not null and timed_lives.until_w is not null then coalesce(extended.paused_w, 0)
        end as working_seconds_paused,
        case
            when timed_lives.has_lived
                then timed_lives.until_w - timed_lives.received_w - coalesce(extended.paused_w, 0)
            else 0
        end as working_seconds_used,
        case
            when timed_lives.due_w < timed_lives.received_w then 0 else timed_lives.due_w - timed_lives.received_w
        end as working_seconds_allowed,
        case
            when timed_lives.due_w is null or timed_lives.received_w is null then null
            when extended.extension_w > 0 then clock_due.clock_due_at
            else timed_lives.first_due_at
        end as clock_due_at
    from timed_lives
    left join listed on timed_lives.dossier_code = listed.dossier_code
    left join extended on timed_lives.dossier_code = extended.dossier_code
    left join clock_due on timed_lives.dossier_code = clock_due.dossier_code
)
select * from final

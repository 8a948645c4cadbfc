-- The legal clock in working seconds since the calendar began: of an instant, those before the last opening of the offices
-- and those since, as far as they stayed open. Parts of a second are dropped.
create temp macro worked(opening, instant) as
    opening.worked_before + least(date_diff('second', opening.opens_at, instant), opening.seconds);

create temp table timed as
select
    life.dossier_code,
    worked(at_reception, life.received_at) as received_w,
    worked(at_end, life.until_at) as until_w,
    worked(at_due, life.first_due_at) as due_w,
    life.first_due_at,
    life.until_at > life.received_at as has_lived
from lives as life
asof left join openings as at_reception on life.received_at >= at_reception.opens_at
asof left join openings as at_end on life.until_at >= at_end.opens_at
asof left join openings as at_due on life.first_due_at >= at_due.opens_at;

-- Pauses that touch or overlap are one spell.
create temp table spells as
with pauses as (
    select dossier_code, pause.from_at as from_at, coalesce(pause.to_at, until_at) as to_at
    from (select dossier_code, until_at, unnest(pauses) as pause from lives)
),
marked as (
    select
        *,
        from_at <= max(to_at) over (
            partition by dossier_code order by from_at, to_at rows between unbounded preceding and 1 preceding
        ) as goes_on
    from pauses
),
numbered as (
    select
        *,
        count(*) filter (where goes_on is not true) over (partition by dossier_code order by from_at, to_at) as spell
    from marked
),
merged as (
    select dossier_code, min(from_at) as from_at, max(to_at) as to_at
    from numbered
    group by dossier_code, spell
)
select
    dossier_code,
    worked(at_start, from_at) as from_w,
    worked(at_stop, to_at) - from_w as paused_w
from merged
asof left join openings as at_start on merged.from_at >= at_start.opens_at
asof left join openings as at_stop on merged.to_at >= at_stop.opens_at;

-- A spell moves the due moment if it began before the time used had reached the time allowed.
create temp table paused as
with before as (
    select
        *,
        from_w - coalesce(
            sum(paused_w) over (partition by dossier_code order by from_w rows between unbounded preceding and 1 preceding), 0
        ) as reached_w
    from spells
)
select
    dossier_code,
    sum(paused_w)::bigint as paused_w,
    coalesce(sum(paused_w) filter (where reached_w < due_w), 0)::bigint as extension_w
from before
join timed using (dossier_code)
group by dossier_code;

create temp table moved as
select dossier_code, opens_at + to_seconds(moved_w - worked_before) as moved_at
from (
    select dossier_code, due_w + extension_w as moved_w
    from timed
    join paused using (dossier_code)
    where extension_w > 0
)
asof join openings on moved_w > worked_before;

create temp table clocks as
select
    dossier_code,
    coalesce(paused_w, 0) as working_seconds_paused,
    case when has_lived then until_w - received_w - coalesce(paused_w, 0) else 0 end as working_seconds_used,
    if(due_w < received_w, 0, due_w - received_w) as working_seconds_allowed,
    coalesce(moved_at, first_due_at) as clock_due_at
from timed
left join paused using (dossier_code)
left join moved using (dossier_code);

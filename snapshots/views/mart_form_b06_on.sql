-- Biểu 06 as on a given date. Its totals and states are those of the counts in indicator_values_on; its fields are summed from the
-- months' forms, and from what agencies that were gone had left. Where the fields do not add up to the counts (a month was
-- published before its form was) the form is incomplete; so is a field of the year in which a dossier changed its field.
create or replace macro mart_form_b06_on(on_date) as table
with counts as (
    select
        period_month,
        reporting_calendar,
        scope,
        agency_code,
        level,
        district_code,
        province_code,
        sum(numerator) filter (where indicator_code in ('dossiers_received', 'dossiers_carried_over')) as c3_taken_on,
        sum(numerator) filter (where indicator_code = 'dossiers_received_online') as c4_received_online,
        sum(numerator) filter (where indicator_code in ('dossiers_received_in_person', 'dossiers_received_postal'))
            as c5_received_otherwise,
        sum(numerator) filter (where indicator_code = 'dossiers_carried_over') as c6_carried_over,
        sum(numerator) filter (where indicator_code in ('dossiers_resolved', 'dossiers_refused', 'dossiers_withdrawn'))
            as c7_ended,
        sum(numerator) filter (where indicator_code = 'dossiers_resolved_early') as c8_ended_early,
        sum(numerator) filter (
            where indicator_code in (
                'dossiers_resolved_on_time', 'dossiers_resolved_without_due_date', 'dossiers_refused', 'dossiers_withdrawn'
            )
        ) as c9_ended_on_time,
        sum(numerator) filter (where indicator_code = 'dossiers_resolved_late') as c10_ended_late,
        sum(numerator) filter (where indicator_code = 'dossiers_pending') as c11_pending,
        sum(numerator) filter (where indicator_code = 'dossiers_pending_in_time') as c12_pending_in_time,
        sum(numerator) filter (where indicator_code = 'dossiers_pending_overdue') as c13_pending_overdue,
        case
            when bool_or(state = 'withheld') then 'withheld'
            when bool_or(state = 'not_measured') then 'not_measured'
            when bool_or(state not in ('ok', 'unallocated')) then 'incomplete'
            when agency_code is null then 'unallocated'
            else 'ok'
        end as state
    from indicator_values_on(on_date)
    where
        indicator_code in (
            'dossiers_received', 'dossiers_received_online', 'dossiers_received_in_person', 'dossiers_received_postal',
            'dossiers_carried_over', 'dossiers_resolved', 'dossiers_resolved_early', 'dossiers_resolved_on_time',
            'dossiers_resolved_late', 'dossiers_resolved_without_due_date', 'dossiers_refused', 'dossiers_withdrawn',
            'dossiers_pending', 'dossiers_pending_in_time', 'dossiers_pending_overdue'
        )
    group by period_month, reporting_calendar, scope, agency_code, level, district_code, province_code
),
forms as (
    select a.valid_from, a.last_date, f.* exclude (scope, row_kind, state)
    from mart_form_b06 as f
    join reporting_agencies() as a on f.period_month = a.period_month and f.agency_code = a.agency_code
    where f.scope = 'month' and f.row_kind = 'field'
    union all by name
    select u.agency_valid_from as valid_from, s.last_date, u.* exclude (agency_valid_from)
    from mart_form_b06_unallocated as u
    join snapshots as s on u.period_month = s.period_month and s.is_current
),
leaves as (
    select
        f.period_month,
        f.reporting_calendar,
        t.unit_code as agency_code,
        coalesce(t.level, 'unallocated') as level,
        t.district_code,
        t.province_code,
        f.field_code,
        max(f.field_name) as field_name,
        o.period_month is not null as is_opening,
        sum(columns('^c[0-9]+_')::decimal(13, 0) * t.share::decimal(25, 24)) as "\0"
    from forms as f
    join agency_shares_on(on_date) as t
        on f.agency_code = t.agency_code and f.valid_from = t.valid_from and f.last_date = t.last_date and t.share > 0
    left join opening_months() as o
        on f.agency_code = o.agency_code and f.valid_from = o.valid_from and f.period_month = o.period_month
    group by all
),
scoped as (
    select 'month' as scope, period_month as named_in, * exclude (is_opening)
    from leaves
    union all by name
    -- Of the year to date: what came and ended in its months, what the first of them opened with, what the last one left.
    select
        'ytd' as scope,
        max(l.period_month) as named_in,
        p.period_month,
        l.reporting_calendar,
        l.agency_code,
        l.level,
        l.district_code,
        l.province_code,
        l.field_code,
        max_by(l.field_name, l.period_month) as field_name,
        sum(l.c3_taken_on - if(l.is_opening, 0, l.c6_carried_over)) as c3_taken_on,
        sum(l.c4_received_online) as c4_received_online,
        sum(l.c5_received_otherwise) as c5_received_otherwise,
        sum(if(l.is_opening, l.c6_carried_over, 0)) as c6_carried_over,
        sum(l.c7_ended) as c7_ended,
        sum(l.c8_ended_early) as c8_ended_early,
        sum(l.c9_ended_on_time) as c9_ended_on_time,
        sum(l.c10_ended_late) as c10_ended_late,
        sum(if(l.period_month = p.period_month, l.c11_pending, 0)) as c11_pending,
        sum(if(l.period_month = p.period_month, l.c12_pending_in_time, 0)) as c12_pending_in_time,
        sum(if(l.period_month = p.period_month, l.c13_pending_overdue, 0)) as c13_pending_overdue
    from snapshots as p
    join leaves as l
        on p.reporting_calendar = l.reporting_calendar and year(p.period_month) = year(l.period_month)
        and l.period_month <= p.period_month
    where p.is_current
    group by all
),
nodes as (
    from scoped
    union all by name
    select * replace (district_code as agency_code, 'district' as level)
    from scoped where district_code is not null
    union all by name
    select * replace (province_code as agency_code, 'province' as level, null as district_code)
    from scoped where province_code is not null
),
fields as (
    select
        scope,
        period_month,
        reporting_calendar,
        agency_code,
        level,
        district_code,
        province_code,
        field_code,
        max_by(field_name, named_in) as field_name,
        sum(columns('^c[0-9]+_')) as "\0"
    from nodes
    group by all
),
sums as (
    select
        scope,
        period_month,
        reporting_calendar,
        agency_code,
        level,
        district_code,
        province_code,
        sum(columns('^c[0-9]+_')) as "\0"
    from fields
    group by all
),
-- Equal but for what the counts were rounded by.
judged as (
    select
        c.* replace (
            case
                when c.state in ('ok', 'unallocated') and greatest(
                    abs(c.c3_taken_on - coalesce(s.c3_taken_on, 0)),
                    abs(c.c4_received_online - coalesce(s.c4_received_online, 0)),
                    abs(c.c5_received_otherwise - coalesce(s.c5_received_otherwise, 0)),
                    abs(c.c6_carried_over - coalesce(s.c6_carried_over, 0)),
                    abs(c.c8_ended_early - coalesce(s.c8_ended_early, 0)),
                    abs(c.c9_ended_on_time - coalesce(s.c9_ended_on_time, 0)),
                    abs(c.c10_ended_late - coalesce(s.c10_ended_late, 0)),
                    abs(c.c12_pending_in_time - coalesce(s.c12_pending_in_time, 0)),
                    abs(c.c13_pending_overdue - coalesce(s.c13_pending_overdue, 0))
                ) > 1e-12 then 'incomplete'
                else c.state
            end as state
        )
    from counts as c
    left join sums as s
        on c.scope = s.scope and c.period_month = s.period_month and c.reporting_calendar = s.reporting_calendar
        and c.agency_code is not distinct from s.agency_code and c.level = s.level
        and c.district_code is not distinct from s.district_code and c.province_code is not distinct from s.province_code
),
stated as (
    select *, 'total' as field_code, 'Tổng cộng' as field_name, 'total' as row_kind
    from judged
    union all by name
    select
        f.*,
        'field' as row_kind,
        case
            when j.state in ('ok', 'unallocated') and f.scope = 'ytd' and abs(f.c3_taken_on - f.c7_ended - f.c11_pending) > 1e-12
                then 'incomplete'
            else j.state
        end as state
    from judged as j
    join fields as f
        on j.scope = f.scope and j.period_month = f.period_month and j.reporting_calendar = f.reporting_calendar
        and j.agency_code is not distinct from f.agency_code and j.level = f.level
        and j.district_code is not distinct from f.district_code and j.province_code is not distinct from f.province_code
)
select
    period_month,
    reporting_calendar,
    scope,
    agency_code,
    level,
    district_code,
    province_code,
    field_code,
    field_name,
    row_kind,
    if(state in ('ok', 'unallocated'), columns('^c[0-9]+_'), null)::decimal(38, 16) as "\0",
    state
from stated;
comment on macro table mart_form_b06_on is 'mart_form_b06 by the agencies of a date: from mart_form_b06_on(date ''2025-07-01'')';

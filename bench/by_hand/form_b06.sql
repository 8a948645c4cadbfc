-- Biểu số 06/VPCP/KSTT by field, for the month and for the year to date: carried over is that of the first month, pending that
-- of the last. Refused, withdrawn and without a due date stand with on time.
create temp table field_names as
select field_code, coalesce(min(field_name) filter (is_in_force), min(field_name)) as field_name
from dim_procedures
where field_code is not null
group by field_code;

create temp table month_fields as
select
    agency_code,
    coalesce(field_code, 'unknown') as field_code,
    any_value(field_name) as field_name,
    count(*) filter (is_received and channel = 'online') as online,
    count(*) filter (is_received and channel <> 'online') as otherwise,
    count(*) filter (is_carried_over) as carried_over,
    count(*) filter (timeliness = 'early') as early,
    count(*) filter (timeliness in ('on_time', 'without_due_date') or is_refused or is_withdrawn) as on_time,
    count(*) filter (timeliness = 'late') as late,
    count(*) filter (is_pending and not is_pending_overdue) as in_time,
    count(*) filter (is_pending_overdue) as overdue
from fct_dossiers
left join field_names using (field_code)
group by agency_code, field_code;

create temp table earlier_fields as
select
    agency_code,
    field_code,
    max(field_name) as field_name,
    sum(c4_received_online) as online,
    sum(c5_received_otherwise) as otherwise,
    -- Of a field that an agency did not have in its first month of the year, nothing was carried over.
    coalesce(sum(c6_carried_over) filter (period_month = (select min(period_month) from earlier_forms)), 0) as carried_over,
    sum(c8_ended_early) as early,
    sum(c9_ended_on_time) as on_time,
    sum(c10_ended_late) as late
from earlier_forms
group by agency_code, field_code;

create temp table year_fields as
select
    agency_code,
    field_code,
    coalesce(m.field_name, e.field_name) as field_name,
    coalesce(m.online, 0) + coalesce(e.online, 0) as online,
    coalesce(m.otherwise, 0) + coalesce(e.otherwise, 0) as otherwise,
    if(exists(from earlier_forms), coalesce(e.carried_over, 0), m.carried_over) as carried_over,
    coalesce(m.early, 0) + coalesce(e.early, 0) as early,
    coalesce(m.on_time, 0) + coalesce(e.on_time, 0) as on_time,
    coalesce(m.late, 0) + coalesce(e.late, 0) as late,
    coalesce(m.in_time, 0) as in_time,
    coalesce(m.overdue, 0) as overdue
from month_fields as m
full join (from earlier_fields where agency_code in (select agency_code from agencies where level = 'commune')) as e
    using (agency_code, field_code);

create table mart_form_b06 as
with communes as (
    select 'month' as scope, * from month_fields
    union all by name
    select 'ytd' as scope, * from year_fields
),
fields as (
    from communes
    union all by name
    select
        scope,
        parent_code as agency_code,
        field_code,
        min(field_name) as field_name,
        sum(columns(* exclude (scope, agency_code, field_code, field_name, identity_code, level, parent_code, valid_from)))
    from communes
    join agencies using (agency_code)
    group by scope, parent_code, field_code
),
-- Who has no dossier has a total all the same.
totals as (
    select
        scope,
        agency_code,
        'total' as field_code,
        'Tổng cộng' as field_name,
        'total' as row_kind,
        coalesce(sum(columns(* exclude (scope, agency_code, field_code, field_name))), 0)
    from (select distinct scope, agency_code from indicator_values)
    left join fields using (scope, agency_code)
    group by scope, agency_code
),
rows as (
    select * replace (
        if(field_code = 'unknown', 'Chưa rõ lĩnh vực', coalesce(field_name, field_code)) as field_name
    ), 'field' as row_kind
    from fields
    union all by name
    from totals
),
summed as (
    select
        *,
        online + otherwise + carried_over as taken_on,
        early + on_time + late as ended,
        in_time + overdue as pending,
        -- A dossier whose field changed during the year was taken on in one and ended in the other.
        if(row_kind = 'field' and taken_on <> ended + pending, 'incomplete', 'ok') as state
    from rows
)
select
    $period_month as period_month,
    $calendar as reporting_calendar,
    scope,
    agency_code,
    field_code,
    field_name,
    row_kind,
    case state when 'ok' then taken_on end::bigint as c3_taken_on,
    case state when 'ok' then online end::bigint as c4_received_online,
    case state when 'ok' then otherwise end::bigint as c5_received_otherwise,
    case state when 'ok' then carried_over end::bigint as c6_carried_over,
    case state when 'ok' then ended end::bigint as c7_ended,
    case state when 'ok' then early end::bigint as c8_ended_early,
    case state when 'ok' then on_time end::bigint as c9_ended_on_time,
    case state when 'ok' then late end::bigint as c10_ended_late,
    case state when 'ok' then pending end::bigint as c11_pending,
    case state when 'ok' then in_time end::bigint as c12_pending_in_time,
    case state when 'ok' then overdue end::bigint as c13_pending_overdue,
    state
from summed;

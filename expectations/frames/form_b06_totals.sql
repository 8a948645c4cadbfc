-- One row per reporting agency, scope and column of Biểu 06: the total, the sum of the rows by field, and the same number made
-- of indicator_values. A number is null where a part of it is not known.
with figures as (
    select
        agency_code,
        scope,
        indicator_code,
        value
    from indicator_values
    where state = 'ok'
),
parts as (
    select
        unnest([
            '3', '3', '4', '5', '5', '6', '7', '7', '7', '8', '9', '9', '9', '9', '10', '11', '12', '13'
        ]) as column_code,
        unnest([
            'dossiers_received', 'dossiers_carried_over', 'dossiers_received_online', 'dossiers_received_in_person',
            'dossiers_received_postal', 'dossiers_carried_over', 'dossiers_resolved', 'dossiers_refused',
            'dossiers_withdrawn', 'dossiers_resolved_early', 'dossiers_resolved_on_time',
            'dossiers_resolved_without_due_date', 'dossiers_refused', 'dossiers_withdrawn', 'dossiers_resolved_late',
            'dossiers_pending', 'dossiers_pending_in_time', 'dossiers_pending_overdue'
        ]) as indicator_code
),
parts_expected as (
    select
        column_code,
        count(*) as expected
    from parts
    group by column_code
),
of_indicators as (
    select
        f.agency_code,
        f.scope,
        p.column_code,
        case when count(*) = any_value(e.expected) then cast(sum(f.value) as bigint) end as in_indicators
    from figures as f
    inner join parts as p on f.indicator_code = p.indicator_code
    inner join parts_expected as e on p.column_code = e.column_code
    group by f.agency_code, f.scope, p.column_code
),
cells as (
    select
        agency_code,
        scope,
        row_kind,
        state,
        unnest(['3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13']) as column_code,
        unnest([
            c3_taken_on, c4_received_online, c5_received_otherwise, c6_carried_over, c7_ended, c8_ended_early,
            c9_ended_on_time, c10_ended_late, c11_pending, c12_pending_in_time, c13_pending_overdue
        ]) as cell
    from mart_form_b06
),
of_form as (
    select
        agency_code,
        scope,
        column_code,
        max(cell) filter (where row_kind = 'total') as in_form,
        case
            when coalesce(bool_and(state = 'ok'), true) then coalesce(sum(cell) filter (where row_kind = 'field'), 0)
        end as in_fields
    from cells
    group by agency_code, scope, column_code
)
select
    o.agency_code,
    o.scope || ' ' || o.column_code as row_key,
    o.scope,
    'Biểu 06, cột ' || o.column_code as indicator_vi,
    o.in_form,
    cast(o.in_fields as bigint) as in_fields,
    i.in_indicators
from of_form as o
inner join int_reporting_agencies as a on o.agency_code = a.agency_code and not a.is_rollup
left join of_indicators as i
    on o.agency_code = i.agency_code and o.scope = i.scope and o.column_code = i.column_code

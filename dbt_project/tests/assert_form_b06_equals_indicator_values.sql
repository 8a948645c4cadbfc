-- The total of Biểu 06 is the sum of its fields, and the same counts as those of indicator_values; what agencies that are gone
-- had left is that of unallocated_values.
{%- set same = [
    ('c4_received_online', ['dossiers_received_online']),
    ('c5_received_otherwise', ['dossiers_received_in_person', 'dossiers_received_postal']),
    ('c6_carried_over', ['dossiers_carried_over']),
    ('c7_ended', ['dossiers_resolved', 'dossiers_refused', 'dossiers_withdrawn']),
    ('c8_ended_early', ['dossiers_resolved_early']),
    ('c9_ended_on_time',
     ['dossiers_resolved_on_time', 'dossiers_resolved_without_due_date', 'dossiers_refused', 'dossiers_withdrawn']),
    ('c10_ended_late', ['dossiers_resolved_late']),
    ('c12_pending_in_time', ['dossiers_pending_in_time']),
    ('c13_pending_overdue', ['dossiers_pending_overdue'])
] %}

with form as (
    select * from {{ ref('mart_form_b06') }}
),
form_left as (
    select * from {{ ref('mart_form_b06_unallocated') }}
),
indicator_values as (
    select * from {{ ref('indicator_values') }}
),
values_left as (
    select * from {{ ref('unallocated_values') }}
),
totals as (
    {%- for cell, _ in same %}
    select
        scope,
        agency_code,
        '{{ cell }}' as cell,
        {{ cell }} as amount
    from form
    where row_kind = 'total' and state = 'ok'
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),
cells as (
    {%- for cell, codes in same %}
    {%- for code in codes %}
    select
        '{{ cell }}' as cell,
        '{{ code }}' as indicator_code
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),
expected as (
    select
        indicator_values.scope,
        indicator_values.agency_code,
        cells.cell,
        sum(indicator_values.numerator) as amount
    from indicator_values
    inner join cells on indicator_values.indicator_code = cells.indicator_code
    group by indicator_values.scope, indicator_values.agency_code, cells.cell
),
left_in_form as (
    {%- for cell, _ in same %}
    select
        agency_code,
        agency_valid_from,
        '{{ cell }}' as cell,
        sum({{ cell }}) as amount
    from form_left
    where {{ cell }} is not null
    group by agency_code, agency_valid_from
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),
left_in_values as (
    select
        values_left.agency_code,
        values_left.agency_valid_from,
        cells.cell,
        sum(values_left.numerator) as amount
    from values_left
    inner join cells on values_left.indicator_code = cells.indicator_code
    group by values_left.agency_code, values_left.agency_valid_from, cells.cell
),
fields as (
    select
        scope,
        agency_code,
        sum(c3_taken_on) as taken_on,
        sum(c7_ended) as ended,
        sum(c11_pending) as pending
    from form
    where row_kind = 'field'
    group by scope, agency_code
    having max(case when state = 'ok' then 0 else 1 end) = 0
),
final as (
    select
        totals.scope,
        totals.agency_code,
        totals.cell
    from totals
    left join expected
        on totals.scope = expected.scope
        and totals.agency_code = expected.agency_code
        and totals.cell = expected.cell
    where expected.amount is null or totals.amount <> expected.amount

    union all

    select
        form.scope,
        form.agency_code,
        'fields' as cell
    from form
    inner join fields
        on form.scope = fields.scope
        and form.agency_code = fields.agency_code
    where
        form.row_kind = 'total'
        and form.state = 'ok'
        and (
            form.c3_taken_on <> fields.taken_on
            or form.c7_ended <> fields.ended
            or form.c11_pending <> fields.pending
        )

    union all

    select
        'month' as scope,
        left_in_form.agency_code,
        left_in_form.cell
    from left_in_form
    left join left_in_values
        on left_in_form.agency_code = left_in_values.agency_code
        and left_in_form.agency_valid_from = left_in_values.agency_valid_from
        and left_in_form.cell = left_in_values.cell
    where left_in_form.amount <> coalesce(left_in_values.amount, 0)
)
select * from final

{#- The columns of Biểu 06 from cells as the steps name them; null where the condition does not hold. -#}
{% macro form_b06_columns(cells, condition) -%}
    {%- for name, column in [
        ('taken_on', 'c3_taken_on'), ('received_online', 'c4_received_online'),
        ('received_otherwise', 'c5_received_otherwise'), ('carried_over', 'c6_carried_over'), ('ended', 'c7_ended'),
        ('ended_early', 'c8_ended_early'), ('ended_on_time', 'c9_ended_on_time'), ('ended_late', 'c10_ended_late'),
        ('pending', 'c11_pending'), ('pending_in_time', 'c12_pending_in_time'), ('pending_overdue', 'c13_pending_overdue')
    ] %}
    cast(case when {{ condition }} then {{ cells }}.{{ name }} end as bigint) as {{ column }}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The counts of the catalogue that the form stands on: where one of them has no figure, the form has none. -#}
{% macro form_b06_indicators() -%}
    'dossiers_received', 'dossiers_received_online', 'dossiers_received_in_person', 'dossiers_received_postal',
    'dossiers_carried_over', 'dossiers_resolved', 'dossiers_resolved_early', 'dossiers_resolved_on_time',
    'dossiers_resolved_late', 'dossiers_resolved_without_due_date', 'dossiers_refused', 'dossiers_withdrawn',
    'dossiers_pending', 'dossiers_pending_in_time', 'dossiers_pending_overdue'
{%- endmacro %}

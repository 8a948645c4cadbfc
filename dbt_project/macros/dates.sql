{#- The calendar day of an instant in Asia/Ho_Chi_Minh. -#}
{% macro local_date(instant) -%}
    {{ return(adapter.dispatch('local_date')(instant)) }}
{%- endmacro %}

{% macro default__local_date(instant) -%}
    {{ engine_without('local_date') }}
{%- endmacro %}

{% macro duckdb__local_date(instant) -%}
    cast(timezone('Asia/Ho_Chi_Minh', {{ instant }}) as date)
{%- endmacro %}

{#- A date moved by whole days. -#}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days')(date, days)) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    {{ engine_without('add_days') }}
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
    cast({{ date }} + interval ({{ days }}) day as date)
{%- endmacro %}

{#- A first of the month moved by whole months. -#}
{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch('add_months')(date, months)) }}
{%- endmacro %}

{% macro default__add_months(date, months) -%}
    {{ engine_without('add_months') }}
{%- endmacro %}

{% macro duckdb__add_months(date, months) -%}
    cast({{ date }} + interval ({{ months }}) month as date)
{%- endmacro %}

{#- The last day counted in a reporting month: the 14th under `nd09`, the last of the month under `calendar`. -#}
{% macro last_date_of(period_month, reporting_calendar) -%}
    case
        when {{ reporting_calendar }} = 'nd09' then {{ add_days(period_month, 13) }}
        else {{ add_days(add_months(period_month, 1), -1) }}
    end
{%- endmacro %}

{#- Whether a row with valid_from and valid_to (last day, inclusive; null is open) holds on a date. -#}
{% macro holds_on(relation, date) -%}
    ({{ relation }}.valid_from is null or {{ relation }}.valid_from <= {{ date }})
    and ({{ relation }}.valid_to is null or {{ relation }}.valid_to >= {{ date }})
{%- endmacro %}

{#- The earliest of some instants; nulls are passed over. -#}
{% macro earliest(instants) -%}
    {{ return(adapter.dispatch('earliest')(instants)) }}
{%- endmacro %}

{% macro default__earliest(instants) -%}
    {{ engine_without('earliest') }}
{%- endmacro %}

{% macro duckdb__earliest(instants) -%}
    least({{ instants | join(', ') }})
{%- endmacro %}

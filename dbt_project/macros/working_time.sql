{#- The instant of a local day and an hour HH:MM in Asia/Ho_Chi_Minh. -#}
{% macro local_instant(date, hour) -%}
    {{ return(adapter.dispatch('local_instant')(date, hour)) }}
{%- endmacro %}

{% macro default__local_instant(date, hour) -%}
    {{ engine_without('local_instant') }}
{%- endmacro %}

{% macro duckdb__local_instant(date, hour) -%}
    timezone('Asia/Ho_Chi_Minh', cast(cast({{ date }} as varchar) || ' ' || {{ hour }} as timestamp))
{%- endmacro %}

{#- 1 is Monday, 7 is Sunday. -#}
{% macro weekday_of(date) -%}
    {{ return(adapter.dispatch('weekday_of')(date)) }}
{%- endmacro %}

{% macro default__weekday_of(date) -%}
    {{ engine_without('weekday_of') }}
{%- endmacro %}

{% macro duckdb__weekday_of(date) -%}
    isodow({{ date }})
{%- endmacro %}

{#- A list of the days from one to another, both included. -#}
{% macro days_from_to(first_date, last_date) -%}
    {{ return(adapter.dispatch('days_from_to')(first_date, last_date)) }}
{%- endmacro %}

{% macro default__days_from_to(first_date, last_date) -%}
    {{ engine_without('days_from_to') }}
{%- endmacro %}

{% macro duckdb__days_from_to(first_date, last_date) -%}
    cast(generate_series({{ first_date }}, {{ last_date }}, interval 1 day) as date[])
{%- endmacro %}

{#- Whole seconds from one instant to another; parts of a second are dropped from both. -#}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    {{ engine_without('seconds_between') }}
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    (epoch_us({{ later }}) // 1000000 - epoch_us({{ earlier }}) // 1000000)
{%- endmacro %}

{#- An instant moved by whole seconds. -#}
{% macro add_seconds(instant, seconds) -%}
    {{ return(adapter.dispatch('add_seconds')(instant, seconds)) }}
{%- endmacro %}

{% macro default__add_seconds(instant, seconds) -%}
    {{ engine_without('add_seconds') }}
{%- endmacro %}

{% macro duckdb__add_seconds(instant, seconds) -%}
    ({{ instant }} + to_seconds({{ seconds }}))
{%- endmacro %}

{#- Working seconds from the first day of the calendar to an instant; `day` is the row of dim_working_days of its local day. -#}
{% macro working_seconds_until(instant, day) -%}
    (
        {{ day }}.working_seconds_before
        {%- for half in ('morning', 'afternoon') %}
        + case
            when {{ day }}.{{ half }}_opens_at is null or {{ instant }} <= {{ day }}.{{ half }}_opens_at then 0
            when {{ instant }} < {{ day }}.{{ half }}_closes_at
                then {{ seconds_between(day ~ '.' ~ half ~ '_opens_at', instant) }}
            else {{ seconds_between(day ~ '.' ~ half ~ '_opens_at', day ~ '.' ~ half ~ '_closes_at') }}
        end
        {%- endfor %}
    )
{%- endmacro %}

{#- Aggregate: the rows as a list of structs of these columns, in the order of the same columns. -#}
{% macro listed_rows(columns) -%}
    {{ return(adapter.dispatch('listed_rows')(columns)) }}
{%- endmacro %}

{% macro default__listed_rows(columns) -%}
    {{ engine_without('listed_rows') }}
{%- endmacro %}

{% macro duckdb__listed_rows(columns) -%}
    list(
        struct_pack({% for column in columns %}{{ column }} := {{ column }}{{ ', ' if not loop.last }}{% endfor %})
        order by {{ columns | join(' nulls last, ') }} nulls last
    )
{%- endmacro %}

{#- A list, or an empty one where there is none. -#}
{% macro list_or_empty(list) -%}
    {{ return(adapter.dispatch('list_or_empty')(list)) }}
{%- endmacro %}

{% macro default__list_or_empty(list) -%}
    {{ engine_without('list_or_empty') }}
{%- endmacro %}

{% macro duckdb__list_or_empty(list) -%}
    coalesce({{ list }}, [])
{%- endmacro %}

{#- Points are printed with two decimals. Exact decimals, so that the points of parts add up to those of the whole. -#}
{% macro points(value) -%}
    {{ return(adapter.dispatch('points')(value)) }}
{%- endmacro %}

{% macro default__points(value) -%}
    {{ engine_without('points') }}
{%- endmacro %}

{% macro duckdb__points(value) -%}
    cast(round({{ value }}, 2) as decimal(9, 2))
{%- endmacro %}

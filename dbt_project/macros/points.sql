{#- Points are printed with two decimals. Exact decimals, so that the points of parts add up to those of the whole. -#}
{% macro points(value) -%}
    cast(round({{ value }}, 2) as decimal(9, 2))
{%- endmacro %}

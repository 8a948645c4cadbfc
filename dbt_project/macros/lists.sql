{#- A list of the non-null values, in the order given. -#}
{% macro list_of(values) -%}
    {{ return(adapter.dispatch('list_of')(values)) }}
{%- endmacro %}

{% macro default__list_of(values) -%}
    {{ engine_without('list_of') }}
{%- endmacro %}

{% macro duckdb__list_of(values) -%}
    list_filter([
        {%- for value in values %}
        {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    ], lambda token: token is not null)
{%- endmacro %}

{#- A list in an order of its own, so that lists of the same items are equal. -#}
{% macro in_order(list) -%}
    {{ return(adapter.dispatch('in_order')(list)) }}
{%- endmacro %}

{% macro default__in_order(list) -%}
    {{ engine_without('in_order') }}
{%- endmacro %}

{% macro duckdb__in_order(list) -%}
    list_sort({{ list }})
{%- endmacro %}

{#- The words of a text, which one space parts. -#}
{% macro words(text) -%}
    {{ return(adapter.dispatch('words')(text)) }}
{%- endmacro %}

{% macro default__words(text) -%}
    {{ engine_without('words') }}
{%- endmacro %}

{% macro duckdb__words(text) -%}
    string_split({{ text }}, ' ')
{%- endmacro %}

{#- Whether a list holds every value of another. -#}
{% macro holds_all(list, wanted) -%}
    {{ return(adapter.dispatch('holds_all')(list, wanted)) }}
{%- endmacro %}

{% macro default__holds_all(list, wanted) -%}
    {{ engine_without('holds_all') }}
{%- endmacro %}

{% macro duckdb__holds_all(list, wanted) -%}
    {#- Three times as fast as list_has_all, which makes a set of every list anew for each row. -#}
    len(list_filter({{ wanted }}, lambda word: list_contains({{ list }}, word) is not true)) = 0
{%- endmacro %}

{#- The join that gives one row per item of a list; `item` names the struct, `item.column` its columns. -#}
{% macro each_item(list, item) -%}
    {{ return(adapter.dispatch('each_item')(list, item)) }}
{%- endmacro %}

{% macro default__each_item(list, item) -%}
    {{ engine_without('each_item') }}
{%- endmacro %}

{% macro duckdb__each_item(list, item) -%}
    cross join unnest({{ list }}) as {{ item }}_rows({{ item }})
{%- endmacro %}

{#- A token for `list_of`: the word when the condition holds, null when it does not or is unknown. -#}
{% macro token(word, condition) -%}
    case when {{ condition }} then '{{ word }}' end
{%- endmacro %}

{#- A token `name:value`; null when the value is. -#}
{% macro valued_token(name, value) -%}
    '{{ name }}:' || {{ value }}
{%- endmacro %}

{#- Aggregate: the distinct values as a list, in no promised order. -#}
{% macro collected(value) -%}
    {{ return(adapter.dispatch('collected')(value)) }}
{%- endmacro %}

{% macro default__collected(value) -%}
    {{ engine_without('collected') }}
{%- endmacro %}

{% macro duckdb__collected(value) -%}
    list(distinct {{ value }})
{%- endmacro %}

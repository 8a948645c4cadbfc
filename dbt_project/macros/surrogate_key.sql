{#- The only maker of keys: a digest of natural key columns, nulls marked. No clock and no row number, so a rebuild gives the same keys. -#}
{% macro surrogate_key(columns) -%}
    {{ return(adapter.dispatch('surrogate_key')(columns)) }}
{%- endmacro %}

{% macro default__surrogate_key(columns) -%}
    {{ engine_without('surrogate_key') }}
{%- endmacro %}

{#- One concat, since a chain of || copies the text anew for every column. -#}
{% macro duckdb__surrogate_key(columns) -%}
    md5(concat(
        {%- for column in columns %}
        case when {{ column }} is null then '-' else '=' end, replace(cast({{ column }} as varchar), '|', '||'), '|'
        {{- ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{#- A digest of the content of some columns, lists included: equal content, equal digest. To tell versions of one key apart within
    a build, and for nothing that is kept: another version of the engine may give another digest. -#}
{% macro content_digest(columns) -%}
    {{ return(adapter.dispatch('content_digest')(columns)) }}
{%- endmacro %}

{% macro default__content_digest(columns) -%}
    {{ engine_without('content_digest') }}
{%- endmacro %}

{% macro duckdb__content_digest(columns) -%}
    to_hex(hash({{ columns | join(', ') }}))
{%- endmacro %}

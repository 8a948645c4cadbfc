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

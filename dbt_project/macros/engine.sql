{#- Every macro that speaks one engine's dialect is dispatched. Its default stops the compilation and names what to write,
    because SQL that nobody has run on an engine is worse than none. -#}
{% macro engine_without(name) -%}
    {{ exceptions.raise_compiler_error("write " ~ target.type ~ "__" ~ name ~ " beside duckdb__" ~ name ~ " to run on this engine") }}
{%- endmacro %}

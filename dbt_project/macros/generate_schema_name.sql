{#- Everything lies in `main`: the build file holds one period and the published names carry no schema. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema }}
{%- endmacro %}

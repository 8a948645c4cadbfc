{#- Tables and views are made where they stay. dbt's own are made beside the old one, renamed and swapped, so that readers of a
    shared database always find one; nobody reads a build file before it is whole, and each statement costs more than most models. -#}
{% materialization table, adapter='duckdb' -%}
    {{ return(made_in_place('table', sql)) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
    {{ return(made_in_place('view', sql)) }}
{%- endmaterialization %}

{#- What is there already is of a build that makes some of the models again. -#}
{% macro made_in_place(type, sql) -%}
    {%- set relation = this.incorporate(type=type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- do drop_relation_if_exists(existing) -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, relation, sql) if type == 'table' else get_create_view_as_sql(relation, sql) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}

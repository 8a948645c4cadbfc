{#- Whether an agency of int_answering_agencies is the one that a row names: by code and first day, or, where staging knows no
    first day (the source gave an official code), by what the code meant on a date. -#}
{% macro is_agency_of(agencies, row, date) -%}
    {{ agencies }}.agency_code = {{ row }}.agency_code
    and (
        {{ agencies }}.valid_from = {{ row }}.agency_valid_from
        or (
            {{ row }}.agency_valid_from is null
            and ({{ agencies }}.named_from is null or {{ agencies }}.named_from <= {{ date }})
            and ({{ agencies }}.named_to is null or {{ agencies }}.named_to >= {{ date }})
        )
    )
{%- endmacro %}

{#- Whether a row of int_agency_paths or int_agency_heirs holds on a date. -#}
{% macro stands_on(relation, date) -%}
    {{ relation }}.holds_from <= {{ date }}
    and ({{ relation }}.holds_to is null or {{ relation }}.holds_to >= {{ date }})
{%- endmacro %}

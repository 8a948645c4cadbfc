{#- An identity code top-first and without the zeros of levels that it does not reach: 000.01.12.H28 becomes H28.12.01.
    Quyết định 20/2020/QĐ-TTg writes codes top-first, QCVN 102:2016/BTTTT lowest-first. Other codes stay as they are.
    The same as `cchc.agencies.canonical_identity`. -#}
{% macro canonical_identity(code) -%}
    {{ return(adapter.dispatch('canonical_identity')(code)) }}
{%- endmacro %}

{% macro default__canonical_identity(code) -%}
    {{ engine_without('canonical_identity') }}
{%- endmacro %}

{% macro duckdb__canonical_identity(code) -%}
    regexp_replace(
        case
            when regexp_full_match({{ code }}, '([0-9]+\.)*[A-Z][0-9]+')
                then array_to_string(list_reverse(string_split({{ code }}, '.')), '.')
            else {{ code }}
        end,
        '^([A-Z][0-9]+(?:\.[0-9]+)*?)(?:\.0+)+$',
        '\1'
    )
{%- endmacro %}

{#- The codes that landed rows name their agencies by, each once: to read a code costs more than to join by it. -#}
{% macro agency_spellings(relation) -%}
    select
        spelling,
        {{ canonical_identity('spelling') }} as code
    from (select distinct agency_code as spelling from {{ relation }}) as named
{%- endmacro %}

{#- Joins `agencies` (those with an identity code) to `source` through `spellings`: as the code was held on the day, as it is held on
    the period's last day, and whether it ever is. -#}
{% macro join_agencies(day) -%}
    left join spellings on source.agency_code = spellings.spelling
    left join agencies as agency_then
        on spellings.code = agency_then.identity_code
        and {{ holds_on('agency_then', day) }}
    left join agencies as agency_now
        on spellings.code = agency_now.identity_code
        and {{ holds_on('agency_now', 'period.last_date') }}
    left join (select distinct identity_code from agencies) as agency_ever
        on spellings.code = agency_ever.identity_code
{%- endmacro %}

{#- The official code of the agency that `join_agencies` found. A code held on neither day stays, as dim_agencies writes it or, when no
    agency ever has it, as the source sent it. -#}
{% macro agency_found() -%}
    coalesce(agency_then.agency_code, agency_now.agency_code, agency_ever.identity_code, source.agency_code)
{%- endmacro %}

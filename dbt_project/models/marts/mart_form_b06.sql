-- Biểu số 06/VPCP/KSTT. The states are those of the same counts in indicator_values; the sums are made anew, so that the
-- two can be compared.
{%- set cells = [
    'taken_on', 'received_online', 'received_otherwise', 'carried_over', 'ended', 'ended_early', 'ended_on_time', 'ended_late',
    'pending', 'pending_in_time', 'pending_overdue'
] %}

with period as (
    select * from {{ ref('stg_landing__period') }}
),
agencies as (
    select * from {{ ref('int_reporting_agencies') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
-- What nobody answers for stands in the roll-ups all the same.
parts_of as (
    select
        agency_code,
        valid_from,
        rollup_code
    from {{ ref('int_agency_rollups') }}
    where is_current

    union all

    select
        agency_code,
        valid_from,
        rollup_code
    from {{ ref('int_unallocated_rollups') }}
),
month_figures as (
    select * from {{ ref('int_field_figures') }}
),
year_figures as (
    select * from {{ ref('int_field_year_figures') }}
),
gaps as (
    select * from {{ ref('int_form_b06_gaps') }}
),
indicator_values as (
    select * from {{ ref('indicator_values') }}
    where indicator_code in ({{ form_b06_indicators() }})
),
states as (
    select
        indicator_values.scope,
        agencies.agency_code,
        case
            when max(case when indicator_values.state = 'withheld' then 1 else 0 end) = 1 then 'withheld'
            when max(case when indicator_values.state = 'not_measured' then 1 else 0 end) = 1 then 'not_measured'
            when max(case when indicator_values.state <> 'ok' then 1 else 0 end) = 1 then 'incomplete'
            when indicator_values.scope = 'ytd' and gaps.agency_code is not null then 'incomplete'
            else 'ok'
        end as state
    from agencies
    inner join indicator_values on agencies.agency_code = indicator_values.agency_code
    left join gaps on agencies.agency_code = gaps.agency_code
    group by indicator_values.scope, agencies.agency_code, gaps.agency_code
),
figures as (
    select
        'month' as scope,
        agency_code,
        valid_from,
        field_code,
        {%- for name in cells %}
        {{ name }},
        {%- endfor %}
        field_name
    from month_figures

    union all

    select
        'ytd' as scope,
        agency_code,
        valid_from,
        field_code,
        {%- for name in cells %}
        {{ name }},
        {%- endfor %}
        field_name
    from year_figures
),
by_field as (
    select
        figures.scope,
        figures.agency_code,
        figures.field_code,
        {%- for name in cells %}
        figures.{{ name }},
        {%- endfor %}
        figures.field_name
    from figures
    inner join communes
        on figures.agency_code = communes.agency_code
        and figures.valid_from = communes.valid_from

    union all

    select
        figures.scope,
        parts_of.rollup_code as agency_code,
        figures.field_code,
        {%- for name in cells %}
        sum(figures.{{ name }}) as {{ name }},
        {%- endfor %}
        min(figures.field_name) as field_name
    from figures
    inner join parts_of
        on figures.agency_code = parts_of.agency_code
        and figures.valid_from = parts_of.valid_from
    group by figures.scope, parts_of.rollup_code, figures.field_code
),
named as (
    select
        'field' as row_kind,
        states.scope,
        states.agency_code,
        by_field.field_code,
        -- A dossier whose field changed during the year was taken on in one and ended in the other.
        case
            when states.state = 'ok' and states.scope = 'ytd' and by_field.taken_on <> by_field.ended + by_field.pending
                then 'incomplete'
            else states.state
        end as state,
        {%- for name in cells %}
        by_field.{{ name }},
        {%- endfor %}
        case
            when by_field.field_code = 'unknown' then 'Chưa rõ lĩnh vực'
            else coalesce(by_field.field_name, by_field.field_code)
        end as field_name
    from states
    inner join by_field
        on states.scope = by_field.scope
        and states.agency_code = by_field.agency_code

    union all

    select
        'total' as row_kind,
        states.scope,
        states.agency_code,
        'total' as field_code,
        states.state,
        {%- for name in cells %}
        coalesce(sum(by_field.{{ name }}), 0) as {{ name }},
        {%- endfor %}
        'Tổng cộng' as field_name
    from states
    left join by_field
        on states.scope = by_field.scope
        and states.agency_code = by_field.agency_code
    group by states.scope, states.agency_code, states.state
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        named.scope,
        named.agency_code,
        named.field_code,
        named.field_name,
        named.row_kind,
        {{ form_b06_columns('named', "named.state = 'ok'") }},
        named.state
    from named
    cross join period
)
select * from final

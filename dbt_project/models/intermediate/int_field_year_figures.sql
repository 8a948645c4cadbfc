-- Year to date by field: what the year's earlier months published, and this month. What was carried over is that of
-- an agency's first month of the year, what is pending that of this one. Earlier months stand with whoever answers for them now.
{%- set flows = ['received', 'received_online', 'received_otherwise', 'ended', 'ended_early', 'ended_on_time', 'ended_late'] %}
{%- set closing = ['pending', 'pending_in_time', 'pending_overdue'] %}

with year_agencies as (
    select * from {{ ref('int_year_agencies') }}
),
month_figures as (
    select * from {{ ref('int_field_figures') }}
),
published_figures as (
    select * from {{ ref('stg_published__form_b06') }} where row_kind = 'field'
),
published_left as (
    select * from {{ ref('stg_published__form_b06_unallocated') }}
),
monthly as (
    select
        year_agencies.heir_code,
        year_agencies.heir_valid_from,
        year_agencies.is_current,
        year_agencies.is_opening,
        month_figures.field_code,
        month_figures.field_name,
        month_figures.taken_on - month_figures.carried_over as received,
        {%- for name in flows[1:] + closing %}
        month_figures.{{ name }},
        {%- endfor %}
        month_figures.carried_over
    from year_agencies
    inner join month_figures
        on year_agencies.agency_code = month_figures.agency_code
        and year_agencies.valid_from = month_figures.valid_from
    where year_agencies.is_current

    union all

    select
        year_agencies.heir_code,
        year_agencies.heir_valid_from,
        year_agencies.is_current,
        year_agencies.is_opening,
        published_figures.field_code,
        published_figures.field_name,
        published_figures.taken_on - published_figures.carried_over as received,
        {%- for name in flows[1:] + closing %}
        published_figures.{{ name }},
        {%- endfor %}
        published_figures.carried_over
    from year_agencies
    inner join published_figures
        on year_agencies.period_month = published_figures.period_month
        and year_agencies.agency_code = published_figures.agency_code
    where year_agencies.is_reporting and not year_agencies.is_current

    union all

    select
        year_agencies.heir_code,
        year_agencies.heir_valid_from,
        year_agencies.is_current,
        year_agencies.is_opening,
        published_left.field_code,
        published_left.field_name,
        published_left.taken_on - published_left.carried_over as received,
        {%- for name in flows[1:] + closing %}
        published_left.{{ name }},
        {%- endfor %}
        published_left.carried_over
    from year_agencies
    inner join published_left
        on year_agencies.period_month = published_left.period_month
        and year_agencies.agency_code = published_left.agency_code
        and year_agencies.valid_from = published_left.agency_valid_from
    where not year_agencies.is_reporting and not year_agencies.is_current
),
summed as (
    select
        heir_code as agency_code,
        heir_valid_from as valid_from,
        field_code,
        coalesce(max(case when is_current then field_name end), max(field_name)) as field_name,
        {%- for name in flows %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        {%- for name in closing %}
        sum(case when is_current then {{ name }} else 0 end) as {{ name }},
        {%- endfor %}
        sum(case when is_opening then carried_over else 0 end) as carried_over
    from monthly
    group by heir_code, heir_valid_from, field_code
),
final as (
    select
        agency_code,
        valid_from,
        field_code,
        field_name,
        received + carried_over as taken_on,
        received_online,
        received_otherwise,
        carried_over,
        ended,
        ended_early,
        ended_on_time,
        ended_late,
        pending,
        pending_in_time,
        pending_overdue
    from summed
)
select * from final

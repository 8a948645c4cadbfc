-- Year to date by field: what the year's earlier months published, and this month. What was carried over is that of the
-- commune's first month of the year, what is pending that of this one.
{%- set flows = ['received', 'received_online', 'received_otherwise', 'ended', 'ended_early', 'ended_on_time', 'ended_late'] %}
{%- set closing = ['pending', 'pending_in_time', 'pending_overdue'] %}

with communes as (
    select * from {{ ref('int_reporting_communes') }} where is_in_year
),
month_figures as (
    select * from {{ ref('int_field_figures') }}
),
published_figures as (
    select * from {{ ref('stg_published__form_b06') }} where row_kind = 'field'
),
own_months as (
    select
        communes.period_month,
        communes.agency_code,
        communes.is_current,
        min(communes.period_month) over (partition by communes.agency_code) as first_month
    from communes
    inner join communes as now
        on communes.agency_code = now.agency_code
        and communes.valid_from = now.valid_from
    where now.is_current
),
monthly as (
    select
        own_months.agency_code,
        own_months.is_current,
        own_months.period_month = own_months.first_month as is_first,
        month_figures.field_code,
        month_figures.field_name,
        month_figures.taken_on - month_figures.carried_over as received,
        {%- for name in flows[1:] + closing %}
        month_figures.{{ name }},
        {%- endfor %}
        month_figures.carried_over
    from own_months
    inner join month_figures on own_months.agency_code = month_figures.agency_code
    where own_months.is_current

    union all

    select
        own_months.agency_code,
        own_months.is_current,
        own_months.period_month = own_months.first_month as is_first,
        published_figures.field_code,
        published_figures.field_name,
        published_figures.taken_on - published_figures.carried_over as received,
        {%- for name in flows[1:] + closing %}
        published_figures.{{ name }},
        {%- endfor %}
        published_figures.carried_over
    from own_months
    inner join published_figures
        on own_months.period_month = published_figures.period_month
        and own_months.agency_code = published_figures.agency_code
    where not own_months.is_current
),
summed as (
    select
        agency_code,
        field_code,
        coalesce(max(case when is_current then field_name end), max(field_name)) as field_name,
        {%- for name in flows %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        {%- for name in closing %}
        sum(case when is_current then {{ name }} else 0 end) as {{ name }},
        {%- endfor %}
        sum(case when is_first then carried_over else 0 end) as carried_over
    from monthly
    group by agency_code, field_code
),
final as (
    select
        agency_code,
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

-- Points of a component: all of them from the target on, below it in proportion. A group and the whole have the points of
-- their measured components; what could not be measured is told beside them and is never counted as 0.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
components as (
    select * from {{ ref('int_index_766_components') }}
),
reporting as (
    select * from {{ ref('int_reporting_agencies') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
),
formula_values as (
    select * from {{ ref('int_formula_values') }}
),
scopes as (
    select 'month' as scope
    union all
    select 'ytd' as scope
),
levels as (
    select
        reporting.agency_code,
        agencies.level
    from reporting
    cross join period
    inner join agencies
        on reporting.agency_code = agencies.agency_code
        and {{ holds_on('agencies', 'period.last_date') }}
),
counted as (
    select
        components.*,
        scopes.scope,
        levels.agency_code,
        numerators.amount as numerator_amount,
        denominators.amount as denominator_amount,
        needed.amount as needed_amount,
        {{ holds_all(words('components.applies_to'), list_of(['levels.level'])) }} as applies,
        coalesce(numerators.state, 'not_measured') as numerator_state,
        case when components.denominator is null then 'ok' else denominators.state end as denominator_state,
        case when components.needs is null then 'ok' else needed.state end as needed_state
    from components
    cross join scopes
    cross join levels
    left join formula_values as numerators
        on components.numerator = numerators.formula
        and scopes.scope = numerators.scope
        and levels.agency_code = numerators.agency_code
    left join formula_values as denominators
        on components.denominator = denominators.formula
        and scopes.scope = denominators.scope
        and levels.agency_code = denominators.agency_code
    left join formula_values as needed
        on components.needs = needed.formula
        and scopes.scope = needed.scope
        and levels.agency_code = needed.agency_code
),
stated as (
    select
        *,
        case
            when not applies then 'not_applicable'
            when 'withheld' in (numerator_state, denominator_state, needed_state) then 'withheld'
            when 'not_measured' in (numerator_state, denominator_state, needed_state) then 'not_measured'
            when 'incomplete' in (numerator_state, denominator_state, needed_state) then 'incomplete'
            when 'not_applicable' in (numerator_state, denominator_state) or denominator_amount = 0 then 'not_applicable'
            -- Dossiers, but not one that is rated: that the portal takes no ratings is no dissatisfaction, and no content.
            when needed_amount = 0 then 'not_measured'
            else 'ok'
        end as state
    from counted
),
valued as (
    select
        *,
        case
            when state <> 'ok' then null
            when denominator is null then numerator_amount
            else numerator_amount / denominator_amount
        end as value
    from stated
),
scored as (
    select
        *,
        case
            when value is null then null
            when value >= target then {{ points('points_max') }}
            when value <= 0 then {{ points('0') }}
            else {{ points('points_max * value / target') }}
        end as points
    from valued
),
sums as (
    select
        'group' as row_kind,
        scope,
        agency_code,
        group_code as component_code,
        group_code,
        min(row_order) - 1 as row_order,
        min(group_name_vi) as name_vi,
        sum(points) as points,
        sum(case when state <> 'not_applicable' then points_max else 0 end) as points_max,
        sum(case when state = 'ok' then points_max else 0 end) as points_measured,
        max(case when state in ('incomplete', 'withheld') then 1 else 0 end) as lacks_part,
        max(case when state <> 'not_applicable' then 1 else 0 end) as applies
    from scored
    group by scope, agency_code, group_code

    union all

    select
        'total' as row_kind,
        scope,
        agency_code,
        'total' as component_code,
        'total' as group_code,
        0 as row_order,
        'Tổng điểm' as name_vi,
        sum(points) as points,
        sum(case when state <> 'not_applicable' then points_max else 0 end) as points_max,
        sum(case when state = 'ok' then points_max else 0 end) as points_measured,
        max(case when state in ('incomplete', 'withheld') then 1 else 0 end) as lacks_part,
        max(case when state <> 'not_applicable' then 1 else 0 end) as applies
    from scored
    group by scope, agency_code
),
listed as (
    select
        'component' as row_kind,
        scope,
        agency_code,
        component_code,
        group_code,
        row_order,
        name_vi,
        numerator_amount as numerator,
        denominator_amount as denominator,
        value,
        target,
        points,
        points_max,
        case when state = 'ok' then points_max else 0 end as points_measured,
        state,
        version,
        legal_ground,
        note
    from scored

    union all

    select
        row_kind,
        scope,
        agency_code,
        component_code,
        group_code,
        row_order,
        name_vi,
        null as numerator,
        null as denominator,
        null as value,
        null as target,
        points,
        points_max,
        points_measured,
        case
            when applies = 0 then 'not_applicable'
            when points_measured >= points_max then 'ok'
            when points_measured > 0 or lacks_part = 1 then 'incomplete'
            else 'not_measured'
        end as state,
        null as version,
        null as legal_ground,
        null as note
    from sums
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        listed.scope,
        listed.agency_code,
        listed.component_code,
        listed.row_kind,
        listed.group_code,
        cast(listed.row_order as integer) as row_order,
        listed.name_vi,
        cast(case when listed.state in ('ok', 'not_applicable') then listed.numerator end as bigint) as numerator,
        cast(case when listed.state in ('ok', 'not_applicable') then listed.denominator end as bigint) as denominator,
        cast(listed.value as double) as value,
        cast(listed.target as decimal(9, 4)) as target,
        cast(listed.points as decimal(9, 2)) as points,
        cast(listed.points_max as decimal(9, 2)) as points_max,
        cast(listed.points_measured as decimal(9, 2)) as points_measured,
        cast(listed.points_measured as double) / nullif(cast(listed.points_max as double), 0) as measured_share,
        listed.state,
        listed.version,
        listed.legal_ground,
        listed.note
    from listed
    cross join period
)
select * from final

-- Self-scoring of a commune against its province's criteria, on the year so far. What the records cannot tell is not failed.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
criteria as (
    select * from {{ ref('int_par_index_criteria') }}
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_current
),
provinces as (
    select * from {{ ref('dim_agencies') }} where level = 'province'
),
formula_values as (
    select * from {{ ref('int_formula_values') }} where scope = 'ytd'
),
judged_by as (
    select
        rollups.agency_code,
        rollups.rollup_code as province_code
    from rollups
    cross join period
    inner join provinces
        on rollups.rollup_code = provinces.agency_code
        and {{ holds_on('provinces', 'period.last_date') }}
),
counted as (
    select
        judged_by.agency_code,
        criteria.*,
        numerators.amount as numerator_amount,
        denominators.amount as denominator_amount,
        case when criteria.denominator is null then numerators.amount else numerators.amount / nullif(denominators.amount, 0) end
            as value,
        case
            when criteria.numerator is null or criteria.comparison is null or criteria.threshold is null then 'no_record'
            when 'withheld' in (numerators.state, coalesce(denominators.state, 'ok')) then 'withheld'
            when 'not_measured' in (numerators.state, coalesce(denominators.state, 'ok')) then 'not_measured'
            when 'incomplete' in (numerators.state, coalesce(denominators.state, 'ok')) then 'incomplete'
            when 'not_applicable' in (numerators.state, coalesce(denominators.state, 'ok')) then 'nothing_to_measure'
            when denominators.amount = 0 then 'nothing_to_measure'
        end as why
    from judged_by
    inner join criteria on judged_by.province_code = criteria.province_code
    left join formula_values as numerators
        on criteria.numerator = numerators.formula
        and judged_by.agency_code = numerators.agency_code
    left join formula_values as denominators
        on criteria.denominator = denominators.formula
        and judged_by.agency_code = denominators.agency_code
),
judged as (
    select
        *,
        case
            when why is not null then 'not_measurable'
            when comparison = '>' and value > threshold then 'met'
            when comparison = '>=' and value >= threshold then 'met'
            when comparison = '=' and value = threshold then 'met'
            when comparison = '<=' and value <= threshold then 'met'
            when comparison = '<' and value < threshold then 'met'
            else 'not_met'
        end as outcome
    from counted
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        judged.agency_code,
        judged.province_code,
        cast(judged.year as integer) as year,
        judged.criterion_code,
        cast(judged.row_order as integer) as row_order,
        judged.name_vi,
        judged.numerator_amount as numerator,
        judged.denominator_amount as denominator,
        case when judged.why is null then judged.value end as value,
        judged.comparison,
        cast(judged.threshold as decimal(9, 4)) as threshold,
        judged.outcome,
        judged.why,
        case
            when judged.outcome = 'met' then {{ points('judged.points') }}
            when judged.outcome = 'not_met' and judged.points is not null then {{ points('0') }}
        end as points,
        {{ points('judged.points') }} as points_max,
        judged.version,
        judged.legal_ground,
        judged.note
    from judged
    cross join period
)
select * from final

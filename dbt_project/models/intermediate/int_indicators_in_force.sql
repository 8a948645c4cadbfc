-- A month uses the definition valid on its last day.
with indicators as (
    select * from {{ ref('dim_indicators') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
exports as (
    select {{ collected('entity') }} as entities
    from {{ ref('stg_landing__exports') }}
),
final as (
    select
        indicators.indicator_code,
        indicators.definition_version,
        indicators.kind,
        indicators.fact,
        indicators.numerator_filter,
        indicators.denominator_fact,
        indicators.denominator_filter,
        coalesce({{ holds_all('exports.entities', words('indicators.sources')) }}, false) as has_sources
    from indicators
    cross join exports
    inner join period on {{ holds_on('indicators', 'period.last_date') }}
)
select * from final

with source as (
    select * from {{ source('published', 'indicator_values') }}
),
final as (
    select
        period_month,
        agency_code,
        indicator_code,
        numerator,
        denominator,
        state
    from source
)
select * from final

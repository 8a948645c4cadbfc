with source as (
    select * from {{ source('published', 'unallocated_values') }}
),
final as (
    select
        period_month,
        agency_code,
        agency_valid_from,
        indicator_code,
        numerator,
        denominator
    from source
)
select * from final

with source as (
    select * from {{ source('landing', 'year_months') }}
),
final as (
    select
        period_month,
        revision
    from source
)
select * from final

with source as (
    select * from {{ source('landing', 'period') }}
),
final as (
    select
        period_month,
        reporting_calendar,
        starts_at,
        ends_at,
        first_date,
        last_date,
        previous_month
    from source
)
select * from final

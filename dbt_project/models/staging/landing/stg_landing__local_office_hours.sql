with source as (
    select * from {{ source('landing', 'local_office_hours') }}
),
final as (
    select
        agency_code,
        valid_from,
        valid_to,
        weekdays,
        morning_opens,
        morning_closes,
        afternoon_opens,
        afternoon_closes
    from source
)
select * from final

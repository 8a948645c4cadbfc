with source as (
    select * from {{ source('landing', 'local_swapped_days') }}
),
final as (
    select
        agency_code,
        date as calendar_date,
        is_working,
        name_vi,
        legal_act
    from source
)
select * from final

with source as (
    select * from {{ source('landing', 'withheld_cells') }}
),
final as (
    select
        scope,
        agency_code,
        indicator_code
    from source
)
select * from final

with source as (
    select * from {{ source('landing', 'reporting_provinces') }}
),
final as (
    select agency_code
    from source
)
select * from final

with source as (
    select * from {{ source('landing', 'exports') }}
),
final as (
    select
        export as export_name,
        entity,
        source as source_name
    from source
)
select * from final

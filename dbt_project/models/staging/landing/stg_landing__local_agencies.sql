with source as (
    select * from {{ source('landing', 'local_agencies') }}
),
final as (
    select
        agency_code,
        valid_from,
        valid_to,
        name_vi,
        level,
        parent_code,
        identity_code,
        reports_from,
        reports_to
    from source
)
select * from final

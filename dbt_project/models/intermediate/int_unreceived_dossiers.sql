with dossiers as (
    select * from {{ ref('stg_portal__dossiers') }}
),
final as (
    select
        dossier_code,
        agency_code,
        status
    from dossiers
    where received_at is null
)
select * from final

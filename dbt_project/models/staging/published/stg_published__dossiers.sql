with source as (
    select * from {{ source('published', 'dossiers') }}
),
final as (
    select
        period_month,
        agency_code,
        agency_valid_from,
        dossier_code,
        procedure_code,
        channel,
        is_received,
        is_carried_over,
        is_pending
    from source
)
select * from final

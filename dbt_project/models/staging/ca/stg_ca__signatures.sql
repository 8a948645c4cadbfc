with versions as (
    select * from {{ ref('stg_ca__signature_versions') }}
),
final as (
    select
        signature_id,
        document_id,
        dossier_code,
        serial,
        signed_at,
        verification,
        export_name
    from versions
    where version_rank = 1
)
select * from final

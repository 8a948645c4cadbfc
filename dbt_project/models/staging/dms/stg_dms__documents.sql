with versions as (
    select * from {{ ref('stg_dms__document_versions') }}
),
final as (
    select
        document_id,
        agency_code,
        agency_valid_from,
        direction,
        document_type,
        issued_date,
        received_at,
        sent_at,
        exchange_form,
        exchange_status,
        processed_online,
        is_signed,
        published_on_web,
        answers_dossier_code,
        export_name
    from versions
    where version_rank = 1
)
select * from final

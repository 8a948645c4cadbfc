with versions as (
    select * from {{ ref('stg_portal__dossier_versions') }}
),
final as (
    select
        dossier_code,
        agency_code,
        agency_valid_from,
        procedure_code,
        field_code,
        channel,
        service_level,
        applicant_type,
        submitted_at,
        received_at,
        due_at,
        finished_at,
        returned_at,
        refused_at,
        withdrawn_at,
        status,
        return_method,
        is_e_certification,
        input_digitised,
        result_digitised,
        result_electronic,
        data_reused,
        fee_vnd,
        paid_online,
        rating,
        updated_at,
        export_name
    from versions
    where version_rank = 1
)
select * from final

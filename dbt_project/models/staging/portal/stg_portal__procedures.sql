with versions as (
    select * from {{ ref('stg_portal__procedure_versions') }}
),
final as (
    select
        procedure_code,
        agency_code,
        field_code,
        field_name,
        service_level,
        has_fee,
        is_e_certification,
        valid_from,
        valid_to,
        export_name
    from versions
    where version_rank = 1
)
select * from final

with versions as (
    select * from {{ ref('stg_ca__certificate_versions') }}
),
final as (
    select
        serial,
        agency_code,
        agency_valid_from,
        holder_type,
        holder_role,
        valid_from,
        valid_to,
        revoked_at,
        export_name
    from versions
    where version_rank = 1
)
select * from final

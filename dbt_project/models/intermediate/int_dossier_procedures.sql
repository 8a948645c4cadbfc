-- The catalogue row of each dossier: the one in force at reception, else the newest. Portals that send dossiers without
-- service level or e-certification mark have both only here.
with dossiers as (
    select * from {{ ref('stg_portal__dossiers') }}
    where received_at is not null
),
procedures as (
    select * from {{ ref('dim_procedures') }}
),
ranked as (
    select
        dossiers.dossier_code,
        procedures.field_code,
        procedures.service_level,
        procedures.is_e_certification,
        row_number() over (
            partition by dossiers.dossier_code
            order by
                case when {{ holds_on('procedures', local_date('dossiers.received_at')) }} then 0 else 1 end,
                procedures.valid_from desc nulls last
        ) as place
    from dossiers
    inner join procedures
        on dossiers.agency_code = procedures.agency_code
        and dossiers.procedure_code = procedures.procedure_code
),
final as (
    select
        dossier_code,
        field_code,
        service_level,
        is_e_certification
    from ranked
    where place = 1
)
select * from final

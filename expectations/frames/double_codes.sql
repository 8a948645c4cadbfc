-- One row per reporting agency, and one per dossier code that more than one export delivered.
with conflicts as (
    -- Few codes come again: only rows whose code does are grouped.
    select
        max(agency_code) as agency_code,
        dossier_code,
        min(export_name) as first_export,
        max(export_name) as second_export
    from stg_portal__dossier_versions
    where dossier_code in (select again.dossier_code from stg_portal__dossier_versions as again where again.version_rank > 1)
    group by dossier_code
    having min(export_name) <> max(export_name)
)
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as first_export,
    cast(null as varchar) as second_export
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    dossier_code as row_key,
    first_export,
    second_export
from conflicts

-- One row per reporting agency, and one per dossier of which several contents claim to be the present one.
select
    agency_code,
    agency_code as row_key,
    cast(null as bigint) as versions
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    dossier_code as row_key,
    versions
from int_version_conflicts

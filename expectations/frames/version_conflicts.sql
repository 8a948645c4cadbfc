-- One row per dossier of the month or in conflict; `versions` is set where several contents claim to be the present one.
select
    coalesce(c.agency_code, d.agency_code) as agency_code,
    coalesce(c.dossier_code, d.dossier_code) as row_key,
    c.versions
from fct_dossiers as d
full outer join int_version_conflicts as c on d.dossier_code = c.dossier_code

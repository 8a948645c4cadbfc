-- One row per reporting agency, and one per dossier without a time of reception. `status_past_registration` is set where the
-- status says it was received all the same: 1 is newly registered, 3 not accepted, 7 withdrawn by the applicant.
select
    agency_code,
    agency_code as row_key,
    cast(null as bigint) as status_past_registration
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    dossier_code as row_key,
    case when status not in (1, 3, 7) then status end as status_past_registration
from int_unreceived_dossiers

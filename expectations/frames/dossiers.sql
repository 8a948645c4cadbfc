-- One row per dossier of the month, with the bounds its dates must keep.
with known as (
    select distinct agency_code from dim_agencies
),
copied as (
    select
        dossier_code,
        count(*) as copies
    from fct_dossiers
    group by dossier_code
    having count(*) > 1
),
reporting as (
    select distinct agency_code from int_reporting_agencies where not is_rollup
)
select
    d.agency_code,
    d.dossier_code as row_key,
    coalesce(c.copies, 1) as copies,
    d.submitted_at,
    d.received_at,
    d.due_at,
    d.finished_at,
    d.refused_at,
    d.withdrawn_at,
    d.returned_at,
    least(d.submitted_at, d.received_at, d.finished_at, d.refused_at, d.withdrawn_at, d.returned_at, d.due_at) as earliest_at,
    bounds.plausible_from,
    bounds.plausible_to,
    bounds.ends_at,
    k.agency_code as known_agency,
    -- Each of the checks below leaves to the others what is theirs.
    case when k.agency_code is null then 'unknown' else d.reporting_agency_code end as answering_agency,
    case when k.agency_code is null or d.reporting_agency_code is null then 'unknown' else r.agency_code end
        as reporting_agency
from fct_dossiers as d
cross join bounds
left join copied as c on d.dossier_code = c.dossier_code
left join known as k on d.agency_code = k.agency_code
left join reporting as r on d.reporting_agency_code = r.agency_code

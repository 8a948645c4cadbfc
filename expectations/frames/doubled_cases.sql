-- One row per reporting agency, and one per dossier that equals another of its agency in procedure, channel, applicant, fee and
-- in the instants of reception, due date and end. Two of a batch at the counter may be alike; so dossiers are listed only where
-- 5 or more of an agency are, and a twentieth of what it received.
with alike as (
    select
        reporting_agency_code as agency_code,
        list(dossier_code order by dossier_code) as codes
    from fct_dossiers
    where is_received and ended_at is not null and reporting_agency_code is not null
    group by
        reporting_agency_code, procedure_code, channel, applicant_type, fee_vnd, received_at, due_at, ended_at
    having count(*) > 1
),
received as (
    select
        reporting_agency_code as agency_code,
        count(*) as dossiers
    from fct_dossiers
    where is_received
    group by reporting_agency_code
),
many as (
    select a.agency_code
    from alike as a
    inner join received as r on a.agency_code = r.agency_code
    group by a.agency_code, r.dossiers
    having sum(len(a.codes) - 1) >= greatest(5, 0.05 * r.dossiers)
)
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as same_as
from int_reporting_agencies
where not is_rollup
union all
select
    a.agency_code,
    unnest(a.codes[2:]) as row_key,
    a.codes[1] as same_as
from alike as a
inner join many as m on a.agency_code = m.agency_code

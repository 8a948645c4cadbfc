-- One row per reporting agency, and one per landed dossier of this kind, in the version that counts: due more than 300 days after
-- its reception, with an event a day or more after its export was read, or with an end though its status says that it is open.
with reads as (
    select
        export as export_name,
        started_at + interval 1 day as known_until
    from landing.reads
),
judged as (
    select
        v.agency_code,
        v.dossier_code,
        case when v.due_at > v.received_at + interval 300 day then v.due_at end as due_far_at,
        case when l.latest_at > r.known_until then l.latest_at end as unknown_yet_at,
        case when v.status in (1, 2, 4, 5, 6) and v.finished_at is not null then v.status end as open_status
    from stg_portal__dossier_versions as v
    cross join
        lateral (
            select
                greatest(
                    v.submitted_at, v.received_at, v.finished_at, v.refused_at, v.withdrawn_at, v.returned_at
                ) as latest_at
        ) as l
    left join reads as r on v.export_name = r.export_name
    where v.version_rank = 1
)
select
    agency_code,
    agency_code as row_key,
    cast(null as timestamptz) as due_far_at,
    cast(null as timestamptz) as unknown_yet_at,
    cast(null as bigint) as open_status
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    dossier_code as row_key,
    due_far_at,
    unknown_yet_at,
    open_status
from judged
where coalesce(due_far_at, unknown_yet_at) is not null or open_status is not null

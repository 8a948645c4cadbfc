-- One row per reporting agency, and one per supplement request of a landed dossier row.
with requests as (
    select
        agency_code,
        dossier_code,
        received_at,
        unnest(supplements) as supplement
    from stg_portal__dossier_versions
)
select
    agency_code,
    agency_code as row_key,
    cast(null as timestamptz) as received_at,
    cast(null as timestamptz) as requested_at,
    cast(null as timestamptz) as answered_at,
    cast(null as timestamptz) as old_due_at,
    cast(null as timestamptz) as new_due_at,
    cast(null as timestamptz) as moved_later_without_old_due
from int_reporting_agencies
where not is_rollup
union all
select
    r.agency_code,
    r.dossier_code as row_key,
    r.received_at,
    r.supplement.requested_at,
    r.supplement.answered_at,
    r.supplement.old_due_at,
    r.supplement.new_due_at,
    case
        when r.supplement.requested_at >= bounds.ends_at and r.supplement.new_due_at is not null
            and r.supplement.old_due_at is null
            then r.supplement.requested_at
    end as moved_later_without_old_due
from requests as r
cross join bounds

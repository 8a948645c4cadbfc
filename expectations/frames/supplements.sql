-- One row per reporting agency, and one per supplement request of a landed dossier.
with agencies as (
    select
        identity_code,
        max_by(agency_code, valid_from) as agency_code
    from dim_agencies
    where identity_code is not null
    group by identity_code
),
requests as (
    select
        agency_code,
        dossier_code,
        received_at,
        unnest(supplements) as supplement
    from landing.dossiers
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
    coalesce(a.agency_code, r.agency_code) as agency_code,
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
left join agencies as a on r.agency_code = a.identity_code

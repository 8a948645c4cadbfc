-- One row per export bound to the build, with the instant at which the read that is in force began.
select
    cast(null as varchar) as agency_code,
    r.export as row_key,
    r.started_at as read_at,
    bounds.ends_at
from landing.reads as r
cross join bounds

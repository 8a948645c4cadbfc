-- One row per landed dossier row, also those no fact counts, with the agency code as today's facts name it.
with agencies as (
    select
        identity_code,
        max_by(agency_code, valid_from) as agency_code
    from dim_agencies
    where identity_code is not null
    group by identity_code
)
select
    coalesce(a.agency_code, l.agency_code) as agency_code,
    l.dossier_code as row_key,
    l.received_at,
    bounds.ends_at
from landing.dossiers as l
cross join bounds
left join agencies as a on l.agency_code = a.identity_code

-- One row per landed signature, also those made outside the period, which the fact leaves out.
select
    c.agency_code,
    s.signature_id as row_key,
    s.signed_at,
    bounds.starts_at,
    bounds.ends_at
from stg_ca__signatures as s
cross join bounds
left join dim_certificates as c on s.serial = c.serial

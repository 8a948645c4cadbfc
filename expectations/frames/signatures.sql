-- One row per signature made in the month, with the certificate it was made with.
select
    s.agency_code,
    s.signature_id as row_key,
    s.signature_id,
    s.serial,
    s.signed_at,
    c.serial as known_serial,
    c.revoked_at,
    cast(c.valid_from as timestamp) at time zone 'Asia/Ho_Chi_Minh' as certificate_starts_at,
    -- valid_to is its last valid day.
    cast(c.valid_to + 1 as timestamp) at time zone 'Asia/Ho_Chi_Minh' as certificate_ends_at
from fct_signatures as s
left join dim_certificates as c on s.serial = c.serial

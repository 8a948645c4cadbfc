-- One row per signature made in the month, with the certificate it was made with.
with copied as (
    select
        signature_id,
        count(*) as copies
    from fct_signatures
    group by signature_id
    having count(*) > 1
)
select
    s.agency_code,
    s.signature_id as row_key,
    coalesce(n.copies, 1) as copies,
    s.serial,
    s.signed_at,
    c.serial as known_serial,
    c.revoked_at,
    cast(c.valid_from as timestamp) at time zone 'Asia/Ho_Chi_Minh' as certificate_starts_at,
    -- valid_to is its last valid day.
    cast(c.valid_to + 1 as timestamp) at time zone 'Asia/Ho_Chi_Minh' as certificate_ends_at
from fct_signatures as s
left join copied as n on s.signature_id = n.signature_id
left join dim_certificates as c on s.serial = c.serial

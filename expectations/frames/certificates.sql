-- One row per certificate. A certificate may be issued to an agency that begins next month: its identity code is known then,
-- though no agency of this period answers to it, and no figure misses it.
with known as (
    select agency_code from dim_agencies
    union
    select identity_code from dim_agencies
)
select
    c.agency_code,
    c.serial as row_key,
    c.valid_from,
    c.valid_to,
    k.agency_code as known_agency
from dim_certificates as c
left join known as k on c.agency_code = k.agency_code

-- One row per certificate.
select
    c.agency_code,
    c.serial as row_key,
    c.valid_from,
    c.valid_to,
    k.agency_code as known_agency
from dim_certificates as c
left join (select distinct agency_code from dim_agencies) as k on c.agency_code = k.agency_code

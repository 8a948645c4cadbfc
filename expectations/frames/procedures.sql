-- One row per procedure of an agency's catalogue. A catalogue may be prepared for an agency that begins next month.
with known as (
    select agency_code from dim_agencies
    union
    select identity_code from dim_agencies
)
select
    p.agency_code,
    p.procedure_code as row_key,
    p.procedure_code,
    p.valid_from,
    p.valid_to,
    k.agency_code as known_agency
from dim_procedures as p
left join known as k on p.agency_code = k.agency_code

-- One row per agency and validity.
select
    agency_code,
    agency_code || ' ' || cast(valid_from as varchar) as row_key,
    valid_from,
    valid_to,
    -- Two uses of one code may follow each other, never overlap.
    lead(valid_from) over (partition by agency_code order by valid_from) as next_valid_from,
    coalesce(valid_to, date '9999-12-31') as last_day
from dim_agencies

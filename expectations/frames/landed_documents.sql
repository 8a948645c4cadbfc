-- One row per landed document, also those that no month counts, with the day that decides its month.
select
    d.agency_code,
    d.document_id as row_key,
    d.direction,
    d.counted_date,
    bounds.first_date,
    bounds.last_date
from int_document_days as d
cross join bounds

-- One row per document of the month. `signatures_of_flagged` counts valid signatures of outgoing documents that the DMS calls
-- signed; documents of the first week are left out, since theirs may have been signed in the month before.
with signed as (
    select
        document_id,
        count(*) as signatures
    from fct_signatures
    where verification = 'valid' and document_id is not null
    group by document_id
),
copied as (
    select
        document_id,
        agency_code,
        direction,
        count(*) as copies
    from fct_documents
    group by document_id, agency_code, direction
    having count(*) > 1
),
known as (
    select distinct agency_code from dim_agencies
),
has_signatures as (
    select count(*) > 0 as answer from landing.exports where entity = 'signatures'
)
select
    d.agency_code,
    d.document_id as row_key,
    coalesce(c.copies, 1) as copies,
    d.direction,
    d.received_at,
    d.sent_at,
    cast(d.issued_date as timestamp) at time zone 'Asia/Ho_Chi_Minh' as issued_at,
    least(d.received_at, d.sent_at, cast(d.issued_date as timestamp) at time zone 'Asia/Ho_Chi_Minh') as earliest_at,
    -- An incoming document may carry any later date of the sender's own; what counts is when it came in.
    case
        when d.direction = 'incoming' then d.received_at
        else greatest(d.sent_at, cast(d.issued_date as timestamp) at time zone 'Asia/Ho_Chi_Minh')
    end as latest_at,
    bounds.plausible_from,
    bounds.ends_at,
    k.agency_code as known_agency,
    case
        when d.direction = 'outgoing' and d.is_signed and has_signatures.answer and d.is_counted
            and d.counted_date >= bounds.first_date + 7
            then coalesce(s.signatures, 0)
    end as signatures_of_flagged,
    case
        when d.direction = 'outgoing' and coalesce(d.is_signed, false) = false and s.signatures > 0
            then s.signatures
    end as signatures_of_unflagged
from fct_documents as d
cross join bounds
cross join has_signatures
left join copied as c
    on d.document_id = c.document_id and d.agency_code is not distinct from c.agency_code and d.direction = c.direction
left join signed as s on d.document_id = s.document_id
left join known as k on d.agency_code = k.agency_code

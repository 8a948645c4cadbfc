-- One row per reporting agency, and one per signature made with another agency's certificate on an outgoing document. Both are
-- taken as who answers for them at the period's end, so that a merger makes no difference; where nobody does, nothing is said.
with documents as (
    select
        document_id,
        min(reporting_agency_code) as document_agency
    from fct_documents
    where direction = 'outgoing'
    group by document_id
    having count(*) = 1
)
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as serial,
    cast(null as varchar) as signed_with
from int_reporting_agencies
where not is_rollup
union all
select
    d.document_agency as agency_code,
    s.signature_id as row_key,
    s.serial,
    c.reporting_agency_code as signed_with
from fct_signatures as s
inner join documents as d on s.document_id = d.document_id
inner join dim_certificates as c on s.serial = c.serial
where c.reporting_agency_code <> d.document_agency

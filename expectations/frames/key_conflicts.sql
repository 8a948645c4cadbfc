-- One row per reporting agency, and one per key other than a dossier's under which several contents were landed.
-- What conflicts about agencies that report in no period is told too, so the agency may be any code, or null. `spoiled_table`
-- is the fact that a row puts in doubt, of those that the check names.
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as entity,
    cast(null as varchar) as spoiled_table,
    cast(null as bigint) as versions
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    row_code as row_key,
    entity,
    case entity
        when 'documents' then 'fct_documents'
        when 'procedures' then 'dim_procedures'
        when 'certificates' then 'dim_certificates'
        when 'signatures' then 'fct_signatures'
        when 'staffing' then 'staffing'
    end as spoiled_table,
    versions
from int_key_conflicts

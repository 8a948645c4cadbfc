-- One row per reporting agency, and one per entry of a catalogue that holds on a day on which the next one of the same procedure
-- does: both are counted.
with followed as (
    select
        agency_code,
        procedure_code,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by agency_code, procedure_code order by valid_from) as next_valid_from
    from dim_procedures
)
select
    agency_code,
    agency_code as row_key,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as date) as next_valid_from
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    procedure_code as row_key,
    valid_from,
    valid_to,
    next_valid_from
from followed
where next_valid_from <= coalesce(valid_to, date '9999-12-31') and valid_from < next_valid_from

-- One row per table a snapshot holds; `found` is null where the build lacks it.
select
    cast(null as varchar) as agency_code,
    e.table_name as row_key,
    t.table_name as found
from expected_tables as e
left join information_schema.tables as t on e.table_name = t.table_name and t.table_schema = 'main'

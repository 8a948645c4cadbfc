-- One row per reporting agency, scope and row of Biểu 06, with both sides of each identity between its columns. A side is null
-- where one of its cells is, so that what is withheld or incomplete is skipped.
select
    b.agency_code,
    b.scope || ' ' || b.field_code as row_key,
    b.scope,
    b.field_name as indicator_vi,
    b.c3_taken_on as c3,
    b.c4_received_online + b.c5_received_otherwise + b.c6_carried_over as c4_c5_c6,
    b.c7_ended as c7,
    b.c8_ended_early + b.c9_ended_on_time + b.c10_ended_late as c8_c9_c10,
    b.c11_pending as c11,
    b.c12_pending_in_time + b.c13_pending_overdue as c12_c13,
    b.c7_ended + b.c11_pending as c7_c11
from mart_form_b06 as b
inner join int_reporting_agencies as a on b.agency_code = a.agency_code and not a.is_rollup

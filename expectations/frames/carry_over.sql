-- One row per reporting agency, and one per dossier that last month's pending and this month's carried over do not share.
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as kind
from int_reporting_agencies
where not is_rollup
union all
select
    agency_code,
    dossier_code as row_key,
    kind
from int_carry_over_breaks
-- Breaks of earlier months of the year were told in their own month; to hand over what a divided agency left is no break.
where period_month = (select period_month from landing.period) and not is_handed_over

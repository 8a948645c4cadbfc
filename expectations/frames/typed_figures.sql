-- One row per reporting agency, and one per row of its form 01b of the month that stands beside a figure of the records.
-- `typed_count` and `typed_share` are set where they differ: a count by more than 5 and by more than a fiftieth of it, a share
-- by more than half a point, which covers truncation. `left_blank` is set where the form gives no number and the records do.
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as indicator_vi,
    cast(null as double) as of_records,
    cast(null as double) as recorded_share,
    cast(null as double) as typed_count,
    cast(null as double) as typed_share,
    cast(null as varchar) as left_blank
from int_reporting_agencies
where not is_rollup
union all
select
    f.agency_code,
    '01b ' || f.row_code as row_key,
    f.label_vi as indicator_vi,
    f.measured_value as of_records,
    case when f.unit = '%' then f.measured_value end as recorded_share,
    case
        when f.unit <> '%' and abs(f.reported_value - f.measured_value) > greatest(5, 0.02 * f.measured_value)
            then f.reported_value
    end as typed_count,
    case when f.unit = '%' and abs(f.reported_value - f.measured_value) > 0.005 then f.reported_value end as typed_share,
    case when f.measured_value > 0 and f.null_reason in ('blank', 'not_extractable') then f.null_reason end as left_blank
from mart_form_01b as f
where f.scope = 'month' and f.measured_state = 'ok' and (f.reported_value is not null or f.null_reason is not null)

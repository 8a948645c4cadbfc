-- One row per reporting agency with its form 01b of the month: how many of the template's numbered rows it holds. An agency
-- without a form is told apart where at least half of the others sent one.
with forms as (
    select
        agency_code,
        count(*) as typed_rows
    from fct_reported_figures
    where form = 'form_01b'
    group by agency_code
),
rows_expected as (
    -- What most of the forms hold: provinces print templates of their own.
    select cast(median(typed_rows) as bigint) as usual from forms
),
agencies as (
    select
        r.agency_code,
        f.typed_rows,
        count(f.agency_code) over () as forms_sent,
        count(*) over () as agencies
    from int_reporting_agencies as r
    left join forms as f on r.agency_code = f.agency_code
    where not r.is_rollup
)
select
    a.agency_code,
    a.agency_code as row_key,
    case
        when a.typed_rows is not null or a.forms_sent >= 0.5 * a.agencies and a.forms_sent >= 1
            then coalesce(a.typed_rows, 0)
    end as typed_rows,
    case when a.typed_rows is not null or a.forms_sent >= 1 then cast(ceil(0.9 * e.usual) as bigint) end as rows_expected
from agencies as a
cross join rows_expected as e

-- One row per reporting agency with its form 01b of the month: how many of the template's numbered rows it holds; whether it
-- equals another's number by number (8 numbers above 1 or more); and whether what was received equals, channel by channel, what
-- was done in time though the channels differ. An agency without a form is told apart where at least half of the others sent one.
with typed as (
    select
        agency_code,
        row_code,
        value
    from fct_reported_figures
    where form = 'form_01b'
),
rows_expected as (
    -- What most of the forms hold: provinces print templates of their own.
    select cast(median(typed_rows) as bigint) as usual
    from (select count(*) as typed_rows from typed group by agency_code) as forms_typed
),
forms as (
    select
        agency_code,
        count(*) as typed_rows,
        list((row_code, value) order by row_code) filter (where value is not null) as vector,
        count(*) filter (where value > 1) as numbers,
        list(value order by row_code) filter (where regexp_full_match(row_code, '3\.3\.1\.[a-d]')) as received,
        list(value order by row_code) filter (where regexp_full_match(row_code, '3\.3\.2\.[a-d]')) as in_time
    from typed
    group by agency_code
),
same as (
    select list(agency_code order by agency_code) as agencies
    from forms
    where numbers >= 8
    group by vector
    having count(*) > 1
),
agencies as (
    select
        r.agency_code,
        f.typed_rows,
        f.received,
        f.in_time,
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
    case when a.typed_rows is not null or a.forms_sent >= 1 then cast(ceil(0.9 * e.usual) as bigint) end as rows_expected,
    s.agencies[if(s.agencies[1] = a.agency_code, 2, 1)] as same_form_as,
    case
        when a.received = a.in_time and len(list_distinct(list_filter(a.received, lambda one: one > 1))) >= 3
            then cast(list_sum(a.received) as bigint)
    end as channels_copied
from agencies as a
cross join rows_expected as e
left join same as s on list_contains(s.agencies, a.agency_code)

-- One row per reporting agency and sum that its form 01b contains, where all is typed: what stands for the whole, and its parts
-- together. `at_most` holds the whole where the parts may leave something out (shares that exclude each other, tasks still open).
with sums as (
    select
        unnest(['1.3.1', '3.2', '3.3.1', '3.3.2', '4.3', '100 %', '1.1.1', '3.1.3']) as whole,
        unnest([
            ['1.3.2', '1.3.3'], ['3.2.1', '3.2.2', '3.2.3'], ['3.3.1.a', '3.3.1.b', '3.3.1.c', '3.3.1.d'],
            ['3.3.2.a', '3.3.2.b', '3.3.2.c', '3.3.2.d'], ['4.1', '4.2'], ['7.2.2.a', '7.2.2.b'], ['1.1.2'], ['3.1.2']
        ]) as parts,
        unnest([true, false, false, false, false, true, true, true]) as is_upper_bound
),
typed as (
    select
        agency_code,
        row_code,
        value
    from fct_reported_figures
    where form = 'form_01b' and value is not null
),
added as (
    select
        t.agency_code,
        s.whole,
        s.is_upper_bound,
        sum(t.value) as parts_typed
    from sums as s
    inner join typed as t on list_contains(s.parts, t.row_code)
    group by t.agency_code, s.whole, s.is_upper_bound, s.parts
    having count(*) = len(s.parts)
)
select
    r.agency_code,
    coalesce('01b ' || a.whole, r.agency_code) as row_key,
    -- Percentages are typed with two digits behind the comma; their sum may be one of the last too large.
    round(a.parts_typed, 3) as parts_typed,
    case when not a.is_upper_bound then t.value end as whole_typed,
    case when a.whole = '100 %' then 1.0 when a.is_upper_bound then t.value end as at_most
from int_reporting_agencies as r
left join added as a on r.agency_code = a.agency_code
left join typed as t on a.agency_code = t.agency_code and a.whole = t.row_code
where not r.is_rollup

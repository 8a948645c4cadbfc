-- One row per agency that reports in the period (roll-ups are sums, not sources), with what the facts hold of it.
with dossiers as (
    select
        reporting_agency_code as agency_code,
        count(*) as dossiers
    from fct_dossiers group by reporting_agency_code
),
figures as (
    select
        agency_code,
        coalesce(sum(value) filter (where state = 'ok'), 0) as received_or_carried_over,
        bool_or(state = 'withheld') as is_withheld
    from indicator_values
    where scope = 'month' and indicator_code in ('dossiers_received', 'dossiers_carried_over')
    group by agency_code
)
select
    a.agency_code,
    a.agency_code as row_key,
    coalesce(d.dossiers, 0) as dossiers,
    -- What was withheld is not nothing.
    case
        when f.received_or_carried_over > 0 or not coalesce(f.is_withheld, false) then coalesce(f.received_or_carried_over, 0)
    end as received_or_carried_over
from int_reporting_agencies as a
left join dossiers as d on a.agency_code = d.agency_code
left join figures as f on a.agency_code = f.agency_code
where not a.is_rollup

-- One row per indicator: of the agencies whose figure of the month was measured, how many have it withheld. Few agencies are
-- not judged: there two faults are many.
select
    cast(null as varchar) as agency_code,
    v.indicator_code as row_key,
    max(i.name_vi) as indicator_vi,
    count(*) filter (where v.state <> 'not_measured') as agencies,
    count(*) filter (where v.state = 'withheld') as agencies_withheld,
    case
        when count(*) filter (where v.state <> 'not_measured') >= 4
            then count(*) filter (where v.state = 'withheld') / count(*) filter (where v.state <> 'not_measured')
    end as withheld_share
from indicator_values as v
inner join int_reporting_agencies as r on v.agency_code = r.agency_code and not r.is_rollup
left join (
    select
        indicator_code,
        max(name_vi) as name_vi
    from dim_indicators group by indicator_code
) as i
    on v.indicator_code = i.indicator_code
where v.scope = 'month'
group by v.indicator_code

-- One row per share of the month. `all_perfect` is the number of reporting agencies with 20 cases or more, set where there are 8
-- such agencies at least and each of them has exactly 100 %, or each exactly 0.
select
    cast(null as varchar) as agency_code,
    'month ' || v.indicator_code as row_key,
    max(names.indicator_vi) as indicator_vi,
    case
        when count(*) filter (where v.denominator >= 20) >= 8
            and (
                min(v.value) filter (where v.denominator >= 20) = 1
                or max(v.value) filter (where v.denominator >= 20) = 0
            )
            then count(*) filter (where v.denominator >= 20)
    end as all_perfect
from indicator_values as v
inner join int_reporting_agencies as a on v.agency_code = a.agency_code and not a.is_rollup
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on v.indicator_code = names.indicator_code
where v.scope = 'month' and v.indicator_code like '%\_share' escape '\'
group by v.indicator_code

-- One row per reporting agency, and one per roll-up and figure of the month: what it counts, and what its communes count
-- together with what nobody allocated.
-- `parts_total` is null where a part is not known, or is withheld.
with parts as (
    select
        r.rollup_code,
        v.indicator_code,
        v.numerator,
        v.state in ('ok', 'not_applicable') as is_known
    from int_agency_rollups as r
    inner join indicator_values as v on r.agency_code = v.agency_code and v.scope = 'month'
    where r.is_current
    union all
    select
        r.rollup_code,
        u.indicator_code,
        u.numerator,
        u.numerator is not null as is_known
    from int_unallocated_rollups as r
    inner join unallocated_values as u on r.agency_code = u.agency_code and r.valid_from = u.agency_valid_from
),
totals as (
    select
        rollup_code,
        indicator_code,
        case when bool_and(is_known) then sum(numerator) end as parts_total
    from parts
    group by rollup_code, indicator_code
)
select
    agency_code,
    agency_code as row_key,
    cast(null as varchar) as indicator_code,
    cast(null as varchar) as indicator_vi,
    cast(null as bigint) as total,
    cast(null as bigint) as parts_total
from int_reporting_agencies
where not is_rollup
union all
select
    v.agency_code,
    v.indicator_code as row_key,
    v.indicator_code,
    names.indicator_vi,
    v.numerator as total,
    t.parts_total
from indicator_values as v
inner join totals as t on v.agency_code = t.rollup_code and v.indicator_code = t.indicator_code
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on v.indicator_code = names.indicator_code
where v.scope = 'month'

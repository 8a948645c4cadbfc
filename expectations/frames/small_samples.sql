-- One row per share of the year to date and end of its ranking (first, last). `cases` is set where the agency that stands there,
-- alone and 10 points beyond the next, has fewer than 20 cases, while half of the agencies have 50 or more: the ranking is of
-- chance. One row per reporting agency besides, whose `rated` is set where fewer than 30 ratings speak for 300 dossiers or more.
with shares as (
    select
        v.agency_code,
        v.indicator_code,
        v.value,
        v.denominator,
        median(v.denominator) over (partition by v.indicator_code) as usual_cases,
        count(*) over (partition by v.indicator_code) as agencies
    from indicator_values as v
    inner join int_reporting_agencies as a on v.agency_code = a.agency_code and not a.is_rollup
    where v.scope = 'ytd' and v.state = 'ok' and v.indicator_code like '%\_share' escape '\'
),
ends as (
    select
        unnest(['first', 'last']) as place,
        unnest([1, -1]) as direction
),
ranked as (
    select
        s.*,
        e.place,
        row_number() over (partition by s.indicator_code, e.place order by e.direction * s.value desc) as rank,
        e.direction * (s.value - lead(s.value) over (
            partition by s.indicator_code, e.place order by e.direction * s.value desc
        )) as ahead
    from shares as s
    cross join ends as e
),
ratings as (
    select
        agency_code,
        max(value) filter (where indicator_code = 'dossiers_rated') as rated,
        max(value) filter (where indicator_code = 'dossiers_resolved') as resolved
    from indicator_values
    where scope = 'ytd' and state = 'ok'
    group by agency_code
)
select
    r.agency_code,
    'ytd ' || r.indicator_code as row_key,
    'ytd' as scope,
    r.indicator_code,
    names.indicator_vi,
    r.value,
    case when r.ahead >= 0.1 and r.denominator < 20 and r.usual_cases >= 50 and r.agencies >= 5 then r.denominator end
        as cases,
    cast(null as bigint) as rated,
    cast(null as bigint) as resolved
from ranked as r
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on r.indicator_code = names.indicator_code
where r.rank = 1
union all
select
    a.agency_code,
    'ytd dossiers_rated' as row_key,
    'ytd' as scope,
    'dossiers_rated' as indicator_code,
    (select max(name_vi) from dim_indicators where indicator_code = 'dossiers_rated') as indicator_vi,
    cast(null as double) as value,
    cast(null as bigint) as cases,
    case when g.rated between 1 and 29 and g.resolved >= 300 then cast(g.rated as bigint) end as rated,
    cast(g.resolved as bigint) as resolved
from int_reporting_agencies as a
left join ratings as g on a.agency_code = g.agency_code
where not a.is_rollup

-- One row per agency, roll-up and count that adds up over the year, where both the month and the year to date are known.
with counts as (
    select i.indicator_code
    from dim_indicators as i
    cross join landing.period as p
    where
        i.kind = 'flow'
        and i.denominator_filter is null
        and (i.valid_from is null or i.valid_from <= p.last_date)
        and (i.valid_to is null or i.valid_to >= p.last_date)
),
figures as (
    select
        v.agency_code,
        v.indicator_code,
        max(v.value) filter (where v.scope = 'month' and v.state = 'ok') as month_value,
        max(v.value) filter (where v.scope = 'ytd' and v.state = 'ok') as year_value
    from indicator_values as v
    inner join counts on v.indicator_code = counts.indicator_code
    group by v.agency_code, v.indicator_code
)
select
    figures.agency_code,
    figures.indicator_code as row_key,
    figures.indicator_code,
    names.indicator_vi,
    month_value,
    year_value,
    -- In the first month of the year the two are one figure.
    case when (select count(*) from landing.year_months) = 0 then month_value end as first_month_value
from figures
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on figures.indicator_code = names.indicator_code

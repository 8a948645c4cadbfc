-- One row per earlier published month, reporting agency and indicator, with that month's working days. An agency that began
-- in a month, or took another over in it or later, was not the one that it is now: no judgement rests on such a month.
with began as (
    select
        a.agency_code,
        a.valid_from,
        max(s.event_date) as last_taken_over
    from int_reporting_agencies as r
    cross join landing.period as p
    inner join dim_agencies as a
        on r.agency_code = a.agency_code
        and a.valid_from <= p.last_date
        and coalesce(a.valid_to, p.last_date) >= p.last_date
    left join agency_succession as s
        on a.agency_code = s.to_code
        and a.valid_from = s.to_valid_from
        and s.event_date <= p.last_date
    where not r.is_rollup
    group by a.agency_code, a.valid_from
)
select
    f.agency_code,
    f.indicator_code,
    f.numerator,
    f.denominator,
    m.distance,
    m.is_tet,
    m.working_days
from landing.earlier_figures as f
inner join landing.earlier_months as e on f.period_month = e.period_month
inner join months_at_work as m on e.distance = m.distance
inner join began
    on f.agency_code = began.agency_code
    and e.first_date >= greatest(began.valid_from, began.last_taken_over)
where m.working_days > 0

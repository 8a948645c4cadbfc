-- One row per reporting agency and count that follows the work done, with the bounds of what is usual for the period's working
-- days. What is usual lies between the median of the trailing months and the same month of up to three earlier years; a month
-- of Tết is like earlier months of Tết, or like half of the others where none is known. Around it a count varies by chance
-- (Poisson) and by a tenth of itself between healthy months (more while few are known, or where the agency's own months
-- say so): four times both, and 10 at least. Fewer than three months to compare say nothing.
with counts as (
    select
        v.agency_code,
        v.indicator_code,
        v.numerator
    from indicator_values as v
    where
        v.scope = 'month'
        and v.indicator_code in (
            'dossiers_received', 'dossiers_resolved', 'dossiers_resolved_without_due_date', 'dossiers_refused',
            'documents_incoming', 'documents_outgoing'
        )
),
rates as (
    select
        agency_code,
        indicator_code,
        distance,
        is_tet,
        numerator / working_days as rate
    from comparable_figures
),
trailing_months as (
    select
        agency_code,
        indicator_code,
        count(*) as months,
        median(rate) as usual,
        mad(rate) as spread
    from rates
    where distance <= 12 and not is_tet
    group by agency_code, indicator_code
    having count(*) >= 3
),
seasons as (
    select
        agency_code,
        indicator_code,
        min(rate) filter (where distance % 12 = 0 and not is_tet) as same_least,
        max(rate) filter (where distance % 12 = 0 and not is_tet) as same_most,
        min(rate) filter (where is_tet) as tet_least,
        max(rate) filter (where is_tet) as tet_most
    from rates
    group by agency_code, indicator_code
),
usual as (
    select
        t.agency_code,
        t.indicator_code,
        now.working_days * if(now.is_tet, coalesce(s.tet_least, t.usual / 2), least(t.usual, s.same_least)) as usual_from,
        now.working_days * greatest(t.usual, if(now.is_tet, s.tet_most, s.same_most)) as usual_to,
        greatest(if(t.months >= 6, 0.1, 0.16), 1.5 * t.spread / nullif(t.usual, 0)) as variation
    from trailing_months as t
    inner join seasons as s on t.agency_code = s.agency_code and t.indicator_code = s.indicator_code
    cross join months_at_work as now
    where now.distance = 0
),
bounded as (
    select
        *,
        least(usual_from - 4 * sqrt(usual_from + (variation * usual_from) ** 2), usual_from - 10) as lowest,
        greatest(usual_to + 4 * sqrt(usual_to + (variation * usual_to) ** 2), usual_to + 10) as highest
    from usual
)
select
    a.agency_code,
    'month ' || c.indicator_code as row_key,
    'month' as scope,
    c.indicator_code,
    names.indicator_vi,
    c.numerator as counted,
    greatest(cast(floor(b.lowest) as bigint), 0) as usual_least,
    cast(ceil(b.highest) as bigint) as usual_most
from int_reporting_agencies as a
inner join counts as c on a.agency_code = c.agency_code
left join bounded as b on c.agency_code = b.agency_code and c.indicator_code = b.indicator_code
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on c.indicator_code = names.indicator_code
where not a.is_rollup

-- One row per reporting agency and count that follows the work done, with the bounds of what is usual for the period's working
-- days: near the median of the trailing months, or near that of the same month of up to three earlier years. A month of Tết is
-- like earlier months of Tết, or like half of the others where none is known. Around what is usual a count varies by chance
-- (Poisson) and by a tenth of itself between healthy months (up to a fifth while few are known, at Tết, or where the agency's
-- own months say so): three and a half times both downwards, four and a half upwards, since work grows, and 10 at least. Fewer
-- than three months to compare say nothing.
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
        median(rate) filter (where distance % 12 = 0 and not is_tet) as same_month,
        median(rate) filter (where is_tet) as tet_month
    from rates
    group by agency_code, indicator_code
),
-- Two answers to what is usual; a count is strange when it is far from both.
usual as (
    select
        t.agency_code,
        t.indicator_code,
        now.working_days * if(now.is_tet, coalesce(s.tet_month, t.usual / 2), t.usual) as low_one,
        now.working_days * t.usual as high_one,
        now.working_days * if(now.is_tet, s.tet_month, s.same_month) as other,
        if(now.is_tet, 0.2, 0.1) as other_variation,
        greatest(
            if(now.is_tet, 0.2, if(t.months >= 6, 0.1, 0.16)), least(1.5 * t.spread / nullif(t.usual, 0), 0.2)
        ) as variation
    from trailing_months as t
    inner join seasons as s on t.agency_code = s.agency_code and t.indicator_code = s.indicator_code
    cross join months_at_work as now
    where now.distance = 0
),
bounded as (
    select
        agency_code,
        indicator_code,
        least(
            low_one - 3.5 * sqrt(low_one + (variation * low_one) ** 2),
            other - 3.5 * sqrt(other + (other_variation * other) ** 2),
            least(low_one, other) - 10
        ) as lowest,
        greatest(
            high_one + 4.5 * sqrt(high_one + (variation * high_one) ** 2),
            other + 4.5 * sqrt(other + (other_variation * other) ** 2),
            greatest(high_one, other) + 10
        ) as highest
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

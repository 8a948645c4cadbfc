-- One row per reporting agency and share of the month. `share_before` is the share of the trailing months together, set where the
-- month's lies further from it than chance and the agency's own variation explain (four times both, 12 points at least), and
-- as far from the newest month: a step is told once, in the month it is taken. Fewer than 20 cases, or than three months with
-- as many, say nothing.
with months as (
    select
        agency_code,
        indicator_code,
        distance,
        numerator,
        denominator,
        numerator / denominator as share
    from comparable_figures
    where distance <= 12 and denominator >= 20
),
trailing_months as (
    select
        agency_code,
        indicator_code,
        (sum(numerator) + 1) / (sum(denominator) + 2) as usual,
        arg_min(share, distance) as newest,
        greatest(coalesce(stddev_samp(share), 0), 0.03) as variation
    from months
    group by agency_code, indicator_code
    having count(*) >= 3
),
compared as (
    select
        v.agency_code,
        v.indicator_code,
        v.scope,
        v.numerator,
        v.denominator,
        v.value,
        t.usual,
        least(abs(v.value - t.usual), abs(v.value - t.newest)) as moved,
        greatest(0.12, 4 * sqrt(t.usual * (1 - t.usual) / v.denominator + t.variation ** 2)) as allowed
    from indicator_values as v
    left join trailing_months as t
        on v.agency_code = t.agency_code
        and v.indicator_code = t.indicator_code
        and v.denominator >= 20
    where v.scope = 'month' and v.indicator_code like '%\_share' escape '\'
)
select
    c.agency_code,
    'month ' || c.indicator_code as row_key,
    c.scope,
    c.indicator_code,
    names.indicator_vi,
    c.numerator,
    c.denominator,
    c.value,
    case when c.moved > c.allowed then c.usual end as share_before
from compared as c
inner join int_reporting_agencies as a on c.agency_code = a.agency_code and not a.is_rollup
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on c.indicator_code = names.indicator_code
-- Stocks and the count of distinct procedures have their own checks.
where c.indicator_code not in ('staff_with_certificate_share', 'procedures_with_online_dossiers_share')

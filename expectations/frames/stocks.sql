-- One row per reporting agency and stock that moves slowly: procedures in force and valid certificates. `counted_before` is that
-- of the newest of the last three published months, set where the stock moved by more than 5 and by more than a fifth of it.
with newest as (
    select
        agency_code,
        indicator_code,
        arg_min(numerator, distance) as counted_before
    from comparable_figures
    where distance <= 3
    group by agency_code, indicator_code
)
select
    v.agency_code,
    'month ' || v.indicator_code as row_key,
    v.scope,
    v.indicator_code,
    names.indicator_vi,
    v.numerator as counted,
    case
        when abs(v.numerator - n.counted_before) > greatest(5, 0.2 * n.counted_before) then n.counted_before
    end as counted_before
from indicator_values as v
inner join int_reporting_agencies as a on v.agency_code = a.agency_code and not a.is_rollup
left join newest as n on v.agency_code = n.agency_code and v.indicator_code = n.indicator_code
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on v.indicator_code = names.indicator_code
where
    v.scope = 'month'
    and v.indicator_code in ('procedures_in_force', 'certificates_personal', 'certificates_organisation')

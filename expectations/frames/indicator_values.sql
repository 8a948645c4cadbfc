-- One row per row of indicator_values.
select
    v.agency_code,
    v.scope || ' ' || v.indicator_code as row_key,
    names.indicator_vi,
    v.period_month,
    v.reporting_calendar,
    v.scope,
    v.indicator_code,
    v.state,
    v.numerator,
    v.denominator,
    v.value,
    case when v.denominator is not null then v.value end as share,
    least(v.numerator, v.denominator, v.value) as lowest_figure,
    case when v.state <> 'ok' then v.value end as value_though_not_ok,
    case when v.state = 'ok' and v.value is null then v.state end as ok_without_value,
    -- Nine decimals: a share is divided once, but not necessarily by the same processor instruction.
    case when v.state = 'ok' then round(v.value, 9) end as value_rounded,
    case
        when v.state <> 'ok' then null
        when v.denominator is null then round(cast(v.numerator as double), 9)
        when v.denominator <> 0 then round(cast(v.numerator as double) / v.denominator, 9)
    end as quotient_rounded,
    r.agency_code as reporting_agency
from indicator_values as v
left join (select distinct agency_code from int_reporting_agencies) as r on v.agency_code = r.agency_code
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on v.indicator_code = names.indicator_code

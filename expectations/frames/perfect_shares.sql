-- One row per reporting agency with its shares of the month that have 10 cases or more: how many there are, and how many of
-- them are exactly 100 %. Post is no duty, and staff and catalogue have their own bounds. `all_perfect` is set where all are.
select
    a.agency_code,
    a.agency_code as row_key,
    case when count(v.value) >= 6 and min(v.value) = 1 then count(v.value) end as all_perfect
from int_reporting_agencies as a
left join indicator_values as v
    on a.agency_code = v.agency_code
    and v.scope = 'month'
    and v.denominator >= 10
    and v.indicator_code in (
        'online_share', 'early_share', 'on_time_share', 'input_digitised_share', 'result_digitised_share',
        'online_payment_share', 'signed_share', 'electronic_only_share', 'processed_online_share'
    )
where not a.is_rollup
group by a.agency_code

-- One row per month that figures are known of, the one judged (distance 0) and earlier published ones, with its working days.
-- Work is slow from the days before Tết until a week after it: a month that shares in that is like others of its kind only.
with months as (
    select
        0 as distance,
        first_date,
        last_date,
        period_month
    from landing.period
    union all
    select
        distance,
        first_date,
        last_date,
        period_month
    from landing.earlier_months
),
days as (
    select
        calendar_date,
        is_working,
        not is_working and name_vi like '%Tết%' and name_vi not like '%Dương lịch%' as is_tet
    from dim_working_days
    where schedule_code = 'common'
)
select
    months.distance,
    months.period_month,
    count(*) filter (where days.is_working and days.calendar_date between months.first_date and months.last_date)
        as working_days,
    coalesce(bool_or(days.is_tet), false) as is_tet
from months
inner join days on days.calendar_date between months.first_date - 7 and months.last_date + 3
group by months.distance, months.period_month

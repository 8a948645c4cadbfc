with months as (
    select * from {{ ref('int_months') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
),
final as (
    select
        months.period_month,
        months.is_in_year,
        months.is_current,
        months.is_known,
        agencies.agency_code,
        agencies.valid_from,
        agencies.name_vi,
        agencies.parent_code
    from months
    inner join agencies on {{ holds_on('agencies', 'months.last_date') }}
    where
        agencies.reports_from <= months.last_date
        and (agencies.reports_to is null or agencies.reports_to >= months.last_date)
)
select * from final

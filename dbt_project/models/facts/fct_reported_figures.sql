with period as (
    select * from {{ ref('stg_landing__period') }}
),
figures as (
    select * from {{ ref('stg_reports__figures') }}
),
final as (
    select
        period.period_month,
        figures.agency_code,
        figures.form,
        figures.row_code,
        figures.unit,
        figures.value_text,
        cast(figures.value as double) as value,
        figures.null_reason,
        figures.export_name as export
    from figures
    cross join period
)
select * from final

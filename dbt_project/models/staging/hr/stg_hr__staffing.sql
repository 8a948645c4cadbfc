with versions as (
    select * from {{ ref('stg_hr__staffing_versions') }}
),
final as (
    select
        agency_code,
        as_of_date,
        staff_total,
        export_name
    from versions
    where version_rank = 1
)
select * from final

with versions as (
    select * from {{ ref('stg_reports__figure_versions') }}
),
final as (
    select
        agency_code,
        form,
        row_code,
        unit,
        value_text,
        value,
        null_reason,
        export_name
    from versions
    where version_rank = 1
)
select * from final

with communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
rollups as (
    select * from {{ ref('int_agency_rollups') }} where is_current
),
final as (
    select
        agency_code,
        name_vi,
        false as is_rollup
    from communes

    union all

    select distinct
        rollup_code as agency_code,
        rollup_name_vi as name_vi,
        true as is_rollup
    from rollups
)
select * from final

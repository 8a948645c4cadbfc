-- Whatever an agency that is gone was divided into lies in these districts and provinces, so they hold what it left whole.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
),
paths as (
    select * from {{ ref('int_agency_paths') }}
),
gone as (
    select * from {{ ref('int_answering_agencies') }}
    where not is_allocated and agency_code = heir_code and valid_from = heir_valid_from
),
rollups as (
    select distinct rollup_code from {{ ref('int_agency_rollups') }} where is_current
),
parts as (
    select
        gone.agency_code,
        gone.valid_from,
        paths.heir_code,
        heirs.parent_code,
        parents.parent_code as grandparent_code,
        count(*) over (partition by gone.agency_code, gone.valid_from) as part_count
    from gone
    cross join period
    inner join paths
        on gone.agency_code = paths.agency_code
        and gone.valid_from = paths.valid_from
        and {{ stands_on('paths', 'period.last_date') }}
    inner join agencies as heirs
        on paths.heir_code = heirs.agency_code
        and paths.heir_valid_from = heirs.valid_from
    left join agencies as parents
        on heirs.parent_code = parents.agency_code
        and {{ holds_on('parents', 'period.last_date') }}
),
above as (
    select
        agency_code,
        valid_from,
        part_count,
        parent_code as rollup_code
    from parts

    union all

    select
        agency_code,
        valid_from,
        part_count,
        grandparent_code as rollup_code
    from parts
),
final as (
    select
        above.agency_code,
        above.valid_from,
        above.rollup_code
    from above
    inner join rollups on above.rollup_code = rollups.rollup_code
    group by
        above.agency_code,
        above.valid_from,
        above.rollup_code,
        above.part_count
    having count(*) = above.part_count
)
select * from final

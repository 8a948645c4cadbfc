-- A month uses the rows of its own year that are valid on its last day.
with seed_rows as (
    select * from {{ ref('par_index_criteria') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
final as (
    select seed_rows.*
    from seed_rows
    inner join period
        on seed_rows.year = extract(year from period.period_month)
        and {{ holds_on('seed_rows', 'period.last_date') }}
)
select * from final

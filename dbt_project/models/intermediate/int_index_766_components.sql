-- A month uses the row valid on its last day.
with seed_rows as (
    select * from {{ ref('index_766_components') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
final as (
    select seed_rows.*
    from seed_rows
    inner join period on {{ holds_on('seed_rows', 'period.last_date') }}
)
select * from final

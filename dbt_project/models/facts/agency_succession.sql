with final as (
    select * from {{ ref('agency_successions') }}
)
select * from final

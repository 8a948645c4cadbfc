-- A month uses the definition valid on its last day; two of them would double the figure's rows.
with indicators as (
    select * from {{ ref('dim_indicators') }}
),
final as (
    select
        earlier.indicator_code,
        earlier.definition_version,
        later.definition_version as other_version
    from indicators as earlier
    inner join indicators as later
        on earlier.indicator_code = later.indicator_code
        and earlier.definition_version <> later.definition_version
    where
        {{ holds_on('earlier', 'later.valid_from') }}
)
select * from final

-- Staging joins landed rows to agencies by code and day; two agencies holding one code on one day would double the rows.
with agencies as (
    select * from {{ ref('dim_agencies') }}
),
final as (
    select
        earlier.agency_code,
        earlier.identity_code,
        later.valid_from
    from agencies as earlier
    inner join agencies as later
        on (earlier.agency_code = later.agency_code or earlier.identity_code = later.identity_code)
        and (earlier.agency_code <> later.agency_code or earlier.valid_from <> later.valid_from)
    where
        {{ holds_on('earlier', 'later.valid_from') }}
)
select * from final

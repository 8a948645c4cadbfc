-- Who answers, in turn, for all that an agency had: the agency itself, then whoever took over the whole of it. When nobody
-- did (a split without weights, a dossier that cannot be divided) the last one stays: it is gone, and its rows unallocated.
with paths as (
    select * from {{ ref('int_agency_paths') }}
),
final as (
    select
        agency_code,
        valid_from,
        heir_code,
        heir_valid_from,
        holds_from,
        {{ add_days('lead(holds_from) over (partition by agency_code, valid_from order by holds_from)', -1) }} as holds_to,
        holds_to as exists_to
    from paths
    where share = 1
)
select * from final

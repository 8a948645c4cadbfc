-- Every agency with all that it became or may have become. Successions are followed in the order of their days, so that a
-- circle in the list cannot go on for ever. A share is a product of weights: null when one of them is unknown.
with recursive agencies as (
    select * from {{ ref('dim_agencies') }}
),
successions as (
    select * from {{ ref('agency_succession') }} where to_code is not null
),
totals as (
    select
        from_code,
        from_valid_from,
        coalesce(sum(weight), 0) as total_weight
    from successions
    group by from_code, from_valid_from
),
steps as (
    select
        successions.from_code,
        successions.from_valid_from,
        successions.to_code,
        successions.to_valid_from,
        successions.event_date,
        -- Weights that come to more than everything say nothing; beside those that come to it nothing is left.
        case when totals.total_weight <= 1 then successions.weight end as weight
    from successions
    inner join totals
        on successions.from_code = totals.from_code
        and successions.from_valid_from = totals.from_valid_from
    where totals.total_weight <> 1 or successions.weight > 0
),
paths as (
    select
        agency_code,
        valid_from,
        agency_code as heir_code,
        valid_from as heir_valid_from,
        valid_from as holds_from,
        cast(1 as decimal(25, 24)) as weight
    from agencies

    union all

    select
        paths.agency_code,
        paths.valid_from,
        steps.to_code as heir_code,
        steps.to_valid_from as heir_valid_from,
        steps.event_date as holds_from,
        cast(paths.weight * steps.weight as decimal(25, 24)) as weight
    from paths
    inner join steps
        on paths.heir_code = steps.from_code
        and paths.heir_valid_from = steps.from_valid_from
        and paths.holds_from < steps.event_date
),
entered as (
    select
        agency_code,
        valid_from,
        heir_code,
        heir_valid_from,
        holds_from,
        sum(weight) as weight
    from paths
    group by
        agency_code,
        valid_from,
        heir_code,
        heir_valid_from,
        holds_from
),
ends as (
    select
        from_code,
        from_valid_from,
        min(event_date) as event_date
    from {{ ref('agency_succession') }}
    group by from_code, from_valid_from
),
final as (
    select
        entered.agency_code,
        entered.valid_from,
        entered.heir_code,
        entered.heir_valid_from,
        entered.holds_from,
        {{ earliest([
            'heirs.valid_to',
            add_days('ends.event_date', -1),
            add_days('lead(entered.holds_from) over (partition by entered.agency_code, entered.valid_from, entered.heir_code, '
                ~ 'entered.heir_valid_from order by entered.holds_from)', -1),
        ]) }} as holds_to,
        -- What came by several paths at several times adds up.
        cast(sum(entered.weight) over (
            partition by entered.agency_code, entered.valid_from, entered.heir_code, entered.heir_valid_from
            order by entered.holds_from
        ) as decimal(25, 24)) as share
    from entered
    inner join agencies as heirs
        on entered.heir_code = heirs.agency_code
        and entered.heir_valid_from = heirs.valid_from
    left join ends
        on entered.heir_code = ends.from_code
        and entered.heir_valid_from = ends.from_valid_from
)
select * from final

-- Facts look here for who answers for them on the period's last day, by a join on code and first day. A code by itself means
-- the agency that holds it on the day in question, else the one that held it last, else the first that did.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
),
heirs as (
    select * from {{ ref('int_agency_heirs') }}
),
named as (
    select
        agency_code,
        valid_from,
        case
            when lag(valid_from) over (partition by agency_code order by valid_from) is not null then valid_from
        end as named_from,
        {{ add_days('lead(valid_from) over (partition by agency_code order by valid_from)', -1) }} as named_to
    from agencies
),
final as (
    select
        named.agency_code,
        named.valid_from,
        named.named_from,
        named.named_to,
        heirs.heir_code,
        heirs.heir_valid_from,
        heirs.exists_to is null or heirs.exists_to >= period.last_date as is_allocated,
        case when heirs.exists_to is null or heirs.exists_to >= period.last_date then heirs.heir_code end
            as reporting_agency_code
    from named
    cross join period
    inner join heirs
        on named.agency_code = heirs.agency_code
        and named.valid_from = heirs.valid_from
        and {{ stands_on('heirs', 'period.last_date') }}
)
select * from final

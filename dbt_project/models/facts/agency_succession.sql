-- What a deployment says of an agency that ended stands in for all that is shipped about it.
with shipped as (
    select * from {{ ref('agency_successions') }}
),
added as (
    select * from {{ ref('stg_landing__local_successions') }}
),
ended as (
    select distinct
        from_code,
        from_valid_from
    from added
),
kept as (
    select shipped.*
    from shipped
    left join ended
        on shipped.from_code = ended.from_code
        and shipped.from_valid_from = ended.from_valid_from
    where ended.from_code is null
),
final as (
    select
        from_code,
        from_valid_from,
        to_code,
        to_valid_from,
        event_date,
        kind,
        weight,
        legal_act
    from kept

    union all

    select
        from_code,
        from_valid_from,
        to_code,
        to_valid_from,
        event_date,
        kind,
        weight,
        legal_act
    from added
)
select * from final

with source as (
    select * from {{ source('landing', 'local_successions') }}
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
    from source
)
select * from final

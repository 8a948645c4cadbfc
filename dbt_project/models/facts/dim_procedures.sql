with procedures as (
    select * from {{ ref('stg_portal__procedures') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
described as (
    select
        period.period_month,
        procedures.agency_code,
        procedures.procedure_code,
        procedures.field_code,
        procedures.field_name,
        procedures.service_level,
        procedures.has_fee,
        procedures.is_e_certification,
        procedures.valid_from,
        procedures.valid_to,
        {{ holds_on('procedures', 'period.last_date') }} as is_in_force
    from procedures
    cross join period
),
-- What the filters of the indicator catalogue ask for.
final as (
    select
        *,
        {{ list_of([
            token('in_force', 'is_in_force'),
            valued_token('level', 'service_level'),
            token('with_fee', 'has_fee'),
            token('e_certification', 'is_e_certification'),
        ]) }} as tokens
    from described
)
select * from final

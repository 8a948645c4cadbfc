-- The catalogue's row of a procedure for dossiers received on some days: the one in force, else the newest. Portals that send
-- dossiers without service level or e-certification mark have both only here. Found per stretch of days, since there are few of
-- them and many dossiers.
with procedures as (
    select * from {{ ref('dim_procedures') }}
),
counted as (
    select
        *,
        count(*) over (partition by agency_code, procedure_code) as versions
    from procedures
),
-- Another row may speak from the first day of each and from the day after its last.
turns as (
    select distinct
        agency_code,
        procedure_code,
        cast(null as date) as valid_from
    from procedures

    union distinct

    select
        agency_code,
        procedure_code,
        valid_from
    from counted
    where versions > 1

    union distinct

    select
        agency_code,
        procedure_code,
        {{ add_days('valid_to', 1) }} as valid_from
    from counted
    where versions > 1 and valid_to is not null
),
spans as (
    select
        *,
        {{ add_days('lead(valid_from) over (partition by agency_code, procedure_code order by valid_from nulls first)', -1) }}
            as valid_to
    from turns
),
ranked as (
    select
        spans.agency_code,
        spans.procedure_code,
        spans.valid_from,
        spans.valid_to,
        procedures.field_code,
        procedures.service_level,
        procedures.is_e_certification,
        row_number() over (
            partition by spans.agency_code, spans.procedure_code, spans.valid_from
            order by
                case when {{ holds_on('procedures', 'coalesce(spans.valid_from, spans.valid_to)') }} then 0 else 1 end,
                procedures.valid_from desc nulls last
        ) as place
    from spans
    inner join procedures
        on spans.agency_code = procedures.agency_code
        and spans.procedure_code = procedures.procedure_code
),
final as (
    select
        agency_code,
        procedure_code,
        valid_from,
        valid_to,
        field_code,
        service_level,
        is_e_certification
    from ranked
    where place = 1
)
select * from final

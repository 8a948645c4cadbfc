-- The month by field, as Biểu 06 counts it, for whoever answers for the dossiers. Refused, withdrawn and without a due date
-- stand together with on time.
with dossiers as (
    select * from {{ ref('fct_dossiers') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
procedures as (
    select * from {{ ref('dim_procedures') }}
),
-- Two catalogues may spell one field differently; the first spelling stands for all.
names as (
    select
        field_code,
        coalesce(min(case when is_in_force then field_name end), min(field_name)) as field_name
    from procedures
    where field_code is not null
    group by field_code
),
counted as (
    select
        answering.heir_code as agency_code,
        answering.heir_valid_from as valid_from,
        coalesce(dossiers.field_code, 'unknown') as field_code,
        sum(case when dossiers.is_received or dossiers.is_carried_over then 1 else 0 end) as taken_on,
        sum(case when dossiers.is_received and dossiers.channel = 'online' then 1 else 0 end) as received_online,
        sum(case when dossiers.is_received and dossiers.channel in ('in_person', 'postal') then 1 else 0 end)
            as received_otherwise,
        sum(case when dossiers.is_carried_over then 1 else 0 end) as carried_over,
        sum(case when dossiers.is_resolved or dossiers.is_refused or dossiers.is_withdrawn then 1 else 0 end) as ended,
        sum(case when dossiers.timeliness = 'early' then 1 else 0 end) as ended_early,
        sum(
            case
                when dossiers.timeliness in ('on_time', 'without_due_date') then 1
                when dossiers.is_refused or dossiers.is_withdrawn then 1
                else 0
            end
        ) as ended_on_time,
        sum(case when dossiers.timeliness = 'late' then 1 else 0 end) as ended_late,
        sum(case when dossiers.is_pending then 1 else 0 end) as pending,
        sum(case when dossiers.is_pending and not dossiers.is_pending_overdue then 1 else 0 end) as pending_in_time,
        sum(case when dossiers.is_pending_overdue then 1 else 0 end) as pending_overdue
    from dossiers
    inner join answering
        on dossiers.agency_code = answering.agency_code
        and dossiers.agency_valid_from = answering.valid_from
    group by
        answering.heir_code,
        answering.heir_valid_from,
        coalesce(dossiers.field_code, 'unknown')
),
final as (
    select
        counted.*,
        names.field_name
    from counted
    left join names on counted.field_code = names.field_code
)
select * from final

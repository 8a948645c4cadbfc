-- The dossiers of the month. What a dossier does not say itself is that of its procedure: of the catalogue's row in force at
-- the reception, else of its newest.
create temp table newest_procedures as
from dim_procedures
qualify row_number() over (partition by agency_code, procedure_code order by valid_from desc nulls last) = 1;

create table fct_dossiers as
with named as (
    select
        life.* replace (coalesce(code.agency_code, life.agency_code) as agency_code),
        code.valid_from as agency_valid_from,
        code.agency_code as reporting_agency_code,
        received_at::date as received_date,
        due_at::date as due_date,
        ended_at::date as ended_date
    from lives as life
    left join agencies as code on life.agency_code = code.identity_code
),
judged as (
    select
        d.* replace (
            coalesce(d.field_code, in_force.field_code, newest.field_code) as field_code,
            coalesce(d.service_level, in_force.service_level, newest.service_level) as service_level,
            coalesce(d.is_e_certification, in_force.is_e_certification, newest.is_e_certification) as is_e_certification
        ),
        clocks.* exclude (dossier_code),
        case
            when ended_at is null then 'pending'
            when ended_at = refused_at then 'refused'
            when ended_at = withdrawn_at then 'withdrawn'
            else 'resolved'
        end as state,
        coalesce(ended_at >= $starts_at, false) as ended_in_period,
        state = 'resolved' and ended_in_period as is_resolved,
        coalesce(state = 'pending' and due_date < $last_date, false) as is_pending_overdue,
        case
            when not is_resolved then null
            when due_date is null then 'without_due_date'
            when ended_date < due_date then 'early'
            when ended_date = due_date then 'on_time'
            else 'late'
        end as timeliness
    from named as d
    left join clocks using (dossier_code)
    left join dim_procedures as in_force
        on d.agency_code = in_force.agency_code
        and d.procedure_code = in_force.procedure_code
        and coalesce(in_force.valid_from <= received_date, true)
        and coalesce(in_force.valid_to >= received_date, true)
    left join newest_procedures as newest
        on d.agency_code = newest.agency_code
        and d.procedure_code = newest.procedure_code
        and in_force.procedure_code is null
)
select
    $period_month as period_month,
    dossier_code,
    agency_code,
    agency_valid_from,
    reporting_agency_code,
    procedure_code,
    field_code,
    channel,
    service_level,
    applicant_type,
    submitted_at,
    received_at,
    due_at,
    finished_at,
    refused_at,
    withdrawn_at,
    returned_at,
    ended_at,
    received_date,
    due_date,
    ended_date,
    state,
    received_at >= $starts_at as is_received,
    received_at < $starts_at as is_carried_over,
    is_resolved,
    state = 'refused' and ended_in_period as is_refused,
    state = 'withdrawn' and ended_in_period as is_withdrawn,
    state = 'pending' as is_pending,
    timeliness,
    case
        when not is_resolved then null
        when due_at is null then 'without_due_date'
        when ended_at < due_at then 'early'
        when ended_at = due_at then 'on_time'
        else 'late'
    end as timeliness_instant,
    is_pending_overdue,
    case
        when state in ('refused', 'withdrawn') then state
        when is_pending_overdue then 'pending_overdue'
        when state = 'pending' then if(due_date is null, 'pending_without_due_date', 'pending_in_time')
        when timeliness is null then 'ended_before_received'
        when timeliness = 'without_due_date' then 'finished_without_due_date'
        when timeliness = 'early' then 'finished_before_due_day'
        when timeliness = 'on_time' then 'finished_on_due_day'
        when ended_date <= clock_due_at::date then 'finished_after_due_day_within_clock'
        else 'finished_after_due_day'
    end as timeliness_reason,
    pauses,
    len(pauses) as pause_count,
    working_seconds_paused,
    working_seconds_used,
    working_seconds_allowed,
    clock_due_at,
    is_e_certification,
    input_digitised,
    case when not is_pending then result_digitised end as result_digitised,
    case when not is_pending then result_electronic end as result_electronic,
    data_reused,
    fee_vnd,
    paid_online,
    return_method,
    rating,
    len(list_filter(supplements, lambda s: s.requested_at < $ends_at)) as supplement_count,
    'portal_dossiers' as export,
    words([
        case when is_received then 'received' end,
        case when is_carried_over then 'carried_over' end,
        case when is_resolved then 'resolved' end,
        case when is_refused then 'refused' end,
        case when is_withdrawn then 'withdrawn' end,
        case when is_pending then 'pending' end,
        case when is_pending_overdue then 'overdue' end,
        case when is_pending and not is_pending_overdue then 'in_time' end,
        'timeliness:' || timeliness,
        case when timeliness in ('early', 'on_time') then 'within_due_date' end,
        'channel:' || channel,
        'level:' || service_level,
        'applicant:' || applicant_type,
        case when is_e_certification then 'e_certification' end,
        case when input_digitised then 'input_digitised' end,
        case when not is_pending and result_digitised then 'result_digitised' end,
        case when not is_pending and result_electronic then 'result_electronic' end,
        case when not is_pending and result_electronic is not null then 'result_electronic_known' end,
        case when data_reused then 'data_reused' end,
        case when data_reused is not null then 'data_reused_known' end,
        case when fee_vnd > 0 then 'with_fee' end,
        case when paid_online then 'paid_online' end,
        case when rating is not null then 'rated' end,
        case when rating <= 2 then 'disliked' end
    ]) as tokens
from judged;

-- A dossier stands as it was when the period ended: what happened at or after that instant has not happened.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
dossiers as (
    select * from {{ ref('stg_portal__dossiers') }}
),
due_dates as (
    select * from {{ ref('int_dossier_due_dates') }}
),
catalogue as (
    select * from {{ ref('int_catalogue_spans') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
clocks as (
    select * from {{ ref('int_dossier_clock') }}
),
as_of_end as (
    select
        dossiers.*,
        clocks.pauses,
        clocks.pause_count,
        clocks.working_seconds_paused,
        clocks.working_seconds_used,
        clocks.working_seconds_allowed,
        clocks.clock_due_at,
        period.period_month,
        period.starts_at,
        period.last_date,
        coalesce(due_dates.due_at, dossiers.due_at) as due_at_then,
        coalesce(due_dates.supplement_count, 0) as supplement_count,
        coalesce(dossiers.field_code, catalogue.field_code) as field_code_then,
        coalesce(dossiers.service_level, catalogue.service_level) as service_level_then,
        coalesce(dossiers.is_e_certification, catalogue.is_e_certification) as is_e_certification_then,
        case when dossiers.finished_at < period.ends_at then dossiers.finished_at end as finished_at_then,
        case when dossiers.refused_at < period.ends_at then dossiers.refused_at end as refused_at_then,
        case when dossiers.withdrawn_at < period.ends_at then dossiers.withdrawn_at end as withdrawn_at_then,
        case when dossiers.returned_at < period.ends_at then dossiers.returned_at end as returned_at_then
    from dossiers
    cross join period
    left join due_dates on dossiers.dossier_code = due_dates.dossier_code
    left join catalogue
        on dossiers.agency_code = catalogue.agency_code
        and dossiers.procedure_code = catalogue.procedure_code
        and {{ holds_on('catalogue', local_date('dossiers.received_at')) }}
    left join clocks on dossiers.dossier_code = clocks.dossier_code
    where dossiers.received_at < period.ends_at
),
ended as (
    select
        *,
        {{ earliest(['finished_at_then', 'refused_at_then', 'withdrawn_at_then']) }} as ended_at
    from as_of_end
),
placed as (
    select
        *,
        -- At equal instants refused comes before withdrawn before finished.
        case
            when ended_at is null then 'pending'
            when refused_at_then = ended_at then 'refused'
            when withdrawn_at_then = ended_at then 'withdrawn'
            else 'resolved'
        end as state,
        coalesce(ended_at >= starts_at, false) as ended_in_period,
        {{ local_date('received_at') }} as received_date,
        {{ local_date('due_at_then') }} as due_date,
        {{ local_date('ended_at') }} as ended_date
    from ended
    -- One that ended before its reception is a fault, but stays in its month so that the gate sees it.
    where ended_at is null or ended_at >= starts_at or received_at >= starts_at
),
answered as (
    select
        placed.*,
        answering.valid_from as agency_valid_from_then,
        answering.reporting_agency_code
    from placed
    left join answering on {{ is_agency_of('answering', 'placed', 'placed.received_date') }}
),
described as (
    select
        period_month,
        dossier_code,
        agency_code,
        agency_valid_from_then as agency_valid_from,
        reporting_agency_code,
        procedure_code,
        field_code_then as field_code,
        channel,
        service_level_then as service_level,
        applicant_type,

        submitted_at,
        received_at,
        due_at_then as due_at,
        finished_at_then as finished_at,
        refused_at_then as refused_at,
        withdrawn_at_then as withdrawn_at,
        returned_at_then as returned_at,
        ended_at,
        received_date,
        due_date,
        ended_date,

        state,
        received_at >= starts_at as is_received,
        received_at < starts_at as is_carried_over,
        state = 'resolved' and ended_in_period as is_resolved,
        state = 'refused' and ended_in_period as is_refused,
        state = 'withdrawn' and ended_in_period as is_withdrawn,
        state = 'pending' as is_pending,
        case
            when state <> 'resolved' or not ended_in_period then null
            when due_date is null then 'without_due_date'
            when ended_date < due_date then 'early'
            when ended_date = due_date then 'on_time'
            else 'late'
        end as timeliness,
        case
            when state <> 'resolved' or not ended_in_period then null
            when due_at_then is null then 'without_due_date'
            when ended_at < due_at_then then 'early'
            when ended_at = due_at_then then 'on_time'
            else 'late'
        end as timeliness_instant,
        coalesce(state = 'pending' and due_date < last_date, false) as is_pending_overdue,
        case
            when state = 'refused' then 'refused'
            when state = 'withdrawn' then 'withdrawn'
            when state = 'pending' and due_date is null then 'pending_without_due_date'
            when state = 'pending' and due_date < last_date then 'pending_overdue'
            when state = 'pending' then 'pending_in_time'
            when not ended_in_period then 'ended_before_received'
            when due_date is null then 'finished_without_due_date'
            when ended_date < due_date then 'finished_before_due_day'
            when ended_date = due_date then 'finished_on_due_day'
            when ended_date <= {{ local_date('clock_due_at') }} then 'finished_after_due_day_within_clock'
            else 'finished_after_due_day'
        end as timeliness_reason,

        pauses,
        pause_count,
        working_seconds_paused,
        working_seconds_used,
        working_seconds_allowed,
        clock_due_at,

        is_e_certification_then as is_e_certification,
        input_digitised,
        -- A result that came after the period is none yet; the source dates it by nothing else.
        case when state <> 'pending' then result_digitised end as result_digitised,
        case when state <> 'pending' then result_electronic end as result_electronic,
        data_reused,
        fee_vnd,
        paid_online,
        return_method,
        rating,
        cast(supplement_count as bigint) as supplement_count,
        export_name as export
    from answered
),
-- What the filters of the indicator catalogue ask for.
final as (
    select
        *,
        {{ list_of([
            token('received', 'is_received'),
            token('carried_over', 'is_carried_over'),
            token('resolved', 'is_resolved'),
            token('refused', 'is_refused'),
            token('withdrawn', 'is_withdrawn'),
            token('pending', 'is_pending'),
            token('overdue', 'is_pending_overdue'),
            token('in_time', 'is_pending and not is_pending_overdue'),
            valued_token('timeliness', 'timeliness'),
            token('within_due_date', "timeliness in ('early', 'on_time')"),
            valued_token('channel', 'channel'),
            valued_token('level', 'service_level'),
            valued_token('applicant', 'applicant_type'),
            token('e_certification', 'is_e_certification'),
            token('input_digitised', 'input_digitised'),
            token('result_digitised', 'result_digitised'),
            token('result_electronic', 'result_electronic'),
            token('result_electronic_known', 'result_electronic is not null'),
            token('data_reused', 'data_reused'),
            token('data_reused_known', 'data_reused is not null'),
            token('with_fee', 'fee_vnd > 0'),
            token('paid_online', 'paid_online'),
            token('rated', 'rating is not null'),
            token('disliked', 'rating <= 2'),
        ]) }} as tokens
    from described
)
select * from final

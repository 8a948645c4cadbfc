-- What figures.sql reads of the records, straight from their Parquet files: no clock, no tokens, and of every record
-- only the columns that are counted.
create temp table agencies as
select agency_code, identity_code, level, parent_code, valid_from
from read_csv($agencies, all_varchar = true);

create temp table dim_procedures as
select
    agencies.agency_code, procedure_code, service_level, is_e_certification,
    coalesce(p.valid_from <= $last_date, true) and coalesce(p.valid_to >= $last_date, true) as is_in_force
from read_parquet($procedures) as p
join agencies on p.agency_code = agencies.identity_code;

create temp table dim_certificates as
select
    agencies.agency_code, holder_type,
    $last_date between c.valid_from and c.valid_to and coalesce(revoked_at >= $ends_at, true) as is_valid
from read_parquet($certificates) as c
join agencies on c.agency_code = agencies.identity_code;

create temp table fct_documents as
select
    agencies.agency_code, direction, exchange_form, processed_online, is_signed,
    coalesce(exchange_status not in ('13', '15'), true) as is_counted
from read_parquet($documents) as d
join agencies on d.agency_code = agencies.identity_code
where
    case direction when 'incoming' then received_at::date else coalesce(sent_at::date, issued_date) end
    between $first_date and $last_date;

create temp table fct_dossiers as
with newest as (
    from read_parquet($dossiers)
    where received_at < $ends_at
    qualify row_number() over (partition by dossier_code order by updated_at desc nulls last) = 1
),
ended as (
    select
        *,
        coalesce(
            list_filter(list_sort(supplements), lambda s: s.requested_at >= $ends_at and s.old_due_at is not null)[1].old_due_at,
            due_at
        )::date as due_date,
        nullif(least(finished_at, refused_at, withdrawn_at, $ends_at), $ends_at) as ended_at,
        case
            when ended_at is null then 'pending'
            when ended_at = refused_at then 'refused'
            when ended_at = withdrawn_at then 'withdrawn'
            else 'resolved'
        end as state,
        ended_at::date as ended_date
    from newest
    where coalesce(ended_at >= $starts_at, true)
)
select
    agencies.agency_code, ended.procedure_code, channel, state, fee_vnd, paid_online, rating, input_digitised, result_digitised,
    result_electronic, data_reused,
    coalesce(ended.service_level, p.service_level) as service_level,
    coalesce(ended.is_e_certification, p.is_e_certification) as is_e_certification,
    received_at >= $starts_at as is_received,
    state = 'resolved' as is_resolved,
    state = 'pending' and coalesce(due_date < $last_date, false) as is_pending_overdue,
    case
        when not is_resolved then null
        when due_date is null then 'without_due_date'
        when ended_date < due_date then 'early'
        when ended_date = due_date then 'on_time'
        else 'late'
    end as timeliness
from ended
join agencies on ended.agency_code = agencies.identity_code
left join dim_procedures as p on agencies.agency_code = p.agency_code and ended.procedure_code = p.procedure_code;

-- Every figure of one month and of its year to date, straight from the Parquet files: what somebody would write who needs
-- no facts to look into, no tests, no mergers and no catalogue. Beside it stands what the warehouse's build costs.
create temp table dossiers as
select
    agencies.agency_code, newest.procedure_code, channel, fee_vnd, paid_online, input_digitised, result_digitised,
    received_at >= $starts_at as received,
    received_at < $starts_at as carried_over,
    least(finished_then, refused_then, withdrawn_then) as ended,
    case
        when ended is null then 'pending'
        when refused_then = ended then 'refused'
        when withdrawn_then = ended then 'withdrawn'
        else 'resolved'
    end as state,
    due_then::date as due_date,
    ended::date as ended_date,
    coalesce(newest.is_e_certification, p.e) as is_e_certification
from (
    select
        *,
        case when finished_at < $ends_at then finished_at end as finished_then,
        case when refused_at < $ends_at then refused_at end as refused_then,
        case when withdrawn_at < $ends_at then withdrawn_at end as withdrawn_then,
        coalesce(
            list_extract(list_filter(supplements, lambda s: s.requested_at >= $ends_at and s.old_due_at is not null), 1).old_due_at,
            due_at
        ) as due_then
    from read_parquet(getvariable('dossiers'))
    qualify row_number() over (partition by dossier_code order by updated_at desc) = 1
) as newest
join agencies on newest.agency_code = agencies.identity_code
left join (select agency_code as identity_code, procedure_code, is_e_certification as e from read_parquet(getvariable('procedures'))) as p
    on p.identity_code = newest.agency_code and p.procedure_code = newest.procedure_code
where received_at < $ends_at;

create temp table dossier_figures as
select
    agency_code,
    count(*) filter (received) as received,
    count(*) filter (received and channel = 'online') as online,
    count(*) filter (received and channel = 'in_person') as in_person,
    count(*) filter (received and channel = 'postal') as postal,
    count(*) filter (carried_over) as carried_over,
    count(*) filter (resolved) as resolved,
    count(*) filter (resolved and ended_date < due_date) as early,
    count(*) filter (resolved and ended_date = due_date) as on_time,
    count(*) filter (resolved and ended_date > due_date) as late,
    count(*) filter (resolved and due_date is null) as without_due_date,
    count(*) filter (state = 'pending') as pending,
    count(*) filter (state = 'pending' and due_date < $last_date) as overdue,
    count(*) filter (state = 'refused') as refused,
    count(*) filter (state = 'withdrawn') as withdrawn,
    count(*) filter (received and is_e_certification) as e_certified,
    count(*) filter (received and input_digitised) as input_digitised,
    count(*) filter (resolved and result_digitised) as result_digitised,
    count(*) filter (resolved and fee_vnd > 0) as with_fee,
    count(*) filter (resolved and fee_vnd > 0 and paid_online) as paid_online,
    count(distinct procedure_code) filter (received and channel = 'online') as online_procedures
from (from dossiers select *, state = 'resolved' as resolved)
group by agency_code;

create temp table document_figures as
select
    agencies.agency_code,
    count(*) filter (direction = 'incoming') as incoming,
    count(*) filter (direction = 'outgoing') as outgoing,
    count(*) filter (direction = 'outgoing' and is_signed) as signed,
    count(*) filter (direction = 'outgoing' and exchange_form = 'electronic') as electronic_only,
    count(*) filter (direction = 'incoming' and processed_online) as processed_online
from (select distinct on (document_id, agency_code, direction) * from read_parquet(getvariable('documents'))) as d
join agencies on d.agency_code = agencies.identity_code
where
    case direction when 'incoming' then received_at::date else coalesce(sent_at::date, issued_date) end
    between $first_date and $last_date
    and coalesce(exchange_status not in ('13', '15'), true)
group by agencies.agency_code;

create temp table other_figures as
select
    agencies.agency_code,
    (select count(*) from read_parquet(getvariable('procedures')) as p
     where p.agency_code = agencies.identity_code and valid_from <= $last_date and coalesce(valid_to >= $last_date, true)) as procedures,
    c.personal, c.organisation
from agencies
left join (
    select
        agency_code,
        count(*) filter (holder_type = 'person') as personal,
        count(*) filter (holder_type = 'organisation') as organisation
    from read_parquet(getvariable('certificates'))
    where valid_from <= $last_date and valid_to >= $last_date and coalesce(revoked_at >= $ends_at, true)
    group by agency_code
) as c on c.agency_code = agencies.identity_code
where agencies.level = 'commune';

create temp table month_figures as
select agency_code, unnest([
    {'code': 'dossiers_received', 'kind': 'flow', 'n': received, 'd': null},
    {'code': 'dossiers_received_online', 'kind': 'flow', 'n': online, 'd': null},
    {'code': 'dossiers_received_in_person', 'kind': 'flow', 'n': in_person, 'd': null},
    {'code': 'dossiers_received_postal', 'kind': 'flow', 'n': postal, 'd': null},
    {'code': 'dossiers_carried_over', 'kind': 'opening', 'n': carried_over, 'd': null},
    {'code': 'dossiers_resolved', 'kind': 'flow', 'n': resolved, 'd': null},
    {'code': 'dossiers_resolved_early', 'kind': 'flow', 'n': early, 'd': null},
    {'code': 'dossiers_resolved_on_time', 'kind': 'flow', 'n': on_time, 'd': null},
    {'code': 'dossiers_resolved_late', 'kind': 'flow', 'n': late, 'd': null},
    {'code': 'dossiers_resolved_without_due_date', 'kind': 'flow', 'n': without_due_date, 'd': null},
    {'code': 'dossiers_pending', 'kind': 'closing', 'n': pending, 'd': null},
    {'code': 'dossiers_pending_in_time', 'kind': 'closing', 'n': pending - overdue, 'd': null},
    {'code': 'dossiers_pending_overdue', 'kind': 'closing', 'n': overdue, 'd': null},
    {'code': 'dossiers_refused', 'kind': 'flow', 'n': refused, 'd': null},
    {'code': 'dossiers_withdrawn', 'kind': 'flow', 'n': withdrawn, 'd': null},
    {'code': 'e_certified_copies', 'kind': 'flow', 'n': e_certified, 'd': null},
    {'code': 'online_share', 'kind': 'flow', 'n': online, 'd': received},
    {'code': 'postal_share', 'kind': 'flow', 'n': postal, 'd': received},
    {'code': 'early_share', 'kind': 'flow', 'n': early, 'd': resolved},
    {'code': 'on_time_share', 'kind': 'flow', 'n': early + on_time, 'd': resolved},
    {'code': 'input_digitised_share', 'kind': 'flow', 'n': input_digitised, 'd': received},
    {'code': 'result_digitised_share', 'kind': 'flow', 'n': result_digitised, 'd': resolved},
    {'code': 'online_payment_share', 'kind': 'flow', 'n': paid_online, 'd': with_fee},
    {'code': 'procedures_with_online_dossiers_share', 'kind': 'distinct', 'n': online_procedures, 'd': procedures},
    {'code': 'documents_incoming', 'kind': 'flow', 'n': incoming, 'd': null},
    {'code': 'documents_outgoing', 'kind': 'flow', 'n': outgoing, 'd': null},
    {'code': 'documents_outgoing_signed', 'kind': 'flow', 'n': signed, 'd': null},
    {'code': 'signed_share', 'kind': 'flow', 'n': signed, 'd': outgoing},
    {'code': 'electronic_only_share', 'kind': 'flow', 'n': electronic_only, 'd': outgoing},
    {'code': 'processed_online_share', 'kind': 'flow', 'n': processed_online, 'd': incoming},
    {'code': 'certificates_personal', 'kind': 'closing', 'n': personal, 'd': null},
    {'code': 'certificates_organisation', 'kind': 'closing', 'n': organisation, 'd': null}
], recursive := true)
from other_figures
left join dossier_figures using (agency_code)
left join document_figures using (agency_code);

create temp table earlier as
select period_month, agency_code, indicator_code as code, numerator as n, denominator as d
from read_parquet(getvariable('earlier_figures'))
where scope = 'month' and agency_code in (select agency_code from agencies where level = 'commune');

create temp table year_members as
select agency_code, count(distinct procedure_code) as n from (
    select agency_code, procedure_code from read_parquet(getvariable('earlier_dossiers')) where is_received and channel = 'online'
    union all
    select agency_code, procedure_code from dossiers where received and channel = 'online'
) group by agency_code;

create temp table year_figures as
select
    m.agency_code, m.code, m.kind,
    case m.kind
        when 'flow' then m.n + coalesce(e.n, 0)
        when 'opening' then coalesce(e.first_n, m.n)
        when 'distinct' then coalesce(y.n, 0)
        else m.n
    end as n,
    case m.kind when 'flow' then m.d + coalesce(e.d, 0) else m.d end as d
from month_figures as m
left join (
    select agency_code, code, sum(n) as n, sum(d) as d, arg_min(n, period_month) as first_n from earlier group by agency_code, code
) as e using (agency_code, code)
left join year_members as y on y.agency_code = m.agency_code;

create temp table figures as
with communes as (
    select 'month' as scope, agency_code, code, n, d from month_figures
    union all
    select 'ytd' as scope, agency_code, code, n, d from year_figures
)
select scope, agency_code, code, n::bigint as n, d::bigint as d from communes
union all
select scope, $rollup as agency_code, code, sum(n)::bigint, sum(d)::bigint from communes group by scope, code;

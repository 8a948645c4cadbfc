-- The indicators of the communes and of the province, for the month and for the year to date. Reads the tables of the records;
-- figures_alone.sql gives it the few columns of them that it needs.
create temp table dossier_counts as
select
    agency_code,
    count(*) filter (is_received) as received,
    count(*) filter (is_received and channel = 'online') as online,
    count(*) filter (is_received and channel = 'in_person') as in_person,
    count(*) filter (is_received and channel = 'postal') as postal,
    count(*) filter (is_received and channel = 'online' and service_level = 'partial') as online_partial,
    count(*) filter (is_received and channel = 'online' and service_level = 'full') as online_full,
    count(*) filter (is_received and is_e_certification) as e_certified,
    count(*) filter (is_received and input_digitised) as input_digitised,
    count(*) filter (is_received and data_reused) as reused,
    count(*) filter (is_received and data_reused is not null) as reuse_known,
    count(distinct procedure_code) filter (is_received and channel = 'online') as online_procedures,
    count(*) filter (not is_received) as carried_over,
    count(*) filter (is_resolved) as resolved,
    count(*) filter (timeliness = 'early') as early,
    count(*) filter (timeliness = 'on_time') as on_time,
    count(*) filter (timeliness = 'late') as late,
    count(*) filter (timeliness = 'without_due_date') as without_due_date,
    count(*) filter (in_due_time and channel = 'in_person') as in_due_time_in_person,
    count(*) filter (in_due_time and channel = 'postal') as in_due_time_postal,
    count(*) filter (in_due_time and channel = 'online' and service_level = 'partial') as in_due_time_online_partial,
    count(*) filter (in_due_time and channel = 'online' and service_level = 'full') as in_due_time_online_full,
    count(*) filter (is_resolved and result_digitised) as result_digitised,
    count(*) filter (is_resolved and result_electronic) as electronic,
    count(*) filter (is_resolved and result_electronic and channel = 'online') as online_electronic,
    count(*) filter (is_resolved and result_electronic is not null) as electronic_known,
    count(*) filter (is_resolved and fee_vnd > 0) as with_fee,
    count(*) filter (is_resolved and fee_vnd > 0 and paid_online) as paid_online,
    count(*) filter (is_resolved and rating is not null) as rated,
    count(*) filter (is_resolved and rating <= 2) as disliked,
    count(*) filter (state = 'pending') as pending,
    count(*) filter (is_pending_overdue) as overdue,
    count(*) filter (state = 'refused') as refused,
    count(*) filter (state = 'withdrawn') as withdrawn
from (from fct_dossiers select *, timeliness in ('early', 'on_time') as in_due_time)
group by agency_code;

create temp table document_counts as
select
    agency_code,
    count(*) filter (direction = 'incoming') as incoming,
    count(*) filter (direction = 'incoming' and processed_online) as processed_online,
    count(*) filter (direction = 'outgoing') as outgoing,
    count(*) filter (direction = 'outgoing' and is_signed) as signed,
    count(*) filter (direction = 'outgoing' and exchange_form = 'electronic') as electronic_only,
    count(*) filter (direction = 'outgoing' and exchange_form = 'electronic_and_paper') as electronic_and_paper
from fct_documents
where is_counted
group by agency_code;

create temp table procedure_counts as
select
    agency_code,
    count(*) as in_force,
    count(*) filter (service_level = 'partial') as partial_online,
    count(*) filter (service_level = 'full') as full_online
from dim_procedures
where is_in_force
group by agency_code;

create temp table certificate_counts as
select
    agency_code,
    count(*) filter (holder_type = 'person') as personal,
    count(*) filter (holder_type = 'organisation') as organisation
from dim_certificates
where is_valid
group by agency_code;

-- Of whom nothing is counted, nothing is there: zero of zero.
create temp table month_figures as
with counts as (
    select agencies.agency_code, coalesce(columns(* exclude (agency_code, identity_code, level, parent_code, valid_from)), 0)
    from agencies
    left join dossier_counts using (agency_code)
    left join document_counts using (agency_code)
    left join procedure_counts using (agency_code)
    left join certificate_counts using (agency_code)
    where level = 'commune'
)
select agency_code, unnest([
    {'code': 'dossiers_received', 'kind': 'flow', 'n': received, 'd': null},
    {'code': 'dossiers_received_online', 'kind': 'flow', 'n': online, 'd': null},
    {'code': 'dossiers_received_in_person', 'kind': 'flow', 'n': in_person, 'd': null},
    {'code': 'dossiers_received_postal', 'kind': 'flow', 'n': postal, 'd': null},
    {'code': 'dossiers_received_online_partial', 'kind': 'flow', 'n': online_partial, 'd': null},
    {'code': 'dossiers_received_online_full', 'kind': 'flow', 'n': online_full, 'd': null},
    {'code': 'dossiers_carried_over', 'kind': 'opening', 'n': carried_over, 'd': null},
    {'code': 'dossiers_resolved', 'kind': 'flow', 'n': resolved, 'd': null},
    {'code': 'dossiers_resolved_early', 'kind': 'flow', 'n': early, 'd': null},
    {'code': 'dossiers_resolved_on_time', 'kind': 'flow', 'n': on_time, 'd': null},
    {'code': 'dossiers_resolved_late', 'kind': 'flow', 'n': late, 'd': null},
    {'code': 'dossiers_resolved_without_due_date', 'kind': 'flow', 'n': without_due_date, 'd': null},
    {'code': 'dossiers_in_due_time_in_person', 'kind': 'flow', 'n': in_due_time_in_person, 'd': null},
    {'code': 'dossiers_in_due_time_postal', 'kind': 'flow', 'n': in_due_time_postal, 'd': null},
    {'code': 'dossiers_in_due_time_online_partial', 'kind': 'flow', 'n': in_due_time_online_partial, 'd': null},
    {'code': 'dossiers_in_due_time_online_full', 'kind': 'flow', 'n': in_due_time_online_full, 'd': null},
    {'code': 'dossiers_rated', 'kind': 'flow', 'n': rated, 'd': null},
    {'code': 'dossiers_disliked', 'kind': 'flow', 'n': disliked, 'd': null},
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
    {'code': 'data_reused_share', 'kind': 'flow', 'n': reused, 'd': reuse_known},
    {'code': 'result_digitised_share', 'kind': 'flow', 'n': result_digitised, 'd': resolved},
    {'code': 'result_electronic_share', 'kind': 'flow', 'n': electronic, 'd': electronic_known},
    {'code': 'online_with_electronic_result_share', 'kind': 'flow', 'n': online_electronic, 'd': electronic_known},
    {'code': 'online_payment_share', 'kind': 'flow', 'n': paid_online, 'd': with_fee},
    {'code': 'procedures_with_online_dossiers_share', 'kind': 'distinct', 'n': online_procedures, 'd': in_force},
    {'code': 'procedures_in_force', 'kind': 'closing', 'n': in_force, 'd': null},
    {'code': 'procedures_partial_online', 'kind': 'closing', 'n': partial_online, 'd': null},
    {'code': 'procedures_full_online', 'kind': 'closing', 'n': full_online, 'd': null},
    {'code': 'documents_incoming', 'kind': 'flow', 'n': incoming, 'd': null},
    {'code': 'documents_outgoing', 'kind': 'flow', 'n': outgoing, 'd': null},
    {'code': 'documents_outgoing_signed', 'kind': 'flow', 'n': signed, 'd': null},
    {'code': 'signed_share', 'kind': 'flow', 'n': signed, 'd': outgoing},
    {'code': 'electronic_only_share', 'kind': 'flow', 'n': electronic_only, 'd': outgoing},
    {'code': 'electronic_and_paper_share', 'kind': 'flow', 'n': electronic_and_paper, 'd': outgoing},
    {'code': 'processed_online_share', 'kind': 'flow', 'n': processed_online, 'd': incoming},
    {'code': 'certificates_personal', 'kind': 'closing', 'n': personal, 'd': null},
    {'code': 'certificates_organisation', 'kind': 'closing', 'n': organisation, 'd': null},
    {'code': 'staff_with_certificate_share', 'kind': 'no source', 'n': null, 'd': null}
], recursive := true)
from counts;

-- Flows are summed over the year's published months and this one; procedures are counted again; a stock is that of the first
-- month or of this one.
create temp table earlier as
select
    agency_code,
    indicator_code as code,
    sum(numerator) as n,
    sum(denominator) as d,
    arg_min(numerator, period_month) as first_n
from earlier_figures
group by all;

create temp table year_procedures as
select agency_code, count(distinct procedure_code) as n
from (
    select agency_code, procedure_code from earlier_dossiers where is_received and channel = 'online'
    union all
    select agency_code, procedure_code from fct_dossiers where is_received and channel = 'online'
)
group by agency_code;

create temp table year_figures as
select
    agency_code,
    code,
    case kind
        when 'flow' then m.n + coalesce(earlier.n, 0)
        when 'opening' then coalesce(earlier.first_n, m.n)
        when 'distinct' then coalesce(year_procedures.n, 0)
        else m.n
    end as n,
    case kind when 'flow' then m.d + coalesce(earlier.d, 0) else m.d end as d
from month_figures as m
left join earlier using (agency_code, code)
left join year_procedures using (agency_code);

create table indicator_values as
with communes as (
    select 'month' as scope, agency_code, code, n, d from month_figures
    union all
    select 'ytd' as scope, agency_code, code, n, d from year_figures
),
everybody as (
    from communes
    union all
    select scope, parent_code, code, sum(n), sum(d)
    from communes
    join agencies using (agency_code)
    group by all
),
stated as (
    select *, case when n is null then 'not_measured' when d = 0 then 'not_applicable' else 'ok' end as state
    from everybody
)
select
    $period_month as period_month,
    $calendar as reporting_calendar,
    scope,
    agency_code,
    code as indicator_code,
    n::bigint as numerator,
    d::bigint as denominator,
    case state when 'ok' then n / coalesce(d, 1) end as value,
    state,
    if(state = 'not_measured', 0, 1)::double as coverage,
    -- Their second version would compare instants.
    case when code in (
        'dossiers_resolved_early', 'dossiers_resolved_on_time', 'dossiers_resolved_late', 'dossiers_pending_in_time',
        'dossiers_pending_overdue', 'early_share', 'on_time_share'
    ) then 'date' else '1' end as definition_version
from stated;

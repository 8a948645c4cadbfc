-- One row per agency and roll-up of the period, indicator code and scope that must be answered, with the rows found.
-- The catalogue says which codes there are. The codes promised to readers stand here beside it, since one that is lost from
-- the catalogue is a fault too; a new code needs no line here.
with promised as (
    select unnest([
        'dossiers_received', 'dossiers_received_online', 'dossiers_received_in_person', 'dossiers_received_postal',
        'dossiers_carried_over', 'dossiers_resolved', 'dossiers_resolved_early', 'dossiers_resolved_on_time',
        'dossiers_resolved_late', 'dossiers_resolved_without_due_date', 'dossiers_pending',
        'dossiers_pending_in_time', 'dossiers_pending_overdue', 'dossiers_refused', 'dossiers_withdrawn',
        'e_certified_copies', 'online_share', 'postal_share', 'early_share', 'on_time_share',
        'input_digitised_share', 'result_digitised_share', 'online_payment_share',
        'procedures_with_online_dossiers_share', 'documents_incoming', 'documents_outgoing',
        'documents_outgoing_signed', 'signed_share', 'electronic_only_share', 'processed_online_share',
        'certificates_personal', 'certificates_organisation', 'staff_with_certificate_share'
    ]) as indicator_code
),
codes as (
    select indicator_code from promised
    union
    select i.indicator_code
    from dim_indicators as i
    cross join landing.period as p
    where
        (i.valid_from is null or i.valid_from <= p.last_date)
        and (i.valid_to is null or i.valid_to >= p.last_date)
    union
    select indicator_code from indicator_values
),
agencies as (
    select distinct agency_code from int_reporting_agencies
),
scopes as (
    select unnest(['month', 'ytd']) as scope
),
found as (
    select
        agency_code,
        indicator_code,
        scope,
        count(*) as rows_found
    from indicator_values
    cross join landing.period as p
    where indicator_values.period_month = p.period_month and indicator_values.reporting_calendar = p.reporting_calendar
    group by agency_code, indicator_code, scope
)
select
    agencies.agency_code,
    scopes.scope || ' ' || codes.indicator_code as row_key,
    names.indicator_vi,
    coalesce(found.rows_found, 0) as rows_found
from agencies
cross join codes
cross join scopes
left join found
    on agencies.agency_code = found.agency_code
    and codes.indicator_code = found.indicator_code
    and scopes.scope = found.scope
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on codes.indicator_code = names.indicator_code

-- One row per agency, roll-up and count that adds up over the year, where both the month and the year to date are known.
with figures as (
    select
        agency_code,
        indicator_code,
        max(value) filter (where scope = 'month' and state = 'ok') as month_value,
        max(value) filter (where scope = 'ytd' and state = 'ok') as year_value
    from indicator_values
    where indicator_code in (
            'dossiers_received', 'dossiers_received_online', 'dossiers_received_in_person', 'dossiers_received_postal',
            'dossiers_resolved', 'dossiers_resolved_early', 'dossiers_resolved_on_time', 'dossiers_resolved_late',
            'dossiers_resolved_without_due_date', 'dossiers_refused', 'dossiers_withdrawn', 'e_certified_copies',
            'documents_incoming', 'documents_outgoing', 'documents_outgoing_signed'
        )
    group by agency_code, indicator_code
)
select
    figures.agency_code,
    figures.indicator_code as row_key,
    names.indicator_vi,
    month_value,
    year_value,
    -- In the first month of the year the two are one figure.
    case when (select count(*) from landing.year_months) = 0 then month_value end as first_month_value
from figures
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on figures.indicator_code = names.indicator_code

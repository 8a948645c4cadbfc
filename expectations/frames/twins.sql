-- One row per reporting agency. `same_figures_as` is another agency with the same count in every count of the month,
-- `same_days_as` one whose dossiers, or outgoing documents, came on the same days in the same numbers. Incoming documents are
-- often one and the same for all. Below 50 records in all, 30 of a kind, likeness may be chance.
with figures as (
    select
        v.agency_code,
        list(v.numerator order by v.indicator_code) as vector
    from indicator_values as v
    inner join int_reporting_agencies as a on v.agency_code = a.agency_code and not a.is_rollup
    where v.scope = 'month' and v.denominator is null and v.state = 'ok'
    group by v.agency_code
    having
        sum(v.numerator) filter (where v.indicator_code in ('dossiers_received', 'documents_outgoing', 'documents_incoming'))
        >= 50
),
days as (
    select
        reporting_agency_code as agency_code,
        'dossiers' as kind,
        received_date as event_date,
        count(*) as events
    from fct_dossiers
    where is_received
    group by all
    union all
    select
        reporting_agency_code as agency_code,
        'documents' as kind,
        counted_date as event_date,
        count(*) as events
    from fct_documents
    where direction = 'outgoing'
    group by all
),
diaries as (
    select
        agency_code,
        list((kind, event_date, events) order by event_date) as vector
    from days
    group by agency_code, kind
    having sum(events) >= 30
),
same_figures as (
    select list(agency_code order by agency_code) as agencies
    from figures
    group by vector
    having count(*) > 1
),
same_days as (
    select list(agency_code order by agency_code) as agencies
    from diaries
    group by vector
    having count(*) > 1
)
select
    a.agency_code,
    a.agency_code as row_key,
    min(f.agencies[if(f.agencies[1] = a.agency_code, 2, 1)]) as same_figures_as,
    min(d.agencies[if(d.agencies[1] = a.agency_code, 2, 1)]) as same_days_as
from int_reporting_agencies as a
left join same_figures as f on list_contains(f.agencies, a.agency_code)
left join same_days as d on list_contains(d.agencies, a.agency_code)
where not a.is_rollup
group by a.agency_code

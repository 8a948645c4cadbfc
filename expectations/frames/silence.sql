-- One row per reporting agency and month figure that is made of documents, certificates, the catalogue or staffing. `usual_least`
-- is set where the agency's records behind it are gone: what the leanest of its last months makes of this one's working days,
-- and only where that is 5 or more (2 of what is no flow), so that chance explains no silence. Dossiers have their own checks.
with in_force as (
    select i.*
    from dim_indicators as i
    cross join landing.period as p
    where
        (i.valid_from is null or i.valid_from <= p.last_date)
        and (i.valid_to is null or i.valid_to >= p.last_date)
),
sides as (
    select
        indicator_code,
        fact,
        numerator_filter as filter_words
    from in_force
    union all
    select
        indicator_code,
        denominator_fact as fact,
        denominator_filter as filter_words
    from in_force
    where denominator_fact is not null
),
rests_on as (
    select distinct
        indicator_code,
        case when fact = 'documents' then regexp_extract(filter_words, 'direction:(\w+)', 1) else fact end as series
    from sides
    where fact in ('documents', 'certificates', 'procedures', 'staffing')
),
landed as (
    select distinct case when e.entity = 'documents' then unnest(['incoming', 'outgoing']) else e.entity end as series
    from landing.exports as e
),
delivered as (
    select
        reporting_agency_code as agency_code,
        direction as series
    from fct_documents
    group by all
    union all
    select distinct
        reporting_agency_code as agency_code,
        'certificates' as series
    from dim_certificates
    union all
    select distinct
        agency_code,
        'procedures' as series
    from dim_procedures
    union all
    select
        agency_code,
        'staffing' as series
    from indicator_values
    where scope = 'month' and indicator_code = 'staff_with_certificate_share' and denominator > 0
),
earlier as (
    select
        agency_code,
        distance,
        working_days,
        case indicator_code
            when 'documents_incoming' then 'incoming'
            when 'documents_outgoing' then 'outgoing'
            when 'procedures_in_force' then 'procedures'
            when 'staff_with_certificate_share' then 'staffing'
            else 'certificates'
        end as series,
        case when indicator_code = 'staff_with_certificate_share' then denominator else numerator end as amount
    from comparable_figures
    where
        distance <= 12
        and indicator_code in (
            'documents_incoming', 'documents_outgoing', 'procedures_in_force', 'staff_with_certificate_share',
            'certificates_personal', 'certificates_organisation'
        )
),
by_month as (
    select
        agency_code,
        series,
        distance,
        working_days,
        sum(amount) as amount
    from earlier
    group by agency_code, series, distance, working_days
),
usual as (
    select
        b.agency_code,
        b.series,
        case
            when b.series in ('incoming', 'outgoing')
                then floor(min(b.amount / b.working_days) * any_value(now.working_days * if(now.is_tet, 0.5, 1)))
            else min(b.amount) filter (where b.distance <= 3)
        end as least,
        case when b.series in ('incoming', 'outgoing') then 5 else 2 end as least_told
    from by_month as b
    cross join months_at_work as now
    where now.distance = 0
    group by b.agency_code, b.series
    having count(*) >= 3 and min(b.amount) filter (where b.distance <= 3) > 0
),
silent as (
    select
        u.agency_code,
        u.series,
        cast(u.least as bigint) as usual_least
    from usual as u
    inner join landed on u.series = landed.series
    left join delivered as d on u.agency_code = d.agency_code and u.series = d.series
    where d.agency_code is null and u.least >= u.least_told
)
select
    a.agency_code,
    'month ' || r.indicator_code as row_key,
    'month' as scope,
    r.indicator_code,
    names.indicator_vi,
    max(s.usual_least) as usual_least
from int_reporting_agencies as a
cross join rests_on as r
left join silent as s on a.agency_code = s.agency_code and r.series = s.series
left join (
    select
        indicator_code,
        max(name_vi) as indicator_vi
    from dim_indicators group by indicator_code
) as names on r.indicator_code = names.indicator_code
where not a.is_rollup
group by a.agency_code, r.indicator_code, names.indicator_vi

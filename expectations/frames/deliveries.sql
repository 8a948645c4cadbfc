-- One row per reporting agency and kind of record. `usual_least` is set where an agency's signatures are gone; `usual_beside` is
-- the median of the others where an agency delivers none of what nearly all of them do, and none is known of it from earlier.
with kinds as (
    select
        unnest(['incoming', 'outgoing', 'signatures', 'certificates', 'procedures']) as kind,
        -- How many the others' median must be for none to be no accident.
        unnest([20, 20, 20, 3, 20]) as told_from
),
delivered as (
    select
        reporting_agency_code as agency_code,
        direction as kind,
        count(*) as rows_found
    from fct_documents
    group by all
    union all
    select
        agency_code,
        'signatures' as kind,
        count(*) as rows_found
    from fct_signatures
    group by agency_code
    union all
    select
        reporting_agency_code as agency_code,
        'certificates' as kind,
        count(*) as rows_found
    from dim_certificates
    group by all
    union all
    select
        agency_code,
        'procedures' as kind,
        count(*) as rows_found
    from dim_procedures
    group by agency_code
),
known_before as (
    select
        agency_code,
        case indicator_code
            when 'documents_incoming' then 'incoming'
            when 'documents_outgoing' then 'outgoing'
            when 'procedures_in_force' then 'procedures'
            else 'certificates'
        end as kind
    from comparable_figures
    where
        numerator > 0
        and indicator_code in (
            'documents_incoming', 'documents_outgoing', 'procedures_in_force', 'certificates_personal',
            'certificates_organisation'
        )
    group by all
),
signatures_before as (
    select
        s.agency_code,
        min(s.signatures) as fewest
    from landing.earlier_signatures as s
    inner join landing.earlier_months as e on s.period_month = e.period_month
    inner join (
        select distinct
            agency_code,
            distance
        from comparable_figures
    ) as c
        on s.agency_code = c.agency_code and e.distance = c.distance
    group by s.agency_code
    having count(*) >= 2
),
agencies as (
    select
        a.agency_code,
        k.kind,
        k.told_from,
        coalesce(d.rows_found, 0) as rows_found,
        k.kind in (
            select case when e.entity = 'documents' then unnest(['incoming', 'outgoing']) else e.entity end
            from landing.exports as e
        ) as is_landed
    from int_reporting_agencies as a
    cross join kinds as k
    left join delivered as d on a.agency_code = d.agency_code and k.kind = d.kind
    where not a.is_rollup
),
others as (
    select
        kind,
        count(*) as agencies,
        count(*) filter (where rows_found > 0) as delivering,
        median(rows_found) as usual
    from agencies
    group by kind
)
select
    a.agency_code,
    a.kind as row_key,
    a.rows_found,
    case
        when a.kind = 'signatures' and a.is_landed and a.rows_found = 0 and s.fewest >= 10 then s.fewest
    end as usual_least,
    case
        when a.is_landed and a.rows_found = 0 and b.agency_code is null and s.agency_code is null
            and o.agencies >= 5 and o.delivering >= 0.8 * o.agencies and o.usual >= a.told_from
            then cast(o.usual as bigint)
    end as usual_beside
from agencies as a
inner join others as o on a.kind = o.kind
left join known_before as b on a.agency_code = b.agency_code and a.kind = b.kind
left join signatures_before as s on a.agency_code = s.agency_code and a.kind = 'signatures'

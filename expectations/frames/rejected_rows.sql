-- One row per reporting agency: of the rows that a source sent in its name, the share that was rejected and stands; null where it
-- is fewer than 5 rows, since single bad rows are normal. Codes are spelled as sources spell them, and read as dbt reads them.
with rejected as (
    select
        e.entity,
        r.agency_code as spelling,
        count(distinct r.reject_id) as rejected
    from landing.rejects as r
    inner join landing.exports as e on r.export = e.export
    where r.agency_code is not null
    group by all
),
spelled as (
    select
        coalesce(r.entity, a.entity) as entity,
        regexp_replace(
            case
                when regexp_full_match(coalesce(r.spelling, a.agency_code), '([0-9]+\.)*[A-Z][0-9]+')
                    then array_to_string(list_reverse(string_split(coalesce(r.spelling, a.agency_code), '.')), '.')
                else coalesce(r.spelling, a.agency_code)
            end,
            '^([A-Z][0-9]+(?:\.[0-9]+)*?)(?:\.0+)+$',
            '\1'
        ) as code,
        coalesce(r.rejected, 0) as rejected,
        coalesce(r.rejected, 0) + coalesce(a.accepted, 0) as sent
    from rejected as r
    full outer join landing.accepted_rows as a on r.entity = a.entity and r.spelling = a.agency_code
),
agencies as (
    select
        a.agency_code,
        d.identity_code
    from int_reporting_agencies as a
    cross join bounds
    inner join dim_agencies as d
        on a.agency_code = d.agency_code
        and d.valid_from <= bounds.last_date
        and coalesce(d.valid_to, bounds.last_date) >= bounds.last_date
    where not a.is_rollup
),
shares as (
    select
        agencies.agency_code,
        spelled.entity,
        sum(spelled.rejected) as rejected,
        case when sum(spelled.rejected) >= 5 then sum(spelled.rejected) / sum(spelled.sent) end as rejected_share
    from agencies
    inner join spelled on spelled.code in (agencies.agency_code, agencies.identity_code)
    group by agencies.agency_code, spelled.entity
)
select
    agencies.agency_code,
    agencies.agency_code as row_key,
    max(s.rejected) as rejected,
    max(s.rejected_share) filter (where s.entity = 'dossiers') as dossiers_rejected_share,
    max(s.rejected_share) filter (where s.entity = 'documents') as documents_rejected_share,
    max(s.rejected_share) filter (where s.entity = 'procedures') as procedures_rejected_share,
    max(s.rejected_share) filter (where s.entity = 'certificates') as certificates_rejected_share
from agencies
left join shares as s on agencies.agency_code = s.agency_code
group by agencies.agency_code

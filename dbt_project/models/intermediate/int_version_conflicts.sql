-- The newest version of a dossier cannot be told when contents differ and its update time is equal or absent.
with versions as (
    select * from {{ ref('stg_portal__dossier_versions') }} where comes_again
),
contents as (
    select distinct
        dossier_code,
        content_digest,
        updated_at
    from versions
),
newest as (
    select
        dossier_code,
        count(distinct content_digest) as versions,
        max(updated_at) as updated_at,
        sum(case when updated_at is null then 1 else 0 end) as undated
    from contents
    group by dossier_code
),
ties as (
    select
        newest.dossier_code,
        newest.versions,
        newest.undated,
        count(*) as newest_versions
    from newest
    inner join contents on newest.dossier_code = contents.dossier_code
    where newest.versions > 1 and (contents.updated_at = newest.updated_at or newest.undated > 0)
    group by newest.dossier_code, newest.versions, newest.undated
),
final as (
    select
        ties.dossier_code,
        versions.agency_code,
        ties.versions
    from ties
    inner join versions on ties.dossier_code = versions.dossier_code and versions.version_rank = 1
    where ties.undated > 0 or ties.newest_versions > 1
)
select * from final

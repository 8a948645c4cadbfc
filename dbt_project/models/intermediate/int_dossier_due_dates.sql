-- The due date a dossier had when the period ended. A supplement requested later moved it; the first such supplement
-- still knows the date before it.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
dossiers as (
    select * from {{ ref('stg_portal__dossiers') }}
),
supplements as (
    select * from {{ ref('stg_portal__dossier_supplements') }}
),
counted as (
    select
        supplements.dossier_code,
        sum(case when supplements.requested_at < period.ends_at then 1 else 0 end) as supplement_count
    from supplements
    cross join period
    group by supplements.dossier_code
),
later as (
    select
        supplements.dossier_code,
        supplements.old_due_at,
        row_number() over (partition by supplements.dossier_code order by supplements.supplement_number) as place
    from supplements
    cross join period
    where
        supplements.requested_at >= period.ends_at
        and supplements.old_due_at is not null
),
final as (
    select
        dossiers.dossier_code,
        coalesce(later.old_due_at, dossiers.due_at) as due_at,
        coalesce(counted.supplement_count, 0) as supplement_count
    from dossiers
    left join counted on dossiers.dossier_code = counted.dossier_code
    left join later on dossiers.dossier_code = later.dossier_code and later.place = 1
)
select * from final

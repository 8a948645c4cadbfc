-- The due date a dossier had when the period ended, where supplements may have moved it. One requested later moved it; the first
-- such supplement still knows the date before it.
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
first_supplements as (
    select * from supplements where supplement_number = 1
),
final as (
    select
        counted.dossier_code,
        coalesce(first_supplements.old_due_at, later.old_due_at, dossiers.due_at) as first_due_at,
        coalesce(later.old_due_at, dossiers.due_at) as due_at,
        counted.supplement_count
    from counted
    inner join dossiers on counted.dossier_code = dossiers.dossier_code
    left join first_supplements on counted.dossier_code = first_supplements.dossier_code
    left join later on counted.dossier_code = later.dossier_code and later.place = 1
)
select * from final

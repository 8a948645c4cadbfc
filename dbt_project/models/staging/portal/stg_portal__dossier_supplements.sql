with versions as (
    select * from {{ ref('stg_portal__dossier_versions') }}
    where version_rank = 1
),
supplements as (
    select
        versions.dossier_code,
        supplement.requested_at,
        supplement.answered_at,
        supplement.old_due_at,
        supplement.new_due_at
    from versions
    {{ each_item('versions.supplements', 'supplement') }}
),
final as (
    select
        *,
        row_number() over (
            partition by dossier_code order by requested_at, old_due_at, new_due_at, answered_at
        ) as supplement_number
    from supplements
)
select * from final

with versions as (
    select * from {{ ref('stg_portal__dossier_versions') }}
    where version_rank = 1
),
steps as (
    select
        versions.dossier_code,
        step_taken.step,
        step_taken.started_at,
        step_taken.finished_at,
        step_taken.due_at
    from versions
    {{ each_item('versions.steps', 'step_taken') }}
),
final as (
    select
        *,
        row_number() over (partition by dossier_code order by started_at, step, finished_at, due_at) as step_number
    from steps
)
select * from final

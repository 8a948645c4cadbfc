-- Time in which the agency waited for the applicant or was told to stop, cut to the dossier's life. What began at or after the
-- end of that life does not exist; what had not ended by then is open, unless the dossier itself had ended.
with lives as (
    select * from {{ ref('int_dossier_lives') }}
),
supplements as (
    select * from {{ ref('stg_portal__dossier_supplements') }}
),
steps as (
    select * from {{ ref('stg_portal__dossier_steps') }}
    where step in (5, 6, 8)
),
claimed as (
    select
        dossier_code,
        'supplement' as kind,
        requested_at as from_at,
        answered_at as to_at
    from supplements
    union
    select
        dossier_code,
        case step when 5 then 'supplement' when 6 then 'financial_duty' else 'stopped' end as kind,
        started_at as from_at,
        finished_at as to_at
    from steps
),
bounded as (
    select
        lives.dossier_code,
        lives.schedule_code,
        lives.has_ended,
        lives.until_at,
        claimed.kind,
        case when claimed.from_at < lives.received_at then lives.received_at else claimed.from_at end as from_at,
        case when claimed.to_at < lives.until_at then claimed.to_at else lives.until_at end as paused_until_at,
        coalesce(claimed.to_at < lives.until_at, false) as was_ended
    from lives
    inner join claimed on lives.dossier_code = claimed.dossier_code
),
final as (
    select distinct
        dossier_code,
        schedule_code,
        kind,
        from_at,
        case when was_ended or has_ended then paused_until_at end as to_at,
        paused_until_at
    from bounded
    where from_at < paused_until_at
)
select * from final

-- Every dossier of the month as it stood when the period ended, with the pauses of its life. What happened later has not
-- happened: of a supplement requested later only the due date is known that it moved.
create temp table lives as
with newest as (
    from read_parquet($dossiers)
    select * replace (list_sort(supplements) as supplements)
    where received_at < $ends_at
    qualify row_number() over (partition by dossier_code order by updated_at desc nulls last) = 1
),
stood as (
    select
        * replace (
            case when finished_at < $ends_at then finished_at end as finished_at,
            case when refused_at < $ends_at then refused_at end as refused_at,
            case when withdrawn_at < $ends_at then withdrawn_at end as withdrawn_at,
            case when returned_at < $ends_at then returned_at end as returned_at,
            coalesce(
                list_filter(supplements, lambda s: s.requested_at >= $ends_at and s.old_due_at is not null)[1].old_due_at, due_at
            ) as due_at
        )
    from newest
),
ended as (
    select
        *,
        least(finished_at, refused_at, withdrawn_at) as ended_at,
        coalesce(ended_at, $ends_at) as until_at
    from stood
    where ended_at is null or ended_at >= $starts_at or received_at >= $starts_at
),
claimed as (
    select
        *,
        list_transform(supplements, lambda s: {'from_at': s.requested_at, 'to_at': s.answered_at, 'kind': 'supplement'})
        || list_transform(list_filter(steps, lambda s: s.step in (5, 6, 8)), lambda s: {
            'from_at': s.started_at,
            'to_at': s.finished_at,
            'kind': case s.step when 5 then 'supplement' when 6 then 'financial_duty' else 'stopped' end
        }) as claims
    from ended
)
select
    * exclude (steps, claims),
    -- Cut to the life of the dossier; one that did not end in it ends with it or, while it goes on, is open.
    list_sort(list_distinct(list_filter(
        list_transform(claims, lambda p: {
            'from_at': greatest(p.from_at, received_at),
            'to_at': case when p.to_at < until_at then p.to_at else ended_at end,
            'kind': p.kind
        }),
        lambda p: p.from_at < coalesce(p.to_at, until_at)
    ))) as pauses,
    coalesce(supplements[1].old_due_at, due_at) as first_due_at
from claimed;
